# A name for the newest version, where environments can wait that have started already: $LATEST has none.
resource "aws_lambda_alias" "this" {
  for_each = var.alias == null ? {} : { this = var.alias }

  name             = each.value.name
  description      = "The newest version of ${var.name}."
  function_name    = aws_lambda_function.this.function_name
  function_version = aws_lambda_function.this.version
}

resource "aws_lambda_provisioned_concurrency_config" "this" {
  for_each = try(var.alias.provisioned_concurrency, null) == null ? {} : { this = var.alias }

  function_name                     = aws_lambda_function.this.function_name
  qualifier                         = aws_lambda_alias.this["this"].name
  provisioned_concurrent_executions = each.value.provisioned_concurrency
}

# Lambda keeps this apart for each name by which a function is invoked.
resource "aws_lambda_function_event_invoke_config" "alias" {
  for_each = aws_lambda_alias.this

  function_name                = aws_lambda_function.this.function_name
  qualifier                    = each.value.name
  maximum_retry_attempts       = var.asynchronous.maximum_retry_attempts
  maximum_event_age_in_seconds = var.asynchronous.maximum_event_age_seconds

  destination_config {
    on_failure {
      destination = aws_sqs_queue.failures.arn
    }
  }
}
