variable "region" {
  description = "Region that the functions run in."
  type        = string
  nullable    = false
}

variable "prefix" {
  description = "Begins the name of everything that is created: <prefix>-athena-connectors-<source>."
  type        = string
  nullable    = false
}

variable "sources" {
  description = "What Athena is to query in place, keyed by a name of your choosing; each is a function of its own. kind: snowflake, oracle or teradata. connection: one database, as a connection string of the published form whose $${secret} names the secret; server: the same field by field, whose secret is the one in secret_arns; or many in one JSON document {catalog: connection}, in catalogs_secret_arn or catalogs_parameter_arn (connection or server is then that of \"lambda:<function>\"). catalogs: names that Athena registers for it, by default the source's own; [] registers none, and a query then says \"lambda:<function>\". secret_arns: the only secrets that the function may read. maximum_connections: its reserved concurrency, for an environment has one connection to a database; null caps nothing. inexact_values: what becomes of a value that its declared type cannot hold. access: who may read what, by patterns of callers' ARNs; null restricts nothing."
  type = map(object({
    kind       = string
    connection = optional(string)
    server = optional(object({
      host             = string
      port             = optional(number)
      user             = optional(string)
      database         = optional(string)
      schema           = optional(string)
      warehouse        = optional(string)
      role             = optional(string)
      account          = optional(string)
      service          = optional(string)
      sid              = optional(string)
      tls              = optional(string)
      server_dn        = optional(string)
      wallet           = optional(string)
      logon_mechanism  = optional(string)
      transaction_mode = optional(string)
      certificates     = optional(string)
      encrypt_data     = optional(bool)
      https_port       = optional(number)
      numbers          = optional(string)
      number_scale     = optional(number)
    }))
    catalogs_secret_arn    = optional(string)
    catalogs_parameter_arn = optional(string)
    catalogs               = optional(set(string))
    secret_arns            = optional(set(string), [])
    secret_key_arns        = optional(set(string), [])
    function_name          = optional(string)
    maximum_connections    = optional(number)
    memory_mb              = optional(number)
    timeout_seconds        = optional(number)
    network = optional(object({
      vpc_id             = string
      subnet_ids         = set(string)
      security_group_ids = optional(set(string), [])
    }))
    inexact_values   = optional(string, "error")
    include_schemas  = optional(set(string), [])
    exclude_schemas  = optional(set(string), [])
    maximum_rows     = optional(number)
    maximum_bytes    = optional(number)
    split_rows       = optional(number)
    advise_rows      = optional(number)
    metadata_seconds = optional(number)
    watch_query      = optional(bool, true)
    access = optional(map(object({
      callers     = set(string)
      passthrough = optional(bool, false)
      allow = optional(list(object({
        schemas = set(string)
        tables  = optional(set(string), ["*"])
        columns = optional(set(string), ["*"])
      })), [])
    })))
    thresholds = optional(object({
      queued_seconds    = optional(number, 30)
      first_row_seconds = optional(number, 60)
    }), {})
  }))
  nullable = false
}

variable "artifacts" {
  description = "The zip of each kind of source, as `make publish` leaves it in artifacts.json; without one, build/lambda/athena_connectors_<kind>-<architecture>.zip of this repository. Lambda takes zips of more than 50 MB from S3 alone, and these are about that."
  type = map(object({
    path          = optional(string)
    bucket        = optional(string)
    key           = optional(string)
    version_id    = optional(string)
    sha256_base64 = optional(string)
  }))
  default  = {}
  nullable = false
}

variable "spill" {
  description = "Where results too large for one answer go. bucket: yours, as <bucket> or <bucket>/<prefix>; null makes one, encrypted, without public access, for TLS alone. prefix: below which they lie. expire_days: when they are deleted from the module's own bucket. encryption_enabled: whether they are encrypted before they are written, with a key that only Athena is told, and data_key_arn: by a data key of KMS instead of a random one. kms_key_arn: the key of the bucket, which your bucket needs if it has one and the module's has anyway. bucket_owner: the account of your bucket."
  type = object({
    bucket             = optional(string)
    prefix             = optional(string)
    expire_days        = optional(number, 1)
    encryption_enabled = optional(bool, true)
    data_key_arn       = optional(string)
    kms_key_arn        = optional(string)
    bucket_owner       = optional(string)
  })
  default  = {}
  nullable = false
}

variable "function" {
  description = "How the functions run: architecture, size, limits, logs, and who owns their keys and roles. A source may have its own memory_mb and timeout_seconds; its zip is in artifacts, its concurrency in maximum_connections."
  type = object({
    architecture             = optional(string, "arm64")
    memory_mb                = optional(number, 1769) # one whole vCPU; more share the work of encrypting and writing
    timeout_seconds          = optional(number, 900)
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
  description = "The VPC that the functions run in, unless a source has its own; null runs them outside any. The subnets need a route to the sources, to S3 (a gateway endpoint), Secrets Manager, Athena and KMS."
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
