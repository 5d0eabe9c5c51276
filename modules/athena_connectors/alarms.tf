# What the functions say of the sources; whether they run as they should is the business of lambda_function's alarms.
locals {
  alarms = merge([
    for key, source in local.sources : {
      for name, alarm in {
        connections = source.maximum_connections == null ? null : {
          description = "${source.name} has ${floor(source.maximum_connections * 0.8)} or more of its ${source.maximum_connections} connections to ${source.kind} in use: beyond them Athena's requests are throttled and queries fail. Raise maximum_connections of ${key} if the source has room, or let fewer queries run at once."
          namespace   = "AWS/Lambda", metric = "ConcurrentExecutions"
          dimensions  = { FunctionName = module.function[key].function_name }
          comparison  = "GreaterThanOrEqualToThreshold", threshold = floor(source.maximum_connections * 0.8), periods = 1
        }
        queued = {
          description = "Queries of ${source.name} waited more than ${source.thresholds.queued_seconds} s at ${source.kind} before they ran, for 15 minutes: its slots are taken. Enlarge its warehouse or queue, or lower maximum_connections of ${key}."
          namespace   = local.metric_namespace, metric = "QueuedSeconds"
          dimensions  = { service = source.name }
          comparison  = "GreaterThanThreshold", threshold = source.thresholds.queued_seconds, periods = 3
        }
        first-row = {
          description = "Queries of ${source.name} took more than ${source.thresholds.first_row_seconds} s to their first row, for 15 minutes: see in ${module.function[key].log_group_name} which, and whether their filters were pushed down."
          namespace   = local.metric_namespace, metric = "FirstRowSeconds"
          dimensions  = { service = source.name }
          comparison  = "GreaterThanThreshold", threshold = source.thresholds.first_row_seconds, periods = 3
        }
      } : "${source.name}-${name}" => alarm if alarm != null
    }
  ]...)
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = each.key
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = "Maximum"
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  period              = 300
  evaluation_periods  = each.value.periods
  treat_missing_data  = "notBreaching" # nobody queries at night
  alarm_actions       = var.alarms.topic_arns
  ok_actions          = var.alarms.topic_arns
  tags                = var.tags
}
