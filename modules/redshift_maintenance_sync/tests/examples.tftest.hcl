# Every example plans: `terraform validate` would not ask the variables' own rules.
mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
}

# No payload is built for this.
override_module {
  target = module.redshift_maintenance_sync.module.function
  outputs = {
    alarm_arns        = {}
    failure_queue_arn = "arn:aws:sqs:eu-central-1:123456789012:data-redshift-maintenance-sync-failures"
    failure_queue_url = "https://sqs.eu-central-1.amazonaws.com/123456789012/data-redshift-maintenance-sync-failures"
    function_arn      = "arn:aws:lambda:eu-central-1:123456789012:function:data-redshift-maintenance-sync"
    function_name     = "data-redshift-maintenance-sync"
    log_group_name    = "/aws/lambda/data-redshift-maintenance-sync"
    role_arn          = "arn:aws:iam::123456789012:role/data-redshift-maintenance-sync"
  }
}

run "minimal" {
  command   = plan
  providers = { aws = aws }
  module {
    source = "./examples/minimal"
  }
}

run "calendar" {
  command   = plan
  providers = { aws = aws }
  module {
    source = "./examples/calendar"
  }
}
