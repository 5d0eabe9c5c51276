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
    defaults = { arn = "arn:aws:iam::123456789012:policy/groundcrew-iam-geofence", attachment_count = 0 }
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

run "checker_alone" {
  variables {
    endpoint_ids = ["cvpn-endpoint-0fedcba9876543210"]
  }

  assert {
    condition     = output.function_name == "AWSClientVPN-groundcrew-iam-geofence" && aws_wafv2_web_acl.this.name == "groundcrew-iam-geofence"
    error_message = "The handler's name begins as Client VPN demands; everything else is named after prefix and solution."
  }
  assert {
    condition = local.check_environment == {
      POWERTOOLS_SERVICE_NAME = "groundcrew-iam-geofence"
      CHECK_HOST              = "abc123.execute-api.eu-central-1.amazonaws.com"
      CHECK_STAGE             = "live"
      CHECK_API_ID            = "abc123"
      CHECK_WEB_ACL_ARN       = "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/groundcrew-iam-geofence/1"
    }
    error_message = "The checker knows what an answer must say."
  }
  assert {
    condition     = length(aws_ec2_client_vpn_endpoint.this) == 0 && length(aws_eip.users) == 0 && length(aws_subnet.users) == 0
    error_message = "Without vpn nothing is made for its users."
  }
  assert {
    condition     = output.deny_policy_json == null && output.trusted_addresses == [] && output.vpn_endpoint_id == null && output.vpn_portal_url == null && output.client_configuration_command == null
    error_message = "Without vpn and addresses there is no policy, for it would deny everybody."
  }
  assert {
    condition     = keys(aws_subnet.checker) == ["eu-central-1a", "eu-central-1b"] && keys(aws_nat_gateway.checker) == ["eu-central-1a", "eu-central-1b"]
    error_message = "The checker stands in two zones, and leaves by each."
  }
  assert {
    condition     = [for subnet in aws_subnet.public : subnet.cidr_block] == ["10.220.0.0/24", "10.220.1.0/24"] && [for subnet in aws_subnet.checker : subnet.cidr_block] == ["10.220.10.0/24", "10.220.11.0/24"]
    error_message = "Each subnet is a sixteenth of the VPC."
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.checker.from_port == 443 && aws_vpc_security_group_egress_rule.checker.to_port == 443
    error_message = "The checker asks by HTTPS and nothing else."
  }
}

run "web_acl" {
  assert {
    condition     = one(one(one(aws_wafv2_web_acl.this.default_action).block).custom_response).response_code == 403 && length(one(aws_wafv2_web_acl.this.default_action).allow) == 0
    error_message = "What no rule admits is blocked."
  }
  assert {
    condition     = one(one(one(one(aws_wafv2_web_acl.this.default_action).block).custom_response).response_header) == { name = "x-geofence-decision", value = "blocked" }
    error_message = "A block says that it is the web ACL's."
  }
  assert {
    condition     = one([for rule in aws_wafv2_web_acl.this.rule : length(one(rule.action).allow)]) == 1
    error_message = "One rule, which admits."
  }
  assert {
    condition     = one([for rule in aws_wafv2_web_acl.this.rule : one(one(one(rule.statement).and_statement).statement[0].ip_set_reference_statement).arn]) == aws_wafv2_ip_set.checker.arn && aws_wafv2_ip_set.checker.addresses == toset(["203.0.113.9/32"])
    error_message = "It counts only what the checker's addresses ask."
  }
  assert {
    condition     = one([for rule in aws_wafv2_web_acl.this.rule : one(one(one(one(rule.statement).and_statement).statement[1].or_statement).statement[0].geo_match_statement).country_codes]) == tolist(["DE", "FR"])
    error_message = "Few countries are one statement."
  }
  assert {
    condition     = one([for rule in aws_wafv2_web_acl.this.rule : one(one(one(one(one(rule.statement).and_statement).statement[1].or_statement).statement[0].geo_match_statement).forwarded_ip_config)]) == { header_name = "X-Geofence-Client-Ip", fallback_behavior = "NO_MATCH" }
    error_message = "What is no address matches no country."
  }
  assert {
    condition = one([for rule in aws_wafv2_web_acl.this.rule : [
      for part in one(one(one(rule.statement).and_statement).statement[1].or_statement).statement :
      [part.byte_match_statement[0].search_string, part.byte_match_statement[0].positional_constraint, one(one(part.byte_match_statement[0].field_to_match).single_header).name]
      if length(part.byte_match_statement) == 1
    ]]) == [["203.0.113.1", "EXACTLY", "x-geofence-client-ip"]]
    error_message = "The same rule lets the canary's drill pass, which is nobody's address."
  }
  assert {
    condition     = aws_wafv2_web_acl_association.check.resource_arn == aws_api_gateway_stage.check.arn && aws_wafv2_web_acl_association.check.web_acl_arn == output.web_acl_arn
    error_message = "The web ACL stands before the check."
  }
  assert {
    condition     = startswith(output.waf_log_group_name, "aws-waf-logs-") && one(one(aws_wafv2_web_acl_logging_configuration.this.redacted_fields).single_header).name == "x-geofence-client-ip"
    error_message = "Its log has the country and leaves the address out."
  }
  assert {
    condition     = alltrue([for config in concat(aws_wafv2_web_acl.this.visibility_config, [for rule in aws_wafv2_web_acl.this.rule : one(rule.visibility_config)]) : !config.sampled_requests_enabled])
    error_message = "Samples would show addresses."
  }
}

run "user_data_on_request" {
  variables {
    log_user_data = true
  }

  assert {
    condition     = length(aws_wafv2_web_acl_logging_configuration.this.redacted_fields) == 0 && one(aws_wafv2_web_acl.this.visibility_config).sampled_requests_enabled
    error_message = "Whoever asks for addresses gets them."
  }
}

run "countries_as_one_text" {
  variables {
    allowed_countries = ["FR, DE,XK", "DE"]
  }

  assert {
    condition     = local.countries == tolist(["DE", "FR", "XK"]) && output.config_hash != run.web_acl.config_hash
    error_message = "A text with commas is as good as a list, and other countries are another configuration."
  }
}

run "sixty_countries" {
  variables {
    allowed_countries = slice(jsondecode(file("countries.json")), 0, 60)
  }

  assert {
    condition = one([for rule in aws_wafv2_web_acl.this.rule : [
      for part in one(one(one(rule.statement).and_statement).statement[1].or_statement).statement : length(part.geo_match_statement[0].country_codes) if length(part.geo_match_statement) == 1
    ]]) == [50, 10]
    error_message = "WAF takes 50 countries in one statement."
  }
}

run "every_country" {
  variables {
    allowed_countries = jsondecode(file("countries.json"))
  }

  assert {
    condition = one([for rule in aws_wafv2_web_acl.this.rule : [
      for part in one(one(one(rule.statement).and_statement).statement[1].or_statement).statement : length(part.geo_match_statement[0].country_codes) if length(part.geo_match_statement) == 1
    ]]) == [50, 50, 50, 50, 50]
    error_message = "All 250 are five statements."
  }
  assert {
    condition = flatten([for rule in aws_wafv2_web_acl.this.rule : [
      for part in one(one(one(rule.statement).and_statement).statement[1].or_statement).statement : part.geo_match_statement[0].country_codes if length(part.geo_match_statement) == 1
    ]]) == jsondecode(file("countries.json"))
    error_message = "No country is lost or doubled."
  }
}

run "check" {
  variables {
    endpoint_ids = ["cvpn-endpoint-0fedcba9876543210", "cvpn-endpoint-0123456789abcdef0"]
  }

  assert {
    condition     = aws_api_gateway_integration.check.type == "MOCK" && aws_api_gateway_integration.check.passthrough_behavior == "NEVER"
    error_message = "The check has no backend, and takes nothing that its template does not know."
  }
  assert {
    condition = aws_api_gateway_integration.check.request_templates["application/json"] == join("\n", [
      "#set($context.requestOverride.path.nonce = $input.params('X-Geofence-Nonce'))",
      "#set($context.requestOverride.path.endpoint = $input.params('X-Geofence-Endpoint'))",
      "#set($known = false)",
      "#if($input.params('X-Geofence-Endpoint') == \"cvpn-endpoint-0123456789abcdef0\")#set($known = true)#end",
      "#if($input.params('X-Geofence-Endpoint') == \"cvpn-endpoint-0fedcba9876543210\")#set($known = true)#end",
      "#if($context.wafResponseCode == \"WAF_ALLOW\" && $context.webaclArn == \"arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/groundcrew-iam-geofence/1\")",
      "#if($known){\"statusCode\": 200}#else{\"statusCode\": 403}#end",
      "#else{\"statusCode\": 500}#end",
    ])
    error_message = "The template admits what this web ACL let through, for endpoints that are known."
  }
  assert {
    condition     = [for code in ["200", "403", "500"] : coalesce(aws_api_gateway_integration_response.check[code].selection_pattern, "none")] == ["200", "403", "none"]
    error_message = "What no pattern speaks of is no admission."
  }
  assert {
    condition = jsondecode(aws_api_gateway_integration_response.check["200"].response_templates["application/json"]) == {
      nonce    = "$util.escapeJavaScript($context.requestOverride.path.nonce)"
      waf      = "$context.wafResponseCode"
      acl      = "$context.webaclArn"
      api      = "$context.apiId"
      stage    = "$context.stage"
      endpoint = "$util.escapeJavaScript($context.requestOverride.path.endpoint)"
    }
    error_message = "The answer says by which web ACL it came, for which question."
  }
  assert {
    condition     = jsondecode(aws_api_gateway_integration_response.check["403"].response_templates["application/json"]) == { reason = "endpoint" }
    error_message = "An unknown endpoint is told so."
  }
  assert {
    condition = one(jsondecode(aws_api_gateway_rest_api_policy.check.policy).Statement) == {
      Sid       = "CheckerAsks"
      Effect    = "Allow"
      Principal = "*"
      Action    = "execute-api:Invoke"
      Resource  = "arn:aws:execute-api:eu-central-1:123456789012:abc123/*"
      Condition = { IpAddress = { "aws:SourceIp" = ["203.0.113.9/32", "203.0.113.9/32"] } }
    }
    error_message = "The checker's addresses alone may ask."
  }
  assert {
    condition     = aws_api_gateway_stage.check.stage_name == "live" && output.check_url == "https://abc123.execute-api.eu-central-1.amazonaws.com/live/check"
    error_message = "The check is at /check of the stage live."
  }
}

run "directory_and_certificate" {
  variables {
    vpn = {
      client_cidr            = "10.100.0.0/22"
      server_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      authentication = {
        directory   = { directory_id = "d-0123456789" }
        certificate = { root_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-666666666666" }
      }
    }
  }

  assert {
    condition = toset([for way in aws_ec2_client_vpn_endpoint.this["this"].authentication_options : way.type]) == toset([
      "certificate-authentication", "directory-service-authentication"
    ])
    error_message = "Certificates go with one of the others."
  }
}

run "vpn" {
  variables {
    vpn = {
      client_cidr            = "10.100.0.0/22"
      server_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      authentication         = { saml = { provider_arn = "arn:aws:iam::123456789012:saml-provider/people" } }
      authorized             = { platform = { group_id = "platform-team" }, auditors = { group_id = "audit", networks = ["10.0.0.0/8"] } }
      self_service_portal    = true
    }
    policy = {
      break_glass_role_arns = ["arn:aws:iam::123456789012:role/break-glass"]
      human_principal_arns  = ["arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*"]
      keeper_role_arns      = ["arn:aws:iam::123456789012:role/deploy"]
      addresses             = ["192.0.2.0/28"]
      attached_role_names   = ["analyst"]
    }
  }

  assert {
    condition     = one(aws_ec2_client_vpn_endpoint.this["this"].client_connect_options).lambda_function_arn == output.function_arn && one(aws_ec2_client_vpn_endpoint.this["this"].client_connect_options).enabled
    error_message = "The endpoint asks the handler."
  }
  assert {
    condition = (
      aws_ec2_client_vpn_endpoint.this["this"].session_timeout_hours == 8
      && aws_ec2_client_vpn_endpoint.this["this"].disconnect_on_session_timeout
      && !aws_ec2_client_vpn_endpoint.this["this"].split_tunnel
      && one(aws_ec2_client_vpn_endpoint.this["this"].client_route_enforcement_options).enforced
    )
    error_message = "The tunnel is whole, its routes hold, and a session ends after eight hours."
  }
  assert {
    condition     = one(aws_ec2_client_vpn_endpoint.this["this"].authentication_options).type == "federated-authentication" && one(aws_ec2_client_vpn_endpoint.this["this"].authentication_options).saml_provider_arn == "arn:aws:iam::123456789012:saml-provider/people"
    error_message = "People sign in by SAML."
  }
  assert {
    condition     = one(aws_ec2_client_vpn_endpoint.this["this"].connection_log_options).cloudwatch_log_group == output.connection_log_group_name && aws_cloudwatch_log_group.connections["this"].retention_in_days == 365
    error_message = "Connections are logged, for a stated time."
  }
  assert {
    condition     = keys(aws_ec2_client_vpn_network_association.this) == ["eu-central-1a", "eu-central-1b"] && keys(aws_ec2_client_vpn_route.this) == ["eu-central-1a 0.0.0.0/0", "eu-central-1b 0.0.0.0/0"]
    error_message = "Every associated subnet has the same route."
  }
  assert {
    condition = { for name, rule in aws_ec2_client_vpn_authorization_rule.this : name => [rule.access_group_id, rule.target_network_cidr] } == {
      "auditors 10.0.0.0/8" = ["audit", "10.0.0.0/8"], "platform 0.0.0.0/0" = ["platform-team", "0.0.0.0/0"]
    }
    error_message = "Groups reach what they are authorized for."
  }
  assert {
    condition     = strcontains(aws_api_gateway_integration.check.request_templates["application/json"], "\"cvpn-endpoint-0123456789abcdef0\"")
    error_message = "The check knows the endpoint."
  }
  assert {
    condition     = output.checker_addresses == ["203.0.113.9", "203.0.113.9"] && output.trusted_addresses == ["198.51.100.7", "198.51.100.7", "192.0.2.0/28"]
    error_message = "The policies trust the users' way out, and never the checker's."
  }
  assert {
    condition     = jsondecode(output.deny_policy_json).Statement[0].Condition.NotIpAddressIfExists == { "aws:SourceIp" = ["192.0.2.0/28", "198.51.100.7"] } && jsondecode(output.deny_policy_json).Statement[0].Condition.StringNotEqualsIfExists == { "aws:SourceVpc" = ["vpc-0123456789abcdef0"] }
    error_message = "The policy trusts those addresses, and the VPC's own endpoints."
  }
  assert {
    condition     = aws_iam_role_policy_attachment.held["analyst"].policy_arn == output.deny_policy_arn
    error_message = "The role that is named is held."
  }
  assert {
    condition     = strcontains(output.protection_json, "elastic-ip/eipalloc-0123456789abcdef1") && strcontains(output.protection_json, "policy/groundcrew-iam-geofence") && length(jsondecode(output.protection_json).Statement) == 7
    error_message = "Every part of the fence is protected."
  }
  assert {
    condition     = strcontains(output.vpn_console_url, "clientVpnEndpointId=cvpn-endpoint-0123456789abcdef0") && strcontains(output.client_configuration_command, "cvpn-endpoint-0123456789abcdef0") && output.vpn_portal_url != null
    error_message = "The outputs lead to the endpoint."
  }
  assert {
    condition     = output.scp_bytes <= 5120 && output.deny_policy_bytes <= 6144
    error_message = "Both texts fit."
  }
}

run "vpn_asleep" {
  variables {
    vpn = {
      client_cidr            = "10.100.0.0/22"
      server_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      authentication         = { certificate = { root_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-666666666666" } }
      active                 = false
      banner                 = "For work."
      dns_servers            = ["10.220.0.2"]
    }
    provisioned_concurrency = 2
  }

  assert {
    condition     = output.vpn_endpoint_id == "cvpn-endpoint-0123456789abcdef0" && length(aws_ec2_client_vpn_network_association.this) == 0 && length(aws_ec2_client_vpn_route.this) == 0
    error_message = "The endpoint stays, and nothing of it is charged by the hour."
  }
  assert {
    condition     = aws_ec2_client_vpn_authorization_rule.this["everybody 0.0.0.0/0"].authorize_all_groups
    error_message = "Everybody who may connect may go everywhere, unless groups are named."
  }
  assert {
    condition     = endswith(one(aws_ec2_client_vpn_endpoint.this["this"].client_connect_options).lambda_function_arn, ":live")
    error_message = "The endpoint asks environments that wait."
  }
  assert {
    condition = (
      one(aws_ec2_client_vpn_endpoint.this["this"].authentication_options).type == "certificate-authentication"
      && endswith(one(aws_ec2_client_vpn_endpoint.this["this"].authentication_options).root_certificate_chain_arn, "666666666666")
    )
    error_message = "Machines sign in by certificates of one authority."
  }
  assert {
    condition     = output.vpn_portal_url == null && one(aws_ec2_client_vpn_endpoint.this["this"].client_login_banner_options).banner_text == "For work."
    error_message = "Portal and banner are the caller's choice."
  }
}

run "split_tunnel" {
  variables {
    vpn = {
      client_cidr            = "10.100.0.0/22"
      server_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      authentication         = { directory = { directory_id = "d-0123456789" } }
      authorized             = { staff = { group_id = "S-1-5-21-1-2-3-1104" } }
      split_tunnel           = true
      destinations           = ["10.0.0.0/8", "172.16.0.0/12"]
    }
    vpc = { zones = ["eu-central-1a", "eu-central-1b", "eu-central-1c"], nat_in_every_zone = false }
  }

  assert {
    condition = [for way in aws_ec2_client_vpn_endpoint.this["this"].authentication_options : [way.type, way.active_directory_id]] == [
      ["directory-service-authentication", "d-0123456789"]
    ]
    error_message = "People sign in by the directory, and by nothing else."
  }
  assert {
    condition = { for name, rule in aws_ec2_client_vpn_authorization_rule.this : name => rule.access_group_id } == {
      "staff 10.0.0.0/8" = "S-1-5-21-1-2-3-1104", "staff 172.16.0.0/12" = "S-1-5-21-1-2-3-1104"
    }
    error_message = "A directory's groups are named by their SIDs."
  }
  assert {
    condition     = length(aws_ec2_client_vpn_route.this) == 6 && length(aws_ec2_client_vpn_authorization_rule.this) == 2
    error_message = "Each destination has a route in each subnet, and a rule."
  }
  assert {
    condition     = length(data.aws_availability_zones.regular) == 0 && keys(aws_nat_gateway.users) == ["eu-central-1a"] && length(aws_route.users) == 3
    error_message = "One NAT gateway serves all zones where that is wanted."
  }
}

run "existing_network" {
  variables {
    vpn = {
      client_cidr            = "10.100.0.0/22"
      server_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      authentication         = { saml = { provider_arn = "arn:aws:iam::123456789012:saml-provider/people" } }
    }
    existing_network = {
      vpc_id             = "vpc-0fedcba9876543210"
      checker_subnet_ids = ["subnet-1", "subnet-2"]
      checker_addresses  = ["203.0.113.20"]
      vpn_subnet_ids     = { a = "subnet-3", b = "subnet-4" }
      vpn_addresses      = ["198.51.100.30"]
    }
  }

  assert {
    condition     = length(aws_vpc.this) + length(aws_subnet.public) + length(aws_nat_gateway.checker) + length(aws_eip.users) + length(aws_route_table.users) == 0
    error_message = "Nothing of a network is made."
  }
  assert {
    condition     = { for name, item in aws_ec2_client_vpn_network_association.this : name => item.subnet_id } == { a = "subnet-3", b = "subnet-4" } && aws_security_group.checker.vpc_id == "vpc-0fedcba9876543210"
    error_message = "The VPN and the checker use what is there."
  }
  assert {
    condition     = output.checker_addresses == ["203.0.113.20"] && output.trusted_addresses == ["198.51.100.30"] && local.checker_network.subnet_ids == toset(["subnet-1", "subnet-2"])
    error_message = "The addresses are the ones that were given."
  }
}

run "canary" {
  variables {
    endpoint_ids      = ["cvpn-endpoint-0fedcba9876543210"]
    permitted_address = "198.51.100.77"
    function          = { artifact = { path = "versions.tf" }, reserved_concurrency = 5 }
  }

  assert {
    condition     = aws_cloudwatch_event_rule.canary.schedule_expression == "rate(5 minutes)" && output.canary_function_name == "groundcrew-iam-geofence-canary"
    error_message = "It looks every five minutes: as long as a control counts."
  }
  assert {
    condition     = aws_cloudwatch_event_target.canary.arn == module.canary.function_arn && one(aws_cloudwatch_event_target.canary.dead_letter_config).arn == module.canary.failure_queue_arn
    error_message = "The schedule invokes it, and keeps what it could not deliver."
  }
  assert {
    condition     = aws_lambda_permission.canary.source_arn == aws_cloudwatch_event_rule.canary.arn
    error_message = "Only this schedule may invoke it."
  }
}

run "alarms" {
  variables {
    mode   = "monitor"
    alarms = { topic_arns = ["arn:aws:sns:eu-central-1:123456789012:oncall"] }
    vpn = {
      client_cidr            = "10.100.0.0/22"
      server_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      authentication         = { saml = { provider_arn = "arn:aws:iam::123456789012:saml-provider/people" } }
    }
  }

  assert {
    condition     = keys(aws_cloudwatch_metric_alarm.this) == ["canary-silent", "certificate-expiry", "check-failure", "control-admitted", "control-denied", "latency", "proof-failure"]
    error_message = "Each way in which the fence can fail has its alarm."
  }
  assert {
    condition     = alltrue([for alarm in concat(values(aws_cloudwatch_metric_alarm.this), [aws_cloudwatch_metric_alarm.deny_ratio]) : alarm.alarm_actions == toset(["arn:aws:sns:eu-central-1:123456789012:oncall"])])
    error_message = "Each tells the caller's topics."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["proof-failure"].dimensions == tomap({ service = "groundcrew-iam-geofence" }) && aws_cloudwatch_metric_alarm.this["canary-silent"].dimensions == tomap({ service = "groundcrew-iam-geofence-canary" })
    error_message = "What the handler tells does not cover the canary's silence."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["canary-silent"].treat_missing_data == "breaching" && aws_cloudwatch_metric_alarm.this["certificate-expiry"].dimensions == tomap({ CertificateArn = var.vpn.server_certificate_arn })
    error_message = "Silence is heard, and the certificate is the VPN's."
  }
  assert {
    condition     = length(setsubtract(values(aws_cloudwatch_metric_alarm.this)[*].arn, flatten([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : widget.properties.alarms if widget.type == "alarm"]))) == 0
    error_message = "The dashboard shows every alarm."
  }
  assert {
    condition     = strcontains(aws_cloudwatch_dashboard.this.dashboard_body, "would-deny") && strcontains(aws_cloudwatch_dashboard.this.dashboard_body, "cfg:${output.config_hash}")
    error_message = "The dashboard says that nobody is kept out, and which configuration holds."
  }
}
