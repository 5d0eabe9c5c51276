mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
}

variables {
  function_role_arn = "arn:aws:iam::123456789012:role/data-redshift-maintenance-sync"
  external_id       = "data-maintenance"
  regions           = ["eu-central-1"]
}

run "refuses_a_name_with_a_slash" {
  command = plan
  variables {
    name = "groundcrew/member"
  }
  expect_failures = [var.name]
}

run "refuses_to_trust_a_whole_account" {
  command = plan
  variables {
    function_role_arn = "arn:aws:iam::123456789012:root"
  }
  expect_failures = [var.function_role_arn]
}

run "refuses_an_external_id_of_one_letter" {
  command = plan
  variables {
    external_id = "x"
  }
  expect_failures = [var.external_id]
}

run "refuses_no_region" {
  command = plan
  variables {
    regions = []
  }
  expect_failures = [var.regions]
}

run "refuses_a_path_without_slashes" {
  command = plan
  variables {
    path = "groundcrew"
  }
  expect_failures = [var.path]
}
