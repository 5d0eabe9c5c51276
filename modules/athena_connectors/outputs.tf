output "catalog_function_arns" {
  description = "ARN of the function that answers for each registered catalog, by the catalog's name, ready to be queried."
  value       = { for catalog, key in local.catalogs : catalog => module.function[key].function_arn }
  depends_on  = [aws_athena_data_catalog.this, aws_s3_bucket_policy.spill]
}

output "dashboard_name" {
  description = "Name of the CloudWatch dashboard: connections, waits, rows and bytes of every source, alarms and the last requests."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}

output "failure_queue_urls" {
  description = "URL of each function's queue for events that came asynchronously and failed, by source: Athena sends none."
  value       = { for key, function in module.function : key => function.failure_queue_url }
}

output "function_names" {
  description = "Name of each function, by source: \"lambda:<name>\".schema.table works in a query without a registered catalog."
  value       = { for key, function in module.function : key => function.function_name }
}

output "log_group_names" {
  description = "Name of each function's log group, by source, with one line per request."
  value       = { for key, function in module.function : key => function.log_group_name }
}

output "query_policy_json" {
  description = "What those who query need besides Athena itself, as an IAM policy: Athena invokes the functions and reads the spills as them."
  value       = data.aws_iam_policy_document.query.json
}

output "role_arns" {
  description = "ARN of the role that each function runs as, by source."
  value       = { for key, function in module.function : key => function.role_arn }
}

output "spill_bucket" {
  description = "Name of the bucket that results are spilled to."
  value       = local.spill_bucket
}

output "spill_prefix" {
  description = "Below which the spills lie in it."
  value       = local.spill_prefix
}
