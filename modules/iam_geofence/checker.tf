# A question to the web ACL, as an API: MOCK answers without any backend, and says in its answer which web ACL let the
# question through. Where there is none, $context.wafResponseCode and $context.webaclArn are unset, and nobody is admitted.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
locals {
  stage = "live"

  # Who may ask. Not in the handler's environment: the endpoint names the handler, so the handler cannot name it.
  endpoint_ids = concat(sort(var.endpoint_ids), [for endpoint in aws_ec2_client_vpn_endpoint.this : endpoint.id])

  # The status is chosen before the answer is written. Request data reach the answer by $context alone.
  request_template = join("\n", concat(
    [
      "#set($context.requestOverride.path.nonce = $input.params('X-Geofence-Nonce'))",
      "#set($context.requestOverride.path.endpoint = $input.params('X-Geofence-Endpoint'))",
      "#set($known = false)",
    ],
    [for id in local.endpoint_ids : "#if($input.params('X-Geofence-Endpoint') == \"${id}\")#set($known = true)#end"],
    [
      "#if($context.wafResponseCode == \"WAF_ALLOW\" && $context.webaclArn == \"${aws_wafv2_web_acl.this.arn}\")",
      "#if($known){\"statusCode\": 200}#else{\"statusCode\": 403}#end",
      "#else{\"statusCode\": 500}#end",
    ],
  ))

  answers = {
    # The one without a pattern answers whatever status no other speaks of: it must not be the one that admits.
    500 = { pattern = null, template = "{\"reason\": \"waf\"}" }
    403 = { pattern = "403", template = "{\"reason\": \"endpoint\"}" }
    200 = {
      pattern = "200"
      template = join("", ["{", join(", ", [
        "\"nonce\": \"$util.escapeJavaScript($context.requestOverride.path.nonce)\"",
        "\"waf\": \"$context.wafResponseCode\"",
        "\"acl\": \"$context.webaclArn\"",
        "\"api\": \"$context.apiId\"",
        "\"stage\": \"$context.stage\"",
        "\"endpoint\": \"$util.escapeJavaScript($context.requestOverride.path.endpoint)\"",
      ]), "}"])
    }
  }
}

resource "aws_api_gateway_rest_api" "check" {
  name        = local.name
  description = "Tells whether the web ACL admits an address."
  tags        = var.tags

  endpoint_configuration {
    types = ["REGIONAL"] # WAF counts and locates what reaches the Region itself
  }

  lifecycle {
    create_before_destroy = true
  }
}

# The web ACL comes first; behind it nobody else may ask at all.
resource "aws_api_gateway_rest_api_policy" "check" {
  rest_api_id = aws_api_gateway_rest_api.check.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "CheckerAsks"
      Effect    = "Allow"
      Principal = "*"
      Action    = "execute-api:Invoke"
      Resource  = "${aws_api_gateway_rest_api.check.execution_arn}/*"
      Condition = { IpAddress = { "aws:SourceIp" = local.checker_addresses } }
    }]
  })
}

resource "aws_api_gateway_resource" "check" {
  rest_api_id = aws_api_gateway_rest_api.check.id
  parent_id   = aws_api_gateway_rest_api.check.root_resource_id
  path_part   = "check"
}

resource "aws_api_gateway_method" "check" {
  #checkov:skip=CKV_AWS_59:The web ACL and the resource policy admit the checker's addresses alone, and an answer gives access to nothing.
  #checkov:skip=CKV2_AWS_53:The template judges the headers, and a missing one admits nobody.
  rest_api_id   = aws_api_gateway_rest_api.check.id
  resource_id   = aws_api_gateway_resource.check.id
  http_method   = "GET"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "check" {
  rest_api_id          = aws_api_gateway_rest_api.check.id
  resource_id          = aws_api_gateway_resource.check.id
  http_method          = aws_api_gateway_method.check.http_method
  type                 = "MOCK"
  passthrough_behavior = "NEVER"
  request_templates    = { "application/json" = local.request_template }
}

resource "aws_api_gateway_method_response" "check" {
  for_each = local.answers

  rest_api_id = aws_api_gateway_rest_api.check.id
  resource_id = aws_api_gateway_resource.check.id
  http_method = aws_api_gateway_method.check.http_method
  status_code = each.key
}

resource "aws_api_gateway_integration_response" "check" {
  for_each = local.answers

  rest_api_id        = aws_api_gateway_rest_api.check.id
  resource_id        = aws_api_gateway_resource.check.id
  http_method        = aws_api_gateway_method.check.http_method
  status_code        = aws_api_gateway_method_response.check[each.key].status_code
  selection_pattern  = each.value.pattern
  response_templates = { "application/json" = each.value.template }

  depends_on = [aws_api_gateway_integration.check]
}

# A deployment is a snapshot: whatever of the API changes makes another.
resource "aws_api_gateway_deployment" "check" {
  rest_api_id = aws_api_gateway_rest_api.check.id
  description = "What ${local.name} asks."

  triggers = {
    content = sha256(jsonencode([
      local.request_template, local.answers, aws_api_gateway_rest_api_policy.check.policy,
      aws_api_gateway_method.check.authorization, aws_api_gateway_integration.check.passthrough_behavior,
    ]))
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [
    aws_api_gateway_integration.check, aws_api_gateway_integration_response.check, aws_api_gateway_rest_api_policy.check,
  ]
}

resource "aws_api_gateway_stage" "check" {
  #checkov:skip=CKV_AWS_76:Access logs need a role that is set for a whole account and Region; the web ACL's log and the handler's have each question.
  #checkov:skip=CKV_AWS_120:An answer from a cache would prove nothing.
  #checkov:skip=CKV2_AWS_4:Execution logs need a role that is set for a whole account and Region, and would hold the addresses.
  #checkov:skip=CKV2_AWS_77:Behind the web ACL is a template of API Gateway, and no Java.
  #checkov:skip=CKV2_AWS_51:There is no backend to show a certificate to.
  rest_api_id          = aws_api_gateway_rest_api.check.id
  deployment_id        = aws_api_gateway_deployment.check.id
  stage_name           = local.stage
  xray_tracing_enabled = true
  tags                 = var.tags
}
