mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { id = "eu-central-1" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/groundcrew-athena-connectors-sales" }
  }
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:eu-central-1:123456789012:groundcrew-athena-connectors-sales-failures" }
  }
  mock_resource "aws_lambda_function" {
    defaults = { arn = "arn:aws:lambda:eu-central-1:123456789012:function:groundcrew-athena-connectors-sales" }
  }
  mock_resource "aws_athena_data_catalog" {
    defaults = { arn = "arn:aws:athena:eu-central-1:123456789012:datacatalog/sales" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::groundcrew-athena-spill-123456789012-eu-central-1" }
  }
  mock_resource "aws_cloudwatch_metric_alarm" {
    defaults = { arn = "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:mocked" }
  }
}

variables {
  prefix = "groundcrew"
  sources = {
    sales = {
      kind        = "snowflake"
      connection  = "snowflake://jdbc:snowflake://acme.snowflakecomputing.com/?db=SALES&$${sales}"
      secret_arns = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:sales-a1B2c3"]
    }
  }
  artifacts = { snowflake = { path = "versions.tf" }, oracle = { path = "versions.tf" }, teradata = { path = "versions.tf" } }
}

run "defaults" {
  assert {
    condition     = output.function_names == { sales = "groundcrew-athena-connectors-sales" } && keys(output.catalog_function_arns) == ["sales"]
    error_message = "A source is one function and one catalog, both named after it."
  }
  assert {
    condition     = aws_athena_data_catalog.this["sales"].type == "LAMBDA" && aws_athena_data_catalog.this["sales"].parameters == tomap({ function = output.catalog_function_arns["sales"] })
    error_message = "The catalog is answered by the function, for metadata and rows alike."
  }
  assert {
    condition = local.environments["sales"] == {
      SOURCE                  = "snowflake"
      DEFAULT_CONNECTION      = "snowflake://jdbc:snowflake://acme.snowflakecomputing.com/?db=SALES&$${sales}"
      SPILL_BUCKET            = "groundcrew-athena-spill-123456789012-eu-central-1"
      SPILL_PREFIX            = "athena-spill"
      SPILL_BUCKET_OWNER      = "123456789012"
      SPILL_ENCRYPTION        = "true"
      INEXACT_VALUES          = "error"
      WATCH_QUERY             = "true"
      POWERTOOLS_SERVICE_NAME = "groundcrew-athena-connectors-sales"
    }
    error_message = "The function is told where to read and where to spill; what has no value it decides itself."
  }
  assert {
    condition = { for statement in data.aws_iam_policy_document.function["sales"].statement : statement.sid => statement.resources } == {
      ReadTheNamedSecrets         = toset(["arn:aws:secretsmanager:eu-central-1:123456789012:secret:sales-a1B2c3"])
      WriteSpills                 = toset(["arn:aws:s3:::groundcrew-athena-spill-123456789012-eu-central-1/athena-spill/*"])
      SeeWhoseBucketItIs          = toset(["arn:aws:s3:::groundcrew-athena-spill-123456789012-eu-central-1"])
      EncryptSpills               = toset([aws_kms_key.spill["this"].arn])
      SeeWhetherTheQueryStillRuns = toset(["arn:aws:athena:eu-central-1:123456789012:workgroup/*"])
    }
    error_message = "The function reads the named secret, writes spills below the prefix, and no more."
  }
  assert {
    condition     = module.function["sales"].function_name == local.sources.sales.name && local.sources.sales.function.memory_mb == 1769 && local.sources.sales.function.timeout_seconds == 900
    error_message = "A function has a whole processor, and as long as Lambda gives."
  }
}

run "spill_bucket" {
  assert {
    condition     = aws_s3_bucket.spill["this"].force_destroy && one(aws_s3_bucket_lifecycle_configuration.spill["this"].rule).expiration[0].days == 1
    error_message = "Spills are gone after a day, and destroy leaves nothing."
  }
  assert {
    condition = alltrue([
      for name in ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"] :
      aws_s3_bucket_public_access_block.spill["this"][name]
    ])
    error_message = "Nobody makes it public."
  }
  assert {
    condition = alltrue([
      for encryption in one(aws_s3_bucket_server_side_encryption_configuration.spill["this"].rule).apply_server_side_encryption_by_default :
      encryption.sse_algorithm == "aws:kms" && encryption.kms_master_key_id == aws_kms_key.spill["this"].arn
    ]) && aws_kms_key.spill["this"].enable_key_rotation
    error_message = "It is encrypted with a key of its own, which is rotated."
  }
  assert {
    condition     = data.aws_iam_policy_document.bucket["this"].statement[0].effect == "Deny" && one(data.aws_iam_policy_document.bucket["this"].statement[0].condition).variable == "aws:SecureTransport" && length(data.aws_iam_policy_document.bucket["this"].statement) == 1
    error_message = "Nobody comes without TLS, and its policy lets nobody in."
  }
}

run "who_queries" {
  assert {
    condition = [for statement in data.aws_iam_policy_document.query.statement : statement.sid] == [
      "AskTheConnectors", "FindTheCatalogs", "ReadSpills", "FindSpills", "DecryptSpills"
    ]
    error_message = "Athena invokes and reads as the one who queries: what that takes is an output."
  }
  assert {
    condition     = data.aws_iam_policy_document.query.statement[0].resources == toset(values(module.function)[*].function_arn)
    error_message = "Who queries may invoke these functions and no other."
  }
}

run "three_kinds" {
  variables {
    sources = {
      sales = {
        kind                   = "snowflake"
        catalogs_parameter_arn = "arn:aws:ssm:eu-central-1:123456789012:parameter/catalogs"
        catalogs               = ["sales", "stock"]
        maximum_connections    = 10
        include_schemas        = ["PUBLIC", "MARTS_*"]
        exclude_schemas        = ["TMP_*"]
        split_rows             = 1000000
        watch_query            = false
        access = {
          analysts = { callers = ["arn:aws:iam::123456789012:role/analyst-*"], allow = [{ schemas = ["PUBLIC"], columns = ["ID"] }] }
        }
      }
      ledger_eu = {
        kind            = "oracle"
        connection      = "oracle://jdbc:oracle:thin:$${ledger}@//ledger.example.com:1521/ORCL"
        secret_arns     = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:ledger-a1B2c3"]
        secret_key_arns = ["arn:aws:kms:eu-central-1:123456789012:key/22222222-2222-3333-4444-555555555555"]
        memory_mb       = 3538
        network         = { vpc_id = "vpc-2", subnet_ids = ["subnet-2"], security_group_ids = ["sg-2"] }
      }
      warehouse = {
        kind                = "teradata"
        connection          = "teradata://jdbc:teradata://warehouse.example.com/TMODE=ANSI,$${warehouse}"
        secret_arns         = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:warehouse-a1B2c3"]
        catalogs_secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:catalogs-a1B2c3"
        catalogs            = []
        function_name       = "teradata-connector"
      }
    }
    network = { vpc_id = "vpc-1", subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
  }

  assert {
    condition     = keys(output.catalog_function_arns) == ["ledger_eu", "sales", "stock"]
    error_message = "A function answers for as many catalogs as it is told, or for none."
  }
  assert {
    condition = output.function_names == {
      ledger_eu = "groundcrew-athena-connectors-ledger-eu", sales = "groundcrew-athena-connectors-sales", warehouse = "teradata-connector"
    }
    error_message = "A function that queries name already keeps its name."
  }
  assert {
    condition     = local.sources.sales.network.vpc_id == "vpc-1" && local.sources.ledger_eu.network.vpc_id == "vpc-2"
    error_message = "A source has its own network, or that of all."
  }
  assert {
    condition     = local.sources.sales.function.reserved_concurrency == 10 && local.sources.ledger_eu.function.reserved_concurrency == null && local.sources.ledger_eu.function.memory_mb == 3538
    error_message = "Connections are capped by concurrency, and a source has its own size."
  }
  assert {
    condition = { for name, value in local.environments["sales"] : name => value if contains(["CATALOGS_PARAMETER", "INCLUDE_SCHEMAS", "EXCLUDE_SCHEMAS", "SPLIT_ROWS", "WATCH_QUERY"], name) } == {
      CATALOGS_PARAMETER = "arn:aws:ssm:eu-central-1:123456789012:parameter/catalogs"
      INCLUDE_SCHEMAS    = "MARTS_*,PUBLIC"
      EXCLUDE_SCHEMAS    = "TMP_*"
      SPLIT_ROWS         = "1000000"
      WATCH_QUERY        = "false"
    }
    error_message = "The function is told what was chosen."
  }
  assert {
    condition     = jsondecode(local.environments["sales"].ACCESS) == { rules = [{ callers = ["arn:aws:iam::123456789012:role/analyst-*"], passthrough = false, allow = [{ schemas = ["PUBLIC"], tables = ["*"], columns = ["ID"] }] }] }
    error_message = "The function is told who may read what, in the shape of its access.py."
  }
  assert {
    condition     = [for statement in data.aws_iam_policy_document.function["sales"].statement : statement.sid] == ["ReadTheCatalogs", "WriteSpills", "SeeWhoseBucketItIs", "EncryptSpills"]
    error_message = "A function that reads a parameter reads no secret, and one that watches no query sees none."
  }
  assert {
    condition     = data.aws_iam_policy_document.function["ledger_eu"].statement[1].sid == "DecryptTheNamedSecrets" && one(data.aws_iam_policy_document.function["ledger_eu"].statement[1].condition).values == tolist(["secretsmanager.eu-central-1.amazonaws.com"])
    error_message = "The key of a secret is used for secrets alone."
  }
  assert {
    condition     = data.aws_iam_policy_document.function["warehouse"].statement[0].resources == toset(["arn:aws:secretsmanager:eu-central-1:123456789012:secret:catalogs-a1B2c3", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:warehouse-a1B2c3"])
    error_message = "The document of catalogs is read like any other secret."
  }
  assert {
    condition = keys(aws_cloudwatch_metric_alarm.this) == [
      "groundcrew-athena-connectors-ledger-eu-first-row", "groundcrew-athena-connectors-ledger-eu-queued",
      "groundcrew-athena-connectors-sales-connections", "groundcrew-athena-connectors-sales-first-row", "groundcrew-athena-connectors-sales-queued",
      "teradata-connector-first-row", "teradata-connector-queued",
    ]
    error_message = "Waits are watched at every source, connections where they have a cap."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["groundcrew-athena-connectors-sales-connections"].threshold == 8
    error_message = "The alarm goes off before the cap is reached."
  }
  assert {
    condition     = length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets) == 9 && length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets[7].properties.alarms) == 7 + 3 * 4
    error_message = "One dashboard shows every source and every alarm."
  }
}

run "servers_field_by_field" {
  variables {
    sources = {
      sales = {
        kind        = "snowflake"
        server      = { host = "acme.snowflakecomputing.com", database = "SALES", warehouse = "LAKE", port = 8443 }
        secret_arns = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:sales-a1B2c3"]
      }
      ledger = {
        kind        = "oracle"
        server      = { host = "ledger.example.com", service = "ORCL", tls = true }
        secret_arns = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:ledger-a1B2c3"]
      }
    }
  }

  assert {
    condition = { for key, environment in local.environments : key => jsondecode(environment.DEFAULT_CONNECTION) } == {
      sales = {
        kind   = "snowflake", host = "acme.snowflakecomputing.com", database = "SALES", warehouse = "LAKE", port = 8443
        secret = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:sales-a1B2c3"
      }
      ledger = {
        kind   = "oracle", host = "ledger.example.com", service = "ORCL", tls = "true"
        secret = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:ledger-a1B2c3"
      }
    }
    error_message = "A server is told as the function's connections/model.py has it, with its one secret."
  }
}

run "a_bucket_of_the_callers" {
  variables {
    spill = {
      bucket       = "spills/athena/sales", bucket_owner = "210987654321"
      kms_key_arn  = "arn:aws:kms:eu-central-1:123456789012:key/33333333-2222-3333-4444-555555555555"
      data_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/44444444-2222-3333-4444-555555555555"
    }
  }

  assert {
    condition     = output.spill_bucket == "spills" && output.spill_prefix == "athena/sales" && length(aws_s3_bucket.spill) == 0 && length(aws_kms_key.spill) == 0
    error_message = "A bucket that exists is taken as published, with its prefix, and none is made."
  }
  assert {
    condition = { for statement in data.aws_iam_policy_document.function["sales"].statement : statement.sid => statement.resources if strcontains(statement.sid, "Spills") } == {
      WriteSpills         = toset(["arn:aws:s3:::spills/athena/sales/*"])
      EncryptSpills       = toset(["arn:aws:kms:eu-central-1:123456789012:key/33333333-2222-3333-4444-555555555555"])
      MakeKeysForSpills   = toset(["arn:aws:kms:eu-central-1:123456789012:key/44444444-2222-3333-4444-555555555555"])
      MakeNoncesForSpills = toset(["*"])
    }
    error_message = "The function writes below the prefix, by the bucket's key and with data keys of KMS."
  }
  assert {
    condition     = local.environments["sales"].SPILL_KMS_KEY_ID == var.spill.data_key_arn && local.environments["sales"].SPILL_BUCKET_OWNER == "210987654321"
    error_message = "The function is told the key, and whose bucket it must be."
  }
}

run "spills_in_the_clear" {
  variables {
    spill = { encryption_enabled = false, prefix = "sales", expire_days = 7 }
  }

  assert {
    condition     = local.environments["sales"].SPILL_ENCRYPTION == "false" && output.spill_prefix == "sales" && length(aws_kms_key.spill) == 1
    error_message = "Without encryption by the function there is still the bucket's."
  }
}
