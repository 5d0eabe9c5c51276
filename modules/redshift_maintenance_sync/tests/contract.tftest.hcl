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
    defaults = { arn = "arn:aws:iam::123456789012:role/groundcrew-redshift-maintenance-sync" }
  }
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:eu-central-1:123456789012:groundcrew-redshift-maintenance-sync-failures" }
  }
  mock_resource "aws_lambda_function" {
    defaults = { arn = "arn:aws:lambda:eu-central-1:123456789012:function:groundcrew-redshift-maintenance-sync" }
  }
  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:eu-central-1:123456789012:rule/groundcrew-redshift-maintenance-sync" }
  }
}

variables {
  prefix   = "groundcrew"
  schedule = { day = "sat", hour = 6, minute = 0, deferment_days = 28, frequency_hours = 12 }
  function = { artifact = { path = "versions.tf" } }
}

run "defaults" {
  assert {
    condition     = output.function_name == "groundcrew-redshift-maintenance-sync" && output.schedule_rule_name == "groundcrew-redshift-maintenance-sync"
    error_message = "Everything is named after prefix and solution."
  }
  assert {
    condition     = aws_cloudwatch_event_rule.schedule.schedule_expression == "rate(12 hours)"
    error_message = "The function looks every frequency_hours."
  }
  assert {
    condition     = aws_cloudwatch_event_target.function.arn == output.function_arn && one(aws_cloudwatch_event_target.function.dead_letter_config).arn == module.function.failure_queue_arn
    error_message = "The schedule invokes the function and keeps what it could not deliver."
  }
  assert {
    condition     = aws_lambda_permission.schedule.source_arn == aws_cloudwatch_event_rule.schedule.arn
    error_message = "Only this schedule may invoke the function."
  }
  assert {
    condition = [for statement in data.aws_iam_policy_document.function.statement : statement.sid] == [
      "SeeClustersAndTheirMaintenance", "MoveMaintenance"
    ]
    error_message = "The function sees clusters and moves their maintenance, and no more."
  }
  assert {
    condition     = data.aws_iam_policy_document.function.statement[1].resources == toset(["arn:aws:redshift:eu-central-1:123456789012:cluster:*"])
    error_message = "Changes are limited to clusters of this account and Region."
  }
}

run "a_dry_run_cannot_change_anything" {
  variables {
    dry_run = true
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.function.statement : statement.sid] == ["SeeClustersAndTheirMaintenance"]
    error_message = "A dry run has no permission to change a cluster."
  }
}

run "windows_only" {
  command = plan
  variables {
    schedule = {
      day = "sun", hour = 23, minute = 45, window_minutes = 60, time_zone = "Australia/Sydney", deferment_days = 0, frequency_hours = 24
    }
  }

  assert {
    condition     = aws_cloudwatch_event_rule.schedule.schedule_expression == "rate(24 hours)"
    error_message = "Zero days of deferment and any known time zone are accepted."
  }
}
