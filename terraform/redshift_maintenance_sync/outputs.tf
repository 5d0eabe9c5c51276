output "announcements_topic_arn" {
  description = "ARN of the topic that dates are announced on, ready to be subscribed to; null without announcements."
  value       = module.redshift_maintenance_sync.announcements_topic_arn
}

output "dashboard_name" {
  description = "Name of the CloudWatch dashboard: announced date, clusters, alarms and the last decisions."
  value       = module.redshift_maintenance_sync.dashboard_name
}

output "failure_queue_url" {
  description = "URL of the queue that keeps the events that could not be handled."
  value       = module.redshift_maintenance_sync.failure_queue_url
}

output "function_name" {
  description = "Name of the function."
  value       = module.redshift_maintenance_sync.function_name
}

output "log_group_name" {
  description = "Name of the log group with one line per cluster and run."
  value       = module.redshift_maintenance_sync.log_group_name
}

output "role_arn" {
  description = "ARN of the role that the function runs as: what the roles of other accounts trust."
  value       = module.redshift_maintenance_sync.role_arn
}

output "schedule_rule_name" {
  description = "Name of the EventBridge rule that runs the function; disable it to pause the sync."
  value       = module.redshift_maintenance_sync.schedule_rule_name
}

output "state_table_name" {
  description = "Name of the DynamoDB table that remembers what each cluster was announced."
  value       = module.redshift_maintenance_sync.state_table_name
}
