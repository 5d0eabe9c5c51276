prefix = "groundcrew"
region = "us-east-1"

# Saturdays at 06:00 UTC, at most four weeks after the last maintenance; looked at twice a day.
schedule = {
  day             = "sat"
  hour            = 6
  minute          = 0
  window_minutes  = 30
  time_zone       = "UTC"
  deferment_days  = 28
  frequency_hours = 12
}

dry_run  = false
function = {}
alarms   = { topic_arns = [] }
network  = null
tags     = { owner = "platform" }
