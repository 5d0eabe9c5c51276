output "canary_function_name" {
  description = "Name of the canary: invoke it to see whether the fence stands."
  value       = module.iam_geofence.canary_function_name
}

output "canary_rule_name" {
  description = "Name of the EventBridge rule that runs the canary."
  value       = module.iam_geofence.canary_rule_name
}

output "check_url" {
  description = "URL of the check, which answers the checker's addresses alone."
  value       = module.iam_geofence.check_url
}

output "checker_addresses" {
  description = "Public addresses that the checker asks from, sorted."
  value       = module.iam_geofence.checker_addresses
}

output "client_configuration_command" {
  description = "What prints the configuration for people's VPN clients; null without vpn."
  value       = module.iam_geofence.client_configuration_command
}

output "config_hash" {
  description = "Names the configuration in posture statuses (cfg:<hash>): it changes with countries and mode."
  value       = module.iam_geofence.config_hash
}

output "connection_log_group_name" {
  description = "Name of the log group of the VPN's connections; null without vpn."
  value       = module.iam_geofence.connection_log_group_name
}

output "dashboard_name" {
  description = "Name of the CloudWatch dashboard: decisions, failures, alarms and the last decisions one by one."
  value       = module.iam_geofence.dashboard_name
}

output "dashboard_url" {
  description = "The dashboard in the console."
  value       = module.iam_geofence.dashboard_url
}

output "deny_policy_arn" {
  description = "ARN of the deny policy, to be attached to people's roles; null without vpn and policy.addresses."
  value       = module.iam_geofence.deny_policy_arn
}

output "deny_policy_bytes" {
  description = "Size of the deny policy; IAM takes 6,144."
  value       = module.iam_geofence.deny_policy_bytes
}

output "deny_policy_json" {
  description = "The deny policy."
  value       = module.iam_geofence.deny_policy_json
}

output "failure_queue_urls" {
  description = "URLs of the queues that keep what could not be handled, by function: canary, handler."
  value       = module.iam_geofence.failure_queue_urls
}

output "function_arn" {
  description = "ARN of the connect handler, for endpoints of other making: with its alias where environments wait."
  value       = module.iam_geofence.function_arn
}

output "function_name" {
  description = "Name of the connect handler."
  value       = module.iam_geofence.function_name
}

output "log_group_name" {
  description = "Name of the log group with one line per decision."
  value       = module.iam_geofence.log_group_name
}

output "protection_json" {
  description = "SCP that keeps the fence from being changed; null without policy.keeper_role_arns."
  value       = module.iam_geofence.protection_json
}

output "scp_bytes" {
  description = "Size of the SCP; Organizations takes 5,120."
  value       = module.iam_geofence.scp_bytes
}

output "scp_json" {
  description = "The deny statement as an SCP; null without policy.human_principal_arns."
  value       = module.iam_geofence.scp_json
}

output "trust_condition_json" {
  description = "Condition for the statement by which people's roles are assumed; null without vpn and policy.addresses."
  value       = module.iam_geofence.trust_condition_json
}

output "trusted_addresses" {
  description = "Public addresses inside the fence, sorted: the VPN's, and policy.addresses."
  value       = module.iam_geofence.trusted_addresses
}

output "vpn_console_url" {
  description = "The endpoint in the console; null without vpn."
  value       = module.iam_geofence.vpn_console_url
}

output "vpn_endpoint_id" {
  description = "Id of the Client VPN endpoint; null without vpn."
  value       = module.iam_geofence.vpn_endpoint_id
}

output "vpn_portal_url" {
  description = "Where people get client and configuration themselves; null without vpn.self_service_portal."
  value       = module.iam_geofence.vpn_portal_url
}

output "waf_log_group_name" {
  description = "Name of the log group of the web ACL: each question, with the country as a label."
  value       = module.iam_geofence.waf_log_group_name
}

output "web_acl_arn" {
  description = "ARN of the web ACL."
  value       = module.iam_geofence.web_acl_arn
}

output "web_acl_capacity" {
  description = "What the web ACL takes of the 1,500 capacity units that its price includes."
  value       = module.iam_geofence.web_acl_capacity
}
