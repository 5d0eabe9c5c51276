# What the function says of the clusters; whether it runs as it should is the business of lambda_function's alarms.
locals {
  hour_seconds   = 3600
  day_seconds    = 24 * local.hour_seconds
  run_seconds    = var.schedule.frequency_hours * local.hour_seconds
  longest_days   = max(var.schedule.deferment_cap_days, values(var.groups)[*].schedule.deferment_cap_days...)
  state_age_days = local.longest_days + 14 # the longest deferment, then as long as Redshift keeps events

  alarms = {
    failed-clusters = {
      description = "A Redshift cluster could not be changed, or two groups claim it: its line in ${module.function.log_group_name} has the reason. Mend what it names; the next run tries again."
      metric      = "FailedClusters", statistic = "Maximum", comparison = "GreaterThanThreshold", threshold = 0
      period      = local.run_seconds, periods = 1, missing = "ignore"
    }
    failed-places = {
      description = "The clusters of an account or a Region could not be looked at: its line in ${module.function.log_group_name} has the reason. Mend its role (trust, external id) or drop it from accounts or regions; the others were looked after, and the next run tries again."
      metric      = "FailedPlaces", statistic = "Maximum", comparison = "GreaterThanThreshold", threshold = 0
      period      = local.run_seconds, periods = 1, missing = "ignore"
    }
    drift = {
      description = "In three runs on end Redshift clusters had another window or date than the schedule's: see their reasons in ${module.function.log_group_name}. Resume what is paused, end deferments that others set, or exempt a cluster by its tag ${var.selector.opt_out_tag}. Expected while dry_run is on."
      metric      = "DriftedClusters", statistic = "Maximum", comparison = "GreaterThanThreshold", threshold = 0
      period      = local.run_seconds, periods = 3, missing = "ignore"
    }
    unexpected-maintenance = {
      description = "Redshift maintained a cluster outside its announced window, which it does for mandatory replacements and security patches: tell the cluster's users. If it recurs, ask AWS Support."
      metric      = "UnexpectedMaintenance", statistic = "Sum", comparison = "GreaterThanThreshold", threshold = 0
      period      = local.run_seconds, periods = 1, missing = "ignore"
    }
    state-age = {
      description = "A Redshift cluster has followed no cycle for more than ${local.state_age_days} days: its announced date passed and nothing followed. Look for a cluster that stays paused, or for one that fails, in ${module.function.log_group_name}."
      metric      = "StateAgeDays", statistic = "Maximum", comparison = "GreaterThanThreshold", threshold = local.state_age_days
      period      = local.day_seconds, periods = 1, missing = "notBreaching" # no state is no old one
    }
    silent = {
      description = "${local.name} has not run to its end for two days: see whether the rule ${aws_cloudwatch_event_rule.schedule.name} is enabled, and the function's own alarms. Announced dates hold meanwhile, but no new ones are set."
      metric      = "ManagedClusters", statistic = "SampleCount", comparison = "LessThanThreshold", threshold = 1
      # Missing data count only once nothing is left of the range that CloudWatch looks back over, which is a few periods
      # longer than asked for: with two periods of a day it would be silent for days more.
      period = local.hour_seconds, periods = 48, missing = "breaching"
    }
  }
}

# With periods of an hour and more an alarm may look back over seven days: three runs of 24 hours are within that.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${local.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = local.metric_namespace
  metric_name         = each.value.metric
  dimensions          = { service = local.name }
  statistic           = each.value.statistic
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  period              = each.value.period
  evaluation_periods  = each.value.periods
  treat_missing_data  = each.value.missing # ignore: what the last run said holds until the next
  alarm_actions       = var.alarms.topic_arns
  ok_actions          = var.alarms.topic_arns
  tags                = var.tags
}
