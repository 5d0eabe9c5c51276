locals {
  name             = "${var.prefix}-redshift-maintenance-sync"
  metric_namespace = "Groundcrew/redshift_maintenance_sync" # the function's own word for it

  # What is not given is absent: the function takes either DEFERMENT_DAYS or SCHEDULE_WEEK.
  environment = {
    for name, value in {
      SCHEDULE_MODE           = var.schedule.mode
      SCHEDULE_DAY            = var.schedule.day
      SCHEDULE_HOUR           = var.schedule.hour
      SCHEDULE_MINUTE         = var.schedule.minute
      SCHEDULE_WINDOW_MINUTES = var.schedule.window_minutes
      SCHEDULE_TIME_ZONE      = var.schedule.time_zone
      SCHEDULE_WEEK           = var.schedule.week
      DEFERMENT_DAYS          = var.schedule.deferment_days
      DEFERMENT_CAP_DAYS      = var.schedule.deferment_cap_days
      ALIGNMENT               = var.alignment
      FOREIGN_DEFERMENTS      = var.foreign_deferments
      OPT_OUT_TAG             = var.opt_out_tag
      STATE_TABLE             = aws_dynamodb_table.state.name
      DRY_RUN                 = var.dry_run
      POWERTOOLS_SERVICE_NAME = local.name # the deployed one, so that the metrics of two deployments stay apart
    } : name => tostring(value) if value != null
  }
}

module "function" {
  source = "../lambda_function"

  name         = local.name
  description  = "Aligns the maintenance windows of Redshift clusters and defers maintenance to one date."
  artifact     = "redshift_maintenance_sync"
  handler      = "redshift_maintenance_sync.handler.handler"
  policy_json  = data.aws_iam_policy_document.function.json
  environment  = local.environment
  asynchronous = { rule_arns = { schedule = aws_cloudwatch_event_rule.schedule.arn } }
  function     = var.function
  alarms       = var.alarms
  network      = var.network
  tags         = var.tags
}
