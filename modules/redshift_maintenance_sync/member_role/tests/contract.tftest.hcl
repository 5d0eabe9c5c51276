mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "210987654321" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
}

variables {
  function_role_arn = "arn:aws:iam::123456789012:role/data-redshift-maintenance-sync"
  external_id       = "data-maintenance"
  regions           = ["eu-central-1", "us-east-1"]
}

run "trust" {
  assert {
    condition     = one(data.aws_iam_policy_document.trust.statement[0].principals).identifiers == toset([var.function_role_arn])
    error_message = "The function's role alone is trusted."
  }
  assert {
    condition     = one(data.aws_iam_policy_document.trust.statement[0].condition).variable == "sts:ExternalId" && one(data.aws_iam_policy_document.trust.statement[0].condition).values == tolist(["data-maintenance"])
    error_message = "It must give the external id."
  }
}

run "permissions" {
  assert {
    condition     = [for statement in data.aws_iam_policy_document.this.statement : statement.sid] == ["SeeClustersAndTheirMaintenance", "MoveMaintenance"]
    error_message = "The role sees clusters, moves their maintenance, and no more."
  }
  assert {
    condition = data.aws_iam_policy_document.this.statement[1].resources == toset([
      "arn:aws:redshift:eu-central-1:210987654321:cluster:*", "arn:aws:redshift:us-east-1:210987654321:cluster:*"
    ])
    error_message = "Changes are limited to clusters of this account, in the Regions that are named."
  }
}

run "a_dry_run_cannot_change_anything" {
  variables {
    dry_run = true
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.this.statement : statement.sid] == ["SeeClustersAndTheirMaintenance"]
    error_message = "A dry run has no permission to change a cluster."
  }
}

run "example" {
  command   = plan
  providers = { aws = aws }
  module {
    source = "./examples/minimal"
  }
}
