resource "aws_cloudwatch_event_rule" "schedule" {
  name                = local.name
  description         = "Looks at the Redshift clusters every ${var.schedule.frequency_hours} hours."
  schedule_expression = "rate(${var.schedule.frequency_hours} hours)"
  tags                = var.tags

  lifecycle {
    precondition {
      condition     = !contains(keys(var.accounts), data.aws_caller_identity.current.account_id)
      error_message = "accounts names ${data.aws_caller_identity.current.account_id}, the function's own account, which is looked after without a role: drop it."
    }

    # Lambda measures the environment as JSON, in which every quotation mark of the settings counts twice.
    precondition {
      condition     = var.settings_bucket != null || length(jsonencode(local.settings)) <= 2800
      error_message = "The settings take ${length(jsonencode(local.settings))} of the 2,800 bytes that the function's environment has for them: name a bucket for them in settings_bucket."
    }
  }
}

resource "aws_cloudwatch_event_target" "function" {
  rule      = aws_cloudwatch_event_rule.schedule.name
  target_id = "function"
  arn       = module.function.function_arn

  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 8
  }

  dead_letter_config {
    arn = module.function.failure_queue_arn
  }

  # A tick before the permission exists would be refused.
  depends_on = [aws_lambda_permission.schedule]
}

resource "aws_lambda_permission" "schedule" {
  statement_id  = "ScheduleInvokes"
  action        = "lambda:InvokeFunction"
  function_name = module.function.function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.schedule.arn
}
