# Every example plans: `terraform validate` would not ask the variables' own rules.
mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
}

# No payload is built for this.
override_module {
  target = module.athena_connectors.module.function
  outputs = {
    alarm_arns        = {}
    failure_queue_url = "https://sqs.eu-central-1.amazonaws.com/123456789012/data-athena-connectors-sales-failures"
    function_arn      = "arn:aws:lambda:eu-central-1:123456789012:function:data-athena-connectors-sales"
    function_name     = "data-athena-connectors-sales"
    log_group_name    = "/aws/lambda/data-athena-connectors-sales"
    role_arn          = "arn:aws:iam::123456789012:role/data-athena-connectors-sales"
  }
}

run "minimal" {
  command   = plan
  providers = { aws = aws }
  module {
    source = "./examples/minimal"
  }
}
