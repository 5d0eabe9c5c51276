output "catalog_function_arns" {
  description = "ARN of the function that answers for each registered catalog, by the catalog's name, ready to be queried."
  value       = module.athena_connectors.catalog_function_arns
}

output "dashboard_name" {
  description = "Name of the CloudWatch dashboard: connections, waits, rows and bytes of every source, alarms and the last requests."
  value       = module.athena_connectors.dashboard_name
}

output "failure_queue_urls" {
  description = "URL of each function's queue for events that came asynchronously and failed, by source: Athena sends none."
  value       = module.athena_connectors.failure_queue_urls
}

output "function_names" {
  description = "Name of each function, by source: \"lambda:<name>\".schema.table works in a query without a registered catalog."
  value       = module.athena_connectors.function_names
}

output "log_group_names" {
  description = "Name of each function's log group, by source, with one line per request."
  value       = module.athena_connectors.log_group_names
}

output "query_policy_json" {
  description = "What those who query need besides Athena itself, as an IAM policy: Athena invokes the functions and reads the spills as them."
  value       = module.athena_connectors.query_policy_json
}

output "role_arns" {
  description = "ARN of the role that each function runs as, by source."
  value       = module.athena_connectors.role_arns
}

output "spill_bucket" {
  description = "Name of the bucket that results are spilled to."
  value       = module.athena_connectors.spill_bucket
}

output "spill_prefix" {
  description = "Below which the spills lie in it."
  value       = module.athena_connectors.spill_prefix
}
