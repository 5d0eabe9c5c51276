# What is too large for one answer of Lambda's goes through a bucket, from which Athena reads it at once.
locals {
  own_bucket = var.spill.bucket == null
  named      = split("/", coalesce(var.spill.bucket, "-")) # <bucket> or <bucket>/<prefix>, as published

  spill_bucket = local.own_bucket ? aws_s3_bucket.spill["this"].bucket : local.named[0]
  spill_prefix = length(local.named) > 1 ? join("/", slice(local.named, 1, length(local.named))) : coalesce(var.spill.prefix, "athena-spill")
  spill_arn    = "arn:${data.aws_partition.current.partition}:s3:::${local.spill_bucket}"

  # The caller's bucket has whatever key it has; of the module's own it is known.
  spill_key_arn = local.own_bucket && var.spill.kms_key_arn == null ? aws_kms_key.spill["this"].arn : var.spill.kms_key_arn

  spill_environment = {
    SPILL_BUCKET       = local.spill_bucket
    SPILL_PREFIX       = local.spill_prefix
    SPILL_BUCKET_OWNER = coalesce(var.spill.bucket_owner, data.aws_caller_identity.current.account_id)
    SPILL_KMS_KEY_ID   = var.spill.data_key_arn
    SPILL_ENCRYPTION   = var.spill.encryption_enabled
  }
}

resource "aws_s3_bucket" "spill" {
  #checkov:skip=CKV_AWS_18:What is in it is read once, within seconds, by who may read the source; Athena's history says by whom.
  #checkov:skip=CKV_AWS_21:Nothing is ever overwritten, and a former version would outlive the data's day.
  #checkov:skip=CKV_AWS_144:A copy elsewhere would only be more places in which to forget what is to be forgotten.
  #checkov:skip=CKV2_AWS_62:Nobody waits for an object but the query that knows its name.
  for_each = local.own_bucket ? { this = var.spill } : {}

  bucket        = "${var.prefix}-athena-spill-${data.aws_caller_identity.current.account_id}-${data.aws_region.current.id}"
  force_destroy = true # what is in it are parts of answers that were given
  tags          = var.tags
}

# What guards the bucket names it by what a plan knows already, so that rules can tell which bucket it guards.
resource "aws_s3_bucket_public_access_block" "spill" {
  for_each = aws_s3_bucket.spill

  bucket                  = aws_s3_bucket.spill["this"].bucket
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "spill" {
  for_each = aws_s3_bucket.spill

  bucket = aws_s3_bucket.spill["this"].bucket

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "spill" {
  for_each = aws_s3_bucket.spill

  bucket = aws_s3_bucket.spill["this"].bucket

  rule {
    bucket_key_enabled = true # one call of KMS for many objects

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = local.spill_key_arn
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "spill" {
  for_each = aws_s3_bucket.spill

  bucket = aws_s3_bucket.spill["this"].bucket

  rule {
    id     = "spills-expire"
    status = "Enabled"

    filter {}

    expiration {
      days = var.spill.expire_days
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

data "aws_iam_policy_document" "bucket" {
  for_each = aws_s3_bucket.spill

  statement {
    sid       = "DenyWithoutTls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [each.value.arn, "${each.value.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "spill" {
  for_each = aws_s3_bucket.spill

  bucket = aws_s3_bucket.spill["this"].bucket
  policy = data.aws_iam_policy_document.bucket[each.key].json

  # S3 takes one change of what protects a bucket at a time.
  depends_on = [aws_s3_bucket_public_access_block.spill]
}

resource "aws_kms_key" "spill" {
  for_each = local.own_bucket && var.spill.kms_key_arn == null ? { this = var.spill } : {}

  description             = "Encrypts what ${var.prefix}-athena-connectors spills."
  policy                  = data.aws_iam_policy_document.key[each.key].json
  enable_key_rotation     = true
  deletion_window_in_days = 7 # nothing is kept under it for longer
  tags                    = var.tags
}

data "aws_iam_policy_document" "key" {
  #checkov:skip=CKV_AWS_109:It is the policy of a key, in which * is the key itself.
  #checkov:skip=CKV_AWS_111:It is the policy of a key, in which * is the key itself.
  #checkov:skip=CKV_AWS_356:It is the policy of a key, in which * is the key itself.
  for_each = local.own_bucket && var.spill.kms_key_arn == null ? { this = var.spill } : {}

  # The functions' roles use it by their own policies, and so does who queries: see output query_policy_json.
  statement {
    sid       = "AccountGovernsTheKey"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type = "AWS"
      identifiers = [join(":", [
        "arn", data.aws_partition.current.partition, "iam", "", data.aws_caller_identity.current.account_id, "root",
      ])]
    }
  }
}
