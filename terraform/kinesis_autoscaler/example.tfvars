prefix = "groundcrew"
region = "us-east-1"

# Streams that exist. orders doubles and halves; clicks is sized to its demand.
streams = {
  orders = {
    name         = "orders"
    bounds       = { minimum = 1, maximum = 64 }
    policy       = "step"
    iterator_age = { block_minutes = 30 }
    consumer     = null
    scale_up     = {}
    scale_down   = {}
  }
  clicks = {
    name         = "clicks"
    bounds       = { minimum = 1, maximum = 64 }
    policy       = "target"
    iterator_age = { block_minutes = 30 }
    consumer     = null
    scale_up     = {}
    scale_down   = {}
  }
}

# For every stream with the tag groundcrew:kinesis-autoscaler = on as well: discovery = {}.
discovery = null

scale_up    = { threshold = 0.75, period_seconds = 300, evaluation_periods = 5, datapoints_to_alarm = 5 }
scale_down  = { threshold = 0.25, period_seconds = 300, evaluation_periods = 60, datapoints_to_alarm = 57 }
target_up   = { threshold = 0.75, period_seconds = 60, evaluation_periods = 3, datapoints_to_alarm = 2 }
target_down = { threshold = 0.45, period_seconds = 300, evaluation_periods = 12, datapoints_to_alarm = 12 }

tick_minutes = 15
dry_run      = false
function     = {}
alarms       = { topic_arns = ["arn:aws:sns:us-east-1:123456789012:platform-alarms"] }
network      = null
tags         = { owner = "platform" }
