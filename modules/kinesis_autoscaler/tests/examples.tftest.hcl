# Every example plans: `terraform validate` would not ask the variables' own rules.
mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
}

# No payload is built for this.
override_module {
  target = module.kinesis_autoscaler.module.function
  outputs = {
    alarm_arns        = {}
    failure_queue_arn = "arn:aws:sqs:eu-central-1:123456789012:data-kinesis-autoscaler-failures"
    failure_queue_url = "https://sqs.eu-central-1.amazonaws.com/123456789012/data-kinesis-autoscaler-failures"
    function_arn      = "arn:aws:lambda:eu-central-1:123456789012:function:data-kinesis-autoscaler"
    function_name     = "data-kinesis-autoscaler"
    log_group_name    = "/aws/lambda/data-kinesis-autoscaler"
    role_arn          = "arn:aws:iam::123456789012:role/data-kinesis-autoscaler"
    role_name         = "data-kinesis-autoscaler"
  }
}

run "minimal" {
  command   = plan
  providers = { aws = aws }
  module {
    source = "./examples/minimal"
  }
}

run "discovery" {
  command   = plan
  providers = { aws = aws }
  module {
    source = "./examples/discovery"
  }
}

run "own_streams" {
  command   = plan
  providers = { aws = aws }
  module {
    source = "./examples/own_streams"
  }
}
