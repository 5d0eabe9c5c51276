variable "region" {
  description = "Region of the streams, and of everything that is created."
  type        = string
  nullable    = false
}

variable "prefix" {
  description = "Begins the name of everything that is created: <prefix>-kinesis-autoscaler."
  type        = string
  nullable    = false
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
}

variable "discovery" {
  description = "Also scale every stream of the account and Region that carries the tag groundcrew:kinesis-autoscaler with the value on, without naming it here. What its tags groundcrew:kinesis-autoscaler:minimum, :maximum, :policy and :block-minutes leave out is as here. The function may then resize any stream. null discovers none."
  type = object({
    bounds        = optional(object({ minimum = optional(number, 1), maximum = optional(number, 16) }), {})
    policy        = optional(string, "step")
    block_minutes = optional(number, 30)
  })
  default = null
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
}

variable "tick_minutes" {
  description = "How often every stream is looked at, whatever its alarms say."
  type        = number
  default     = 15
  nullable    = false
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
