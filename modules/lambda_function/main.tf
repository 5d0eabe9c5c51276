locals {
  default_path = "${path.module}/../../build/lambda/${var.artifact}-${var.function.architecture}.zip"
  from_s3      = var.function.artifact.sha256_base64 != null # known in every plan; a bucket may still have to be created
  path         = coalesce(var.function.artifact.path, local.default_path)

  source_code_hash = local.from_s3 ? var.function.artifact.sha256_base64 : (
    fileexists(local.path) ? filebase64sha256(local.path) : null
  )
}

# Read while planning, so that another zip than was meant is refused before anything changes.
data "aws_s3_object" "artifact" {
  for_each = local.from_s3 ? { this = var.function.artifact } : {}

  bucket        = each.value.bucket
  key           = each.value.key
  version_id    = each.value.version_id
  checksum_mode = "ENABLED"

  lifecycle {
    postcondition {
      # An object that was uploaded in parts, or without SHA-256, has no such hash: then what Lambda runs decides.
      condition     = !can(regex("^[A-Za-z0-9+/]{43}=$", self.checksum_sha256)) || self.checksum_sha256 == each.value.sha256_base64
      error_message = "s3://${each.value.bucket}/${each.value.key} holds a zip whose SHA-256 is ${self.checksum_sha256}, not the sha256_base64 of function.artifact: take all of it from one entry of artifacts.json, which `make publish` leaves."
    }
  }
}

resource "aws_lambda_function" "this" {
  function_name = var.name
  description   = var.description
  role          = aws_iam_role.this.arn
  runtime       = "python3.13"
  handler       = var.handler
  architectures = [var.function.architecture]
  memory_size   = var.function.memory_mb
  timeout       = var.function.timeout_seconds

  filename          = local.from_s3 ? null : local.path
  s3_bucket         = var.function.artifact.bucket
  s3_key            = var.function.artifact.key
  s3_object_version = var.function.artifact.version_id
  source_code_hash  = local.source_code_hash

  publish = var.alias != null # an alias points at a version

  reserved_concurrent_executions = coalesce(var.function.reserved_concurrency, -1)
  kms_key_arn                    = var.function.kms_key_arn
  tags                           = var.tags

  dynamic "environment" {
    for_each = length(var.environment) > 0 ? [var.environment] : []

    content {
      variables = environment.value
    }
  }

  logging_config {
    log_format            = "JSON"
    log_group             = aws_cloudwatch_log_group.this.name
    application_log_level = var.function.log_level
    system_log_level      = "WARN"
  }

  tracing_config {
    mode = "Active"
  }

  dynamic "snap_start" {
    for_each = try(var.alias.snap_start, false) ? ["PublishedVersions"] : []

    content {
      apply_on = snap_start.value
    }
  }

  dynamic "vpc_config" {
    for_each = var.network == null ? [] : [var.network]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  lifecycle {
    precondition {
      condition     = local.from_s3 || fileexists(local.path)
      error_message = "No payload at ${local.path}: run `make package` first, or name another in function.artifact."
    }
  }

  # A function that starts before it may log or reach its network fails its first invocations.
  depends_on = [aws_iam_role_policy.this]
}

# Read after each change: in a plan that updates the function, its own code_sha256 is still the old one.
data "aws_lambda_function" "deployed" {
  for_each = local.from_s3 ? { this = var.function.artifact } : {}

  function_name = aws_lambda_function.this.function_name
  depends_on    = [aws_lambda_function.this]

  lifecycle {
    postcondition {
      condition     = self.code_sha256 == each.value.sha256_base64
      error_message = "${var.name} runs code whose SHA-256 is ${self.code_sha256}, not the sha256_base64 of function.artifact: take all of it from one entry of artifacts.json, which `make publish` leaves, and apply again."
    }
  }
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.function.log_retention_days
  kms_key_id        = var.function.kms_key_arn
  tags              = var.tags
}
