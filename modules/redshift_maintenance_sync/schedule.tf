resource "aws_cloudwatch_event_rule" "schedule" {
  name                = local.name
  description         = "Looks at the Redshift clusters every ${var.schedule.frequency_hours} hours."
  schedule_expression = "rate(${var.schedule.frequency_hours} hours)"
  tags                = var.tags
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
