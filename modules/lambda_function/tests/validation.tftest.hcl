mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
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

run "refuses_two_artifacts" {
  command = plan
  variables {
    function = { artifact = { path = "versions.tf", bucket = "b", key = "k", sha256_base64 = "h" } }
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
