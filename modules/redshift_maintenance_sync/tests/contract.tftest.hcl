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
  mock_resource "aws_dynamodb_table" {
    defaults = { arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/groundcrew-redshift-maintenance-sync" }
  }
  mock_resource "aws_cloudwatch_metric_alarm" {
    defaults = { arn = "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:mocked" }
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
      "SeeClustersAndTheirMaintenance", "RecallWhatWasAnnounced", "RememberWhatWasAnnounced", "MoveMaintenance"
    ]
    error_message = "The function sees clusters, remembers what they were announced, moves their maintenance, and no more."
  }
  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.function.statement :
      statement.resources == toset([aws_dynamodb_table.state.arn]) && length(statement.actions) == 1
      if endswith(statement.sid, "WhatWasAnnounced")
    ])
    error_message = "It queries and puts items, in its own table."
  }
  assert {
    condition     = data.aws_iam_policy_document.function.statement[3].resources == toset(["arn:aws:redshift:eu-central-1:123456789012:cluster:*"])
    error_message = "Changes are limited to clusters of this account and Region."
  }
}

run "state" {
  assert {
    condition     = output.state_table_name == "groundcrew-redshift-maintenance-sync" && output.dashboard_name == "groundcrew-redshift-maintenance-sync"
    error_message = "The table and the dashboard are named like everything else."
  }
  assert {
    condition     = aws_dynamodb_table.state.hash_key == "scope" && aws_dynamodb_table.state.range_key == "cluster" && aws_dynamodb_table.state.billing_mode == "PAY_PER_REQUEST"
    error_message = "One item per cluster, under its account and Region."
  }
  assert {
    condition     = one(aws_dynamodb_table.state.point_in_time_recovery).enabled && aws_dynamodb_table.state.deletion_protection_enabled != true
    error_message = "A slip of the hand can be undone, and destroy leaves nothing."
  }
  assert {
    condition     = one(aws_dynamodb_table.state.ttl).enabled && one(aws_dynamodb_table.state.ttl).attribute_name == "expires"
    error_message = "What is remembered of clusters that are no more is forgotten."
  }
}

run "environment" {
  assert {
    condition = local.environment == {
      SCHEDULE_MODE           = "interval"
      SCHEDULE_DAY            = "sat"
      SCHEDULE_HOUR           = "6"
      SCHEDULE_MINUTE         = "0"
      SCHEDULE_WINDOW_MINUTES = "30"
      SCHEDULE_TIME_ZONE      = "UTC"
      DEFERMENT_DAYS          = "28"
      DEFERMENT_CAP_DAYS      = "45"
      ALIGNMENT               = "window"
      FOREIGN_DEFERMENTS      = "respect"
      OPT_OUT_TAG             = "groundcrew:maintenance-sync-opt-out"
      STATE_TABLE             = "groundcrew-redshift-maintenance-sync"
      DRY_RUN                 = "false"
      POWERTOOLS_SERVICE_NAME = "groundcrew-redshift-maintenance-sync"
    }
    error_message = "The function is told all it reads, and no week of the month."
  }
}

run "alarms" {
  variables {
    alarms = { topic_arns = ["arn:aws:sns:eu-central-1:123456789012:oncall"] }
  }

  assert {
    condition     = keys(aws_cloudwatch_metric_alarm.this) == ["drift", "failed-clusters", "silent", "state-age", "unexpected-maintenance"]
    error_message = "Five alarms on the clusters, beside four on the function."
  }
  assert {
    condition = alltrue([
      for alarm in aws_cloudwatch_metric_alarm.this :
      alarm.namespace == "Groundcrew/redshift_maintenance_sync" && alarm.dimensions == tomap({ service = "groundcrew-redshift-maintenance-sync" })
    ])
    error_message = "Alarms watch the metrics of this deployment alone."
  }
  assert {
    condition = alltrue([
      for alarm in aws_cloudwatch_metric_alarm.this :
      alarm.alarm_actions == var.alarms.topic_arns && alarm.ok_actions == var.alarms.topic_arns
    ])
    error_message = "Alarms say when they go off and when they are over."
  }
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : alarm.period * alarm.evaluation_periods <= 604800])
    error_message = "CloudWatch looks back seven days at most."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["drift"].period == 43200 && aws_cloudwatch_metric_alarm.this["drift"].evaluation_periods == 3
    error_message = "Drift counts once it has outlived three runs."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["state-age"].threshold == 59
    error_message = "A state is too old 14 days after the longest deferment."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["silent"].treat_missing_data == "breaching" && aws_cloudwatch_metric_alarm.this["silent"].statistic == "SampleCount"
    error_message = "Silence is what is missing."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["silent"].period * aws_cloudwatch_metric_alarm.this["silent"].evaluation_periods == 2 * 86400
    error_message = "Two days without a run are silence, whatever the frequency."
  }
}

run "dashboard" {
  assert {
    condition     = [for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : widget.type] == ["text", "metric", "metric", "metric", "metric", "metric", "alarm", "log"]
    error_message = "The dashboard explains itself, and shows figures, alarms and decisions."
  }
  assert {
    condition     = length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets[6].properties.alarms) == 9
    error_message = "The dashboard shows every alarm."
  }
  assert {
    condition     = strcontains(aws_cloudwatch_dashboard.this.dashboard_body, "sat at 06:00 UTC, at most 28 days after the last maintenance")
    error_message = "The dashboard says what the schedule is."
  }
}

run "a_dry_run_cannot_change_anything" {
  variables {
    dry_run = true
  }

  assert {
    condition = [for statement in data.aws_iam_policy_document.function.statement : statement.sid] == [
      "SeeClustersAndTheirMaintenance", "RecallWhatWasAnnounced"
    ]
    error_message = "A dry run has no permission to change a cluster, nor what is remembered of it."
  }
}

run "a_key_of_the_callers" {
  variables {
    function = {
      artifact    = { path = "versions.tf" }
      kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    }
  }

  assert {
    condition     = one(aws_dynamodb_table.state.server_side_encryption).enabled && one(aws_dynamodb_table.state.server_side_encryption).kms_key_arn == var.function.kms_key_arn
    error_message = "The customer key covers the state too."
  }
}

run "calendar" {
  variables {
    schedule = { mode = "calendar", week = "second", day = "sat", hour = 6, minute = 5, frequency_hours = 24, deferment_cap_days = 60 }
  }

  assert {
    condition     = strcontains(aws_cloudwatch_dashboard.this.dashboard_body, "the second sat at 06:05 UTC of each month")
    error_message = "A week of the month takes the place of days."
  }
  assert {
    condition     = local.environment.SCHEDULE_WEEK == "second" && !contains(keys(local.environment), "DEFERMENT_DAYS")
    error_message = "The function is told the week, and no days."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["drift"].period == 86400 && aws_cloudwatch_metric_alarm.this["state-age"].threshold == 74
    error_message = "Alarms follow the frequency and the cap."
  }
}

run "the_published_rule" {
  command = plan
  variables {
    alignment   = "seed"
    opt_out_tag = "Größe / opt-out"
  }

  assert {
    condition     = local.environment.ALIGNMENT == "seed" && local.environment.OPT_OUT_TAG == "Größe / opt-out"
    error_message = "The function is told the rule, and a tag key in any script."
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
