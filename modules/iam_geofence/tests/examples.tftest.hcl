# Every example plans: `terraform validate` would not ask the variables' own rules.
mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-central-1a", "eu-central-1b"] }
  }
  mock_data "aws_region" {
    defaults = { id = "eu-central-1" }
  }
}

mock_provider "aws" {
  alias = "management"
}

# No payload is built for this.
override_module {
  target = module.iam_geofence.module.function
  outputs = {
    alarm_arns        = {}
    alias_arn         = null
    failure_queue_arn = "arn:aws:sqs:eu-central-1:123456789012:AWSClientVPN-platform-iam-geofence-failures"
    failure_queue_url = "https://sqs.eu-central-1.amazonaws.com/123456789012/AWSClientVPN-platform-iam-geofence-failures"
    function_arn      = "arn:aws:lambda:eu-central-1:123456789012:function:AWSClientVPN-platform-iam-geofence"
    function_name     = "AWSClientVPN-platform-iam-geofence"
    log_group_name    = "/aws/lambda/AWSClientVPN-platform-iam-geofence"
    role_arn          = "arn:aws:iam::123456789012:role/AWSClientVPN-platform-iam-geofence"
  }
}

override_module {
  target = module.iam_geofence.module.canary
  outputs = {
    alarm_arns        = {}
    alias_arn         = null
    failure_queue_arn = "arn:aws:sqs:eu-central-1:123456789012:platform-iam-geofence-canary-failures"
    failure_queue_url = "https://sqs.eu-central-1.amazonaws.com/123456789012/platform-iam-geofence-canary-failures"
    function_arn      = "arn:aws:lambda:eu-central-1:123456789012:function:platform-iam-geofence-canary"
    function_name     = "platform-iam-geofence-canary"
    log_group_name    = "/aws/lambda/platform-iam-geofence-canary"
    role_arn          = "arn:aws:iam::123456789012:role/platform-iam-geofence-canary"
  }
}

run "minimal" {
  command   = plan
  providers = { aws = aws }
  module {
    source = "./examples/minimal"
  }
}

run "organization" {
  command   = plan
  providers = { aws = aws, aws.management = aws.management }
  variables {
    test_ou_id        = "ou-abcd-11111111"
    shared_account_id = "123456789012"
  }
  module {
    source = "./examples/organization"
  }
}
