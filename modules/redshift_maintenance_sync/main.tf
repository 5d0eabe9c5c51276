locals {
  name = "${var.prefix}-redshift-maintenance-sync"
}

module "function" {
  source = "../lambda_function"

  name        = local.name
  description = "Aligns the maintenance windows of Redshift clusters and defers maintenance to one date."
  artifact    = "redshift_maintenance_sync"
  handler     = "redshift_maintenance_sync.handler.handler"
  policy_json = data.aws_iam_policy_document.function.json

  environment = {
    SCHEDULE_DAY            = var.schedule.day
    SCHEDULE_HOUR           = tostring(var.schedule.hour)
    SCHEDULE_MINUTE         = tostring(var.schedule.minute)
    SCHEDULE_WINDOW_MINUTES = tostring(var.schedule.window_minutes)
    SCHEDULE_TIME_ZONE      = var.schedule.time_zone
    DEFERMENT_DAYS          = tostring(var.schedule.deferment_days)
    DRY_RUN                 = tostring(var.dry_run)
    POWERTOOLS_SERVICE_NAME = "redshift_maintenance_sync"
  }

  asynchronous = { rule_arns = { schedule = aws_cloudwatch_event_rule.schedule.arn } }
  function     = var.function
  alarms       = var.alarms
  network      = var.network
  tags         = var.tags
}
