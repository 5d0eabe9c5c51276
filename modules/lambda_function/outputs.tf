output "alarm_arns" {
  description = "ARNs of the alarms, by what they watch: errors, failure-queue, near-timeout, throttles."
  value       = { for name, alarm in aws_cloudwatch_metric_alarm.this : name => alarm.arn }
}

output "alias_arn" {
  description = "ARN of the alias, ready to be invoked; null without one."
  value       = try(aws_lambda_alias.this["this"].arn, null)
  depends_on  = [aws_lambda_function_event_invoke_config.alias, aws_lambda_provisioned_concurrency_config.this]
}

output "failure_queue_arn" {
  description = "ARN of the queue that keeps what could not be handled."
  value       = aws_sqs_queue.failures.arn
  depends_on  = [aws_sqs_queue_policy.failures]
}

output "failure_queue_url" {
  description = "URL of the queue that keeps what could not be handled."
  value       = aws_sqs_queue.failures.url
  depends_on  = [aws_sqs_queue_policy.failures]
}

output "function_arn" {
  description = "ARN of the function, ready to be invoked."
  value       = aws_lambda_function.this.arn
  depends_on  = [aws_lambda_function_event_invoke_config.this]
}

output "function_name" {
  description = "Name of the function, ready to be invoked."
  value       = aws_lambda_function.this.function_name
  depends_on  = [aws_lambda_function_event_invoke_config.this]
}

output "log_group_name" {
  description = "Name of the log group that the function writes to."
  value       = aws_cloudwatch_log_group.this.name
}

output "role_arn" {
  description = "ARN of the role that the function runs as."
  value       = aws_iam_role.this.arn
}

output "role_name" {
  description = "Name of the role that the function runs as, for policies that do not fit into policy_json."
  value       = aws_iam_role.this.name
}
