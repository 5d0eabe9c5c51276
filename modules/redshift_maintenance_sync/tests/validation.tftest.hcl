mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
}

variables {
  prefix   = "groundcrew"
  schedule = { day = "sat", hour = 6, minute = 0, deferment_days = 28, frequency_hours = 12 }
  function = { artifact = { path = "versions.tf" } }
}

run "refuses_a_prefix_with_capitals" {
  command = plan
  variables {
    prefix = "Groundcrew"
  }
  expect_failures = [var.prefix]
}

run "refuses_a_day_by_its_full_name" {
  command = plan
  variables {
    schedule = { day = "saturday", hour = 6, minute = 0, deferment_days = 28, frequency_hours = 12 }
  }
  expect_failures = [var.schedule]
}

run "refuses_an_hour_of_24" {
  command = plan
  variables {
    schedule = { day = "sat", hour = 24, minute = 0, deferment_days = 28, frequency_hours = 12 }
  }
  expect_failures = [var.schedule]
}

run "refuses_a_minute_of_60" {
  command = plan
  variables {
    schedule = { day = "sat", hour = 6, minute = 60, deferment_days = 28, frequency_hours = 12 }
  }
  expect_failures = [var.schedule]
}

run "refuses_a_window_of_20_minutes" {
  command = plan
  variables {
    schedule = { day = "sat", hour = 6, minute = 0, deferment_days = 28, frequency_hours = 12, window_minutes = 20 }
  }
  expect_failures = [var.schedule]
}

run "refuses_an_unknown_time_zone" {
  command = plan
  variables {
    schedule = { day = "sat", hour = 6, minute = 0, deferment_days = 28, frequency_hours = 12, time_zone = "Europe/Atlantis" }
  }
  expect_failures = [var.schedule]
}

run "refuses_a_deferment_of_46_days" {
  command = plan
  variables {
    schedule = { day = "sat", hour = 6, minute = 0, deferment_days = 46, frequency_hours = 12 }
  }
  expect_failures = [var.schedule]
}

run "refuses_a_frequency_of_7_hours" {
  command = plan
  variables {
    schedule = { day = "sat", hour = 6, minute = 0, deferment_days = 28, frequency_hours = 7 }
  }
  expect_failures = [var.schedule]
}

run "refuses_an_unknown_mode" {
  command = plan
  variables {
    schedule = { day = "sat", hour = 6, minute = 0, frequency_hours = 12, deferment_days = 28, mode = "monthly" }
  }
  expect_failures = [var.schedule]
}

run "refuses_an_interval_without_its_days" {
  command = plan
  variables {
    schedule = { day = "sat", hour = 6, minute = 0, frequency_hours = 12, mode = "interval" }
  }
  expect_failures = [var.schedule]
}

run "refuses_an_interval_with_a_week" {
  command = plan
  variables {
    schedule = { day = "sat", hour = 6, minute = 0, frequency_hours = 12, deferment_days = 28, week = "second" }
  }
  expect_failures = [var.schedule]
}

run "refuses_a_calendar_with_days" {
  command = plan
  variables {
    schedule = { day = "sat", hour = 6, minute = 0, frequency_hours = 12, mode = "calendar", week = "second", deferment_days = 28 }
  }
  expect_failures = [var.schedule]
}

run "refuses_a_calendar_without_its_week" {
  command = plan
  variables {
    schedule = { day = "sat", hour = 6, minute = 0, frequency_hours = 12, mode = "calendar" }
  }
  expect_failures = [var.schedule]
}

run "refuses_a_fifth_week" {
  command = plan
  variables {
    schedule = { day = "sat", hour = 6, minute = 0, frequency_hours = 12, mode = "calendar", week = "fifth" }
  }
  expect_failures = [var.schedule]
}

run "refuses_half_a_day_of_deferment" {
  command = plan
  variables {
    schedule = { day = "sat", hour = 6, minute = 0, frequency_hours = 12, deferment_days = 27.5 }
  }
  expect_failures = [var.schedule]
}

run "refuses_a_cap_of_50_days" {
  command = plan
  variables {
    schedule = { day = "sat", hour = 6, minute = 0, frequency_hours = 12, deferment_days = 28, deferment_cap_days = 50 }
  }
  expect_failures = [var.schedule]
}

run "refuses_61_days_even_with_the_larger_cap" {
  command = plan
  variables {
    schedule = { day = "sat", hour = 6, minute = 0, frequency_hours = 12, deferment_days = 61, deferment_cap_days = 60 }
  }
  expect_failures = [var.schedule]
}

run "refuses_an_unknown_alignment" {
  command = plan
  variables {
    alignment = "published"
  }
  expect_failures = [var.alignment]
}

run "refuses_the_published_rule_with_a_calendar" {
  command = plan
  variables {
    schedule  = { day = "sat", hour = 6, minute = 0, frequency_hours = 12, mode = "calendar", week = "second" }
    alignment = "seed"
  }
  expect_failures = [var.alignment]
}

run "refuses_an_unknown_treatment_of_foreign_deferments" {
  command = plan
  variables {
    foreign_deferments = "cancel"
  }
  expect_failures = [var.foreign_deferments]
}

run "refuses_the_published_rule_with_adoption" {
  command = plan
  variables {
    alignment          = "seed"
    foreign_deferments = "adopt"
  }
  expect_failures = [var.foreign_deferments]
}

run "refuses_an_opt_out_tag_of_aws" {
  command = plan
  variables {
    selector = { opt_out_tag = "aws:opt-out" }
  }
  expect_failures = [var.selector]
}

run "refuses_an_opt_out_tag_without_a_name" {
  command = plan
  variables {
    selector = { opt_out_tag = " " }
  }
  expect_failures = [var.selector]
}

run "refuses_an_opt_out_tag_with_a_comma" {
  command = plan
  variables {
    selector = { opt_out_tag = "opt,out" }
  }
  expect_failures = [var.selector]
}

run "refuses_an_opt_out_tag_of_129_characters" {
  command = plan
  variables {
    selector = { opt_out_tag = join("", [for _ in range(129) : "x"]) }
  }
  expect_failures = [var.selector]
}

run "refuses_a_selector_tag_without_a_value" {
  command = plan
  variables {
    selector = { tags = { stage = "" } }
  }
  expect_failures = [var.selector]
}

run "refuses_a_selector_that_demands_the_opt_out_tag" {
  command = plan
  variables {
    selector = { tags = { skip = "true" }, opt_out_tag = "skip" }
  }
  expect_failures = [var.selector]
}

run "refuses_a_group_called_default" {
  command = plan
  variables {
    groups = { default = { tags = { ring = "0" }, schedule = { day = "sat", hour = 6, minute = 0, deferment_days = 28 } } }
  }
  expect_failures = [var.groups]
}

run "refuses_a_group_with_capitals" {
  command = plan
  variables {
    groups = { Canary = { tags = { ring = "0" }, schedule = { day = "sat", hour = 6, minute = 0, deferment_days = 28 } } }
  }
  expect_failures = [var.groups]
}

run "refuses_a_group_without_tags" {
  command = plan
  variables {
    groups = { canary = { tags = {}, schedule = { day = "sat", hour = 6, minute = 0, deferment_days = 28 } } }
  }
  expect_failures = [var.groups]
}

run "refuses_two_groups_with_the_same_tags" {
  command = plan
  variables {
    groups = {
      canary = { tags = { ring = "0" }, schedule = { day = "sat", hour = 6, minute = 0, deferment_days = 28 } }
      early  = { tags = { ring = "0" }, schedule = { day = "sat", hour = 6, minute = 0, deferment_days = 28 } }
    }
  }
  expect_failures = [var.groups]
}

run "refuses_a_group_that_claims_every_cluster" {
  command = plan
  variables {
    selector = { tags = { ring = "0", stage = "prod" } }
    groups   = { canary = { tags = { ring = "0" }, schedule = { day = "sat", hour = 6, minute = 0, deferment_days = 28 } } }
  }
  expect_failures = [var.groups]
}

run "refuses_a_groups_day_by_its_full_name" {
  command = plan
  variables {
    groups = { canary = { tags = { ring = "0" }, schedule = { day = "saturday", hour = 6, minute = 0, deferment_days = 28 } } }
  }
  expect_failures = [var.groups]
}

run "refuses_a_groups_hour_of_24" {
  command = plan
  variables {
    groups = { canary = { tags = { ring = "0" }, schedule = { day = "sat", hour = 24, minute = 0, deferment_days = 28 } } }
  }
  expect_failures = [var.groups]
}

run "refuses_a_groups_minute_of_60" {
  command = plan
  variables {
    groups = { canary = { tags = { ring = "0" }, schedule = { day = "sat", hour = 6, minute = 60, deferment_days = 28 } } }
  }
  expect_failures = [var.groups]
}

run "refuses_a_groups_window_of_20_minutes" {
  command = plan
  variables {
    groups = { canary = { tags = { ring = "0" }, schedule = { day = "sat", hour = 6, minute = 0, deferment_days = 28, window_minutes = 20 } } }
  }
  expect_failures = [var.groups]
}

run "refuses_a_groups_unknown_time_zone" {
  command = plan
  variables {
    groups = { canary = { tags = { ring = "0" }, schedule = { day = "sat", hour = 6, minute = 0, deferment_days = 28, time_zone = "Europe/Atlantis" } } }
  }
  expect_failures = [var.groups]
}

run "refuses_a_groups_cap_of_50_days" {
  command = plan
  variables {
    groups = { canary = { tags = { ring = "0" }, schedule = { day = "sat", hour = 6, minute = 0, deferment_days = 28, deferment_cap_days = 50 } } }
  }
  expect_failures = [var.groups]
}

run "refuses_a_groups_deferment_of_46_days" {
  command = plan
  variables {
    groups = { canary = { tags = { ring = "0" }, schedule = { day = "sat", hour = 6, minute = 0, deferment_days = 46 } } }
  }
  expect_failures = [var.groups]
}

run "refuses_a_groups_week_in_an_interval" {
  command = plan
  variables {
    groups = { canary = { tags = { ring = "0" }, schedule = { day = "sat", hour = 6, minute = 0, deferment_days = 28, week = "second" } } }
  }
  expect_failures = [var.groups]
}

run "refuses_a_groups_calendar_without_its_week" {
  command = plan
  variables {
    groups = { canary = { tags = { ring = "0" }, schedule = { day = "sat", hour = 6, minute = 0, mode = "calendar" } } }
  }
  expect_failures = [var.groups]
}

run "refuses_a_groups_fifth_week" {
  command = plan
  variables {
    groups = { canary = { tags = { ring = "0" }, schedule = { day = "sat", hour = 6, minute = 0, mode = "calendar", week = "fifth" } } }
  }
  expect_failures = [var.groups]
}

run "refuses_a_groups_unknown_mode" {
  command = plan
  variables {
    groups = { canary = { tags = { ring = "0" }, schedule = { day = "sat", hour = 6, minute = 0, deferment_days = 28, mode = "monthly" } } }
  }
  expect_failures = [var.groups]
}

run "refuses_the_published_rule_with_a_groups_calendar" {
  command = plan
  variables {
    groups    = { canary = { tags = { ring = "0" }, schedule = { day = "sat", hour = 6, minute = 0, mode = "calendar", week = "second" } } }
    alignment = "seed"
  }
  expect_failures = [var.alignment]
}

run "refuses_a_region_by_its_name" {
  command = plan
  variables {
    regions = ["Frankfurt"]
  }
  expect_failures = [var.regions]
}

run "refuses_an_account_of_11_digits" {
  command = plan
  variables {
    accounts = { "21098765432" = { role_arn = "arn:aws:iam::21098765432:role/member" } }
  }
  expect_failures = [var.accounts]
}

run "refuses_a_role_of_another_account" {
  command = plan
  variables {
    accounts = { "210987654321" = { role_arn = "arn:aws:iam::111111111111:role/member" } }
  }
  expect_failures = [var.accounts]
}

run "refuses_an_external_id_of_one_letter" {
  command = plan
  variables {
    accounts = { "210987654321" = { role_arn = "arn:aws:iam::210987654321:role/member", external_id = "x" } }
  }
  expect_failures = [var.accounts]
}

run "refuses_its_own_account" {
  command = plan
  variables {
    accounts = { "123456789012" = { role_arn = "arn:aws:iam::123456789012:role/member" } }
  }
  expect_failures = [aws_cloudwatch_event_rule.schedule]
}

run "refuses_a_reminder_of_zero_days" {
  command = plan
  variables {
    announcements = { days_ahead = [0] }
  }
  expect_failures = [var.announcements]
}

run "refuses_a_calendar_bucket_by_its_arn" {
  command = plan
  variables {
    announcements = { bucket = "arn:aws:s3:::calendars" }
  }
  expect_failures = [var.announcements]
}

run "refuses_a_prefix_that_begins_with_a_slash" {
  command = plan
  variables {
    announcements = { prefix = "/maintenance/" }
  }
  expect_failures = [var.announcements]
}

run "refuses_a_settings_bucket_by_its_arn" {
  command = plan
  variables {
    settings_bucket = "arn:aws:s3:::settings"
  }
  expect_failures = [var.settings_bucket]
}

run "refuses_settings_that_outgrow_the_environment" {
  command = plan
  variables {
    selector = { tags = { for number in range(6) : "tag-${number}" => join("", [for _ in range(372) : "x"]) } }
  }
  expect_failures = [aws_cloudwatch_event_rule.schedule]
}
