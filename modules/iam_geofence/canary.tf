# Asks about two addresses that are nobody's, also while nobody connects: one must be blocked, and one let pass. The web ACL could
# admit everybody for days before somebody from outside tried, or nobody before anybody did.
module "canary" {
  source = "../lambda_function"

  name        = "${local.name}-canary"
  description = "Asks every five minutes whether the fence of ${local.name} stands."
  artifact    = "iam_geofence"
  handler     = "iam_geofence.canary.handler"
  policy_json = jsonencode({ Version = "2012-10-17", Statement = [] }) # it asks by HTTPS, and calls nothing of AWS
  environment = merge(
    local.check_environment,
    { POWERTOOLS_SERVICE_NAME = "${local.name}-canary" }, # its silence must not be covered by the handler's figures
    length(local.endpoint_ids) == 0 ? {} : {
      DRILL_ADDRESS = local.drill_address
      ENDPOINT_ID   = local.endpoint_ids[0] # the check answers endpoints that it knows
    },
    var.permitted_address == null ? {} : { PERMITTED_ADDRESS = var.permitted_address },
  )
  # What an old tick would have found is told by the next one.
  asynchronous = {
    maximum_retry_attempts    = 0
    maximum_event_age_seconds = 60
    rule_arns                 = { schedule = aws_cloudwatch_event_rule.canary.arn }
  }
  function = merge(var.function, { reserved_concurrency = null }) # what is reserved is for people who connect
  alarms   = var.alarms
  network  = local.checker_network
  tags     = var.tags
}

resource "aws_cloudwatch_event_rule" "canary" {
  name                = "${local.name}-canary"
  description         = "Looks every five minutes whether the fence stands."
  schedule_expression = "rate(5 minutes)"
  tags                = var.tags
}

resource "aws_cloudwatch_event_target" "canary" {
  rule      = aws_cloudwatch_event_rule.canary.name
  target_id = "canary"
  arn       = module.canary.function_arn

  retry_policy {
    maximum_event_age_in_seconds = 60
    maximum_retry_attempts       = 1
  }

  dead_letter_config {
    arn = module.canary.failure_queue_arn
  }

  # A look before the fence stands would find it down.
  depends_on = [aws_lambda_permission.canary, aws_route.checker, aws_wafv2_web_acl_association.check]
}

resource "aws_lambda_permission" "canary" {
  statement_id  = "ScheduleInvokes"
  action        = "lambda:InvokeFunction"
  function_name = module.canary.function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.canary.arn
}
