output "canary_function_name" {
  description = "Name of the canary: invoke it to see whether the fence stands."
  value       = module.canary.function_name
}

output "canary_rule_name" {
  description = "Name of the EventBridge rule that runs the canary."
  value       = aws_cloudwatch_event_rule.canary.name
}

output "check_url" {
  description = "URL of the check, which answers the checker's addresses alone."
  value       = "${aws_api_gateway_stage.check.invoke_url}/check"
  depends_on  = [aws_wafv2_web_acl_association.check]
}

output "checker_addresses" {
  description = "Public addresses that the checker asks from, sorted."
  value       = [for address in local.checker_addresses : trimsuffix(address, "/32")]
}

output "client_configuration_command" {
  description = "What prints the configuration for people's VPN clients; null without vpn."
  value = try(join(" ", [
    "aws ec2 export-client-vpn-client-configuration --client-vpn-endpoint-id", aws_ec2_client_vpn_endpoint.this["this"].id,
    "--region", data.aws_region.current.id, "--output text",
  ]), null)
}

output "config_hash" {
  description = "Names the configuration in posture statuses (cfg:<hash>): it changes with countries and mode."
  value       = local.config_hash
}

output "connection_log_group_name" {
  description = "Name of the log group of the VPN's connections; null without vpn."
  value       = try(aws_cloudwatch_log_group.connections["this"].name, null)
}

output "dashboard_name" {
  description = "Name of the CloudWatch dashboard: decisions, failures, alarms and the last decisions one by one."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}

output "dashboard_url" {
  description = "The dashboard in the console."
  value = join("", [
    "https://", data.aws_region.current.id, ".console.aws.amazon.com/cloudwatch/home?region=", data.aws_region.current.id,
    "#dashboards/dashboard/", aws_cloudwatch_dashboard.this.dashboard_name,
  ])
}

output "deny_policy_arn" {
  description = "ARN of the deny policy, to be attached to people's roles; null without vpn and policy.addresses."
  value       = try(module.policies["this"].deny_policy_arn, null)
}

output "deny_policy_bytes" {
  description = "Size of the deny policy; IAM takes 6,144."
  value       = try(module.policies["this"].deny_policy_bytes, null)
}

output "deny_policy_json" {
  description = "The deny policy."
  value       = try(module.policies["this"].deny_policy_json, null)
}

output "failure_queue_urls" {
  description = "URLs of the queues that keep what could not be handled, by function: canary, handler."
  value       = { canary = module.canary.failure_queue_url, handler = module.function.failure_queue_url }
}

output "function_arn" {
  description = "ARN of the connect handler, for endpoints of other making: with its alias where environments wait."
  value       = local.waits ? module.function.alias_arn : module.function.function_arn
}

output "function_name" {
  description = "Name of the connect handler."
  value       = module.function.function_name
}

output "log_group_name" {
  description = "Name of the log group with one line per decision."
  value       = module.function.log_group_name
}

output "protection_json" {
  description = "SCP that keeps the fence from being changed; null without policy.keeper_role_arns."
  value       = try(module.policies["this"].protection_json, null)
}

output "scp_bytes" {
  description = "Size of the SCP; Organizations takes 5,120."
  value       = try(module.policies["this"].scp_bytes, null)
}

output "scp_json" {
  description = "The deny statement as an SCP; null without policy.human_principal_arns."
  value       = try(module.policies["this"].scp_json, null)
}

output "trust_condition_json" {
  description = "Condition for the statement by which people's roles are assumed; null without vpn and policy.addresses."
  value       = try(module.policies["this"].trust_condition_json, null)
}

output "trusted_addresses" {
  description = "Public addresses inside the fence, sorted: the VPN's, and policy.addresses."
  value       = [for address in local.trusted_addresses : trimsuffix(address, "/32")]
}

output "vpn_console_url" {
  description = "The endpoint in the console; null without vpn."
  value = try(join("", [
    "https://", data.aws_region.current.id, ".console.aws.amazon.com/vpcconsole/home?region=", data.aws_region.current.id,
    "#ClientVPNEndpointDetails:clientVpnEndpointId=", aws_ec2_client_vpn_endpoint.this["this"].id,
  ]), null)
}

output "vpn_endpoint_id" {
  description = "Id of the Client VPN endpoint; null without vpn."
  value       = try(aws_ec2_client_vpn_endpoint.this["this"].id, null)
}

output "vpn_portal_url" {
  description = "Where people get client and configuration themselves; null without vpn.self_service_portal."
  value       = try(var.vpn.self_service_portal ? aws_ec2_client_vpn_endpoint.this["this"].self_service_portal_url : null, null)
}

output "waf_log_group_name" {
  description = "Name of the log group of the web ACL: each question, with the country as a label."
  value       = aws_cloudwatch_log_group.waf.name
}

output "web_acl_arn" {
  description = "ARN of the web ACL."
  value       = aws_wafv2_web_acl.this.arn
}

output "web_acl_capacity" {
  description = "What the web ACL takes of the 1,500 capacity units that its price includes."
  value       = aws_wafv2_web_acl.this.capacity
}
