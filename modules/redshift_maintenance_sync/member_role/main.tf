data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_iam_policy_document" "trust" {
  statement {
    sid     = "FunctionWorksHere"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = [var.function_role_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.external_id]
    }
  }
}

resource "aws_iam_role" "this" {
  name                 = var.name
  path                 = var.path
  description          = "What the Redshift maintenance sync of another account may do here."
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags
}

data "aws_iam_policy_document" "this" {
  statement {
    sid     = "SeeClustersAndTheirMaintenance"
    actions = ["redshift:DescribeClusters", "redshift:DescribeEvents"]
    # Both list what is there, and a list names no single resource.
    resources = ["*"]
  }

  # A dry run changes nothing, and is not able to.
  dynamic "statement" {
    for_each = var.dry_run ? [] : ["change"]

    content {
      sid     = "MoveMaintenance"
      actions = ["redshift:ModifyCluster", "redshift:ModifyClusterMaintenance"]
      resources = [for region in var.regions : join(":", [
        "arn", data.aws_partition.current.partition, "redshift",
        region, data.aws_caller_identity.current.account_id, "cluster", "*",
      ])]
    }
  }
}

resource "aws_iam_role_policy" "this" {
  name   = var.name
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.this.json
}
