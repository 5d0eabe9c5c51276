output "announcements_topic_arn" {
  description = "ARN of the topic that dates are announced on, ready to be subscribed to; null without announcements."
  value       = try(aws_sns_topic.announcements["this"].arn, null)
  depends_on  = [aws_sns_topic_policy.announcements]
}

output "dashboard_name" {
  description = "Name of the CloudWatch dashboard: announced date, clusters, alarms and the last decisions."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}

output "failure_queue_url" {
  description = "URL of the queue that keeps the events that could not be handled."
  value       = module.function.failure_queue_url
}

output "function_arn" {
  description = "ARN of the function."
  value       = module.function.function_arn
}

output "function_name" {
  description = "Name of the function."
  value       = module.function.function_name
}

output "log_group_name" {
  description = "Name of the log group with one line per cluster and run."
  value       = module.function.log_group_name
}

output "role_arn" {
  description = "ARN of the role that the function runs as."
  value       = module.function.role_arn
}

output "schedule_rule_name" {
  description = "Name of the EventBridge rule that runs the function; disable it to pause the sync."
  value       = aws_cloudwatch_event_rule.schedule.name
  depends_on  = [aws_cloudwatch_event_target.function]
}

output "state_table_name" {
  description = "Name of the DynamoDB table that remembers what each cluster was announced."
  value       = aws_dynamodb_table.state.name
}
