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
      resources = [for region in local.regions : join(":", [
        "arn", data.aws_partition.current.partition, "redshift",
        region, data.aws_caller_identity.current.account_id, "cluster", "*",
      ])]
    }
  }

  dynamic "statement" {
    for_each = length(var.accounts) > 0 ? ["reach"] : []

    content {
      sid       = "WorkInOtherAccounts"
      actions   = ["sts:AssumeRole"]
      resources = values(var.accounts)[*].role_arn
    }
  }

  dynamic "statement" {
    for_each = var.settings_bucket == null ? [] : ["read"]

    content {
      sid       = "ReadSettings"
      actions   = ["s3:GetObject"]
      resources = [aws_s3_object.settings["this"].arn]
    }
  }

  # A dry run announces nothing: what it would announce will not happen.
  dynamic "statement" {
    for_each = var.announcements == null || var.dry_run ? [] : ["announce"]

    content {
      sid       = "Announce"
      actions   = ["sns:Publish"]
      resources = [aws_sns_topic.announcements["this"].arn]
    }
  }

  dynamic "statement" {
    for_each = try(var.announcements.bucket, null) == null || var.dry_run ? [] : [var.announcements]

    content {
      sid     = "KeepCalendars"
      actions = ["s3:PutObject"]
      resources = [join("", [
        "arn:", data.aws_partition.current.partition, ":s3:::", statement.value.bucket, "/", statement.value.prefix, "*.ics",
      ])]
    }
  }
}
