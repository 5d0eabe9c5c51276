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
    condition     = var.alignment != "seed" || alltrue([for mode in concat([var.schedule.mode], values(var.groups)[*].schedule.mode) : mode == "interval"])
    error_message = "alignment seed counts days after the last maintenance: use mode interval with it in schedule and in every group's, or alignment window with mode calendar."
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

variable "selector" {
  description = "Which clusters are looked after: those that carry all of tags (none: every cluster), and not the tag opt_out_tag with any value but false."
  type = object({
    tags        = optional(map(string), {})
    opt_out_tag = optional(string, "groundcrew:maintenance-sync-opt-out")
  })
  default  = {}
  nullable = false

  validation {
    condition     = can(regex("^[\\p{L}\\p{N}_.:/=+@-][\\p{L}\\p{Z}\\p{N}_.:/=+@-]{0,127}$", var.selector.opt_out_tag)) && !startswith(lower(var.selector.opt_out_tag), "aws:")
    error_message = "selector.opt_out_tag must be a tag key that AWS takes: 1 to 128 letters, digits, spaces and _ . : / = + - @, beginning neither with a space nor with aws:; got \"${var.selector.opt_out_tag}\"."
  }

  validation {
    condition     = alltrue([for key, value in var.selector.tags : trimspace(value) != "" && key != var.selector.opt_out_tag])
    error_message = "selector.tags needs a value for each tag, and cannot name opt_out_tag (${var.selector.opt_out_tag}), which takes clusters out: drop the tag that has none."
  }
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

  validation {
    condition     = alltrue([for name in keys(var.groups) : can(regex("^[a-z0-9-]{1,32}$", name)) && name != "default"])
    error_message = "groups takes names of 1 to 32 of a-z, 0-9 and hyphens, but not default, the name of the clusters that no group claims; got ${join(", ", keys(var.groups))}."
  }

  validation {
    condition     = alltrue([for group in var.groups : length(group.tags) > 0 && alltrue([for value in group.tags : trimspace(value) != ""])])
    error_message = "Each group needs at least one tag, and a value for each; drop or complete: ${join(", ", [for name, group in var.groups : name if length(group.tags) == 0 || anytrue([for value in group.tags : trimspace(value) == ""])])}."
  }

  validation {
    condition     = length(distinct([for group in var.groups : jsonencode(group.tags)])) == length(var.groups)
    error_message = "No two groups may have the same tags, for every cluster of theirs would be claimed twice: merge them, or tell them apart by a tag."
  }

  validation {
    condition = alltrue([
      for group in var.groups :
      length(group.tags) == 0 || !alltrue([for key, value in group.tags : lookup(var.selector.tags, key, null) == value])
    ])
    error_message = "A group whose tags are all in selector.tags claims every cluster, and none is left for schedule: drop the group and change schedule, or name another tag in: ${join(", ", [for name, group in var.groups : name if alltrue([for key, value in group.tags : lookup(var.selector.tags, key, null) == value])])}."
  }

  validation {
    condition = alltrue(flatten([for group in var.groups : [
      contains(["mon", "tue", "wed", "thu", "fri", "sat", "sun"], group.schedule.day),
      group.schedule.hour >= 0 && group.schedule.hour <= 23 && floor(group.schedule.hour) == group.schedule.hour,
      group.schedule.minute >= 0 && group.schedule.minute <= 59 && floor(group.schedule.minute) == group.schedule.minute,
      group.schedule.window_minutes >= 30 && group.schedule.window_minutes <= 1440 && floor(group.schedule.window_minutes) == group.schedule.window_minutes,
    ]]))
    error_message = "Each group's schedule needs day mon to sun, hour 0 to 23, minute 0 to 59 and window_minutes 30 to 1440, as whole numbers; got ${jsonencode({ for name, group in var.groups : name => [group.schedule.day, group.schedule.hour, group.schedule.minute, group.schedule.window_minutes] })}."
  }

  validation {
    condition     = alltrue([for group in var.groups : contains(jsondecode(file("${path.module}/time_zones.json")), group.schedule.time_zone)])
    error_message = "Each group's schedule.time_zone must be an IANA name such as UTC, Europe/Berlin or America/New_York (all of them: time_zones.json of this module); got ${jsonencode({ for name, group in var.groups : name => group.schedule.time_zone })}."
  }

  validation {
    condition     = alltrue([for group in var.groups : contains([45, 60], group.schedule.deferment_cap_days)])
    error_message = "Each group's schedule.deferment_cap_days must be 45 (the management guide's limit) or 60 (the newest API model's); got ${jsonencode({ for name, group in var.groups : name => group.schedule.deferment_cap_days })}."
  }

  validation {
    condition = alltrue([for group in var.groups : group.schedule.mode == "interval" ? (
      group.schedule.week == null && try(
        group.schedule.deferment_days >= 0 && group.schedule.deferment_days <= group.schedule.deferment_cap_days && floor(group.schedule.deferment_days) == group.schedule.deferment_days,
        false
      )
      ) : (
      group.schedule.mode == "calendar" && group.schedule.deferment_days == null &&
      try(contains(["first", "second", "third", "fourth", "last"], group.schedule.week), false)
    )])
    error_message = "Each group's schedule needs mode interval with deferment_days (a whole number from 0 to deferment_cap_days) and no week, or mode calendar with week (first, second, third, fourth or last) and no deferment_days; got ${jsonencode({ for name, group in var.groups : name => { mode = group.schedule.mode, deferment_days = group.schedule.deferment_days, week = group.schedule.week } })}."
  }
}

variable "regions" {
  description = "Regions whose clusters are looked after, in every account; none: the function's own."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for region in var.regions : can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", region))])
    error_message = "regions takes codes such as eu-central-1 or us-gov-west-1; got ${join(", ", var.regions)}."
  }
}

variable "accounts" {
  description = "Other accounts whose clusters are looked after, by their ids: the role to assume there, which the module member_role makes, and the external id that it asks for. The function's own account always is."
  type = map(object({
    role_arn    = string
    external_id = optional(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for id in keys(var.accounts) : can(regex("^[0-9]{12}$", id))])
    error_message = "accounts is keyed by account ids of 12 digits, in quotes; got ${join(", ", keys(var.accounts))}."
  }

  validation {
    condition     = alltrue([for id, account in var.accounts : can(regex("^arn:[^:]+:iam::${id}:role/.+$", account.role_arn))])
    error_message = "accounts needs the ARN of a role in the account that it is keyed by (arn:aws:iam::<account>:role/<name>); got ${jsonencode({ for id, account in var.accounts : id => account.role_arn })}."
  }

  validation {
    condition     = alltrue([for account in var.accounts : account.external_id == null || try(can(regex("^[A-Za-z0-9_+=,.@:/-]{2,}$", account.external_id)) && length(account.external_id) <= 1224, false)])
    error_message = "accounts.external_id takes 2 to 1224 letters, digits and + = , . @ : / - (as STS does), or null for a role that asks for none."
  }
}

variable "announcements" {
  description = "Announce the dates of each group on an SNS topic of the module's own: when they are set and when they change, days_ahead of them, and replacements of nodes by AWS. With bucket, each group's calendar is kept there as <prefix><group>.ics. null announces nothing."
  type = object({
    days_ahead = optional(set(number), [14, 7, 1])
    bucket     = optional(string)
    prefix     = optional(string, "maintenance/")
  })
  default = null

  validation {
    condition     = alltrue([for days in try(var.announcements.days_ahead, []) : days >= 1 && days <= 60 && floor(days) == days])
    error_message = "announcements.days_ahead takes whole numbers from 1 to 60; got ${jsonencode(try(var.announcements.days_ahead, []))}."
  }

  validation {
    condition     = try(var.announcements.bucket, null) == null || can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.announcements.bucket))
    error_message = "announcements.bucket must be the name of a bucket (not its ARN), or null for no calendars; got ${jsonencode(try(var.announcements.bucket, null))}."
  }

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-][A-Za-z0-9_./-]{0,499}$", try(var.announcements.prefix, "maintenance/")))
    error_message = "announcements.prefix takes 1 to 500 letters, digits and _ . / -, and does not begin with a slash; got ${jsonencode(try(var.announcements.prefix, null))}."
  }
}

variable "settings_bucket" {
  description = "Name of the bucket that keeps the function's settings, as an object under <prefix>-redshift-maintenance-sync/; null keeps them in its environment, which takes 2,800 bytes: about five groups or ten accounts."
  type        = string
  default     = null

  validation {
    condition     = var.settings_bucket == null || can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.settings_bucket))
    error_message = "settings_bucket must be the name of a bucket (not its ARN), or null; got ${jsonencode(var.settings_bucket)}."
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
