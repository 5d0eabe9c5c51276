locals {
  # WAF takes at most 50 codes in one statement, which `terraform validate` does not know.
  # https://docs.aws.amazon.com/waf/latest/APIReference/API_GeoMatchStatement.html
  country_chunks = chunklist(local.countries, 50)

  asked_header = "X-Geofence-Client-Ip" # one address, which no proxy on the way adds to

  # TEST-NET-3 (RFC 5737), which is nobody's: nobody connects from it, and the handler admits no such address.
  drill_address = "203.0.113.1"
}

resource "aws_wafv2_ip_set" "checker" {
  name               = local.name
  description        = "The addresses that the checker asks from."
  scope              = "REGIONAL"
  ip_address_version = "IPV4"
  addresses          = local.checker_addresses
  tags               = var.tags
}

# Whatever no rule speaks of is blocked: a missing header, or one that is no address, and a web ACL that lost its rule.
resource "aws_wafv2_web_acl" "this" {
  #checkov:skip=CKV_AWS_192:Behind it is a template of API Gateway, and no Java.
  name        = local.name
  description = "Admits what the checker asks about addresses in permitted countries."
  scope       = "REGIONAL"
  tags        = var.tags

  default_action {
    block {
      custom_response {
        response_code = 403

        response_header {
          name  = "x-geofence-decision" # by which the checker knows that it was the web ACL
          value = "blocked"
        }
      }
    }
  }

  rule {
    name     = "admit"
    priority = 0

    action {
      allow {}
    }

    statement {
      and_statement {
        # Anybody may claim any address in a header: whose claim counts is told by where the request comes from.
        statement {
          ip_set_reference_statement {
            arn = aws_wafv2_ip_set.checker.arn
          }
        }

        statement {
          or_statement {
            dynamic "statement" {
              for_each = local.country_chunks
              iterator = chunk

              content {
                geo_match_statement {
                  country_codes = chunk.value

                  forwarded_ip_config {
                    header_name       = local.asked_header
                    fallback_behavior = "NO_MATCH"
                  }
                }
              }
            }

            # In this very rule: whatever takes its effect away takes the drill's, which the canary sees.
            statement {
              byte_match_statement {
                positional_constraint = "EXACTLY"
                search_string         = local.drill_address

                field_to_match {
                  single_header {
                    name = lower(local.asked_header)
                  }
                }

                text_transformation {
                  priority = 0
                  type     = "NONE"
                }
              }
            }
          }
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "${local.name}-admit"
      sampled_requests_enabled   = var.log_user_data # samples show the header with the address
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = local.name
    sampled_requests_enabled   = var.log_user_data
  }
}

resource "aws_wafv2_web_acl_association" "check" {
  resource_arn = aws_api_gateway_stage.check.arn
  web_acl_arn  = aws_wafv2_web_acl.this.arn
}

# Each request with the country that WAF found, as a label: what the decision log cannot know.
resource "aws_cloudwatch_log_group" "waf" {
  name              = "aws-waf-logs-${local.name}" # WAF writes to no group of another name
  retention_in_days = var.function.log_retention_days
  kms_key_id        = var.function.kms_key_arn
  tags              = var.tags
}

resource "aws_wafv2_web_acl_logging_configuration" "this" {
  resource_arn            = aws_wafv2_web_acl.this.arn
  log_destination_configs = [aws_cloudwatch_log_group.waf.arn]

  dynamic "redacted_fields" {
    for_each = var.log_user_data ? [] : [lower(local.asked_header)]

    content {
      single_header {
        name = redacted_fields.value
      }
    }
  }
}
