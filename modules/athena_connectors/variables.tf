variable "prefix" {
  description = "Begins the name of everything that is created: <prefix>-athena-connectors-<source>."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9-]{1,20}$", var.prefix))
    error_message = "prefix takes 1 to 20 of a-z, 0-9 and hyphens; got \"${var.prefix}\"."
  }
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

  validation {
    condition     = length(var.sources) > 0 && alltrue([for key in keys(var.sources) : can(regex("^[a-z][a-z0-9_]{0,19}$", key))])
    error_message = "sources needs at least one, and takes names of 1 to 20 of a-z, 0-9 and underscores that begin with a letter; got ${jsonencode(keys(var.sources))}."
  }

  validation {
    condition     = alltrue([for source in var.sources : contains(["snowflake", "oracle", "teradata"], source.kind)])
    error_message = "Each source's kind must be snowflake, oracle or teradata; got ${jsonencode({ for key, source in var.sources : key => source.kind })}."
  }

  validation {
    condition = alltrue([
      for source in var.sources : length(compact([source.connection, try(source.server.host, null), source.catalogs_secret_arn, source.catalogs_parameter_arn])) > 0 && (source.catalogs_secret_arn == null || source.catalogs_parameter_arn == null)
    ])
    error_message = "Each source needs a connection or a server (one database), or a document of many in either catalogs_secret_arn or catalogs_parameter_arn; correct: ${join(", ", [for key, source in var.sources : key if length(compact([source.connection, try(source.server.host, null), source.catalogs_secret_arn, source.catalogs_parameter_arn])) == 0 || (source.catalogs_secret_arn != null && source.catalogs_parameter_arn != null)])}."
  }

  validation {
    condition     = alltrue([for source in var.sources : source.server == null || (source.connection == null && length(source.secret_arns) == 1)])
    error_message = "A source with a server needs its one secret in secret_arns, and no connection, which would say the same twice; correct: ${join(", ", [for key, source in var.sources : key if try(source.connection != null || length(source.secret_arns) != 1, false) && source.server != null])}."
  }

  validation {
    condition = alltrue([
      for source in var.sources : source.server == null || length(setsubtract(
        try([for name, value in source.server : name if value != null], []),
        lookup(tomap({
          snowflake = toset(["host", "port", "user", "database", "schema", "warehouse", "role", "account"])
          oracle    = toset(["host", "port", "user", "service", "sid", "tls", "server_dn", "wallet", "numbers", "number_scale"])
          teradata  = toset(["host", "port", "user", "database", "tls", "logon_mechanism", "transaction_mode", "certificates", "encrypt_data", "https_port", "numbers", "number_scale"])
        }), source.kind, toset([]))
      )) == 0
    ])
    error_message = "A server takes host, port and user; for snowflake also database, schema, warehouse, role and account; for oracle service or sid, tls, server_dn, wallet, numbers and number_scale; for teradata database, tls, https_port, certificates, logon_mechanism, transaction_mode, encrypt_data, numbers and number_scale; got ${jsonencode({ for key, source in var.sources : key => [for name, value in source.server : name if value != null] if source.server != null })}."
  }

  validation {
    condition = alltrue([
      for source in var.sources : try(source.kind == "snowflake" ? source.server.database != null : source.kind == "oracle" ? length(compact([source.server.service, source.server.sid])) == 1 : true, true)
    ])
    error_message = "A server of kind snowflake needs a database, and one of kind oracle either a service or a sid; correct: ${join(", ", [for key, source in var.sources : key if source.server != null])}."
  }

  validation {
    condition = alltrue([
      for source in var.sources : source.connection == null || try(startswith(source.connection, "${source.kind}://"), false)
    ])
    error_message = "A connection begins with its kind, such as snowflake://jdbc:snowflake://…, oracle://jdbc:oracle:thin:… or teradata://jdbc:teradata://…; correct: ${join(", ", [for key, source in var.sources : key if try(!startswith(source.connection, "${source.kind}://"), false)])}."
  }

  # The string is part of the plan, the state and the function's environment, so the message does not repeat it.
  validation {
    condition = alltrue([
      for source in var.sources : source.connection == null || try(
        length(regexall("[$][{][^}]+[}]", source.connection)) == 1 && !can(regex("(?i)([?&,/;](password|pwd|token)=|oracle:thin:[^@$]*/[^@]*@)", source.connection)),
        false
      )
    ])
    error_message = "A connection names one secret as $${secret} and holds no password, for it is part of the plan and the state: put user and password in the secret, as {\"username\": …, \"password\": …}."
  }

  validation {
    condition     = alltrue([for source in var.sources : source.connection == null || length(source.secret_arns) > 0])
    error_message = "A source with a connection needs secret_arns: the ARN of the secret that its $${secret} names, which is all that its function may read; add it to: ${join(", ", [for key, source in var.sources : key if source.connection != null && length(source.secret_arns) == 0])}."
  }

  validation {
    condition = alltrue(flatten([
      for source in var.sources : [
        for arn in compact(concat(tolist(source.secret_arns), [source.catalogs_secret_arn])) :
        can(regex("^arn:[^:]+:secretsmanager:[^:]+:[0-9]{12}:secret:[^*?]+-[A-Za-z0-9]{6}$", arn))
      ]
    ]))
    error_message = "secret_arns and catalogs_secret_arn take whole ARNs of secrets (arn:aws:secretsmanager:<region>:<account>:secret:<name>-<6 characters>): no names, prefixes or wildcards, so that a function reads the secrets it was given and no other."
  }

  validation {
    condition = alltrue([
      for source in var.sources : source.catalogs_parameter_arn == null || can(regex("^arn:[^:]+:ssm:[^:]+:[0-9]{12}:parameter/[^*?]+$", source.catalogs_parameter_arn))
    ])
    error_message = "catalogs_parameter_arn must be the ARN of a parameter (arn:aws:ssm:<region>:<account>:parameter/<name>)."
  }

  validation {
    condition     = alltrue(flatten([for source in var.sources : [for arn in source.secret_key_arns : can(regex("^arn:[^:]+:kms:[^:]+:[0-9]{12}:key/[^*?]+$", arn))]]))
    error_message = "secret_key_arns takes ARNs of keys (arn:aws:kms:<region>:<account>:key/<id>), not aliases or ids."
  }

  validation {
    condition = alltrue(flatten([
      for key, source in var.sources : [for catalog in(source.catalogs == null ? [key] : source.catalogs) : can(regex("^[a-z0-9_@-]{1,127}$", catalog)) && catalog != "awsdatacatalog"]
    ]))
    error_message = "catalogs takes names of 1 to 127 of a-z, 0-9, _, @ and -, but not awsdatacatalog, which is Glue's; Athena does not tell capitals apart."
  }

  validation {
    condition = length(distinct(flatten([for key, source in var.sources : [for catalog in(source.catalogs == null ? [key] : source.catalogs) : catalog]]))) == sum(concat([0], [
      for source in var.sources : source.catalogs == null ? 1 : length(source.catalogs)
    ]))
    error_message = "An account registers a catalog once, and two sources claim the same: rename one in catalogs, or the source."
  }

  validation {
    condition = alltrue([
      for source in var.sources : source.function_name == null || can(regex("^[A-Za-z0-9_-]{1,50}$", source.function_name))
    ])
    error_message = "function_name takes 1 to 50 letters, digits, hyphens and underscores, so that what belongs to the function can be named after it."
  }

  validation {
    condition = alltrue([
      for source in var.sources : source.maximum_connections == null || try(source.maximum_connections >= 2 && floor(source.maximum_connections) == source.maximum_connections, false)
    ])
    error_message = "maximum_connections must be a whole number of 2 or more, since Athena plans and reads at once, or null for no cap; correct: ${jsonencode({ for key, source in var.sources : key => source.maximum_connections if source.maximum_connections != null })}."
  }

  validation {
    condition     = alltrue([for source in var.sources : contains(["error", "round", "text"], source.inexact_values)])
    error_message = "inexact_values must be error (the query fails and names the value's column), round, or text (such columns are declared as text); got ${jsonencode({ for key, source in var.sources : key => source.inexact_values })}."
  }

  validation {
    condition = alltrue(flatten([
      for source in var.sources : [
        for pattern in setunion(source.include_schemas, source.exclude_schemas) : trimspace(pattern) != "" && !strcontains(pattern, ",")
      ]
    ]))
    error_message = "include_schemas and exclude_schemas take one pattern per element, such as SALES or TMP_*: no empty ones, and no commas within."
  }

  validation {
    condition = alltrue(flatten([
      for source in var.sources : [
        for limit in [source.maximum_rows, source.maximum_bytes, source.split_rows, source.advise_rows] :
        limit == null || try(limit >= 1 && floor(limit) == limit, false)
      ]
    ]))
    error_message = "maximum_rows, maximum_bytes, split_rows and advise_rows must be whole numbers of 1 or more, or null for the function's own."
  }

  validation {
    condition = alltrue([
      for source in var.sources : source.metadata_seconds == null || try(source.metadata_seconds >= 0 && source.metadata_seconds <= 3600 && floor(source.metadata_seconds) == source.metadata_seconds, false)
    ])
    error_message = "metadata_seconds must be a whole number from 0 (asks the source each time) to 3600: for so long a changed table goes unnoticed."
  }

  validation {
    condition = alltrue(flatten([
      for source in var.sources : source.access == null ? [] : [
        for rule in values(source.access) : length(rule.callers) > 0 && (rule.passthrough || length(rule.allow) > 0) && alltrue([for allowed in rule.allow : length(allowed.schemas) > 0])
      ]
    ]))
    error_message = "Each rule of access needs callers (patterns of ARNs) and what they may: passthrough, or allow with schemas; a rule that allows nothing is one that nobody has."
  }

  validation {
    condition = alltrue(flatten([
      for source in var.sources : source.network == null ? [true] : [length(source.network.subnet_ids) > 0 && length(source.network.security_group_ids) > 0]
    ]))
    error_message = "A source's network needs at least one subnet and one security group that lets it reach the source and AWS: give subnet_ids and security_group_ids."
  }

  validation {
    condition = alltrue(flatten([
      for source in var.sources : [source.thresholds.queued_seconds > 0, source.thresholds.first_row_seconds > 0]
    ]))
    error_message = "thresholds.queued_seconds and thresholds.first_row_seconds must be above 0."
  }
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

  validation {
    condition     = alltrue([for kind in keys(var.artifacts) : contains(["snowflake", "oracle", "teradata"], kind)])
    error_message = "artifacts is keyed by the kind of source: snowflake, oracle, teradata; got ${jsonencode(keys(var.artifacts))}."
  }
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

  validation {
    condition     = var.spill.bucket == null || can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9!_.'()/-]*[A-Za-z0-9!_.'()-])?$", var.spill.bucket))
    error_message = "spill.bucket is the name of a bucket, with or without a prefix (<bucket>/<prefix>), no URL or ARN, and with no slash at the end; got \"${coalesce(var.spill.bucket, "null")}\"."
  }

  validation {
    condition     = var.spill.prefix == null || can(regex("^[A-Za-z0-9!_.'()-]([A-Za-z0-9!_.'()/-]*[A-Za-z0-9!_.'()-])?$", var.spill.prefix))
    error_message = "spill.prefix takes letters, digits and ! _ . ' ( ) - /, without a slash at either end and without wildcards; got \"${coalesce(var.spill.prefix, "null")}\"."
  }

  validation {
    condition     = var.spill.prefix == null || !try(strcontains(var.spill.bucket, "/"), false)
    error_message = "spill.bucket names a prefix after the slash already: drop that, or spill.prefix."
  }

  validation {
    condition     = var.spill.expire_days >= 1 && floor(var.spill.expire_days) == var.spill.expire_days
    error_message = "spill.expire_days must be a whole number of 1 or more, which S3 counts in days; got ${var.spill.expire_days}."
  }

  validation {
    condition     = var.spill.bucket == null || var.spill.expire_days == 1
    error_message = "spill.expire_days is for the module's own bucket: give yours a lifecycle rule, and drop it here."
  }

  validation {
    condition     = var.spill.data_key_arn == null || var.spill.encryption_enabled
    error_message = "spill.data_key_arn makes the keys that spills are encrypted with: drop it, or set spill.encryption_enabled."
  }

  validation {
    condition = alltrue([
      for arn in [var.spill.kms_key_arn, var.spill.data_key_arn] : arn == null || can(regex("^arn:[^:]+:kms:[^:]+:[0-9]{12}:key/[^*?]+$", arn))
    ])
    error_message = "spill.kms_key_arn and spill.data_key_arn must be ARNs of keys (arn:aws:kms:<region>:<account>:key/<id>), not aliases or ids."
  }

  validation {
    condition     = var.spill.bucket_owner == null || (can(regex("^[0-9]{12}$", var.spill.bucket_owner)) && var.spill.bucket != null)
    error_message = "spill.bucket_owner is the 12 digits of the account that owns spill.bucket: drop it where the module makes the bucket."
  }
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
