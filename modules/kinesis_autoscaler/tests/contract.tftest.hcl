mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { id = "eu-central-1" }
  }
  mock_data "aws_kinesis_stream" {
    defaults = {
      arn                 = "arn:aws:kinesis:eu-central-1:123456789012:stream/orders"
      open_shards         = ["shardId-000000000001", "shardId-000000000002", "shardId-000000000003"]
      stream_mode_details = [{ stream_mode = "PROVISIONED" }]
    }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/groundcrew-kinesis-autoscaler" }
  }
  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::123456789012:policy/groundcrew-kinesis-autoscaler-streams-1" }
  }
  mock_resource "aws_sqs_queue" {
    defaults = {
      arn = "arn:aws:sqs:eu-central-1:123456789012:groundcrew-kinesis-autoscaler-work"
      url = "https://sqs.eu-central-1.amazonaws.com/123456789012/groundcrew-kinesis-autoscaler-work"
    }
  }
  mock_resource "aws_lambda_function" {
    defaults = { arn = "arn:aws:lambda:eu-central-1:123456789012:function:groundcrew-kinesis-autoscaler" }
  }
  mock_resource "aws_dynamodb_table" {
    defaults = { arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/groundcrew-kinesis-autoscaler" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-central-1:123456789012:groundcrew-kinesis-autoscaler" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555" }
  }
  mock_resource "aws_cloudwatch_metric_alarm" {
    defaults = { arn = "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:mocked" }
  }
  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:eu-central-1:123456789012:rule/groundcrew-kinesis-autoscaler" }
  }
}

variables {
  prefix   = "groundcrew"
  streams  = { orders = { name = "orders" } }
  function = { artifact = { path = "versions.tf" } }
}

run "names" {
  assert {
    condition = alltrue([
      for name in [output.function_name, output.schedule_rule_name, output.state_table_name, output.dashboard_name] :
      name == "groundcrew-kinesis-autoscaler"
    ])
    error_message = "Everything is named after prefix and solution."
  }
  assert {
    condition = output.stream_alarm_names == {
      orders = { scale-up = "groundcrew-kinesis-autoscaler-orders-scale-up", scale-down = "groundcrew-kinesis-autoscaler-orders-scale-down" }
    }
    error_message = "A stream has two alarms, named after deployment, stream and direction."
  }
}

run "scale_up_alarm" {
  assert {
    condition = alltrue([
      aws_cloudwatch_metric_alarm.stream["orders/scale-up"].comparison_operator == "GreaterThanOrEqualToThreshold",
      aws_cloudwatch_metric_alarm.stream["orders/scale-up"].threshold == 0.75,
      aws_cloudwatch_metric_alarm.stream["orders/scale-up"].evaluation_periods == 5,
      aws_cloudwatch_metric_alarm.stream["orders/scale-up"].datapoints_to_alarm == 5,
      aws_cloudwatch_metric_alarm.stream["orders/scale-up"].treat_missing_data == "missing",
    ])
    error_message = "Five of five periods at 75 % and more."
  }
  assert {
    condition = { for query in aws_cloudwatch_metric_alarm.stream["orders/scale-up"].metric_query : query.id => query.expression if query.expression != null } == {
      s1 = "3"
      e1 = "FILL(m1,0)"
      e2 = "FILL(m2,0)"
      e3 = "e1/(1024*1024*300*s1)"
      e4 = "e2/(1000*300*s1)"
      e5 = "MAX([e3,e4])"
    }
    error_message = "Usage is bytes or records over what the open shards take, whichever is more."
  }
  assert {
    condition = { for query in aws_cloudwatch_metric_alarm.stream["orders/scale-up"].metric_query : query.id => one(query.metric).metric_name if length(query.metric) > 0 } == {
      m1 = "IncomingBytes"
      m2 = "IncomingRecords"
    }
    error_message = "Bytes and records are measured."
  }
  assert {
    condition = alltrue([
      for query in aws_cloudwatch_metric_alarm.stream["orders/scale-up"].metric_query :
      one(query.metric).dimensions == tomap({ StreamName = "orders" }) && one(query.metric).stat == "Sum" && one(query.metric).period == 300
      if length(query.metric) > 0
    ])
    error_message = "They are the stream's, summed over the alarm's period."
  }
  assert {
    condition     = [for query in aws_cloudwatch_metric_alarm.stream["orders/scale-up"].metric_query : query.id if query.return_data] == ["e5"]
    error_message = "The alarm watches usage."
  }
}

run "scale_down_alarm" {
  assert {
    condition = alltrue([
      aws_cloudwatch_metric_alarm.stream["orders/scale-down"].comparison_operator == "LessThanThreshold",
      aws_cloudwatch_metric_alarm.stream["orders/scale-down"].threshold == 0.25,
      aws_cloudwatch_metric_alarm.stream["orders/scale-down"].evaluation_periods == 60,
      aws_cloudwatch_metric_alarm.stream["orders/scale-down"].datapoints_to_alarm == 57,
    ])
    error_message = "57 of 60 periods below 25 %."
  }
  assert {
    condition     = { for query in aws_cloudwatch_metric_alarm.stream["orders/scale-down"].metric_query : query.id => query.expression }["e5"] == "(FILL(m3,0)/1000/60)*(0.25/s2)" && { for query in aws_cloudwatch_metric_alarm.stream["orders/scale-down"].metric_query : query.id => query.expression }["s2"] == "30"
    error_message = "An iterator age of 30 minutes holds scaling down back."
  }
}

run "what_alarms_tell" {
  assert {
    condition     = aws_cloudwatch_metric_alarm.stream["orders/scale-down"].alarm_description == "Kinesis stream orders: scale-down by groundcrew-kinesis-autoscaler. {\"block_minutes\":30,\"bounds\":{\"maximum\":16,\"minimum\":1},\"consumer\":null,\"discovered\":false,\"policy\":\"step\",\"threshold\":0.25}"
    error_message = "The description tells a person what it is, and the function how to scale the stream."
  }
  assert {
    condition = alltrue([
      for alarm in aws_cloudwatch_metric_alarm.stream :
      alarm.alarm_actions == toset([output.topic_arn]) && length(coalesce(alarm.ok_actions, [])) == 0 && length(coalesce(alarm.insufficient_data_actions, [])) == 0
    ])
    error_message = "Alarms of streams speak to the topic when they go off, and to nobody else."
  }
}

run "a_stream_of_its_own_kind" {
  variables {
    streams = {
      clicks = {
        name         = "clicks"
        bounds       = { minimum = 3, maximum = 200 }
        policy       = "target"
        iterator_age = { block_minutes = -1 }
        consumer     = { function_name = "reader", per_shard = 5 }
        scale_up     = { threshold = 0.8 }
        scale_down   = { evaluation_periods = 24 }
      }
    }
  }

  assert {
    condition     = contains([for query in aws_cloudwatch_metric_alarm.stream["clicks/scale-up"].metric_query : query.expression], "IF(e5>0.005*(e2+e5),1,0)") && [for query in aws_cloudwatch_metric_alarm.stream["clicks/scale-up"].metric_query : query.id if query.return_data] == ["e7"]
    error_message = "The policy target hears of rejected records."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.stream["clicks/scale-up"].threshold == 0.8 && aws_cloudwatch_metric_alarm.stream["clicks/scale-up"].datapoints_to_alarm == 2 && aws_cloudwatch_metric_alarm.stream["clicks/scale-up"].evaluation_periods == 3
    error_message = "What a stream leaves out is as in target_up."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.stream["clicks/scale-down"].evaluation_periods == 24 && aws_cloudwatch_metric_alarm.stream["clicks/scale-down"].datapoints_to_alarm == 12
    error_message = "What a stream leaves out is as in target_down."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.stream["clicks/scale-down"].threshold == -1
    error_message = "At its minimum a stream's scale-down alarm cannot go off."
  }
  assert {
    condition = jsondecode(split(". ", aws_cloudwatch_metric_alarm.stream["clicks/scale-down"].alarm_description)[1]) == {
      block_minutes = -1
      bounds        = { minimum = 3, maximum = 200 }
      consumer      = { function_name = "reader", per_shard = 5 }
      discovered    = false
      policy        = "target"
      threshold     = 0.45
    }
    error_message = "The function is told the threshold that the parked alarm hides, the policy and the consumer."
  }
  assert {
    condition = [
      for statement in data.aws_iam_policy_document.function.statement : statement.resources if statement.sid == "ReserveConcurrencyForConsumers"
    ] == [toset(["arn:aws:lambda:eu-central-1:123456789012:function:reader"])]
    error_message = "Concurrency is reserved for the consumers that are named, and no others."
  }
}

run "the_longest_description_fits" {
  command = plan
  variables {
    prefix = "abcdefghijklmnopqrst"
    streams = { long = {
      name         = join("", [for _ in range(128) : "s"])
      bounds       = { minimum = 10000, maximum = 10000 }
      policy       = "target"
      iterator_age = { block_minutes = 525600 }
      consumer     = { function_name = join("", [for _ in range(64) : "f"]), per_shard = 1000 }
    } }
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.stream : length(alarm.alarm_description) <= 1024 && length(alarm.alarm_name) <= 255])
    error_message = "CloudWatch takes 1,024 characters of description and 255 of name."
  }
}

run "an_empty_stream" {
  command = plan
  override_data {
    target = data.aws_kinesis_stream.this
    values = { open_shards = [], stream_mode_details = [] }
  }

  assert {
    condition     = contains([for query in aws_cloudwatch_metric_alarm.stream["orders/scale-up"].metric_query : query.expression], "1")
    error_message = "A stream that is being created has no shards yet, and nothing is divided by zero."
  }
}

run "settings" {
  assert {
    condition = jsondecode(local.settings) == {
      topic_arn   = output.topic_arn
      queue_url   = output.work_queue_url
      state_table = "groundcrew-kinesis-autoscaler"
      dry_run     = false
      alarms = {
        scale-up    = { threshold = 0.75, period_seconds = 300, evaluation_periods = 5, datapoints_to_alarm = 5 }
        scale-down  = { threshold = 0.25, period_seconds = 300, evaluation_periods = 60, datapoints_to_alarm = 57 }
        target-up   = { threshold = 0.75, period_seconds = 60, evaluation_periods = 3, datapoints_to_alarm = 2 }
        target-down = { threshold = 0.45, period_seconds = 300, evaluation_periods = 12, datapoints_to_alarm = 12 }
      }
      discovery = null
    }
    error_message = "The function is told all it reads in one document."
  }
}

run "way_to_the_function" {
  assert {
    condition     = aws_sns_topic_subscription.work.protocol == "sqs" && aws_sns_topic_subscription.work.raw_message_delivery && aws_sns_topic_subscription.work.endpoint == aws_sqs_queue.work.arn
    error_message = "What alarms say goes to the queue as they say it."
  }
  assert {
    condition     = jsondecode(aws_sns_topic_subscription.work.redrive_policy).deadLetterTargetArn == module.function.failure_queue_arn
    error_message = "What the topic cannot deliver is kept."
  }
  assert {
    condition     = aws_cloudwatch_event_rule.schedule.schedule_expression == "rate(15 minutes)" && jsondecode(aws_cloudwatch_event_target.work.input) == { kind = "tick" } && aws_cloudwatch_event_target.work.arn == aws_sqs_queue.work.arn
    error_message = "A tick goes to the queue every 15 minutes."
  }
  assert {
    condition     = one(aws_cloudwatch_event_target.work.dead_letter_config).arn == module.function.failure_queue_arn && one(aws_cloudwatch_event_target.work.retry_policy).maximum_event_age_in_seconds == 900
    error_message = "A tick that cannot be delivered is kept, once the next replaces it."
  }
  assert {
    condition = alltrue([
      aws_sqs_queue.work.sqs_managed_sse_enabled,
      aws_sqs_queue.work.visibility_timeout_seconds == 360,
      jsondecode(aws_sqs_queue.work.redrive_policy) == { deadLetterTargetArn = module.function.failure_queue_arn, maxReceiveCount = 3 },
    ])
    error_message = "The queue is encrypted, hides a message for six timeouts, and gives up after three receives."
  }
  assert {
    condition = alltrue([
      aws_lambda_event_source_mapping.work.batch_size == 25,
      aws_lambda_event_source_mapping.work.maximum_batching_window_in_seconds == 1,
      aws_lambda_event_source_mapping.work.function_response_types == toset(["ReportBatchItemFailures"]),
      one(aws_lambda_event_source_mapping.work.scaling_config).maximum_concurrency == 2,
    ])
    error_message = "Batches report what failed, and two run at a time."
  }
}

run "who_may_speak" {
  assert {
    condition = { for statement in data.aws_iam_policy_document.work.statement : statement.sid => one(statement.condition).values } == {
      DenyWithoutTls = tolist(["false"])
      TopicDelivers  = tolist([aws_sns_topic.alarms.arn])
      ScheduleTicks  = tolist([aws_cloudwatch_event_rule.schedule.arn])
    }
    error_message = "The queue takes messages from this topic and this rule."
  }
  assert {
    condition = { for statement in data.aws_iam_policy_document.topic.statement : statement.sid => one(statement.condition).values } == {
      DenyWithoutTls = tolist(["false"])
      AlarmsOfStreamsPublish = tolist([
        "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:groundcrew-kinesis-autoscaler-*-scale-up",
        "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:groundcrew-kinesis-autoscaler-*-scale-down",
      ])
    }
    error_message = "The topic takes messages from alarms of streams."
  }
  assert {
    condition     = aws_sns_topic.alarms.kms_master_key_id == aws_kms_key.alarms.arn && aws_kms_key.alarms.enable_key_rotation && [for statement in data.aws_iam_policy_document.key.statement : statement.sid] == ["AccountGovernsTheKey", "AlarmsPublish"]
    error_message = "The topic is encrypted with a key of its own, which is rotated and admits alarms."
  }
}

run "state" {
  assert {
    condition     = aws_dynamodb_table.state.hash_key == "stream" && aws_dynamodb_table.state.range_key == null && aws_dynamodb_table.state.billing_mode == "PAY_PER_REQUEST"
    error_message = "One item per stream."
  }
  assert {
    condition     = one(aws_dynamodb_table.state.point_in_time_recovery).enabled && one(aws_dynamodb_table.state.ttl).enabled && one(aws_dynamodb_table.state.ttl).attribute_name == "expires"
    error_message = "A slip of the hand can be undone, and streams that are no more are forgotten."
  }
}

run "permissions" {
  assert {
    condition = { for statement in data.aws_iam_policy_document.function.statement : statement.sid => statement.resources } == {
      WorkThroughTheQueue = toset([aws_sqs_queue.work.arn])
      RememberStreams     = toset([aws_dynamodb_table.state.arn])
      SeeAlarms           = toset(["arn:aws:cloudwatch:eu-central-1:123456789012:alarm:*"])
      SeeTraffic          = toset(["*"])
      KeepAlarmsTrue = toset([
        "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:groundcrew-kinesis-autoscaler-*-scale-up",
        "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:groundcrew-kinesis-autoscaler-*-scale-down",
      ])
      SeeHowManyShardsTheAccountMayHave = toset(["*"])
    }
    error_message = "The function works through its queue, remembers streams, and writes alarms of streams alone."
  }
  assert {
    condition     = one(data.aws_iam_policy_document.streams["1"].statement).resources == toset(["arn:aws:kinesis:eu-central-1:123456789012:stream/orders"]) && contains(one(data.aws_iam_policy_document.streams["1"].statement).actions, "kinesis:UpdateShardCount")
    error_message = "It resizes the streams that are named, and no others."
  }
  assert {
    condition     = aws_iam_role_policy_attachment.streams["1"].role == module.function.role_name
    error_message = "The function's role may resize the streams."
  }
}

run "a_dry_run_cannot_resize" {
  variables {
    dry_run = true
    streams = { orders = { name = "orders", consumer = { function_name = "reader", per_shard = 1 } } }
  }

  assert {
    condition     = one(data.aws_iam_policy_document.streams["1"].statement).actions == toset(["kinesis:DescribeStreamSummary", "kinesis:ListShards"])
    error_message = "A dry run has no permission to resize a stream."
  }
  assert {
    condition     = !contains([for statement in data.aws_iam_policy_document.function.statement : statement.sid], "ReserveConcurrencyForConsumers")
    error_message = "A dry run has no permission to change a consumer."
  }
}

run "discovery" {
  variables {
    streams   = {}
    discovery = { bounds = { maximum = 32 }, block_minutes = -1 }
  }

  assert {
    condition     = jsondecode(local.settings).discovery == { bounds = { minimum = 1, maximum = 32 }, policy = "step", block_minutes = -1 }
    error_message = "The function is told how discovered streams are scaled."
  }
  assert {
    condition     = one(data.aws_iam_policy_document.streams["1"].statement).resources == toset(["arn:aws:kinesis:eu-central-1:123456789012:stream/*"])
    error_message = "A stream that is yet to be discovered cannot be named."
  }
  assert {
    condition     = contains([for statement in data.aws_iam_policy_document.function.statement : statement.sid], "DiscoverStreamsByTag")
    error_message = "The function finds streams by their tags."
  }
}

run "many_streams" {
  command = plan
  variables {
    streams = { for number in range(120) : format("stream-%03d", number) => { name = format("stream-%03d", number) } }
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.stream) == 240 && length(aws_iam_policy.streams) == 3
    error_message = "Any number of streams has its alarms, and permissions of 50 streams each."
  }
  assert {
    condition     = length(local.row_keys) == 100 && local.unshown == 20
    error_message = "The dashboard keeps within the 500 widgets that CloudWatch allows."
  }
}

run "alarms" {
  variables {
    alarms = { topic_arns = ["arn:aws:sns:eu-central-1:123456789012:oncall"] }
  }

  assert {
    condition     = keys(aws_cloudwatch_metric_alarm.this) == ["calls-left", "failed-streams", "hot-streams", "queue-age", "refused-streams", "silent"]
    error_message = "Six alarms on the service, beside four on the function."
  }
  assert {
    condition = alltrue([
      for alarm in aws_cloudwatch_metric_alarm.this :
      alarm.alarm_actions == var.alarms.topic_arns && alarm.ok_actions == var.alarms.topic_arns
    ])
    error_message = "Alarms say when they go off and when they are over."
  }
  assert {
    condition = alltrue([
      for key, alarm in aws_cloudwatch_metric_alarm.this :
      alarm.namespace == "Groundcrew/kinesis_autoscaler" && alarm.dimensions == tomap({ service = "groundcrew-kinesis-autoscaler" }) && alarm.period == 900
      if key != "queue-age"
    ])
    error_message = "Alarms watch the metrics of this deployment alone, from tick to tick."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["queue-age"].threshold == 1980
    error_message = "A message is old once it could have failed three times after its longest delay."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["silent"].treat_missing_data == "breaching" && aws_cloudwatch_metric_alarm.this["silent"].evaluation_periods == 4
    error_message = "An hour without a tick is silence."
  }
}

run "a_faster_tick" {
  variables {
    tick_minutes = 5
  }

  assert {
    condition     = aws_cloudwatch_event_rule.schedule.schedule_expression == "rate(5 minutes)" && aws_cloudwatch_metric_alarm.this["silent"].period * aws_cloudwatch_metric_alarm.this["silent"].evaluation_periods == 3600 && aws_cloudwatch_metric_alarm.this["failed-streams"].period == 300
    error_message = "Schedule and alarms follow the tick; silence stays an hour."
  }
}

run "dashboard" {
  assert {
    condition     = [for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : widget.type] == ["text", "metric", "metric", "metric", "metric", "metric", "metric", "metric", "metric", "alarm", "log"]
    error_message = "The dashboard explains itself, and shows all streams, each stream, alarms and decisions."
  }
  assert {
    condition     = length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets[9].properties.alarms) == 10
    error_message = "The dashboard shows every alarm of the service."
  }
  assert {
    condition     = jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets[6].properties.annotations.horizontal[*].value == [0.75, 0.25]
    error_message = "A stream's usage is shown between the thresholds at which it is resized."
  }
}

run "a_key_of_the_callers" {
  variables {
    function = {
      artifact    = { path = "versions.tf" }
      kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    }
  }

  assert {
    condition     = aws_sqs_queue.work.kms_master_key_id == var.function.kms_key_arn && one(aws_dynamodb_table.state.server_side_encryption).kms_key_arn == var.function.kms_key_arn
    error_message = "The customer key covers queue and state too."
  }
}
