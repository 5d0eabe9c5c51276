# What the function says of the streams; whether it runs as it should is the business of lambda_function's alarms.
locals {
  tick_seconds  = var.tick_minutes * 60
  longest_delay = 900 # SQS's limit, and so how much later the function looks again at most
  # Failed as often as it may, after it was sent for later.
  queue_age_seconds = local.receives * local.visibility_seconds + local.longest_delay

  alarms = {
    failed-streams = {
      description = "AWS did not do what was asked for a Kinesis stream: its line in ${module.function.log_group_name} has the reason. Mend what it names; the next tick tries again."
      namespace   = local.metric_namespace, metric = "FailedStreams", dimensions = { service = local.name }
      statistic   = "Maximum", comparison = "GreaterThanThreshold", threshold = 0
      period      = local.tick_seconds, periods = 1, missing = "ignore"
    }
    refused-streams = {
      description = "A Kinesis stream needs another shard count than it may have: see its reason in ${module.function.log_group_name}. Raise its bounds, the account's shard quota, or wait until fewer than ten resizes are within 24 hours."
      namespace   = local.metric_namespace, metric = "RefusedStreams", dimensions = { service = local.name }
      statistic   = "Maximum", comparison = "GreaterThanThreshold", threshold = 0
      period      = local.tick_seconds, periods = 1, missing = "ignore"
    }
    hot-streams = {
      description = "A Kinesis stream rejects records although it has room: one shard gets more than its part, and more shards do not help. Its line in ${module.function.log_group_name} names the shard, or the metric to turn on; spread the partition keys."
      namespace   = local.metric_namespace, metric = "HotStreams", dimensions = { service = local.name }
      statistic   = "Maximum", comparison = "GreaterThanThreshold", threshold = 0
      period      = local.tick_seconds, periods = 1, missing = "ignore"
    }
    calls-left = {
      description = "A Kinesis stream has one resize left of the ten that AWS allows in 24 hours: see which in ${local.name}'s dashboard. Raise bounds.minimum of a stream that goes up and down, so that it is there when the next peak comes."
      namespace   = local.metric_namespace, metric = "CallsLeft", dimensions = { service = local.name }
      statistic   = "Minimum", comparison = "LessThanThreshold", threshold = 2
      period      = local.tick_seconds, periods = 1, missing = "ignore"
    }
    silent = {
      description = "${local.name} has looked at no stream for an hour or more: see whether the rule ${aws_cloudwatch_event_rule.schedule.name} and the function's event source mapping are enabled, and the function's own alarms."
      namespace   = local.metric_namespace, metric = "ManagedStreams", dimensions = { service = local.name }
      statistic   = "SampleCount", comparison = "LessThanThreshold", threshold = 1
      period      = local.tick_seconds, periods = max(4, ceil(60 / var.tick_minutes)), missing = "breaching"
    }
    queue-age = {
      description = "A message waits in ${aws_sqs_queue.work.name} for more than ${local.queue_age_seconds} s, so streams do not follow their traffic: see the function's own alarms, and whether its event source mapping is enabled."
      namespace   = "AWS/SQS", metric = "ApproximateAgeOfOldestMessage", dimensions = { QueueName = aws_sqs_queue.work.name }
      statistic   = "Maximum", comparison = "GreaterThanThreshold", threshold = local.queue_age_seconds
      period      = 300, periods = 1, missing = "notBreaching" # an idle queue reports nothing
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${local.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  period              = each.value.period
  evaluation_periods  = each.value.periods
  treat_missing_data  = each.value.missing # ignore: what the last tick said holds until the next
  alarm_actions       = var.alarms.topic_arns
  ok_actions          = var.alarms.topic_arns
  tags                = var.tags
}
