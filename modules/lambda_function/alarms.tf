locals {
  alarms = {
    errors = {
      description = "${var.name} failed."
      namespace   = "AWS/Lambda", metric = "Errors", statistic = "Sum", threshold = 0
      dimensions  = { FunctionName = aws_lambda_function.this.function_name }
    }
    throttles = {
      description = "${var.name} was not allowed to start: the account's or its own concurrency is used up."
      namespace   = "AWS/Lambda", metric = "Throttles", statistic = "Sum", threshold = 0
      dimensions  = { FunctionName = aws_lambda_function.this.function_name }
    }
    near-timeout = {
      description = "${var.name} took more than 80 % of its ${var.function.timeout_seconds} s: raise function.timeout_seconds or memory_mb."
      namespace   = "AWS/Lambda", metric = "Duration", statistic = "Maximum", threshold = var.function.timeout_seconds * 800
      dimensions  = { FunctionName = aws_lambda_function.this.function_name }
    }
    failure-queue = {
      description = "Events that ${var.name} could not handle wait in ${aws_sqs_queue.failures.name}: read them, mend the cause, delete them."
      namespace   = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", statistic = "Maximum", threshold = 0
      dimensions  = { QueueName = aws_sqs_queue.failures.name }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching" # a function that does not run, and an idle queue, report nothing
  alarm_actions       = var.alarms.topic_arns
  ok_actions          = var.alarms.topic_arns
  tags                = var.tags
}
