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
