# The two alarms of each stream. The function rewrites them whenever the shard count changes, and reads from them how the
# stream is to be scaled. So that both write the same, the definitions come from one file, and the count from the stream.
locals {
  directions = ["scale-up", "scale-down"]

  # Of the policy step the alarms are the published ones; target hears of rejected records too.
  alarm_kinds = {
    step   = { scale-up = "scale-up", scale-down = "scale-down" }
    target = { scale-up = "target-up", scale-down = "target-down" }
  }
  templates  = { scale-up = "scale-up", scale-down = "scale-down", target-up = "target-up", target-down = "scale-down" }
  definition = file("${path.module}/../../lambda_src/kinesis_autoscaler/alarms.json")

  shards = { for key, stream in data.aws_kinesis_stream.this : key => max(1, length(stream.open_shards)) }

  # What a stream leaves out is as usual for its policy.
  stream_settings = {
    for key, stream in var.streams : key => {
      for direction in local.directions : direction => {
        for name, usual in local.usual[local.alarm_kinds[stream.policy][direction]] :
        name => coalesce({ scale-up = stream.scale_up, scale-down = stream.scale_down }[direction][name], usual)
      }
    }
  }

  # All that an alarm is made of, so that none has to look at the others, in a map of one type: with hundreds of streams the time to plan shows.
  stream_alarms = tomap(merge([
    for key, stream in var.streams : {
      for direction in local.directions : "${key}/${direction}" => {
        key        = key
        stream     = stream
        direction  = direction
        template   = local.templates[local.alarm_kinds[stream.policy][direction]]
        shards     = local.shards[key]
        settings   = local.stream_settings[key][direction]
        thresholds = { for other, settings in local.stream_settings[key] : other => settings.threshold }
      }
    }
  ]...))
}

data "aws_kinesis_stream" "this" {
  for_each = var.streams

  name = each.value.name

  lifecycle {
    postcondition {
      condition     = try(one(self.stream_mode_details).stream_mode, "PROVISIONED") != "ON_DEMAND"
      error_message = "${self.name} is an on-demand stream, which AWS scales itself: switch it to provisioned mode, or drop ${each.key} from streams."
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "stream" {
  for_each = local.stream_alarms

  alarm_name = "${local.name}-${each.value.stream.name}-${each.value.direction}"
  # The function reads how the stream is to be scaled behind the first full stop.
  alarm_description = join(" ", [
    "Kinesis stream ${each.value.stream.name}: ${each.value.direction} by ${local.name}.",
    jsonencode({
      block_minutes = each.value.stream.iterator_age.block_minutes
      bounds        = each.value.stream.bounds
      consumer      = each.value.stream.consumer
      discovered    = false
      policy        = each.value.stream.policy
      threshold     = each.value.settings.threshold
    }),
  ])
  comparison_operator = each.value.direction == "scale-up" ? "GreaterThanOrEqualToThreshold" : "LessThanThreshold"
  # At its minimum a stream has nothing to take away: its usage is never below -1.
  threshold           = each.value.direction == "scale-down" && each.value.shards <= each.value.stream.bounds.minimum ? -1 : each.value.settings.threshold
  evaluation_periods  = each.value.settings.evaluation_periods
  datapoints_to_alarm = each.value.settings.datapoints_to_alarm
  treat_missing_data  = "missing"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  tags                = var.tags

  dynamic "metric_query" {
    for_each = jsondecode(replace(replace(replace(replace(
      local.definition,
      "{shards}", each.value.shards),
      "{period_seconds}", each.value.settings.period_seconds),
      "{threshold}", each.value.settings.threshold),
      "{block_minutes}", each.value.stream.iterator_age.block_minutes
    ))[each.value.template]

    content {
      id          = metric_query.value.id
      expression  = try(metric_query.value.expression, null)
      label       = try(metric_query.value.label, null)
      return_data = try(metric_query.value.returned, false)

      dynamic "metric" {
        for_each = try([metric_query.value.metric], [])

        content {
          namespace   = "AWS/Kinesis"
          metric_name = metric.value
          dimensions  = { StreamName = each.value.stream.name }
          stat        = metric_query.value.stat
          period      = each.value.settings.period_seconds
        }
      }
    }
  }

  lifecycle {
    precondition {
      condition     = each.value.settings.datapoints_to_alarm <= each.value.settings.evaluation_periods
      error_message = "streams.${each.value.key}: ${each.value.direction} asks for ${each.value.settings.datapoints_to_alarm} of ${each.value.settings.evaluation_periods} periods: lower datapoints_to_alarm or raise evaluation_periods."
    }

    precondition {
      condition     = each.value.settings.period_seconds * each.value.settings.evaluation_periods <= (each.value.settings.period_seconds < 3600 ? 86400 : 604800)
      error_message = "streams.${each.value.key}: ${each.value.direction} looks back over ${each.value.settings.period_seconds * each.value.settings.evaluation_periods} seconds; CloudWatch allows a day, or seven with periods of an hour and more: lower evaluation_periods."
    }

    # Usage after a change follows from the policy, and must not call for the opposite change.
    precondition {
      condition = each.value.stream.policy != "step" || (
        each.value.thresholds["scale-up"] > 2 * each.value.thresholds["scale-down"]
      )
      error_message = "streams.${each.value.key}: the threshold of scale_up must be more than twice that of scale_down, or doubling would call for halving: change one of them."
    }

    precondition {
      condition = each.value.stream.policy != "target" || (
        each.value.thresholds["scale-up"] > 0.6 && each.value.thresholds["scale-down"] < 0.6
      )
      error_message = "streams.${each.value.key}: the policy target leaves 60 % of a stream in use, so the threshold of scale_up must be above 0.6 and that of scale_down below: change it."
    }
  }
}
