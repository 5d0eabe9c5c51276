output "dashboard_name" {
  description = "Name of the CloudWatch dashboard: usage and shards of the streams, alarms and the last decisions."
  value       = module.kinesis_autoscaler.dashboard_name
}

output "failure_queue_url" {
  description = "URL of the queue that keeps what could not be handled."
  value       = module.kinesis_autoscaler.failure_queue_url
}

output "function_name" {
  description = "Name of the function."
  value       = module.kinesis_autoscaler.function_name
}

output "log_group_name" {
  description = "Name of the log group with one line per decision."
  value       = module.kinesis_autoscaler.log_group_name
}

output "role_arn" {
  description = "ARN of the role that the function runs as."
  value       = module.kinesis_autoscaler.role_arn
}

output "schedule_rule_name" {
  description = "Name of the EventBridge rule that has every stream looked at."
  value       = module.kinesis_autoscaler.schedule_rule_name
}

output "state_table_name" {
  description = "Name of the DynamoDB table that remembers the resizes of each stream."
  value       = module.kinesis_autoscaler.state_table_name
}

output "stream_alarm_names" {
  description = "Names of the two alarms of each stream, by its key and scale-up or scale-down."
  value       = module.kinesis_autoscaler.stream_alarm_names
}

output "topic_arn" {
  description = "ARN of the topic that the alarms of all streams publish to."
  value       = module.kinesis_autoscaler.topic_arn
}

output "work_queue_url" {
  description = "URL of the queue of what is to be looked at."
  value       = module.kinesis_autoscaler.work_queue_url
}
