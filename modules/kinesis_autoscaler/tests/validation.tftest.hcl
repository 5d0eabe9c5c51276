mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_data "aws_kinesis_stream" {
    defaults = {
      open_shards         = ["shardId-000000000000", "shardId-000000000001"]
      stream_mode_details = [{ stream_mode = "PROVISIONED" }]
    }
  }
}

variables {
  prefix   = "groundcrew"
  streams  = { orders = { name = "orders" } }
  function = { artifact = { path = "versions.tf" } }
}

run "refuses_a_prefix_with_capitals" {
  command = plan
  variables {
    prefix = "Groundcrew"
  }
  expect_failures = [var.prefix]
}

run "refuses_a_key_with_a_slash" {
  command = plan
  variables {
    streams = { "team/orders" = { name = "orders" } }
  }
  expect_failures = [var.streams]
}

run "refuses_a_stream_by_its_arn" {
  command = plan
  variables {
    streams = { orders = { name = "arn:aws:kinesis:us-east-1:123456789012:stream/orders" } }
  }
  expect_failures = [var.streams]
}

run "refuses_two_keys_for_one_stream" {
  command = plan
  variables {
    streams = { orders = { name = "orders" }, sales = { name = "orders" } }
  }
  expect_failures = [var.streams]
}

run "refuses_inverted_bounds" {
  command = plan
  variables {
    streams = { orders = { name = "orders", bounds = { minimum = 8, maximum = 2 } } }
  }
  expect_failures = [var.streams]
}

run "refuses_a_minimum_of_zero" {
  command = plan
  variables {
    streams = { orders = { name = "orders", bounds = { minimum = 0 } } }
  }
  expect_failures = [var.streams]
}

run "refuses_more_than_10000_shards" {
  command = plan
  variables {
    streams = { orders = { name = "orders", bounds = { maximum = 10001 } } }
  }
  expect_failures = [var.streams]
}

run "refuses_half_a_shard" {
  command = plan
  variables {
    streams = { orders = { name = "orders", bounds = { maximum = 2.5 } } }
  }
  expect_failures = [var.streams]
}

run "refuses_an_unknown_policy" {
  command = plan
  variables {
    streams = { orders = { name = "orders", policy = "double" } }
  }
  expect_failures = [var.streams]
}

run "refuses_a_block_of_zero_minutes" {
  command = plan
  variables {
    streams = { orders = { name = "orders", iterator_age = { block_minutes = 0 } } }
  }
  expect_failures = [var.streams]
}

run "refuses_a_consumer_by_its_arn" {
  command = plan
  variables {
    streams = { orders = { name = "orders", consumer = { function_name = "arn:aws:lambda:us-east-1:123456789012:function:reader", per_shard = 1 } } }
  }
  expect_failures = [var.streams]
}

run "refuses_a_consumer_of_no_concurrency" {
  command = plan
  variables {
    streams = { orders = { name = "orders", consumer = { function_name = "reader", per_shard = 0 } } }
  }
  expect_failures = [var.streams]
}

run "refuses_a_streams_threshold_in_percent" {
  command = plan
  variables {
    streams = { orders = { name = "orders", scale_up = { threshold = 75 } } }
  }
  expect_failures = [var.streams]
}

run "refuses_a_streams_period_of_90_seconds" {
  command = plan
  variables {
    streams = { orders = { name = "orders", scale_down = { period_seconds = 90 } } }
  }
  expect_failures = [var.streams]
}

run "refuses_a_streams_half_period" {
  command = plan
  variables {
    streams = { orders = { name = "orders", scale_up = { evaluation_periods = 5.5 } } }
  }
  expect_failures = [var.streams]
}

run "refuses_a_stream_that_waits_for_no_datapoint" {
  command = plan
  variables {
    streams = { orders = { name = "orders", scale_up = { datapoints_to_alarm = 0 } } }
  }
  expect_failures = [var.streams]
}

run "refuses_more_datapoints_than_a_stream_has_periods" {
  command = plan
  variables {
    streams = { orders = { name = "orders", scale_up = { datapoints_to_alarm = 6 } } }
  }
  expect_failures = [aws_cloudwatch_metric_alarm.stream]
}

run "refuses_a_stream_that_looks_back_over_a_day" {
  command = plan
  variables {
    streams = { orders = { name = "orders", scale_down = { evaluation_periods = 289 } } }
  }
  expect_failures = [aws_cloudwatch_metric_alarm.stream]
}

run "refuses_a_stream_whose_doubling_calls_for_halving" {
  command = plan
  variables {
    streams = { orders = { name = "orders", scale_down = { threshold = 0.375 } } }
  }
  expect_failures = [aws_cloudwatch_metric_alarm.stream]
}

run "refuses_a_target_that_calls_for_more_at_once" {
  command = plan
  variables {
    streams = { orders = { name = "orders", policy = "target", scale_up = { threshold = 0.6 } } }
  }
  expect_failures = [aws_cloudwatch_metric_alarm.stream]
}

run "refuses_a_target_that_calls_for_less_at_once" {
  command = plan
  variables {
    streams = { orders = { name = "orders", policy = "target", scale_down = { threshold = 0.6 } } }
  }
  expect_failures = [aws_cloudwatch_metric_alarm.stream]
}

run "refuses_discovery_with_inverted_bounds" {
  command = plan
  variables {
    discovery = { bounds = { minimum = 17 } }
  }
  expect_failures = [var.discovery]
}

run "refuses_discovery_with_an_unknown_policy" {
  command = plan
  variables {
    discovery = { policy = "double" }
  }
  expect_failures = [var.discovery]
}

run "refuses_discovery_with_a_block_of_half_a_minute" {
  command = plan
  variables {
    discovery = { block_minutes = 0.5 }
  }
  expect_failures = [var.discovery]
}

run "refuses_scale_up_in_percent" {
  command = plan
  variables {
    scale_up = { threshold = 75 }
  }
  expect_failures = [var.scale_up]
}

run "refuses_scale_up_at_nothing" {
  command = plan
  variables {
    scale_up = { threshold = 0 }
  }
  expect_failures = [var.scale_up]
}

run "refuses_scale_up_of_90_seconds" {
  command = plan
  variables {
    scale_up = { period_seconds = 90 }
  }
  expect_failures = [var.scale_up]
}

run "refuses_scale_up_with_more_datapoints_than_periods" {
  command = plan
  variables {
    scale_up = { datapoints_to_alarm = 61 }
  }
  expect_failures = [var.scale_up]
}

run "refuses_scale_up_over_more_than_a_day" {
  command = plan
  variables {
    scale_up = { evaluation_periods = 289 }
  }
  expect_failures = [var.scale_up]
}

run "refuses_scale_down_in_percent" {
  command = plan
  variables {
    scale_down = { threshold = 75 }
  }
  expect_failures = [var.scale_down]
}

run "refuses_scale_down_at_nothing" {
  command = plan
  variables {
    scale_down = { threshold = 0 }
  }
  expect_failures = [var.scale_down]
}

run "refuses_scale_down_of_90_seconds" {
  command = plan
  variables {
    scale_down = { period_seconds = 90 }
  }
  expect_failures = [var.scale_down]
}

run "refuses_scale_down_with_more_datapoints_than_periods" {
  command = plan
  variables {
    scale_down = { datapoints_to_alarm = 61 }
  }
  expect_failures = [var.scale_down]
}

run "refuses_scale_down_over_more_than_a_day" {
  command = plan
  variables {
    scale_down = { evaluation_periods = 289 }
  }
  expect_failures = [var.scale_down]
}

run "refuses_target_up_in_percent" {
  command = plan
  variables {
    target_up = { threshold = 75 }
  }
  expect_failures = [var.target_up]
}

run "refuses_target_up_at_nothing" {
  command = plan
  variables {
    target_up = { threshold = 0 }
  }
  expect_failures = [var.target_up]
}

run "refuses_target_up_of_90_seconds" {
  command = plan
  variables {
    target_up = { period_seconds = 90 }
  }
  expect_failures = [var.target_up]
}

run "refuses_target_up_with_more_datapoints_than_periods" {
  command = plan
  variables {
    target_up = { datapoints_to_alarm = 61 }
  }
  expect_failures = [var.target_up]
}

run "refuses_target_up_over_more_than_a_day" {
  command = plan
  variables {
    target_up = { evaluation_periods = 1441 }
  }
  expect_failures = [var.target_up]
}

run "refuses_target_down_in_percent" {
  command = plan
  variables {
    target_down = { threshold = 75 }
  }
  expect_failures = [var.target_down]
}

run "refuses_target_down_at_nothing" {
  command = plan
  variables {
    target_down = { threshold = 0 }
  }
  expect_failures = [var.target_down]
}

run "refuses_target_down_of_90_seconds" {
  command = plan
  variables {
    target_down = { period_seconds = 90 }
  }
  expect_failures = [var.target_down]
}

run "refuses_target_down_with_more_datapoints_than_periods" {
  command = plan
  variables {
    target_down = { datapoints_to_alarm = 61 }
  }
  expect_failures = [var.target_down]
}

run "refuses_target_down_over_more_than_a_day" {
  command = plan
  variables {
    target_down = { evaluation_periods = 289 }
  }
  expect_failures = [var.target_down]
}

run "refuses_doubling_that_calls_for_halving" {
  command = plan
  variables {
    scale_up = { threshold = 0.5 }
  }
  expect_failures = [var.scale_up]
}

run "refuses_target_growth_that_calls_for_more" {
  command = plan
  variables {
    target_up = { threshold = 0.6 }
  }
  expect_failures = [var.target_up]
}

run "refuses_target_shrinking_that_calls_for_less" {
  command = plan
  variables {
    target_down = { threshold = 0.6 }
  }
  expect_failures = [var.target_down]
}

run "refuses_a_tick_each_minute" {
  command = plan
  variables {
    tick_minutes = 1
  }
  expect_failures = [var.tick_minutes]
}

run "refuses_one_function_at_a_time" {
  command = plan
  variables {
    function = { artifact = { path = "versions.tf" }, reserved_concurrency = 1 }
  }
  expect_failures = [var.function]
}

run "refuses_an_on_demand_stream" {
  command = plan
  override_data {
    target = data.aws_kinesis_stream.this
    values = { open_shards = [], stream_mode_details = [{ stream_mode = "ON_DEMAND" }] }
  }
  expect_failures = [data.aws_kinesis_stream.this]
}

run "refuses_names_that_outgrow_a_policy" {
  command = plan
  override_data {
    target = data.aws_iam_policy_document.streams
    values = { json = "{\"Statement\":[{\"Resource\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}]}" }
  }
  expect_failures = [aws_iam_policy.streams]
}
