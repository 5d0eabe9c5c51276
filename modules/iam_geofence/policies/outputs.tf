output "attachment_count" {
  description = "To how many roles, users and groups of the account the managed policy was attached when it was last read; null without policy_name."
  value       = try(aws_iam_policy.this["this"].attachment_count, null)
}

output "deny_policy_arn" {
  description = "ARN of the managed policy, ready to be attached; null without policy_name."
  value       = try(aws_iam_policy.this["this"].arn, null)
}

output "deny_policy_bytes" {
  description = "Size of deny_policy_json; IAM takes 6,144."
  value       = length(local.deny)
}

output "deny_policy_json" {
  description = "The deny statement as a managed policy: it holds whoever it is attached to, and grants nothing."
  value       = local.deny

  # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  precondition {
    condition     = length(local.deny) <= 6144
    error_message = "The deny policy takes ${length(local.deny)} of the 6,144 bytes that a managed policy has: give fewer addresses, or the blocks that hold them."
  }
}

output "protection_bytes" {
  description = "Size of protection_json; null without fence."
  value       = local.protection == null ? null : length(local.protection)
}

output "protection_json" {
  description = "SCP that keeps everybody but the keepers from changing the fence; null without fence."
  value       = local.protection

  precondition {
    condition     = local.protection == null || try(length(local.protection) <= 5120, false)
    error_message = "The protection takes ${try(length(local.protection), 0)} of the 5,120 bytes that an SCP has: split fence over two calls of this module."
  }
}

output "scp_bytes" {
  description = "Size of scp_json; null where there is none."
  value       = local.scp == null ? null : length(local.scp)
}

output "scp_json" {
  description = "The deny statement as an SCP for an organisational unit or an account, limited to people; null without human_principal_arns."
  value       = local.scp

  # https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
  precondition {
    condition     = local.scp == null || try(length(local.scp) <= 5120, false)
    error_message = "The SCP takes ${try(length(local.scp), 0)} of the 5,120 bytes that Organizations has for one: give fewer addresses or patterns, or the blocks that hold them."
  }
}

output "trust_condition_json" {
  description = "Condition for the statement by which people's roles are assumed (sts:AssumeRoleWithSAML): no session begins outside the fence."
  value       = local.trust_condition
}
