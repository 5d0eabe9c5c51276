# Every refusal, by what it refuses.
mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
}

variables {
  prefix    = "groundcrew"
  sources   = { sales = { kind = "snowflake", catalogs_secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:catalogs-a1B2c3" } }
  artifacts = { snowflake = { path = "versions.tf" }, oracle = { path = "versions.tf" }, teradata = { path = "versions.tf" } }
}

run "refuses_a_long_prefix" {
  command = plan
  variables {
    prefix = "groundcrew-of-the-data-platform"
  }
  expect_failures = [var.prefix]
}

run "refuses_no_source" {
  command = plan
  variables {
    sources = {}
  }
  expect_failures = [var.sources]
}

run "refuses_a_name_with_hyphens" {
  command = plan
  variables {
    sources = { sales-eu = { kind = "snowflake", catalogs_secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:catalogs-a1B2c3" } }
  }
  expect_failures = [var.sources]
}

run "refuses_an_unknown_kind" {
  command = plan
  variables {
    sources = { sales = { kind = "db2", catalogs_secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:catalogs-a1B2c3" } }
  }
  expect_failures = [var.sources]
}

run "refuses_a_source_without_a_connection" {
  command = plan
  variables {
    sources = { sales = { kind = "snowflake" } }
  }
  expect_failures = [var.sources]
}

run "refuses_two_documents_of_catalogs" {
  command = plan
  variables {
    sources = { sales = { kind = "snowflake", catalogs_secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:catalogs-a1B2c3", catalogs_parameter_arn = "arn:aws:ssm:eu-central-1:123456789012:parameter/catalogs" } }
  }
  expect_failures = [var.sources]
}

run "refuses_a_connection_beside_a_server" {
  command = plan
  variables {
    sources = { sales = { kind = "snowflake", connection = "snowflake://jdbc:snowflake://acme/?db=SALES&$${sales}", server = { host = "acme", database = "SALES" }, secret_arns = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:sales-a1B2c3"] } }
  }
  expect_failures = [var.sources]
}

run "refuses_a_server_without_its_secret" {
  command = plan
  variables {
    sources = { sales = { kind = "snowflake", server = { host = "acme", database = "SALES" } } }
  }
  expect_failures = [var.sources]
}

run "refuses_a_field_of_another_kind_of_server" {
  command = plan
  variables {
    sources = { sales = { kind = "snowflake", server = { host = "acme", database = "SALES", service = "ORCL" }, secret_arns = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:sales-a1B2c3"] } }
  }
  expect_failures = [var.sources]
}

run "refuses_a_snowflake_server_without_a_database" {
  command = plan
  variables {
    sources = { sales = { kind = "snowflake", server = { host = "acme" }, secret_arns = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:sales-a1B2c3"] } }
  }
  expect_failures = [var.sources]
}

run "refuses_an_oracle_server_with_service_and_sid" {
  command = plan
  variables {
    sources = { sales = { kind = "oracle", server = { host = "db", service = "ORCL", sid = "ORCL" }, secret_arns = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:sales-a1B2c3"] } }
  }
  expect_failures = [var.sources]
}

run "refuses_a_connection_of_another_kind" {
  command = plan
  variables {
    sources = { sales = { kind = "oracle", connection = "snowflake://jdbc:snowflake://acme/?$${sales}", secret_arns = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:sales-a1B2c3"] } }
  }
  expect_failures = [var.sources]
}

run "refuses_a_connection_without_a_secret" {
  command = plan
  variables {
    sources = { sales = { kind = "snowflake", connection = "snowflake://jdbc:snowflake://acme/?db=SALES", secret_arns = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:sales-a1B2c3"] } }
  }
  expect_failures = [var.sources]
}

run "refuses_a_password_in_a_connection" {
  command = plan
  variables {
    sources = { sales = { kind = "snowflake", connection = "snowflake://jdbc:snowflake://acme/?password=x&$${sales}", secret_arns = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:sales-a1B2c3"] } }
  }
  expect_failures = [var.sources]
}

run "refuses_credentials_before_the_host" {
  command = plan
  variables {
    sources = { sales = { kind = "oracle", connection = "oracle://jdbc:oracle:thin:scott/tiger@//host:1521/orcl?$${sales}", secret_arns = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:sales-a1B2c3"] } }
  }
  expect_failures = [var.sources]
}

run "refuses_a_password_among_parameters" {
  command = plan
  variables {
    sources = { sales = { kind = "teradata", connection = "teradata://jdbc:teradata://host/TMODE=ANSI,PASSWORD=x,$${sales}", secret_arns = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:sales-a1B2c3"] } }
  }
  expect_failures = [var.sources]
}

run "refuses_a_connection_whose_secret_nobody_may_read" {
  command = plan
  variables {
    sources = { sales = { kind = "snowflake", connection = "snowflake://jdbc:snowflake://acme/?$${sales}" } }
  }
  expect_failures = [var.sources]
}

run "refuses_secrets_by_prefix" {
  command = plan
  variables {
    sources = { sales = { kind = "snowflake", catalogs_secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:catalogs-a1B2c3", secret_arns = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:sales*"] } }
  }
  expect_failures = [var.sources]
}

run "refuses_secrets_by_name" {
  command = plan
  variables {
    sources = { sales = { kind = "snowflake", catalogs_secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:catalogs-a1B2c3", secret_arns = ["sales"] } }
  }
  expect_failures = [var.sources]
}

run "refuses_a_parameter_by_name" {
  command = plan
  variables {
    sources = { sales = { kind = "snowflake", catalogs_parameter_arn = "/catalogs" } }
  }
  expect_failures = [var.sources]
}

run "refuses_the_alias_of_a_secrets_key" {
  command = plan
  variables {
    sources = { sales = { kind = "snowflake", catalogs_secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:catalogs-a1B2c3", secret_key_arns = ["alias/secrets"] } }
  }
  expect_failures = [var.sources]
}

run "refuses_the_catalog_of_glue" {
  command = plan
  variables {
    sources = { sales = { kind = "snowflake", catalogs_secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:catalogs-a1B2c3", catalogs = ["awsdatacatalog"] } }
  }
  expect_failures = [var.sources]
}

run "refuses_a_catalog_in_capitals" {
  command = plan
  variables {
    sources = { sales = { kind = "snowflake", catalogs_secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:catalogs-a1B2c3", catalogs = ["SALES"] } }
  }
  expect_failures = [var.sources]
}

run "refuses_two_sources_with_one_catalog" {
  command = plan
  variables {
    sources = { sales = { kind = "snowflake", catalogs_secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:catalogs-a1B2c3" }, stock = { kind = "snowflake", catalogs_secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:catalogs-a1B2c3", catalogs = ["sales"] } }
  }
  expect_failures = [var.sources]
}

run "refuses_a_long_function_name" {
  command = plan
  variables {
    sources = { sales = { kind = "snowflake", catalogs_secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:catalogs-a1B2c3", function_name = "a-function-whose-name-leaves-no-room-for-what-is-named-after-it" } }
  }
  expect_failures = [var.sources]
}

run "refuses_a_single_connection" {
  command = plan
  variables {
    sources = { sales = { kind = "snowflake", catalogs_secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:catalogs-a1B2c3", maximum_connections = 1 } }
  }
  expect_failures = [var.sources]
}

run "refuses_an_unknown_policy_for_inexact_values" {
  command = plan
  variables {
    sources = { sales = { kind = "snowflake", catalogs_secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:catalogs-a1B2c3", inexact_values = "truncate" } }
  }
  expect_failures = [var.sources]
}

run "refuses_patterns_in_one_text" {
  command = plan
  variables {
    sources = { sales = { kind = "snowflake", catalogs_secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:catalogs-a1B2c3", include_schemas = ["SALES,STOCK"] } }
  }
  expect_failures = [var.sources]
}

run "refuses_a_limit_of_no_rows" {
  command = plan
  variables {
    sources = { sales = { kind = "snowflake", catalogs_secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:catalogs-a1B2c3", maximum_rows = 0 } }
  }
  expect_failures = [var.sources]
}

run "refuses_metadata_kept_for_a_day" {
  command = plan
  variables {
    sources = { sales = { kind = "snowflake", catalogs_secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:catalogs-a1B2c3", metadata_seconds = 86400 } }
  }
  expect_failures = [var.sources]
}

run "refuses_a_rule_that_allows_nothing" {
  command = plan
  variables {
    sources = { sales = { kind = "snowflake", catalogs_secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:catalogs-a1B2c3", access = { analysts = { callers = ["*"] } } } }
  }
  expect_failures = [var.sources]
}

run "refuses_a_network_without_security_groups" {
  command = plan
  variables {
    sources = { sales = { kind = "snowflake", catalogs_secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:catalogs-a1B2c3", network = { vpc_id = "vpc-1", subnet_ids = ["subnet-1"] } } }
  }
  expect_failures = [var.sources]
}

run "refuses_a_threshold_of_nothing" {
  command = plan
  variables {
    sources = { sales = { kind = "snowflake", catalogs_secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:catalogs-a1B2c3", thresholds = { queued_seconds = 0 } } }
  }
  expect_failures = [var.sources]
}

run "refuses_the_zip_of_an_unknown_kind" {
  command = plan
  variables {
    artifacts = { db2 = { path = "versions.tf" } }
  }
  expect_failures = [var.artifacts]
}

run "refuses_the_url_of_a_bucket" {
  command = plan
  variables {
    spill = { bucket = "s3://spills" }
  }
  expect_failures = [var.spill]
}

run "refuses_a_prefix_with_a_slash_at_its_end" {
  command = plan
  variables {
    spill = { prefix = "spills/" }
  }
  expect_failures = [var.spill]
}

run "refuses_a_prefix_with_a_wildcard" {
  command = plan
  variables {
    spill = { prefix = "spills*" }
  }
  expect_failures = [var.spill]
}

run "refuses_two_prefixes" {
  command = plan
  variables {
    spill = { bucket = "spills/athena", prefix = "spills" }
  }
  expect_failures = [var.spill]
}

run "refuses_spills_that_expire_at_once" {
  command = plan
  variables {
    spill = { expire_days = 0 }
  }
  expect_failures = [var.spill]
}

run "refuses_days_for_the_bucket_of_the_caller" {
  command = plan
  variables {
    spill = { bucket = "spills", expire_days = 7 }
  }
  expect_failures = [var.spill]
}

run "refuses_keys_for_spills_that_are_not_encrypted" {
  command = plan
  variables {
    spill = { encryption_enabled = false, data_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555" }
  }
  expect_failures = [var.spill]
}

run "refuses_the_alias_of_a_key" {
  command = plan
  variables {
    spill = { kms_key_arn = "alias/spills" }
  }
  expect_failures = [var.spill]
}

run "refuses_an_owner_of_the_modules_own_bucket" {
  command = plan
  variables {
    spill = { bucket_owner = "123456789012" }
  }
  expect_failures = [var.spill]
}
