# Does what plan does, and changes what the root deploys: what bears its name, and in its Region what has none.
data "aws_iam_policy_document" "apply" {
  for_each = var.roots

  source_policy_documents = [data.aws_iam_policy_document.plan[each.key].json]

  statement {
    sid       = "ChangeWhatBearsItsName"
    actions   = local.named_changes[each.key]
    resources = concat(local.own_functions[each.key], local.own_others[each.key])
  }

  dynamic "statement" {
    for_each = length(local.mapping_changes[each.key]) == 0 ? [] : ["this"]

    content {
      sid       = "MapEventsToItsFunctions"
      actions   = local.mapping_changes[each.key]
      resources = ["*"] # a mapping has no name, only a function

      condition {
        test     = "ArnLike"
        variable = "lambda:FunctionArn"
        values   = local.own_functions[each.key]
      }
    }
  }

  statement {
    sid = "ChangeWhatHasNoName" # keys, networks and web ACLs have ids, which are not known before they exist
    actions = setsubtract(
      local.changes[each.key],
      concat(local.iam_changes[each.key], local.bucket_changes[each.key], local.mapping_changes[each.key], local.named_changes[each.key])
    )
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
    for_each = length(local.bucket_changes[each.key]) == 0 ? [] : [local.own_bucket[each.key]]

    content {
      sid       = "ChangeItsBucket"
      actions   = local.bucket_changes[each.key]
      resources = [statement.value]
    }
  }

  dynamic "statement" {
    for_each = length(local.bucket_changes[each.key]) == 0 ? [] : [local.own_bucket[each.key]]

    content {
      sid       = "EmptyItsBucket" # as destroy does
      actions   = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
      resources = ["${statement.value}/*"]
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

  iam_changes     = { for root, all in local.changes : root => [for action in all : action if startswith(action, "iam:")] }
  bucket_changes  = { for root, all in local.changes : root => [for action in all : action if startswith(action, "s3:")] }
  mapping_changes = { for root, all in local.changes : root => [for action in all : action if endswith(action, "EventSourceMapping")] }

  # Services in which every change names what it changes by a name that the caller chose. sns:Unsubscribe names nothing.
  named_changes = {
    for root, all in local.changes : root => [
      for action in all : action
      if can(regex("^(cloudwatch|dynamodb|events|lambda|sns|sqs):", action)) && !contains(concat(local.mapping_changes[root], ["sns:Unsubscribe"]), action)
    ]
  }
  own_others = {
    for root, names in local.names : root => flatten([
      for name in names : [
        "arn:aws:cloudwatch:${local.here}:alarm:${name}",
        "arn:aws:cloudwatch::${var.account_id}:dashboard/${name}",
        "arn:aws:dynamodb:${local.here}:table/${name}",
        "arn:aws:events:${local.here}:rule/${name}",
        "arn:aws:sns:${local.here}:${name}",
        "arn:aws:sqs:${local.here}:${name}",
      ]
    ])
  }
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
