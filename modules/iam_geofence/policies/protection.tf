# Whoever may change the fence can open it, and then needs no permission to get through.
locals {
  # Actions on each part by which the fence lets more people in, or stops asking.
  # https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
  guarded = var.fence == null ? [] : [
    {
      sid       = "KeepTheWebAcl"
      resources = concat(sort(var.fence.web_acl_arns), sort(var.fence.stage_arns))
      actions = [
        "wafv2:AssociateWebACL", "wafv2:DeleteIPSet", "wafv2:DeleteWebACL", "wafv2:DisassociateWebACL",
        "wafv2:UpdateIPSet", "wafv2:UpdateWebACL",
      ]
    },
    {
      sid       = "KeepTheCheck"
      resources = flatten([for arn in sort(var.fence.api_arns) : [arn, "${arn}/*"]])
      actions = [
        "apigateway:DELETE", "apigateway:PATCH", "apigateway:POST", "apigateway:PUT", "apigateway:SetWebACL",
        "apigateway:UpdateRestApiPolicy",
      ]
    },
    {
      sid       = "KeepTheHandler"
      resources = flatten([for arn in sort(var.fence.function_arns) : [arn, "${arn}:*"]])
      actions = [
        "lambda:CreateAlias", "lambda:Delete*", "lambda:PublishVersion", "lambda:PutFunctionConcurrency",
        "lambda:PutRuntimeManagementConfig", "lambda:Update*",
      ]
    },
    {
      sid       = "KeepTheVpn"
      resources = sort(var.fence.vpn_endpoint_arns)
      actions = [
        "ec2:AuthorizeClientVpnIngress", "ec2:CreateClientVpnRoute", "ec2:DeleteClientVpnEndpoint",
        "ec2:DeleteClientVpnRoute", "ec2:ModifyClientVpnEndpoint",
      ]
    },
    {
      sid       = "KeepTheAddresses"
      resources = sort(var.fence.address_arns)
      actions   = ["ec2:AssociateAddress", "ec2:DisassociateAddress", "ec2:ReleaseAddress"]
    },
    {
      sid       = "KeepThePolicy"
      resources = sort(var.fence.policy_arns)
      actions   = ["iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:SetDefaultPolicyVersion"]
    },
  ]
  keepers = var.fence == null ? {} : { ArnNotLikeIfExists = { "aws:PrincipalArn" = sort(var.fence.keeper_role_arns) } }

  protection = var.fence == null ? null : jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [for part in local.guarded : {
        Sid       = part.sid
        Effect    = "Deny"
        Action    = part.actions
        Resource  = part.resources
        Condition = local.keepers
      } if length(part.resources) > 0],
      # Attached to whom is a matter of the role or user, so the policy stands in a condition.
      length(var.fence.policy_arns) == 0 ? [] : [{
        Sid       = "KeepItAttached"
        Effect    = "Deny"
        Action    = ["iam:DetachGroupPolicy", "iam:DetachRolePolicy", "iam:DetachUserPolicy"]
        Resource  = "*"
        Condition = merge(local.keepers, { ArnEquals = { "iam:PolicyARN" = sort(var.fence.policy_arns) } })
      }],
    )
  })
}
