variable "name" {
  description = "Name of the function, and of everything that belongs to it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,64}$", var.name))
    error_message = "name takes 1 to 64 letters, digits, hyphens and underscores (Lambda's limit); got \"${var.name}\"."
  }
}

variable "description" {
  description = "What the function does, in one sentence, for those who meet it in the console."
  type        = string
  nullable    = false
}

variable "artifact" {
  description = "Name of the payload: its zip is build/lambda/<artifact>-<architecture>.zip unless function.artifact says otherwise."
  type        = string
  nullable    = false
}

variable "handler" {
  description = "Entry point, as module.function."
  type        = string
  nullable    = false
}

variable "environment" {
  description = "Environment variables: settings, never secrets."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(jsonencode(var.environment)) <= 3072
    error_message = "The environment is larger than 3 KB: put settings of that size into an S3 object (Lambda takes 4 KB in all)."
  }
}

variable "policy_json" {
  description = "What the function may do besides logging and tracing: the JSON of an aws_iam_policy_document with a sid per purpose."
  type        = string
  nullable    = false

  validation {
    condition     = can(jsondecode(var.policy_json))
    error_message = "policy_json must be JSON: pass data.aws_iam_policy_document.<name>.json."
  }
}

variable "asynchronous" {
  description = "How asynchronous invocations are retried, for how long, and which EventBridge rules and SNS topics may put what they could not deliver into the failure queue (ARNs, keyed by names of your choosing)."
  type = object({
    maximum_retry_attempts    = optional(number, 2)
    maximum_event_age_seconds = optional(number, 3600)
    rule_arns                 = optional(map(string), {})
    topic_arns                = optional(map(string), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains([0, 1, 2], var.asynchronous.maximum_retry_attempts)
    error_message = "asynchronous.maximum_retry_attempts must be 0, 1 or 2 (Lambda's range); got ${var.asynchronous.maximum_retry_attempts}."
  }

  validation {
    condition     = var.asynchronous.maximum_event_age_seconds >= 60 && var.asynchronous.maximum_event_age_seconds <= 21600
    error_message = "asynchronous.maximum_event_age_seconds must be 60 to 21600 (Lambda's range); got ${var.asynchronous.maximum_event_age_seconds}."
  }
}

# Not part of `asynchronous`: a queue names the failure queue, whose policy is made of that.
variable "redrive_queue_arns" {
  description = "Queues that the function works through and that hand what failed too often to the failure queue (ARNs, keyed by names of your choosing); no other queue then may."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(var.redrive_queue_arns) <= 10
    error_message = "redrive_queue_arns takes 10 queues at most (SQS's limit); got ${length(var.redrive_queue_arns)}."
  }
}

variable "alias" {
  description = "A name for the newest version, by which to invoke environments that have started already: either provisioned_concurrency of them wait, paid by the hour, or snap_start restores one from a snapshot. null makes no versions."
  type = object({
    name                    = optional(string, "live")
    provisioned_concurrency = optional(number)
    snap_start              = optional(bool, false)
  })
  default = null

  validation {
    condition     = var.alias == null || can(regex("^[A-Za-z_-][A-Za-z0-9_-]{0,127}$", var.alias.name))
    error_message = "alias.name takes 1 to 128 letters, digits, hyphens and underscores, and begins with no digit (Lambda's limit)."
  }

  validation {
    condition     = try(var.alias.provisioned_concurrency, null) == null || try(var.alias.provisioned_concurrency >= 1 && floor(var.alias.provisioned_concurrency) == var.alias.provisioned_concurrency, false)
    error_message = "alias.provisioned_concurrency must be a whole number of 1 or more, or null for none."
  }

  validation {
    condition     = try(var.alias.provisioned_concurrency, null) == null || !try(var.alias.snap_start, false)
    error_message = "alias takes provisioned_concurrency or snap_start: Lambda refuses both for one version."
  }

  validation {
    condition     = try(var.alias.provisioned_concurrency <= var.function.reserved_concurrency, true)
    error_message = "alias.provisioned_concurrency is part of function.reserved_concurrency and cannot exceed it: raise the latter."
  }
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
    condition = var.function.artifact.path == null || alltrue([
      for part in ["bucket", "key", "version_id", "sha256_base64"] : var.function.artifact[part] == null
    ])
    error_message = "function.artifact names a local path or an S3 object, not both: drop path, or bucket, key, version_id and sha256_base64."
  }

  validation {
    condition = length(distinct([
      for part in ["bucket", "key", "sha256_base64"] : var.function.artifact[part] == null
    ])) == 1 && (var.function.artifact.version_id == null || var.function.artifact.bucket != null)
    error_message = "function.artifact in S3 needs bucket, key and sha256_base64, so that the code that runs is the code that was meant: take all of it from artifacts.json, which `make publish` leaves."
  }

  validation {
    condition     = var.function.artifact.sha256_base64 == null || can(regex("^[A-Za-z0-9+/]{43}=$", var.function.artifact.sha256_base64))
    error_message = "function.artifact.sha256_base64 is the SHA-256 in base64, 44 characters, not in hexadecimal as in the key; got \"${coalesce(var.function.artifact.sha256_base64, "null")}\"."
  }

  validation {
    condition     = contains(["arm64", "x86_64"], var.function.architecture)
    error_message = "function.architecture must be arm64 or x86_64; got \"${var.function.architecture}\"."
  }

  validation {
    condition     = var.function.memory_mb >= 128 && var.function.memory_mb <= 10240 && floor(var.function.memory_mb) == var.function.memory_mb
    error_message = "function.memory_mb must be a whole number from 128 to 10240; got ${var.function.memory_mb}."
  }

  validation {
    condition     = var.function.timeout_seconds >= 1 && var.function.timeout_seconds <= 900 && floor(var.function.timeout_seconds) == var.function.timeout_seconds
    error_message = "function.timeout_seconds must be a whole number from 1 to 900; got ${var.function.timeout_seconds}."
  }

  validation {
    condition     = var.function.reserved_concurrency == null || try(var.function.reserved_concurrency >= 1, false)
    error_message = "function.reserved_concurrency must be 1 or more, or null for none; 0 would stop the function."
  }

  validation {
    condition     = contains(["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"], var.function.log_level)
    error_message = "function.log_level must be TRACE, DEBUG, INFO, WARN, ERROR or FATAL; got \"${var.function.log_level}\"."
  }

  validation {
    condition = contains(
      [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
      var.function.log_retention_days
    )
    error_message = "function.log_retention_days must be one that CloudWatch Logs offers, such as 30, 90, 365 or 3653; got ${var.function.log_retention_days}."
  }

  validation {
    condition     = var.function.kms_key_arn == null || can(regex("^arn:[^:]+:kms:[^:]+:[0-9]{12}:key/.+$", var.function.kms_key_arn))
    error_message = "function.kms_key_arn must be the ARN of a key (arn:aws:kms:<region>:<account>:key/<id>), not an alias or an id."
  }

  validation {
    condition     = can(regex("^/([!-~]+/)?$", var.function.role_path))
    error_message = "function.role_path must begin and end with a slash, such as / or /groundcrew/; got \"${var.function.role_path}\"."
  }
}

variable "alarms" {
  description = "Who hears of trouble: SNS topics that the alarms publish to, on the way in and on the way out."
  type = object({
    topic_arns = optional(set(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for arn in var.alarms.topic_arns : can(regex("^arn:[^:]+:sns:", arn))])
    error_message = "alarms.topic_arns takes ARNs of SNS topics (arn:aws:sns:<region>:<account>:<name>)."
  }
}

variable "network" {
  description = "The VPC to run in; null runs the function outside any. The subnets need a route to every AWS service that the function calls."
  type = object({
    vpc_id             = string
    subnet_ids         = set(string)
    security_group_ids = optional(set(string), [])
  })
  default = null

  validation {
    condition     = var.network == null || try(length(var.network.subnet_ids) >= 1 && length(var.network.security_group_ids) >= 1, false)
    error_message = "network needs at least one subnet and one security group that lets HTTPS out: give subnet_ids and security_group_ids."
  }
}

variable "tags" {
  description = "Tags for everything this module creates."
  type        = map(string)
  default     = {}
  nullable    = false
}
