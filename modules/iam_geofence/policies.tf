locals {
  # The addresses by which people inside the fence reach AWS: those of the VPN, and what else is trusted.
  trusted_addresses = concat(local.user_addresses, sort(var.policy.addresses))

  # With neither a VPN nor an address nobody would be inside, and there is nothing to write.
  policies = var.vpn == null && length(var.policy.addresses) == 0 ? {} : { this = var.policy }
}

module "policies" {
  source   = "./policies"
  for_each = local.policies

  addresses             = local.trusted_addresses
  form                  = each.value.form
  vpc_ids               = each.value.form == "strict" && var.vpn != null ? [local.vpc_id] : []
  region                = data.aws_region.current.id
  break_glass_role_arns = each.value.break_glass_role_arns
  human_principal_arns  = each.value.human_principal_arns
  policy_name           = local.name
  path                  = each.value.path
  fence = length(each.value.keeper_role_arns) == 0 ? null : {
    keeper_role_arns  = each.value.keeper_role_arns
    web_acl_arns      = [aws_wafv2_web_acl.this.arn, aws_wafv2_ip_set.checker.arn]
    stage_arns        = [aws_api_gateway_stage.check.arn]
    api_arns          = [aws_api_gateway_rest_api.check.arn]
    function_arns     = [module.function.function_arn]
    vpn_endpoint_arns = [for endpoint in aws_ec2_client_vpn_endpoint.this : endpoint.arn]
    address_arns      = concat([for address in aws_eip.users : address.arn], [for address in aws_eip.checker : address.arn])
    policy_arns = [join(":", [
      "arn", data.aws_partition.current.partition, "iam", "", data.aws_caller_identity.current.account_id,
      "policy${each.value.path}${local.name}",
    ])]
  }
  tags = var.tags
}

# Whom it holds from then on, so the way in comes first, and goes last.
resource "aws_iam_role_policy_attachment" "held" {
  for_each = length(local.policies) == 0 ? toset([]) : var.policy.attached_role_names

  role       = each.value
  policy_arn = module.policies["this"].deny_policy_arn

  depends_on = [
    aws_ec2_client_vpn_authorization_rule.this, aws_ec2_client_vpn_network_association.this, aws_ec2_client_vpn_route.this,
    aws_route.users, aws_wafv2_web_acl_association.check,
  ]
}
