data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

data "aws_iam_policy_document" "function" {
  statement {
    sid     = "SeeClustersAndTheirMaintenance"
    actions = ["redshift:DescribeClusters", "redshift:DescribeEvents"]
    # Both list what is there, and a list names no single resource.
    resources = ["*"]
  }

  statement {
    sid       = "RecallWhatWasAnnounced"
    actions   = ["dynamodb:Query"]
    resources = [aws_dynamodb_table.state.arn]
  }

  # A dry run changes nothing, and is not able to.
  dynamic "statement" {
    for_each = var.dry_run ? [] : ["change"]

    content {
      sid       = "RememberWhatWasAnnounced"
      actions   = ["dynamodb:PutItem"]
      resources = [aws_dynamodb_table.state.arn]
    }
  }

  dynamic "statement" {
    for_each = var.dry_run ? [] : ["change"]

    content {
      sid     = "MoveMaintenance"
      actions = ["redshift:ModifyCluster", "redshift:ModifyClusterMaintenance"]
      resources = [join(":", [
        "arn", data.aws_partition.current.partition, "redshift",
        data.aws_region.current.id, data.aws_caller_identity.current.account_id, "cluster", "*",
      ])]
    }
  }
}
