mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
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
    opt_out_tag = "aws:opt-out"
  }
  expect_failures = [var.opt_out_tag]
}

run "refuses_an_opt_out_tag_without_a_name" {
  command = plan
  variables {
    opt_out_tag = " "
  }
  expect_failures = [var.opt_out_tag]
}

run "refuses_an_opt_out_tag_with_a_comma" {
  command = plan
  variables {
    opt_out_tag = "opt,out"
  }
  expect_failures = [var.opt_out_tag]
}

run "refuses_an_opt_out_tag_of_129_characters" {
  command = plan
  variables {
    opt_out_tag = join("", [for _ in range(129) : "x"])
  }
  expect_failures = [var.opt_out_tag]
}
