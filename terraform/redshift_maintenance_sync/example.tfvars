prefix = "groundcrew"
region = "us-east-1"

# Saturdays at 06:00 UTC, at most four weeks after the last maintenance; looked at twice a day. For the second Saturday of
# each month instead: mode = "calendar", week = "second", and no deferment_days.
schedule = {
  mode               = "interval"
  day                = "sat"
  hour               = 6
  minute             = 0
  window_minutes     = 30
  time_zone          = "UTC"
  deferment_days     = 28
  deferment_cap_days = 45
  frequency_hours    = 12
}

# Every cluster of this Region and account but those that opt out, all on one date.
selector = { tags = {}, opt_out_tag = "groundcrew:maintenance-sync-opt-out" }
groups   = {}
regions  = []
accounts = {}

alignment          = "window"
foreign_deferments = "respect"

announcements   = null
settings_bucket = null

dry_run  = false
function = {}
alarms   = { topic_arns = ["arn:aws:sns:us-east-1:123456789012:platform-alarms"] }
network  = null
tags     = { owner = "platform" }
