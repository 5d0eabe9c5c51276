locals {
  # IAM reads an address without a mask as itself alone, and every byte counts in an SCP.
  # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IPAddress
  addresses = sort([for address in var.addresses : trimsuffix(address, "/32")])

  # What only a service that acts for the caller says of itself. Some services leave the key out: BoolIfExists then denies,
  # where Bool would let the call through.
  not_a_service = { "aws:ViaAWSService" = "false" }

  exempt = length(var.break_glass_role_arns) == 0 ? {} : {
    ArnNotLikeIfExists = { "aws:PrincipalArn" = sort(var.break_glass_role_arns) }
  }
  own_network = merge(
    length(var.vpc_ids) == 0 ? {} : { "aws:SourceVpc" = sort(var.vpc_ids) },
    length(var.vpc_endpoint_ids) == 0 ? {} : { "aws:SourceVpce" = sort(var.vpc_endpoint_ids) },
  )
  covered = length(var.in_vpc_actions) == 0 ? { Action = ["*"] } : { NotAction = sort(var.in_vpc_actions) }

  # All conditions of a statement must hold. A key that a call does not carry makes its …IfExists condition hold: a call
  # that says nothing of where it comes from is denied.
  strict_deny = concat(
    [merge(local.covered, {
      Sid      = "DenyOutsideTheFence"
      Effect   = "Deny"
      Resource = "*"
      Condition = merge(
        { BoolIfExists = local.not_a_service, NotIpAddressIfExists = { "aws:SourceIp" = local.addresses } },
        length(local.own_network) == 0 ? {} : { StringNotEqualsIfExists = local.own_network },
        local.exempt,
      )
    })],
    # The id of a VPC is unique within its Region only.
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourcevpc
    length(var.vpc_ids) == 0 ? [] : [{
      Sid      = "DenyTheSameVpcIdElsewhere"
      Effect   = "Deny"
      Action   = "*"
      Resource = "*"
      Condition = merge({
        BoolIfExists    = local.not_a_service
        StringEquals    = { "aws:SourceVpc" = sort(var.vpc_ids) }
        StringNotEquals = { "aws:RequestedRegion" = var.region }
      }, local.exempt)
    }],
  )

  published_deny = [{
    Sid       = "DenyIfNotNatIp"
    Effect    = "Deny"
    Action    = "*"
    Resource  = "*"
    Condition = { Bool = local.not_a_service, NotIpAddress = { "aws:SourceIp" = local.addresses } }
  }]

  # Who the SCP is for: attaching a managed policy to a role says so by itself, attaching an SCP to an account does not.
  humans = { ArnLike = { "aws:PrincipalArn" = sort(var.human_principal_arns) } }
  not_service_roles = {
    ArnNotLikeIfExists = { "aws:PrincipalArn" = "arn:aws:iam::*:role/service-role/*" }
  }

  deny_texts = {
    strict    = jsonencode({ Version = "2012-10-17", Statement = local.strict_deny })
    published = jsonencode({ Version = "2012-10-17", Statement = local.published_deny })
  }
  scp_texts = {
    strict = length(var.human_principal_arns) == 0 ? null : jsonencode({
      Version   = "2012-10-17"
      Statement = [for item in local.strict_deny : merge(item, { Condition = merge(item.Condition, local.humans) })]
    })
    published = jsonencode({
      Version   = "2012-10-17"
      Statement = [for item in local.published_deny : merge(item, { Condition = merge(item.Condition, local.not_service_roles) })]
    })
  }

  deny            = local.deny_texts[var.form]
  scp             = local.scp_texts[var.form]
  trust_condition = jsonencode({ IpAddress = { "aws:SourceIp" = local.addresses } })
}

resource "aws_iam_policy" "this" {
  for_each = var.policy_name == null ? {} : { this = var.policy_name }

  name        = each.value
  path        = var.path
  description = "Denies every call to AWS that does not come from inside the fence."
  policy      = local.deny
  tags        = var.tags
}
