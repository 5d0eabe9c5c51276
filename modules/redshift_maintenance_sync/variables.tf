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
  description = "When maintenance may happen: weekly on day at hour:minute of time_zone, for window_minutes; at most deferment_days (0 aligns windows only) after the last one. The function looks every frequency_hours."
  type = object({
    day             = string
    hour            = number
    minute          = number
    window_minutes  = optional(number, 30)
    time_zone       = optional(string, "UTC")
    deferment_days  = number
    frequency_hours = number
  })
  nullable = false

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
    condition     = var.schedule.deferment_days >= 0 && var.schedule.deferment_days <= 45 && floor(var.schedule.deferment_days) == var.schedule.deferment_days
    error_message = "schedule.deferment_days must be 0 to 45 (Redshift defers no longer; 0 aligns windows only); got ${var.schedule.deferment_days}."
  }

  validation {
    condition     = contains([6, 12, 24], var.schedule.frequency_hours)
    error_message = "schedule.frequency_hours must be 6, 12 or 24; got ${var.schedule.frequency_hours}."
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
