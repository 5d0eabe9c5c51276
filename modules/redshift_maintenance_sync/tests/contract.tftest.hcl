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
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-central-1:123456789012:groundcrew-redshift-maintenance-sync" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555" }
  }
  mock_resource "aws_s3_object" {
    defaults = { arn = "arn:aws:s3:::settings/groundcrew-redshift-maintenance-sync/settings.json" }
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

run "settings" {
  assert {
    condition = jsondecode(local.environment.SETTINGS) == {
      selector = { tags = {}, opt_out_tag = "groundcrew:maintenance-sync-opt-out" }
      schedule = {
        mode           = "interval", day = "sat", hour = 6, minute = 0, window_minutes = 30, time_zone = "UTC"
        deferment_days = 28, week = null, deferment_cap_days = 45
      }
      groups             = {}
      regions            = ["eu-central-1"]
      accounts           = {}
      alignment          = "window"
      foreign_deferments = "respect"
      state_table        = "groundcrew-redshift-maintenance-sync"
      dry_run            = false
      announcements      = null
    }
    error_message = "The function is told all it reads in one document, and looks after its own Region and account."
  }
  assert {
    condition     = local.environment.POWERTOOLS_SERVICE_NAME == "groundcrew-redshift-maintenance-sync" && length(local.environment) == 2
    error_message = "The metrics of two deployments stay apart, and nothing else is in the environment."
  }
}

run "reach" {
  variables {
    selector = { tags = { stage = "prod" } }
    groups   = { canary = { tags = { ring = "0" }, schedule = { mode = "calendar", week = "second", day = "wed", hour = 2, minute = 0, deferment_cap_days = 60 } } }
    regions  = ["us-east-1", "eu-central-1"]
    accounts = { "210987654321" = { role_arn = "arn:aws:iam::210987654321:role/groundcrew-member", external_id = "groundcrew/data" } }
  }

  assert {
    condition     = jsondecode(local.settings).regions == ["eu-central-1", "us-east-1"] && jsondecode(local.settings).selector.tags == { stage = "prod" }
    error_message = "The function is told which Regions and tags, always in the same order."
  }
  assert {
    condition     = jsondecode(local.settings).groups.canary.schedule.week == "second" && jsondecode(local.settings).accounts["210987654321"].external_id == "groundcrew/data"
    error_message = "The function is told each group's schedule and each account's role."
  }
  assert {
    condition = data.aws_iam_policy_document.function.statement[3].resources == toset([
      "arn:aws:redshift:eu-central-1:123456789012:cluster:*", "arn:aws:redshift:us-east-1:123456789012:cluster:*"
    ])
    error_message = "Changes are limited to clusters of this account, in the Regions that are named."
  }
  assert {
    condition     = data.aws_iam_policy_document.function.statement[4].sid == "WorkInOtherAccounts" && data.aws_iam_policy_document.function.statement[4].resources == toset(["arn:aws:iam::210987654321:role/groundcrew-member"])
    error_message = "The function may assume exactly the roles that are named."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["state-age"].threshold == 74
    error_message = "The longest cap of all groups counts."
  }
  assert {
    condition     = strcontains(aws_cloudwatch_dashboard.this.dashboard_body, "canary: **the second wed at 02:00 UTC of each month**")
    error_message = "The dashboard says every group's date."
  }
}

run "announcements" {
  variables {
    announcements = { bucket = "calendars", days_ahead = [7, 1] }
  }

  assert {
    condition = jsondecode(local.settings).announcements == {
      topic_arn = output.announcements_topic_arn, days_ahead = [1, 7], bucket = "calendars", prefix = "maintenance/"
    }
    error_message = "The function is told where to announce, and when."
  }
  assert {
    condition     = aws_sns_topic.announcements["this"].kms_master_key_id == aws_kms_key.announcements["this"].arn && aws_kms_key.announcements["this"].enable_key_rotation
    error_message = "The topic is encrypted with a key of its own, which is rotated."
  }
  assert {
    condition = [for statement in data.aws_iam_policy_document.key["this"].statement : statement.sid] == [
      "AccountGovernsTheKey", "FunctionAnnounces", "AlarmsPublish", "RulesPublish"
    ]
    error_message = "The key admits the function and the services that publish."
  }
  assert {
    condition     = data.aws_iam_policy_document.topic["this"].statement[0].effect == "Deny" && one(data.aws_iam_policy_document.topic["this"].statement[0].condition).variable == "aws:SecureTransport"
    error_message = "Nobody publishes without TLS."
  }
  assert {
    condition     = one(data.aws_iam_policy_document.topic["this"].statement[1].condition).values == tolist(["123456789012"])
    error_message = "Services publish for this account alone."
  }
  assert {
    condition = { for statement in data.aws_iam_policy_document.function.statement : statement.sid => statement.resources if contains(["Announce", "KeepCalendars"], statement.sid) } == {
      Announce      = toset([aws_sns_topic.announcements["this"].arn])
      KeepCalendars = toset(["arn:aws:s3:::calendars/maintenance/*.ics"])
    }
    error_message = "The function publishes to its topic, and writes calendars below the prefix."
  }
}

run "a_dry_run_announces_nothing" {
  variables {
    announcements = { bucket = "calendars" }
    dry_run       = true
  }

  assert {
    condition     = length(data.aws_iam_policy_document.function.statement) == 2
    error_message = "A dry run has no permission to announce."
  }
}

run "nothing_is_announced_unasked" {
  assert {
    condition     = output.announcements_topic_arn == null && length(aws_kms_key.announcements) == 0
    error_message = "Without announcements there is neither topic nor key."
  }
}

run "settings_in_a_bucket" {
  variables {
    settings_bucket = "settings"
  }

  assert {
    condition = local.environment == {
      POWERTOOLS_SERVICE_NAME = "groundcrew-redshift-maintenance-sync"
      SETTINGS_OBJECT         = "settings/groundcrew-redshift-maintenance-sync/settings-${sha256(local.settings)}.json"
      SETTINGS_SHA256         = sha256(local.settings)
    }
    error_message = "The function is told where its settings are, and what they hash to."
  }
  assert {
    condition     = data.aws_iam_policy_document.function.statement[4].sid == "ReadSettings" && data.aws_iam_policy_document.function.statement[4].resources == toset([aws_s3_object.settings["this"].arn])
    error_message = "The function reads that object and no other."
  }
}

run "alarms" {
  variables {
    alarms = { topic_arns = ["arn:aws:sns:eu-central-1:123456789012:oncall"] }
  }

  assert {
    condition     = keys(aws_cloudwatch_metric_alarm.this) == ["drift", "failed-clusters", "failed-places", "silent", "state-age", "unexpected-maintenance"]
    error_message = "Six alarms on the clusters, beside four on the function."
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
    condition     = length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets[6].properties.alarms) == 10
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
    condition     = jsondecode(local.settings).schedule.week == "second" && jsondecode(local.settings).schedule.deferment_days == null
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
    alignment = "seed"
    selector  = { opt_out_tag = "Größe / opt-out" }
  }

  assert {
    condition     = jsondecode(local.settings).alignment == "seed" && jsondecode(local.settings).selector.opt_out_tag == "Größe / opt-out"
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
