# Does what plan does, and changes what the root deploys: in one Region, with roles and policies of the root's own names.
data "aws_iam_policy_document" "apply" {
  for_each = var.roots

  source_policy_documents = [data.aws_iam_policy_document.plan[each.key].json]

  statement {
    # What does not exist yet has no ARN to name, and keys, networks and web ACLs have ids for names.
    sid       = "ChangeWhatIsDeployed"
    actions   = setsubtract(local.changes[each.key], local.iam_changes[each.key])
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = [var.region]
    }
  }

  statement {
    sid       = "ChangeItsRolesAndPolicies"
    actions   = setsubtract(local.iam_changes[each.key], concat(local.bounded, ["iam:CreateServiceLinkedRole", "iam:PassRole"]))
    resources = concat(local.own_roles[each.key], local.own_policies[each.key])
  }

  # Who writes a role's permissions has them, through the function that runs as the role. The boundary is what ends that.
  statement {
    sid       = "GrantWithinTheBoundary"
    actions   = setintersection(local.iam_changes[each.key], local.bounded)
    resources = local.own_roles[each.key]

    condition {
      test     = "StringEquals"
      variable = "iam:PermissionsBoundary"
      values   = [var.permissions_boundary_arn]
    }
  }

  statement {
    sid       = "GiveItsRolesToFunctions"
    actions   = ["iam:PassRole"]
    resources = local.own_roles[each.key]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["lambda.amazonaws.com"]
    }
  }

  dynamic "statement" {
    for_each = contains(local.iam_changes[each.key], "iam:CreateServiceLinkedRole") ? ["this"] : []

    content {
      sid       = "LetServicesMakeTheirOwnRoles"
      actions   = ["iam:CreateServiceLinkedRole"]
      resources = ["arn:aws:iam::${var.account_id}:role/aws-service-role/*"]

      condition {
        test     = "StringEquals"
        variable = "iam:AWSServiceName"
        values   = ["clientvpn.amazonaws.com", "clientvpn-connections.amazonaws.com", "wafv2.amazonaws.com"]
      }
    }
  }

  dynamic "statement" {
    for_each = contains(local.actions[each.key], "s3:CreateBucket") ? ["this"] : []

    content {
      sid       = "EmptyItsBucket" # as destroy does
      actions   = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
      resources = ["arn:aws:s3:::${each.value.prefix}-athena-spill-${var.account_id}-${var.region}/*"]
    }
  }

  statement {
    sid       = "WriteTheState"
    actions   = ["s3:PutObject"]
    resources = ["arn:aws:s3:::${var.state_bucket}/${each.value.state_key}"]
  }
}

locals {
  # The actions that IAM judges by the boundary of the role that they change.
  bounded = ["iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:PutRolePolicy"]
}

resource "aws_iam_role" "apply" {
  for_each = var.roots

  name                 = "groundcrew-apply-${each.key}"
  description          = "Applies plans of ${each.key} that the gate passed and somebody approved"
  assume_role_policy   = data.aws_iam_policy_document.trust["apply"].json
  max_session_duration = 3600
  tags                 = { solution = each.key }

  depends_on = [aws_iam_openid_connect_provider.github]
}

resource "aws_iam_role_policy" "apply" {
  for_each = var.roots

  name   = "apply"
  role   = aws_iam_role.apply[each.key].name
  policy = data.aws_iam_policy_document.apply[each.key].minified_json

  lifecycle {
    precondition {
      condition     = length(data.aws_iam_policy_document.apply[each.key].minified_json) <= 10240
      error_message = "The policy for ${each.key} is longer than the 10,240 characters that a role holds: make it a managed one, or two."
    }
  }
}
