locals {
  metric_namespace = "Groundcrew/athena_connectors" # the function's own word for it

  sources = {
    for key, source in var.sources : key => merge(source, {
      name     = coalesce(source.function_name, "${var.prefix}-athena-connectors-${replace(key, "_", "-")}")
      catalogs = source.catalogs == null ? toset([key]) : source.catalogs
      network  = source.network == null ? var.network : source.network
      function = merge(var.function, {
        artifact             = try(var.artifacts[source.kind], {})
        memory_mb            = coalesce(source.memory_mb, var.function.memory_mb)
        timeout_seconds      = coalesce(source.timeout_seconds, var.function.timeout_seconds)
        reserved_concurrency = source.maximum_connections # an environment has one connection to a database
      })
    })
  }

  servers = {
    for key, source in var.sources : key => jsonencode(merge(
      { for name, value in source.server : name => value if value != null },
      { kind = source.kind, secret = one(source.secret_arns) },
    )) if source.server != null
  }

  # What has no value has no variable: the function's settings.py holds its default.
  environments = {
    for key, source in local.sources : key => {
      for name, value in merge(local.spill_environment, {
        SOURCE                  = source.kind
        DEFAULT_CONNECTION      = source.server == null ? source.connection : local.servers[key]
        CATALOGS_SECRET         = source.catalogs_secret_arn
        CATALOGS_PARAMETER      = source.catalogs_parameter_arn
        INEXACT_VALUES          = source.inexact_values
        INCLUDE_SCHEMAS         = join(",", source.include_schemas)
        EXCLUDE_SCHEMAS         = join(",", source.exclude_schemas)
        MAXIMUM_ROWS            = source.maximum_rows
        MAXIMUM_BYTES           = source.maximum_bytes
        WATCH_QUERY             = source.watch_query
        METADATA_SECONDS        = source.metadata_seconds
        SPLIT_ROWS              = source.split_rows
        ADVISE_ROWS             = source.advise_rows
        ACCESS                  = source.access == null ? null : jsonencode({ rules = values(source.access) })
        POWERTOOLS_SERVICE_NAME = source.name # the deployed one, so that the metrics of two sources stay apart
      }) : name => tostring(value) if value != null && value != ""
    }
  }
}

module "function" {
  source   = "../lambda_function"
  for_each = local.sources

  name        = each.value.name
  description = "Answers Athena's federated queries from ${title(each.value.kind)}."
  artifact    = "athena_connectors_${each.value.kind}"
  handler     = "athena_connectors.handler.handler"
  policy_json = data.aws_iam_policy_document.function[each.key].json
  environment = local.environments[each.key]
  function    = each.value.function
  alarms      = var.alarms
  network     = each.value.network
  tags        = var.tags
}
