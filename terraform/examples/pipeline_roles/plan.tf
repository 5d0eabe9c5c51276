# Reads what the root deployed, and its state; the lock is all that it may write. It can read the code and the environment of
# the root's functions, but no secret, no object of a bucket and no item of a table: pull requests run as it.
data "aws_iam_policy_document" "plan" {
  for_each = var.roots

  statement {
    sid       = "ReadWhatIsDeployed" # listing and describing have no resources to name
    actions   = setsubtract(local.reads[each.key], concat(local.iam_reads[each.key], local.function_reads[each.key]))
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = [var.region]
    }
  }

  statement {
    sid       = "ReadItsFunctions"
    actions   = local.function_reads[each.key]
    resources = local.own_functions[each.key]
  }

  statement {
    sid       = "ReadItsRolesAndPolicies"
    actions   = local.iam_reads[each.key]
    resources = concat(local.own_roles[each.key], local.own_policies[each.key])
  }

  statement {
    sid       = "FindTheState"
    actions   = ["s3:ListBucket"]
    resources = ["arn:aws:s3:::${var.state_bucket}"]
  }

  statement {
    sid       = "ReadTheState"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::${var.state_bucket}/${each.value.state_key}"]
  }

  statement {
    sid       = "LockTheState"
    actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
    resources = ["arn:aws:s3:::${var.state_bucket}/${each.value.state_key}.tflock"]
  }

  dynamic "statement" {
    for_each = length(each.value.zips) == 0 ? [] : [each.value.zips]

    content {
      sid       = "ReadPublishedZips"
      actions   = ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectTagging"]
      resources = statement.value
    }
  }
}

locals {
  iam_reads = { for root, all in local.reads : root => [for action in all : action if startswith(action, "iam:")] }
  function_reads = {
    for root, all in local.reads : root => [
      for action in all : action if startswith(action, "lambda:") && !endswith(action, "EventSourceMapping")
    ]
  }
}

resource "aws_iam_role" "plan" {
  for_each = var.roots

  name                 = "groundcrew-plan-${each.key}"
  description          = "Plans ${each.key} in pull requests, and looks for drift"
  assume_role_policy   = data.aws_iam_policy_document.trust["plan"].json
  max_session_duration = 3600
  tags                 = { solution = each.key }

  depends_on = [aws_iam_openid_connect_provider.github]
}

resource "aws_iam_role_policy" "plan" {
  for_each = var.roots

  name   = "plan"
  role   = aws_iam_role.plan[each.key].name
  policy = data.aws_iam_policy_document.plan[each.key].minified_json
}
