variable "prefix" {
  description = "Begins the name of everything that is created: <prefix>-kinesis-autoscaler."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9-]{1,20}$", var.prefix))
    error_message = "prefix takes 1 to 20 of a-z, 0-9 and hyphens; got \"${var.prefix}\"."
  }
}

variable "streams" {
  description = "Streams to scale, keyed by a stable name of your choosing. Each stays within bounds. policy step doubles and halves; target sizes to demand. While its oldest unread record is iterator_age.block_minutes old it is not made smaller; -1 ignores that. consumer is a Lambda function that reads it: its reserved concurrency becomes per_shard for each shard. What scale_up and scale_down leave out is as in the variables of that name, with policy target in target_up and target_down."
  type = map(object({
    name         = string
    bounds       = optional(object({ minimum = optional(number, 1), maximum = optional(number, 16) }), {})
    policy       = optional(string, "step")
    iterator_age = optional(object({ block_minutes = optional(number, 30) }), {})
    consumer     = optional(object({ function_name = string, per_shard = number }))
    scale_up = optional(object({
      threshold           = optional(number)
      period_seconds      = optional(number)
      evaluation_periods  = optional(number)
      datapoints_to_alarm = optional(number)
    }), {})
    scale_down = optional(object({
      threshold           = optional(number)
      period_seconds      = optional(number)
      evaluation_periods  = optional(number)
      datapoints_to_alarm = optional(number)
    }), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for key in keys(var.streams) : can(regex("^[A-Za-z0-9_.-]{1,64}$", key))])
    error_message = "streams is keyed by 1 to 64 letters, digits, underscores, full stops and hyphens; got ${join(", ", keys(var.streams))}."
  }

  validation {
    condition     = alltrue([for stream in var.streams : can(regex("^[A-Za-z0-9_.-]{1,128}$", stream.name))])
    error_message = "Each stream needs its name as Kinesis knows it, not its ARN: 1 to 128 letters, digits, underscores, full stops and hyphens; got ${join(", ", values(var.streams)[*].name)}."
  }

  validation {
    condition     = length(distinct(values(var.streams)[*].name)) == length(var.streams)
    error_message = "Two keys of streams name the same stream, and would resize it against each other: drop one of them; got ${jsonencode({ for key, stream in var.streams : key => stream.name })}."
  }

  validation {
    condition = alltrue([
      for stream in var.streams :
      1 <= stream.bounds.minimum && stream.bounds.minimum <= stream.bounds.maximum && stream.bounds.maximum <= 10000 &&
      floor(stream.bounds.minimum) == stream.bounds.minimum && floor(stream.bounds.maximum) == stream.bounds.maximum
    ])
    error_message = "Each stream needs whole numbers 1 <= bounds.minimum <= bounds.maximum <= 10000 (Kinesis scales no stream beyond that); got ${jsonencode({ for key, stream in var.streams : key => stream.bounds })}."
  }

  validation {
    condition     = alltrue([for stream in var.streams : contains(["step", "target"], stream.policy)])
    error_message = "Each stream's policy must be step (doubles and halves) or target (sizes to demand); got ${jsonencode({ for key, stream in var.streams : key => stream.policy })}."
  }

  validation {
    condition = alltrue([
      for stream in var.streams :
      stream.iterator_age.block_minutes == -1 ||
      (stream.iterator_age.block_minutes >= 1 && stream.iterator_age.block_minutes <= 525600 && floor(stream.iterator_age.block_minutes) == stream.iterator_age.block_minutes)
    ])
    error_message = "Each stream's iterator_age.block_minutes must be a whole number from 1 to 525600 (records are kept for a year at most), or -1 to ignore the age; got ${jsonencode({ for key, stream in var.streams : key => stream.iterator_age.block_minutes })}."
  }

  validation {
    condition = alltrue([
      for stream in var.streams : stream.consumer == null || try(
        can(regex("^[A-Za-z0-9_-]{1,64}$", stream.consumer.function_name)) &&
        stream.consumer.per_shard >= 1 && floor(stream.consumer.per_shard) == stream.consumer.per_shard,
        false
      )
    ])
    error_message = "Each stream's consumer needs function_name (1 to 64 letters, digits, hyphens and underscores: a name, not an ARN) and per_shard (a whole number, 1 or more), or null for none; got ${jsonencode({ for key, stream in var.streams : key => stream.consumer })}."
  }

  validation {
    condition = alltrue(flatten([
      for stream in var.streams : [
        for settings in [stream.scale_up, stream.scale_down] : [
          settings.threshold == null || try(settings.threshold > 0 && settings.threshold <= 1, false),
          settings.period_seconds == null || try(settings.period_seconds >= 60 && settings.period_seconds % 60 == 0, false),
          settings.evaluation_periods == null || try(settings.evaluation_periods >= 1 && floor(settings.evaluation_periods) == settings.evaluation_periods, false),
          settings.datapoints_to_alarm == null || try(settings.datapoints_to_alarm >= 1 && floor(settings.datapoints_to_alarm) == settings.datapoints_to_alarm, false),
        ]
      ]
    ]))
    error_message = "A stream's scale_up and scale_down take a threshold above 0 and at most 1, period_seconds that are a multiple of 60, and whole numbers of 1 or more for evaluation_periods and datapoints_to_alarm; got ${jsonencode({ for key, stream in var.streams : key => { scale_up = stream.scale_up, scale_down = stream.scale_down } })}."
  }
}

variable "discovery" {
  description = "Also scale every stream of the account and Region that carries the tag groundcrew:kinesis-autoscaler with the value on, without naming it here. What its tags groundcrew:kinesis-autoscaler:minimum, :maximum, :policy and :block-minutes leave out is as here. The function may then resize any stream. null discovers none."
  type = object({
    bounds        = optional(object({ minimum = optional(number, 1), maximum = optional(number, 16) }), {})
    policy        = optional(string, "step")
    block_minutes = optional(number, 30)
  })
  default = null

  validation {
    condition = var.discovery == null || try(
      1 <= var.discovery.bounds.minimum && var.discovery.bounds.minimum <= var.discovery.bounds.maximum && var.discovery.bounds.maximum <= 10000 &&
      floor(var.discovery.bounds.minimum) == var.discovery.bounds.minimum && floor(var.discovery.bounds.maximum) == var.discovery.bounds.maximum,
      false
    )
    error_message = "discovery needs whole numbers 1 <= bounds.minimum <= bounds.maximum <= 10000 (Kinesis scales no stream beyond that); got ${jsonencode(try(var.discovery.bounds, null))}."
  }

  validation {
    condition     = contains(["step", "target"], try(var.discovery.policy, "step"))
    error_message = "discovery.policy must be step (doubles and halves) or target (sizes to demand); got ${jsonencode(try(var.discovery.policy, null))}."
  }

  validation {
    condition = var.discovery == null || try(
      var.discovery.block_minutes == -1 ||
      (var.discovery.block_minutes >= 1 && var.discovery.block_minutes <= 525600 && floor(var.discovery.block_minutes) == var.discovery.block_minutes),
      false
    )
    error_message = "discovery.block_minutes must be a whole number from 1 to 525600 (records are kept for a year at most), or -1 to ignore the age; got ${jsonencode(try(var.discovery.block_minutes, null))}."
  }
}

variable "scale_up" {
  description = "When a stream of the policy step is doubled: datapoints_to_alarm of the last evaluation_periods periods use threshold of what the shards take, or more."
  type = object({
    threshold           = optional(number, 0.75)
    period_seconds      = optional(number, 300)
    evaluation_periods  = optional(number, 5)
    datapoints_to_alarm = optional(number, 5)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.scale_up.threshold > 0 && var.scale_up.threshold <= 1
    error_message = "scale_up.threshold must be above 0 and at most 1, which is all that the shards take; got ${var.scale_up.threshold}."
  }

  validation {
    condition = alltrue([
      var.scale_up.period_seconds >= 60 && var.scale_up.period_seconds % 60 == 0,
      var.scale_up.datapoints_to_alarm >= 1 && floor(var.scale_up.datapoints_to_alarm) == var.scale_up.datapoints_to_alarm,
      floor(var.scale_up.evaluation_periods) == var.scale_up.evaluation_periods,
      var.scale_up.datapoints_to_alarm <= var.scale_up.evaluation_periods,
      var.scale_up.period_seconds * var.scale_up.evaluation_periods <= (var.scale_up.period_seconds < 3600 ? 86400 : 604800),
    ])
    error_message = "scale_up needs whole numbers: period_seconds a multiple of 60, datapoints_to_alarm from 1 to evaluation_periods, and all periods together within a day, or seven days with periods of an hour and more (CloudWatch's limits); got ${jsonencode(var.scale_up)}."
  }

  # Just after a change the use is half, or twice, of what called for it.
  validation {
    condition     = var.scale_up.threshold > 2 * var.scale_down.threshold
    error_message = "scale_up.threshold must be more than twice scale_down.threshold, or doubling would call for halving: change one of them; got ${var.scale_up.threshold} and ${var.scale_down.threshold}."
  }
}

variable "scale_down" {
  description = "When a stream of the policy step is halved: datapoints_to_alarm of the last evaluation_periods periods use less than threshold of what the shards take. The five hours of the default keep a stream that was just doubled from being halved at once."
  type = object({
    threshold           = optional(number, 0.25)
    period_seconds      = optional(number, 300)
    evaluation_periods  = optional(number, 60)
    datapoints_to_alarm = optional(number, 57)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.scale_down.threshold > 0 && var.scale_down.threshold <= 1
    error_message = "scale_down.threshold must be above 0 and at most 1, which is all that the shards take; got ${var.scale_down.threshold}."
  }

  validation {
    condition = alltrue([
      var.scale_down.period_seconds >= 60 && var.scale_down.period_seconds % 60 == 0,
      var.scale_down.datapoints_to_alarm >= 1 && floor(var.scale_down.datapoints_to_alarm) == var.scale_down.datapoints_to_alarm,
      floor(var.scale_down.evaluation_periods) == var.scale_down.evaluation_periods,
      var.scale_down.datapoints_to_alarm <= var.scale_down.evaluation_periods,
      var.scale_down.period_seconds * var.scale_down.evaluation_periods <= (var.scale_down.period_seconds < 3600 ? 86400 : 604800),
    ])
    error_message = "scale_down needs whole numbers: period_seconds a multiple of 60, datapoints_to_alarm from 1 to evaluation_periods, and all periods together within a day, or seven days with periods of an hour and more (CloudWatch's limits); got ${jsonencode(var.scale_down)}."
  }
}

variable "target_up" {
  description = "When a stream of the policy target grows: as in scale_up, or more than 0.5 % of the records are rejected."
  type = object({
    threshold           = optional(number, 0.75)
    period_seconds      = optional(number, 60)
    evaluation_periods  = optional(number, 3)
    datapoints_to_alarm = optional(number, 2)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.target_up.threshold > 0 && var.target_up.threshold <= 1
    error_message = "target_up.threshold must be above 0 and at most 1, which is all that the shards take; got ${var.target_up.threshold}."
  }

  validation {
    condition = alltrue([
      var.target_up.period_seconds >= 60 && var.target_up.period_seconds % 60 == 0,
      var.target_up.datapoints_to_alarm >= 1 && floor(var.target_up.datapoints_to_alarm) == var.target_up.datapoints_to_alarm,
      floor(var.target_up.evaluation_periods) == var.target_up.evaluation_periods,
      var.target_up.datapoints_to_alarm <= var.target_up.evaluation_periods,
      var.target_up.period_seconds * var.target_up.evaluation_periods <= (var.target_up.period_seconds < 3600 ? 86400 : 604800),
    ])
    error_message = "target_up needs whole numbers: period_seconds a multiple of 60, datapoints_to_alarm from 1 to evaluation_periods, and all periods together within a day, or seven days with periods of an hour and more (CloudWatch's limits); got ${jsonencode(var.target_up)}."
  }

  validation {
    condition     = var.target_up.threshold > 0.6
    error_message = "target_up.threshold must be above 0.6, for the policy target leaves 60 % of a stream in use, and would call for growth again; got ${var.target_up.threshold}."
  }
}

variable "target_down" {
  description = "When a stream of the policy target shrinks: as in scale_down."
  type = object({
    threshold           = optional(number, 0.45)
    period_seconds      = optional(number, 300)
    evaluation_periods  = optional(number, 12)
    datapoints_to_alarm = optional(number, 12)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.target_down.threshold > 0 && var.target_down.threshold <= 1
    error_message = "target_down.threshold must be above 0 and at most 1, which is all that the shards take; got ${var.target_down.threshold}."
  }

  validation {
    condition = alltrue([
      var.target_down.period_seconds >= 60 && var.target_down.period_seconds % 60 == 0,
      var.target_down.datapoints_to_alarm >= 1 && floor(var.target_down.datapoints_to_alarm) == var.target_down.datapoints_to_alarm,
      floor(var.target_down.evaluation_periods) == var.target_down.evaluation_periods,
      var.target_down.datapoints_to_alarm <= var.target_down.evaluation_periods,
      var.target_down.period_seconds * var.target_down.evaluation_periods <= (var.target_down.period_seconds < 3600 ? 86400 : 604800),
    ])
    error_message = "target_down needs whole numbers: period_seconds a multiple of 60, datapoints_to_alarm from 1 to evaluation_periods, and all periods together within a day, or seven days with periods of an hour and more (CloudWatch's limits); got ${jsonencode(var.target_down)}."
  }

  validation {
    condition     = var.target_down.threshold < 0.6
    error_message = "target_down.threshold must be below 0.6, for the policy target leaves 60 % of a stream in use, and would call for less again; got ${var.target_down.threshold}."
  }
}

variable "tick_minutes" {
  description = "How often every stream is looked at, whatever its alarms say."
  type        = number
  default     = 15
  nullable    = false

  validation {
    condition     = var.tick_minutes >= 5 && var.tick_minutes <= 60 && floor(var.tick_minutes) == var.tick_minutes
    error_message = "tick_minutes must be a whole number from 5 to 60; got ${var.tick_minutes}."
  }
}

variable "dry_run" {
  description = "Log what would be changed, and resize nothing: the function then has no permission to."
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

  validation {
    condition     = var.function.reserved_concurrency == null || try(var.function.reserved_concurrency >= 2, false)
    error_message = "function.reserved_concurrency must be 2 or more, for the queue starts two at a time, or null for none."
  }
}

variable "alarms" {
  description = "Who hears of trouble: SNS topics that the alarms of the autoscaler publish to. The alarms of streams publish to a topic of the module's own."
  type = object({
    topic_arns = optional(set(string), [])
  })
  default  = {}
  nullable = false
}

variable "network" {
  description = "The VPC to run in; null runs the function outside any. The subnets need a route to Kinesis, CloudWatch, SQS, DynamoDB, and Lambda or the Resource Groups Tagging API where they are used."
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
