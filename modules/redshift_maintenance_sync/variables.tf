variable "prefix" {
  description = "Begins the name of everything that is created: <prefix>-redshift-maintenance-sync."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9-]{1,20}$", var.prefix))
    error_message = "prefix takes 1 to 20 of a-z, 0-9 and hyphens; got \"${var.prefix}\"."
  }
}

variable "schedule" {
  description = "When maintenance may happen: on day at hour:minute of time_zone, for window_minutes. In mode interval at most deferment_days after the last one (0 aligns windows only); in mode calendar on that day of the first, second, third, fourth or last week of each month. No deferment exceeds deferment_cap_days: 45, or 60 as the newest API model allows. The function looks every frequency_hours."
  type = object({
    mode               = optional(string, "interval")
    day                = string
    hour               = number
    minute             = number
    window_minutes     = optional(number, 30)
    time_zone          = optional(string, "UTC")
    deferment_days     = optional(number)
    week               = optional(string)
    deferment_cap_days = optional(number, 45)
    frequency_hours    = number
  })
  nullable = false

  validation {
    condition     = contains(["interval", "calendar"], var.schedule.mode)
    error_message = "schedule.mode must be interval (deferment_days after the last maintenance) or calendar (a week of each month); got \"${var.schedule.mode}\"."
  }

  validation {
    condition     = contains(["mon", "tue", "wed", "thu", "fri", "sat", "sun"], var.schedule.day)
    error_message = "schedule.day must be mon, tue, wed, thu, fri, sat or sun; got \"${var.schedule.day}\"."
  }

  validation {
    condition     = var.schedule.hour >= 0 && var.schedule.hour <= 23 && floor(var.schedule.hour) == var.schedule.hour
    error_message = "schedule.hour must be a whole number from 0 to 23; got ${var.schedule.hour}."
  }

  validation {
    condition     = var.schedule.minute >= 0 && var.schedule.minute <= 59 && floor(var.schedule.minute) == var.schedule.minute
    error_message = "schedule.minute must be a whole number from 0 to 59; got ${var.schedule.minute}."
  }

  validation {
    condition     = var.schedule.window_minutes >= 30 && var.schedule.window_minutes <= 1440 && floor(var.schedule.window_minutes) == var.schedule.window_minutes
    error_message = "schedule.window_minutes must be 30 to 1440 (Redshift takes windows of 30 minutes to 24 hours); got ${var.schedule.window_minutes}."
  }

  validation {
    condition     = contains(jsondecode(file("${path.module}/time_zones.json")), var.schedule.time_zone)
    error_message = "schedule.time_zone must be an IANA name such as UTC, Europe/Berlin or America/New_York (all of them: time_zones.json of this module); got \"${var.schedule.time_zone}\"."
  }

  validation {
    condition     = var.schedule.mode != "interval" || var.schedule.deferment_days != null
    error_message = "schedule.mode interval needs schedule.deferment_days: for how long maintenance is deferred at most, such as 28; 0 aligns windows only."
  }

  validation {
    condition     = var.schedule.mode != "calendar" || var.schedule.deferment_days == null
    error_message = "schedule.mode calendar takes no schedule.deferment_days, for the week of the month is the date: drop it, or use mode interval."
  }

  validation {
    condition = var.schedule.deferment_days == null || try(
      var.schedule.deferment_days >= 0 && var.schedule.deferment_days <= var.schedule.deferment_cap_days && floor(var.schedule.deferment_days) == var.schedule.deferment_days,
      false
    )
    error_message = "schedule.deferment_days must be a whole number from 0 (aligns windows only) to ${var.schedule.deferment_cap_days}, which is schedule.deferment_cap_days; got ${jsonencode(var.schedule.deferment_days)}."
  }

  validation {
    condition     = var.schedule.mode != "calendar" || var.schedule.week != null
    error_message = "schedule.mode calendar needs schedule.week: first, second, third, fourth or last of the month."
  }

  validation {
    condition     = var.schedule.mode != "interval" || var.schedule.week == null
    error_message = "schedule.mode interval takes no schedule.week, for any week may follow the last maintenance: drop it, or use mode calendar."
  }

  validation {
    condition     = var.schedule.week == null || try(contains(["first", "second", "third", "fourth", "last"], var.schedule.week), false)
    error_message = "schedule.week must be first, second, third, fourth or last (not every month has a fifth); got ${jsonencode(var.schedule.week)}."
  }

  validation {
    condition     = contains([45, 60], var.schedule.deferment_cap_days)
    error_message = "schedule.deferment_cap_days must be 45 (the management guide's limit) or 60 (the newest API model's); got ${var.schedule.deferment_cap_days}."
  }

  validation {
    condition     = contains([6, 12, 24], var.schedule.frequency_hours)
    error_message = "schedule.frequency_hours must be 6, 12 or 24; got ${var.schedule.frequency_hours}."
  }
}

variable "alignment" {
  description = "Where a deferment ends: window, shortly before a window of the schedule, so that the announced date is the real one; seed, deferment_days after the last completed maintenance of any cluster, whatever window follows, and nothing while any deferment stands (the published rule)."
  type        = string
  default     = "window"
  nullable    = false

  validation {
    condition     = contains(["window", "seed"], var.alignment)
    error_message = "alignment must be window or seed; got \"${var.alignment}\"."
  }

  validation {
    condition     = var.alignment != "seed" || var.schedule.mode == "interval"
    error_message = "alignment seed counts days after the last maintenance: use schedule.mode interval with it, or alignment window with mode calendar."
  }
}

variable "foreign_deferments" {
  description = "What becomes of deferments that somebody else set: respect leaves and reports them; adopt moves them to the common date, within schedule.deferment_cap_days."
  type        = string
  default     = "respect"
  nullable    = false

  validation {
    condition     = contains(["respect", "adopt"], var.foreign_deferments)
    error_message = "foreign_deferments must be respect or adopt; got \"${var.foreign_deferments}\"."
  }

  validation {
    condition     = var.foreign_deferments != "adopt" || var.alignment != "seed"
    error_message = "foreign_deferments adopt needs alignment window: seed does nothing while any deferment stands, so it has none to adopt."
  }
}

variable "opt_out_tag" {
  description = "Key of the tag that takes a cluster out of all this: one that carries it, with any value but false, is left alone."
  type        = string
  default     = "groundcrew:maintenance-sync-opt-out"
  nullable    = false

  validation {
    condition     = can(regex("^[\\p{L}\\p{N}_.:/=+@-][\\p{L}\\p{Z}\\p{N}_.:/=+@-]{0,127}$", var.opt_out_tag)) && !startswith(lower(var.opt_out_tag), "aws:")
    error_message = "opt_out_tag must be a tag key that AWS takes: 1 to 128 letters, digits, spaces and _ . : / = + - @, beginning neither with a space nor with aws:; got \"${var.opt_out_tag}\"."
  }
}

variable "dry_run" {
  description = "Log what would be changed, and change nothing: the function then has no permission to."
  type        = bool
  default     = false
  nullable    = false
}

variable "function" {
  description = "How the function is built and run: its zip, architecture, size, limits, logs, and who owns its keys and role."
  type = object({
    artifact = optional(object({
      path          = optional(string)
      bucket        = optional(string)
      key           = optional(string)
      version_id    = optional(string)
      sha256_base64 = optional(string)
    }), {})
    architecture             = optional(string, "arm64")
    memory_mb                = optional(number, 256)
    timeout_seconds          = optional(number, 60)
    reserved_concurrency     = optional(number)
    log_level                = optional(string, "INFO")
    log_retention_days       = optional(number, 365)
    kms_key_arn              = optional(string)
    permissions_boundary_arn = optional(string)
    role_path                = optional(string, "/")
  })
  default  = {}
  nullable = false
}

variable "alarms" {
  description = "Who hears of trouble: SNS topics that the alarms publish to."
  type = object({
    topic_arns = optional(set(string), [])
  })
  default  = {}
  nullable = false
}

variable "network" {
  description = "The VPC to run in; null runs the function outside any. The subnets need a route to the Redshift API."
  type = object({
    vpc_id             = string
    subnet_ids         = set(string)
    security_group_ids = optional(set(string), [])
  })
  default = null
}

variable "tags" {
  description = "Tags for everything this module creates."
  type        = map(string)
  default     = {}
  nullable    = false
}
