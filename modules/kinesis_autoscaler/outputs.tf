output "dashboard_name" {
  description = "Name of the CloudWatch dashboard: usage and shards of the streams, alarms and the last decisions."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}

output "failure_queue_url" {
  description = "URL of the queue that keeps what could not be handled."
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
  description = "Name of the log group with one line per decision."
  value       = module.function.log_group_name
}

output "role_arn" {
  description = "ARN of the role that the function runs as."
  value       = module.function.role_arn
}

output "schedule_rule_name" {
  description = "Name of the EventBridge rule that has every stream looked at."
  value       = aws_cloudwatch_event_rule.schedule.name
  depends_on  = [aws_cloudwatch_event_target.work]
}

output "state_table_name" {
  description = "Name of the DynamoDB table that remembers the resizes of each stream."
  value       = aws_dynamodb_table.state.name
}

output "stream_alarm_names" {
  description = "Names of the two alarms of each stream, by its key and scale-up or scale-down."
  value = {
    for key in keys(var.streams) : key => {
      for direction in local.directions : direction => aws_cloudwatch_metric_alarm.stream["${key}/${direction}"].alarm_name
    }
  }
}

output "topic_arn" {
  description = "ARN of the topic that the alarms of all streams publish to."
  value       = aws_sns_topic.alarms.arn
  depends_on  = [aws_sns_topic_policy.alarms]
}

output "work_queue_url" {
  description = "URL of the queue of what is to be looked at."
  value       = aws_sqs_queue.work.url
  depends_on  = [aws_lambda_event_source_mapping.work]
}
