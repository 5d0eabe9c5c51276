variable "region" {
  description = "Region that the function runs in."
  type        = string
  nullable    = false
}

variable "prefix" {
  description = "Begins the name of everything that is created: <prefix>-redshift-maintenance-sync."
  type        = string
  nullable    = false
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
}

variable "alignment" {
  description = "Where a deferment ends: window, shortly before a window of the schedule, so that the announced date is the real one; seed, deferment_days after the last completed maintenance of any cluster, whatever window follows, and nothing while any deferment stands (the published rule)."
  type        = string
  default     = "window"
  nullable    = false
}

variable "foreign_deferments" {
  description = "What becomes of deferments that somebody else set: respect leaves and reports them; adopt moves them to the common date, within schedule.deferment_cap_days."
  type        = string
  default     = "respect"
  nullable    = false
}

variable "selector" {
  description = "Which clusters are looked after: those that carry all of tags (none: every cluster), and not the tag opt_out_tag with any value but false."
  type = object({
    tags        = optional(map(string), {})
    opt_out_tag = optional(string, "groundcrew:maintenance-sync-opt-out")
  })
  default  = {}
  nullable = false
}

variable "groups" {
  description = "Clusters with a schedule of their own, by a name of your choosing: those that carry all of tags (at least one), of those that the selector admits. All others are the group default and follow schedule. A cluster that two groups claim is reported as failed, and left alone. How often the function looks is schedule.frequency_hours."
  type = map(object({
    tags = map(string)
    schedule = object({
      mode               = optional(string, "interval")
      day                = string
      hour               = number
      minute             = number
      window_minutes     = optional(number, 30)
      time_zone          = optional(string, "UTC")
      deferment_days     = optional(number)
      week               = optional(string)
      deferment_cap_days = optional(number, 45)
    })
  }))
  default  = {}
  nullable = false
}

variable "regions" {
  description = "Regions whose clusters are looked after, in every account; none: the function's own."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "accounts" {
  description = "Other accounts whose clusters are looked after, by their ids: the role to assume there, which the module member_role makes, and the external id that it asks for. The function's own account always is."
  type = map(object({
    role_arn    = string
    external_id = optional(string)
  }))
  default  = {}
  nullable = false
}

variable "announcements" {
  description = "Announce the dates of each group on an SNS topic of the module's own: when they are set and when they change, days_ahead of them, and replacements of nodes by AWS. With bucket, each group's calendar is kept there as <prefix><group>.ics. null announces nothing."
  type = object({
    days_ahead = optional(set(number), [14, 7, 1])
    bucket     = optional(string)
    prefix     = optional(string, "maintenance/")
  })
  default = null
}

variable "settings_bucket" {
  description = "Name of the bucket that keeps the function's settings, as an object under <prefix>-redshift-maintenance-sync/; null keeps them in its environment, which takes 2,800 bytes: about five groups or ten accounts."
  type        = string
  default     = null
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
