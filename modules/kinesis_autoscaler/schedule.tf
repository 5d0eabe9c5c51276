# An alarm speaks once, when it changes its state. The tick finds whatever came of that to nothing.
resource "aws_cloudwatch_event_rule" "schedule" {
  name                = local.name
  description         = "Has every Kinesis stream looked at every ${var.tick_minutes} minutes."
  schedule_expression = "rate(${var.tick_minutes} minutes)"
  tags                = var.tags
}

resource "aws_cloudwatch_event_target" "work" {
  rule      = aws_cloudwatch_event_rule.schedule.name
  target_id = "work"
  arn       = aws_sqs_queue.work.arn
  input     = jsonencode({ kind = "tick" })

  retry_policy {
    maximum_event_age_in_seconds = var.tick_minutes * 60 # the next tick replaces it
    maximum_retry_attempts       = 8
  }

  dead_letter_config {
    arn = module.function.failure_queue_arn
  }

  # A tick before the queue admits the rule would be refused.
  depends_on = [aws_sqs_queue_policy.work]
}
