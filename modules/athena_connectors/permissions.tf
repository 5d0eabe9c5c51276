data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  workgroups_arn = join(":", [
    "arn", data.aws_partition.current.partition, "athena",
    data.aws_region.current.id, data.aws_caller_identity.current.account_id, "workgroup/*",
  ])

  # A customer key lets in whoever comes through its service, and for nothing else.
  via = { for service in ["s3", "secretsmanager"] : service => "${service}.${data.aws_region.current.id}.amazonaws.com" }
}

data "aws_iam_policy_document" "function" {
  for_each = local.sources

  dynamic "statement" {
    for_each = length(each.value.secret_arns) > 0 || each.value.catalogs_secret_arn != null ? ["read"] : []

    content {
      sid       = "ReadTheNamedSecrets"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = compact(concat(tolist(each.value.secret_arns), [each.value.catalogs_secret_arn]))
    }
  }

  dynamic "statement" {
    for_each = length(each.value.secret_key_arns) > 0 ? [each.value.secret_key_arns] : []

    content {
      sid       = "DecryptTheNamedSecrets"
      actions   = ["kms:Decrypt"]
      resources = statement.value

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [local.via.secretsmanager]
      }
    }
  }

  dynamic "statement" {
    for_each = each.value.catalogs_parameter_arn == null ? [] : [each.value.catalogs_parameter_arn]

    content {
      sid       = "ReadTheCatalogs"
      actions   = ["ssm:GetParameter"]
      resources = [statement.value]
    }
  }

  statement {
    sid       = "WriteSpills"
    actions   = ["s3:PutObject"]
    resources = ["${local.spill_arn}/${local.spill_prefix}/*"]
  }

  statement {
    sid       = "SeeWhoseBucketItIs"
    actions   = ["s3:ListBucket"] # what HeadBucket asks for
    resources = [local.spill_arn]
  }

  dynamic "statement" {
    for_each = local.own_bucket || var.spill.kms_key_arn != null ? ["encrypt"] : []

    content {
      sid       = "EncryptSpills"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [local.spill_key_arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [local.via.s3]
      }
    }
  }

  dynamic "statement" {
    for_each = var.spill.data_key_arn == null ? [] : [var.spill.data_key_arn]

    content {
      sid       = "MakeKeysForSpills"
      actions   = ["kms:GenerateDataKey"]
      resources = [statement.value]
    }
  }

  dynamic "statement" {
    for_each = var.spill.data_key_arn == null ? [] : ["random"]

    content {
      sid     = "MakeNoncesForSpills"
      actions = ["kms:GenerateRandom"]
      # Random bytes come from KMS, not from one of its keys.
      resources = ["*"]
    }
  }

  dynamic "statement" {
    for_each = each.value.watch_query ? ["watch"] : []

    content {
      sid       = "SeeWhetherTheQueryStillRuns"
      actions   = ["athena:GetQueryExecution"]
      resources = [local.workgroups_arn]
    }
  }
}

# Athena invokes the functions and reads the spills as the one who queries.
data "aws_iam_policy_document" "query" {
  statement {
    sid       = "AskTheConnectors"
    actions   = ["lambda:InvokeFunction"]
    resources = values(module.function)[*].function_arn
  }

  dynamic "statement" {
    for_each = length(local.catalogs) > 0 ? ["find"] : []

    content {
      sid       = "FindTheCatalogs"
      actions   = ["athena:GetDataCatalog"]
      resources = values(aws_athena_data_catalog.this)[*].arn
    }
  }

  statement {
    sid       = "ReadSpills"
    actions   = ["s3:GetObject"]
    resources = ["${local.spill_arn}/${local.spill_prefix}/*"]
  }

  statement {
    sid       = "FindSpills"
    actions   = ["s3:GetBucketLocation", "s3:ListBucket"]
    resources = [local.spill_arn]
  }

  dynamic "statement" {
    for_each = local.own_bucket || var.spill.kms_key_arn != null ? ["decrypt"] : []

    content {
      sid       = "DecryptSpills"
      actions   = ["kms:Decrypt"]
      resources = [local.spill_key_arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [local.via.s3]
      }
    }
  }
}
