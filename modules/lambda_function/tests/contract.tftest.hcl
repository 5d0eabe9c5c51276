mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_data "aws_s3_object" {
    defaults = { checksum_sha256 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" }
  }
  mock_data "aws_lambda_function" {
    defaults = { code_sha256 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/groundcrew-example" }
  }
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:us-east-1:123456789012:groundcrew-example-failures" }
  }
  mock_resource "aws_lambda_function" {
    defaults = { arn = "arn:aws:lambda:us-east-1:123456789012:function:groundcrew-example" }
  }
}

variables {
  name        = "groundcrew-example"
  description = "An example."
  artifact    = "example"
  handler     = "example.handler.handler"
  policy_json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
  function = {
    artifact = {
      bucket        = "artifacts"
      key           = "example.zip"
      version_id    = "1"
      sha256_base64 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    }
  }
}

run "defaults" {
  assert {
    condition     = aws_lambda_function.this.runtime == "python3.13" && aws_lambda_function.this.architectures == tolist(["arm64"])
    error_message = "Functions run on python3.13 and arm64 unless told otherwise."
  }
  assert {
    condition     = one(aws_lambda_function.this.logging_config).log_format == "JSON" && one(aws_lambda_function.this.tracing_config).mode == "Active"
    error_message = "Logs are JSON and tracing is active."
  }
  assert {
    condition     = one(aws_lambda_function.this.logging_config).log_group == aws_cloudwatch_log_group.this.name && aws_cloudwatch_log_group.this.retention_in_days == 365
    error_message = "The function writes to its own log group, kept for a year."
  }
  assert {
    condition     = aws_lambda_function.this.reserved_concurrent_executions == -1 && length(aws_lambda_function.this.vpc_config) == 0
    error_message = "Nothing is reserved and no VPC entered unless asked for."
  }
  assert {
    condition     = aws_lambda_function.this.source_code_hash == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    error_message = "An artifact in S3 is pinned by the hash that was given."
  }
  assert {
    condition = [
      aws_lambda_function.this.s3_bucket, aws_lambda_function.this.s3_key, aws_lambda_function.this.s3_object_version
    ] == ["artifacts", "example.zip", "1"] && aws_lambda_function.this.filename == null
    error_message = "An artifact in S3 is one version of one object, and no local file."
  }
  assert {
    condition     = aws_sqs_queue.failures.sqs_managed_sse_enabled && aws_sqs_queue.failures.message_retention_seconds == 1209600
    error_message = "The failure queue is encrypted and keeps messages for 14 days."
  }
  assert {
    condition     = one(one(aws_lambda_function_event_invoke_config.this.destination_config).on_failure).destination == aws_sqs_queue.failures.arn
    error_message = "What fails to the end goes to the failure queue."
  }
  assert {
    condition     = aws_lambda_function_event_invoke_config.this.maximum_retry_attempts == 2 && aws_lambda_function_event_invoke_config.this.maximum_event_age_in_seconds == 3600
    error_message = "Asynchronous events are tried three times, for an hour at most."
  }
  assert {
    condition     = keys(aws_cloudwatch_metric_alarm.this) == ["errors", "failure-queue", "near-timeout", "throttles"]
    error_message = "Four alarms: errors, failure queue, near timeout, throttles."
  }
  assert {
    condition     = keys(output.alarm_arns) == keys(aws_cloudwatch_metric_alarm.this)
    error_message = "A dashboard can name every alarm."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["near-timeout"].threshold == 48000
    error_message = "Near-timeout means 80 % of 60 s, in milliseconds."
  }
  assert {
    condition     = [for statement in data.aws_iam_policy_document.failures.statement : statement.sid] == ["DenyWithoutTls"] && length(aws_sqs_queue_redrive_allow_policy.failures) == 0
    error_message = "Nothing but the function itself puts messages into the failure queue unless it is named."
  }
  assert {
    condition     = !aws_lambda_function.this.publish && output.alias_arn == null && length(aws_lambda_function_event_invoke_config.alias) == 0
    error_message = "No versions unless an alias is asked for."
  }
  assert {
    condition     = output.function_arn == "arn:aws:lambda:us-east-1:123456789012:function:groundcrew-example" && output.function_name == "groundcrew-example"
    error_message = "The outputs name the function."
  }
}

run "an_alias_that_waits" {
  variables {
    alias        = { provisioned_concurrency = 2 }
    asynchronous = { maximum_retry_attempts = 0 }
  }

  assert {
    condition     = aws_lambda_function.this.publish && aws_lambda_alias.this["this"].name == "live" && aws_lambda_alias.this["this"].function_version == aws_lambda_function.this.version
    error_message = "The alias points at the newest version."
  }
  assert {
    condition     = aws_lambda_provisioned_concurrency_config.this["this"].qualifier == "live" && aws_lambda_provisioned_concurrency_config.this["this"].provisioned_concurrent_executions == 2
    error_message = "Environments of the alias wait."
  }
  assert {
    condition     = aws_lambda_function_event_invoke_config.alias["this"].qualifier == "live" && aws_lambda_function_event_invoke_config.alias["this"].maximum_retry_attempts == 0 && one(one(aws_lambda_function_event_invoke_config.alias["this"].destination_config).on_failure).destination == aws_sqs_queue.failures.arn
    error_message = "What is invoked by the alias and fails is kept as well."
  }
  assert {
    condition     = output.alias_arn == aws_lambda_alias.this["this"].arn && length(aws_lambda_function.this.snap_start) == 0
    error_message = "The output names the alias."
  }
}

run "an_alias_from_a_snapshot" {
  variables {
    alias = { name = "ready", snap_start = true }
  }

  assert {
    condition     = one(aws_lambda_function.this.snap_start).apply_on == "PublishedVersions" && aws_lambda_alias.this["this"].name == "ready" && length(aws_lambda_provisioned_concurrency_config.this) == 0
    error_message = "Versions are kept as snapshots, and none waits."
  }
}

run "everything_chosen" {
  variables {
    environment = { DRY_RUN = "true" }
    asynchronous = {
      maximum_retry_attempts    = 0
      maximum_event_age_seconds = 60
      rule_arns                 = { schedule = "arn:aws:events:us-east-1:123456789012:rule/example" }
    }
    function = {
      artifact                 = { path = "versions.tf" }
      architecture             = "x86_64"
      memory_mb                = 512
      timeout_seconds          = 30
      reserved_concurrency     = 1
      log_level                = "DEBUG"
      log_retention_days       = 30
      kms_key_arn              = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
      permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
      role_path                = "/groundcrew/"
    }
    alarms  = { topic_arns = ["arn:aws:sns:us-east-1:123456789012:oncall"] }
    network = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"], security_group_ids = ["sg-1"] }
  }

  assert {
    condition     = aws_lambda_function.this.source_code_hash == filebase64sha256("versions.tf") && aws_lambda_function.this.filename == "versions.tf"
    error_message = "A local zip is hashed."
  }
  assert {
    condition     = aws_iam_role.this.permissions_boundary == "arn:aws:iam::123456789012:policy/boundary" && aws_iam_role.this.path == "/groundcrew/"
    error_message = "Boundary and path are the caller's."
  }
  assert {
    condition = alltrue([
      aws_lambda_function.this.kms_key_arn == var.function.kms_key_arn,
      aws_cloudwatch_log_group.this.kms_key_id == var.function.kms_key_arn,
      aws_sqs_queue.failures.kms_master_key_id == var.function.kms_key_arn,
    ])
    error_message = "The customer key covers environment, logs and queue."
  }
  assert {
    condition     = one(aws_lambda_function.this.vpc_config).subnet_ids == toset(["subnet-1", "subnet-2"]) && aws_lambda_function.this.reserved_concurrent_executions == 1
    error_message = "Network and concurrency are the caller's."
  }
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_actions == toset(["arn:aws:sns:us-east-1:123456789012:oncall"])])
    error_message = "Every alarm publishes to the caller's topics."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["near-timeout"].threshold == 24000
    error_message = "Near-timeout follows the timeout."
  }
}

run "works_through_a_queue" {
  variables {
    asynchronous       = { topic_arns = { alarms = "arn:aws:sns:us-east-1:123456789012:alarms" } }
    redrive_queue_arns = { work = "arn:aws:sqs:us-east-1:123456789012:work" }
  }

  assert {
    condition = jsondecode(aws_sqs_queue_redrive_allow_policy.failures["this"].redrive_allow_policy) == {
      redrivePermission = "byQueue", sourceQueueArns = ["arn:aws:sqs:us-east-1:123456789012:work"]
    }
    error_message = "The queue that is named, and no other, hands over what failed too often."
  }
  assert {
    condition     = data.aws_iam_policy_document.failures.statement[1].sid == "KeepWhatTopicsCouldNotDeliver" && one(data.aws_iam_policy_document.failures.statement[1].condition).values == tolist(["arn:aws:sns:us-east-1:123456789012:alarms"])
    error_message = "The topic that is named may keep what it could not deliver."
  }
}
