mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }
  mock_data "aws_region" {
    defaults = { id = "eu-central-1" }
  }
  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-central-1b", "eu-central-1a", "eu-central-1c"] }
  }
  mock_data "aws_vpc" {
    defaults = { cidr_block = "10.1.0.0/16" }
  }
  mock_resource "aws_vpc" {
    defaults = { id = "vpc-0123456789abcdef0" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/AWSClientVPN-groundcrew-iam-geofence" }
  }
  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::123456789012:policy/groundcrew-iam-geofence", attachment_count = 1 } # by hand
  }
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:eu-central-1:123456789012:AWSClientVPN-groundcrew-iam-geofence-failures" }
  }
  mock_resource "aws_lambda_function" {
    defaults = { arn = "arn:aws:lambda:eu-central-1:123456789012:function:AWSClientVPN-groundcrew-iam-geofence" }
  }
  mock_resource "aws_lambda_alias" {
    defaults = { arn = "arn:aws:lambda:eu-central-1:123456789012:function:AWSClientVPN-groundcrew-iam-geofence:live" }
  }
  mock_resource "aws_wafv2_ip_set" {
    defaults = { arn = "arn:aws:wafv2:eu-central-1:123456789012:regional/ipset/groundcrew-iam-geofence/1" }
  }
  mock_resource "aws_wafv2_web_acl" {
    defaults = { arn = "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/groundcrew-iam-geofence/1" }
  }
  mock_resource "aws_api_gateway_rest_api" {
    defaults = {
      id            = "abc123"
      arn           = "arn:aws:apigateway:eu-central-1::/restapis/abc123"
      execution_arn = "arn:aws:execute-api:eu-central-1:123456789012:abc123"
    }
  }
  mock_resource "aws_api_gateway_stage" {
    defaults = {
      arn        = "arn:aws:apigateway:eu-central-1::/restapis/abc123/stages/live"
      invoke_url = "https://abc123.execute-api.eu-central-1.amazonaws.com/live"
    }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:123456789012:log-group:mocked" }
  }
  mock_resource "aws_cloudwatch_metric_alarm" {
    defaults = { arn = "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:mocked" }
  }
  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:eu-central-1:123456789012:rule/groundcrew-iam-geofence-canary" }
  }
  mock_resource "aws_ec2_client_vpn_endpoint" {
    defaults = {
      id                      = "cvpn-endpoint-0123456789abcdef0"
      arn                     = "arn:aws:ec2:eu-central-1:123456789012:client-vpn-endpoint/cvpn-endpoint-0123456789abcdef0"
      self_service_portal_url = "https://self-service.clientvpn.amazonaws.com/endpoints/cvpn-endpoint-0123456789abcdef0"
    }
  }
  mock_resource "aws_eip" {
    defaults = {
      public_ip = "198.51.100.7"
      arn       = "arn:aws:ec2:eu-central-1:123456789012:elastic-ip/eipalloc-0123456789abcdef0"
    }
  }
}

override_resource {
  target = aws_eip.checker
  values = { public_ip = "203.0.113.9", arn = "arn:aws:ec2:eu-central-1:123456789012:elastic-ip/eipalloc-0123456789abcdef1" }
}

variables {
  prefix            = "groundcrew"
  allowed_countries = ["DE", "FR"]
  function          = { artifact = { path = "versions.tf" } }
}

run "refuses_a_prefix_in_capitals" {
  command = plan
  variables {
    prefix = "Groundcrew"
  }
  expect_failures = [var.prefix]
}

run "refuses_no_country" {
  command = plan
  variables {
    allowed_countries = []
  }
  expect_failures = [var.allowed_countries]
}

run "refuses_a_country_of_commas" {
  command = plan
  variables {
    allowed_countries = [" , "]
  }
  expect_failures = [var.allowed_countries]
}

run "refuses_an_unknown_country" {
  command = plan
  variables {
    allowed_countries = ["DE", "UK"]
  }
  expect_failures = [var.allowed_countries]
}

run "refuses_an_unknown_mode" {
  command = plan
  variables {
    mode = "observe"
  }
  expect_failures = [var.mode]
}

run "refuses_a_client_cidr_of_23" {
  command = plan
  variables {
    vpn = {
      client_cidr            = "10.100.0.0/23"
      server_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      authentication         = { saml = { provider_arn = "arn:aws:iam::123456789012:saml-provider/people" } }
    }
  }
  expect_failures = [var.vpn]
}

run "refuses_a_client_cidr_of_11" {
  command = plan
  variables {
    vpn = {
      client_cidr            = "10.0.0.0/11"
      server_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      authentication         = { saml = { provider_arn = "arn:aws:iam::123456789012:saml-provider/people" } }
    }
  }
  expect_failures = [var.vpn]
}

run "refuses_a_server_certificate_by_name" {
  command = plan
  variables {
    vpn = {
      client_cidr            = "10.100.0.0/22"
      server_certificate_arn = "vpn.example.com"
      authentication         = { saml = { provider_arn = "arn:aws:iam::123456789012:saml-provider/people" } }
    }
  }
  expect_failures = [var.vpn]
}

run "refuses_no_authentication" {
  command = plan
  variables {
    vpn = {
      client_cidr            = "10.100.0.0/22"
      server_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      authentication         = {}
    }
  }
  expect_failures = [var.vpn]
}

run "refuses_two_directories" {
  command = plan
  variables {
    vpn = {
      client_cidr            = "10.100.0.0/22"
      server_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      authentication         = { saml = { provider_arn = "arn:aws:iam::123456789012:saml-provider/people" }, directory = { directory_id = "d-0123456789" } }
    }
  }
  expect_failures = [var.vpn]
}

run "refuses_a_saml_provider_by_name" {
  command = plan
  variables {
    vpn = {
      client_cidr            = "10.100.0.0/22"
      server_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      authentication         = { saml = { provider_arn = "people" } }
    }
  }
  expect_failures = [var.vpn]
}

run "refuses_a_directory_by_name" {
  command = plan
  variables {
    vpn = {
      client_cidr            = "10.100.0.0/22"
      server_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      authentication         = { directory = { directory_id = "corp.example.com" } }
    }
  }
  expect_failures = [var.vpn]
}

run "refuses_a_root_certificate_by_name" {
  command = plan
  variables {
    vpn = {
      client_cidr            = "10.100.0.0/22"
      server_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      authentication         = { certificate = { root_certificate_arn = "root" } }
    }
  }
  expect_failures = [var.vpn]
}

run "refuses_a_vpn_for_nobody" {
  command = plan
  variables {
    vpn = {
      client_cidr            = "10.100.0.0/22"
      server_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      authentication         = { saml = { provider_arn = "arn:aws:iam::123456789012:saml-provider/people" } }
      authorized             = {}
    }
  }
  expect_failures = [var.vpn]
}

run "refuses_groups_without_a_directory" {
  command = plan
  variables {
    vpn = {
      client_cidr            = "10.100.0.0/22"
      server_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      authentication         = { certificate = { root_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-666666666666" } }
      authorized             = { platform = { group_id = "platform-team" } }
    }
  }
  expect_failures = [var.vpn]
}

run "refuses_a_destination_by_name" {
  command = plan
  variables {
    vpn = {
      client_cidr            = "10.100.0.0/22"
      server_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      authentication         = { saml = { provider_arn = "arn:aws:iam::123456789012:saml-provider/people" } }
      split_tunnel           = true
      destinations           = ["office"]
    }
  }
  expect_failures = [var.vpn]
}

run "refuses_a_split_tunnel_to_everywhere" {
  command = plan
  variables {
    vpn = {
      client_cidr            = "10.100.0.0/22"
      server_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      authentication         = { saml = { provider_arn = "arn:aws:iam::123456789012:saml-provider/people" } }
      split_tunnel           = true
    }
  }
  expect_failures = [var.vpn]
}

run "refuses_a_whole_tunnel_to_a_part" {
  command = plan
  variables {
    vpn = {
      client_cidr            = "10.100.0.0/22"
      server_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      authentication         = { saml = { provider_arn = "arn:aws:iam::123456789012:saml-provider/people" } }
      destinations           = ["10.0.0.0/8"]
    }
  }
  expect_failures = [var.vpn]
}

run "refuses_sessions_of_9_hours" {
  command = plan
  variables {
    vpn = {
      client_cidr            = "10.100.0.0/22"
      server_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      authentication         = { saml = { provider_arn = "arn:aws:iam::123456789012:saml-provider/people" } }
      session_timeout_hours  = 9
    }
  }
  expect_failures = [var.vpn]
}

run "refuses_three_dns_servers" {
  command = plan
  variables {
    vpn = {
      client_cidr            = "10.100.0.0/22"
      server_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      authentication         = { saml = { provider_arn = "arn:aws:iam::123456789012:saml-provider/people" } }
      dns_servers            = ["10.0.0.2", "10.0.0.3", "10.0.0.4"]
    }
  }
  expect_failures = [var.vpn]
}

run "refuses_an_empty_banner" {
  command = plan
  variables {
    vpn = {
      client_cidr            = "10.100.0.0/22"
      server_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      authentication         = { saml = { provider_arn = "arn:aws:iam::123456789012:saml-provider/people" } }
      banner                 = ""
    }
  }
  expect_failures = [var.vpn]
}

run "refuses_a_port_of_80" {
  command = plan
  variables {
    vpn = {
      client_cidr            = "10.100.0.0/22"
      server_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      authentication         = { saml = { provider_arn = "arn:aws:iam::123456789012:saml-provider/people" } }
      port                   = 80
    }
  }
  expect_failures = [var.vpn]
}

run "refuses_an_endpoint_by_name" {
  command = plan
  variables {
    endpoint_ids = ["main"]
  }
  expect_failures = [var.endpoint_ids]
}

run "refuses_a_vpc_of_24" {
  command = plan
  variables {
    vpc = { cidr = "10.220.0.0/24" }
  }
  expect_failures = [var.vpc]
}

run "refuses_one_zone" {
  command = plan
  variables {
    vpc = { zones = ["eu-central-1a"] }
  }
  expect_failures = [var.vpc]
}

run "refuses_a_network_without_the_checkers_addresses" {
  command = plan
  variables {
    existing_network = { vpc_id = "vpc-0", checker_subnet_ids = ["subnet-1"], checker_addresses = [] }
  }
  expect_failures = [var.existing_network]
}

run "refuses_a_network_with_a_mask_in_an_address" {
  command = plan
  variables {
    existing_network = { vpc_id = "vpc-0", checker_subnet_ids = ["subnet-1"], checker_addresses = ["203.0.113.9/32"] }
  }
  expect_failures = [var.existing_network]
}

run "refuses_an_address_shared_with_the_users" {
  command = plan
  variables {
    existing_network = { vpc_id = "vpc-0", checker_subnet_ids = ["subnet-1"], checker_addresses = ["203.0.113.9"], vpn_addresses = ["203.0.113.9"] }
  }
  expect_failures = [var.existing_network]
}

run "refuses_to_hold_roles_in_an_empty_fence" {
  command = plan
  variables {
    policy = { attached_role_names = ["analyst"] }
  }
  expect_failures = [var.policy]
}

run "refuses_to_hold_a_role_by_its_arn" {
  command = plan
  variables {
    policy = { addresses = ["198.51.100.7/32"], attached_role_names = ["arn:aws:iam::123456789012:role/analyst"] }
  }
  expect_failures = [var.policy]
}

run "refuses_half_an_environment" {
  command = plan
  variables {
    provisioned_concurrency = 0.5
  }
  expect_failures = [var.provisioned_concurrency]
}

run "refuses_snapshots_with_waiting_environments" {
  command = plan
  variables {
    provisioned_concurrency = 1
    snap_start              = true
  }
  expect_failures = [var.snap_start]
}

run "refuses_a_timeout_beyond_client_vpns" {
  command = plan
  variables {
    function = { artifact = { path = "versions.tf" }, timeout_seconds = 30 }
  }
  expect_failures = [var.function]
}

run "refuses_overlapping_networks" {
  command = plan
  variables {
    vpn = {
      client_cidr            = "10.208.0.0/12"
      server_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      authentication         = { saml = { provider_arn = "arn:aws:iam::123456789012:saml-provider/people" } }
    }
  }
  expect_failures = [aws_ec2_client_vpn_endpoint.this]
}

run "refuses_overlapping_networks_of_which_the_vpc_is_wider" {
  command = plan
  variables {
    vpc = { cidr = "10.100.0.0/16" }
    vpn = {
      client_cidr            = "10.100.0.0/22"
      server_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      authentication         = { saml = { provider_arn = "arn:aws:iam::123456789012:saml-provider/people" } }
    }
  }
  expect_failures = [aws_ec2_client_vpn_endpoint.this]
}

run "refuses_a_vpn_in_one_zone" {
  command = plan
  variables {
    vpn = {
      client_cidr            = "10.100.0.0/22"
      server_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      authentication         = { saml = { provider_arn = "arn:aws:iam::123456789012:saml-provider/people" } }
    }
    existing_network = { vpc_id = "vpc-0fedcba9876543210", checker_subnet_ids = ["subnet-1"], checker_addresses = ["203.0.113.20"], vpn_subnet_ids = { a = "subnet-3" }, vpn_addresses = ["198.51.100.30"] }
  }
  expect_failures = [aws_ec2_client_vpn_endpoint.this]
}

run "refuses_a_vpn_whose_way_out_is_unknown" {
  command = plan
  variables {
    vpn = {
      client_cidr            = "10.100.0.0/22"
      server_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      authentication         = { saml = { provider_arn = "arn:aws:iam::123456789012:saml-provider/people" } }
    }
    existing_network = { vpc_id = "vpc-0fedcba9876543210", checker_subnet_ids = ["subnet-1"], checker_addresses = ["203.0.113.20"], vpn_subnet_ids = { a = "subnet-3", b = "subnet-4" } }
    policy           = { addresses = ["198.51.100.7/32"] }
  }
  expect_failures = [aws_ec2_client_vpn_endpoint.this]
}

run "refuses_a_split_tunnel_with_the_policy_attached" {
  command = plan
  variables {
    vpn = {
      client_cidr            = "10.100.0.0/22"
      server_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      authentication         = { saml = { provider_arn = "arn:aws:iam::123456789012:saml-provider/people" } }
      split_tunnel           = true
      destinations           = ["10.0.0.0/8"]
    }
    policy = { attached_role_names = ["analyst"] }
  }
  expect_failures = [aws_ec2_client_vpn_endpoint.this]
}

run "refuses_a_split_tunnel_with_the_scp_attached" {
  command = plan
  variables {
    vpn = {
      client_cidr            = "10.100.0.0/22"
      server_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      authentication         = { saml = { provider_arn = "arn:aws:iam::123456789012:saml-provider/people" } }
      split_tunnel           = true
      destinations           = ["10.0.0.0/8"]
    }
    policy = { attached_elsewhere = true }
  }
  expect_failures = [aws_ec2_client_vpn_endpoint.this]
}

run "refuses_a_vpn_asleep_with_the_policy_attached" {
  command = plan
  variables {
    vpn = {
      client_cidr            = "10.100.0.0/22"
      server_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      authentication         = { saml = { provider_arn = "arn:aws:iam::123456789012:saml-provider/people" } }
      active                 = false
    }
    policy = { attached_role_names = ["analyst"] }
  }
  expect_failures = [aws_ec2_client_vpn_endpoint.this]
}

run "refuses_a_vpn_asleep_with_the_policy_attached_by_hand" {
  variables {
    vpn = {
      client_cidr            = "10.100.0.0/22"
      server_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      authentication         = { saml = { provider_arn = "arn:aws:iam::123456789012:saml-provider/people" } }
      active                 = false
    }
  }
  expect_failures = [aws_ec2_client_vpn_endpoint.this]
}

run "refuses_a_permitted_address_with_a_mask" {
  command = plan
  variables {
    permitted_address = "198.51.100.0/24"
    endpoint_ids      = ["cvpn-endpoint-0123456789abcdef0"]
  }
  expect_failures = [var.permitted_address]
}

run "refuses_a_permitted_address_without_an_endpoint" {
  command = plan
  variables {
    permitted_address = "198.51.100.7"
  }
  expect_failures = [var.permitted_address]
}
