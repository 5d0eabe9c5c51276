variable "region" {
  description = "Region of the clusters."
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

variable "opt_out_tag" {
  description = "Key of the tag that takes a cluster out of all this: one that carries it, with any value but false, is left alone."
  type        = string
  default     = "groundcrew:maintenance-sync-opt-out"
  nullable    = false
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
