locals {
  catalogs = merge([
    for key, source in local.sources : { for catalog in source.catalogs : catalog => key }
  ]...)
}

# What a query writes before the schema: SELECT … FROM "sales"."public"."customers".
resource "aws_athena_data_catalog" "this" {
  for_each = local.catalogs

  name        = each.key
  description = "${title(var.sources[each.value].kind)}, by the function ${local.sources[each.value].name}."
  type        = "LAMBDA"
  parameters  = { function = module.function[each.value].function_arn }
  tags        = var.tags
}
