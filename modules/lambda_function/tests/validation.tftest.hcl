mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/groundcrew-example" }
  }
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:us-east-1:123456789012:groundcrew-example-failures" }
  }
}

variables {
  name        = "groundcrew-example"
  description = "An example."
  artifact    = "example"
  handler     = "example.handler.handler"
  policy_json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
  function    = { artifact = { path = "versions.tf" } }
}

run "refuses_name_with_a_space" {
  command = plan
  variables {
    name = "not a name"
  }
  expect_failures = [var.name]
}

run "refuses_an_environment_over_3_kb" {
  command = plan
  variables {
    environment = { LARGE = join("", [for n in range(400) : "0123456789"]) }
  }
  expect_failures = [var.environment]
}

run "refuses_a_policy_that_is_no_json" {
  command = plan
  variables {
    policy_json = "allow"
  }
  expect_failures = [var.policy_json]
}

run "refuses_three_retries" {
  command = plan
  variables {
    asynchronous = { maximum_retry_attempts = 3 }
  }
  expect_failures = [var.asynchronous]
}

run "refuses_an_event_age_of_seconds" {
  command = plan
  variables {
    asynchronous = { maximum_event_age_seconds = 59 }
  }
  expect_failures = [var.asynchronous]
}

run "refuses_eleven_queues" {
  command = plan
  variables {
    redrive_queue_arns = { for n in range(11) : "queue-${n}" => "arn:aws:sqs:us-east-1:123456789012:queue-${n}" }
  }
  expect_failures = [var.redrive_queue_arns]
}

run "refuses_two_artifacts" {
  command = plan
  variables {
    function = { artifact = {
      path = "versions.tf", bucket = "b", key = "k", sha256_base64 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    } }
  }
  expect_failures = [var.function]
}

run "refuses_a_path_with_a_version" {
  command = plan
  variables {
    function = { artifact = { path = "versions.tf", version_id = "v" } }
  }
  expect_failures = [var.function]
}

run "refuses_an_artifact_without_its_hash" {
  command = plan
  variables {
    function = { artifact = { bucket = "b", key = "k" } }
  }
  expect_failures = [var.function]
}

run "refuses_an_artifact_without_its_bucket" {
  command = plan
  variables {
    function = { artifact = { key = "k", sha256_base64 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" } }
  }
  expect_failures = [var.function]
}

run "refuses_a_version_of_nothing" {
  command = plan
  variables {
    function = { artifact = { version_id = "v" } }
  }
  expect_failures = [var.function]
}

run "refuses_a_hash_in_hexadecimal" {
  command = plan
  variables {
    function = { artifact = {
      bucket = "b", key = "k", sha256_base64 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    } }
  }
  expect_failures = [var.function]
}

run "refuses_an_object_that_holds_another_zip" {
  command = plan
  variables {
    function = { artifact = { bucket = "b", key = "k", sha256_base64 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" } }
  }
  override_data {
    target = data.aws_s3_object.artifact
    values = { checksum_sha256 = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=" }
  }
  expect_failures = [data.aws_s3_object.artifact]
}

run "refuses_an_unknown_architecture" {
  command = plan
  variables {
    function = { architecture = "riscv64" }
  }
  expect_failures = [var.function]
}

run "refuses_too_little_memory" {
  command = plan
  variables {
    function = { memory_mb = 64 }
  }
  expect_failures = [var.function]
}

run "refuses_a_timeout_of_an_hour" {
  command = plan
  variables {
    function = { timeout_seconds = 3600 }
  }
  expect_failures = [var.function]
}

run "refuses_a_concurrency_of_zero" {
  command = plan
  variables {
    function = { reserved_concurrency = 0 }
  }
  expect_failures = [var.function]
}

run "refuses_an_unknown_log_level" {
  command = plan
  variables {
    function = { log_level = "LOUD" }
  }
  expect_failures = [var.function]
}

run "refuses_a_retention_that_is_not_offered" {
  command = plan
  variables {
    function = { log_retention_days = 31 }
  }
  expect_failures = [var.function]
}

run "refuses_a_key_alias" {
  command = plan
  variables {
    function = { kms_key_arn = "alias/mine" }
  }
  expect_failures = [var.function]
}

run "refuses_a_role_path_without_slashes" {
  command = plan
  variables {
    function = { role_path = "groundcrew" }
  }
  expect_failures = [var.function]
}

run "refuses_a_topic_that_is_a_queue" {
  command = plan
  variables {
    alarms = { topic_arns = ["arn:aws:sqs:us-east-1:123456789012:oncall"] }
  }
  expect_failures = [var.alarms]
}

run "refuses_a_network_without_security_groups" {
  command = plan
  variables {
    network = { vpc_id = "vpc-1", subnet_ids = ["subnet-1"] }
  }
  expect_failures = [var.network]
}

run "refuses_a_payload_that_was_not_built" {
  command = plan
  variables {
    function = { artifact = { path = "no-such.zip" } }
  }
  expect_failures = [aws_lambda_function.this]
}

run "refuses_a_function_that_runs_another_zip" {
  variables {
    function = { artifact = { bucket = "b", key = "k", sha256_base64 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" } }
  }
  # S3 knows no hash of it: it was uploaded in parts.
  override_data {
    target = data.aws_s3_object.artifact
    values = { checksum_sha256 = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=-2" }
  }
  override_data {
    target = data.aws_lambda_function.deployed
    values = { code_sha256 = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=" }
  }
  expect_failures = [data.aws_lambda_function.deployed]
}

run "refuses_an_alias_of_a_number" {
  command = plan
  variables {
    alias = { name = "1" }
  }
  expect_failures = [var.alias]
}

run "refuses_no_waiting_environment" {
  command = plan
  variables {
    alias = { provisioned_concurrency = 0 }
  }
  expect_failures = [var.alias]
}

run "refuses_waiting_environments_with_snapshots" {
  command = plan
  variables {
    alias = { provisioned_concurrency = 1, snap_start = true }
  }
  expect_failures = [var.alias]
}

run "refuses_more_waiting_than_may_run" {
  command = plan
  variables {
    alias    = { provisioned_concurrency = 3 }
    function = { artifact = { path = "versions.tf" }, reserved_concurrency = 2 }
  }
  expect_failures = [var.alias]
}
