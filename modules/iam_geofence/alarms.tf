# What the fence says of itself; whether the functions run as they should is the business of lambda_function's alarms.
locals {
  handler_service = { service = local.name }
  canary_service  = { service = "${local.name}-canary" }

  alarms = merge(
    {
      proof-failure = {
        description = "The check answered as no intact fence does, and people were denied for it (in mode monitor: admitted): see the reasons in ${module.function.log_group_name}. Look whether the stage ${local.stage} of ${local.name} has its web ACL, and whether somebody changed one of them."
        namespace   = local.metric_namespace, metric = "ProofFailures", dimensions = local.handler_service, statistic = "Sum"
        comparison  = "GreaterThanThreshold", threshold = 0, period = 60, periods = 1, missing = "notBreaching"
      }
      control-admitted = {
        description = "The web ACL of ${local.name} let an address pass that is nobody's: it blocks nothing, and the handler denies everybody. Look for a rule that allows or counts what it should block, and for another web ACL on the stage; apply again."
        namespace   = local.metric_namespace, metric = "ControlAdmitted", dimensions = local.canary_service, statistic = "Maximum"
        comparison  = "GreaterThanThreshold", threshold = 0, period = 300, periods = 1, missing = "ignore" # what was found last holds
      }
      control-denied = {
        description = "The web ACL of ${local.name} blocked an address that it must let pass: nobody gets in. Look whether its rule is there, allows, and trusts the checker's addresses%{if var.permitted_address != null}, or has lost the country of ${var.permitted_address}%{endif}; apply again."
        namespace   = local.metric_namespace, metric = "ControlDenied", dimensions = local.canary_service, statistic = "Maximum"
        comparison  = "GreaterThanThreshold", threshold = 0, period = 300, periods = 1, missing = "ignore" # what was found last holds
      }
      canary-silent = {
        description = "For a quarter of an hour nobody has seen the fence of ${local.name} stand: see whether the rule ${aws_cloudwatch_event_rule.canary.name} is enabled, whether the checker's subnets reach the internet, and ${module.canary.log_group_name}."
        namespace   = local.metric_namespace, metric = "ControlAdmitted", dimensions = local.canary_service, statistic = "SampleCount"
        comparison  = "LessThanThreshold", threshold = 1, period = 300, periods = 3, missing = "breaching"
      }
      check-failure = {
        description = "The check gave no answer, or the handler failed, and people were denied for it: see the reasons in ${module.function.log_group_name}, and whether the checker's NAT gateways stand."
        namespace   = local.metric_namespace, metric = "CheckFailures", dimensions = local.handler_service, statistic = "Sum"
        comparison  = "GreaterThanThreshold", threshold = 0, period = 60, periods = 1, missing = "notBreaching"
      }
      latency = {
        description = "A check took more than 5 of the 8 s that it is allowed: people wait, and some will be denied. Look at the checker's NAT gateways and at API Gateway's latency."
        namespace   = local.metric_namespace, metric = "CheckLatency", dimensions = local.handler_service, statistic = "Maximum"
        comparison  = "GreaterThanThreshold", threshold = 5000, period = 300, periods = 1, missing = "notBreaching"
      }
    },
    var.vpn == null ? {} : {
      certificate-expiry = {
        description = "The VPN's server certificate expires within 30 days; from then on nobody can connect. Import its successor under the same ARN (aws acm import-certificate --certificate-arn …)."
        namespace   = "AWS/CertificateManager", metric = "DaysToExpiry", dimensions = { CertificateArn = try(var.vpn.server_certificate_arn, "") }, statistic = "Minimum"
        comparison  = "LessThanThreshold", threshold = 30, period = 86400, periods = 1, missing = "ignore" # ACM counts once or twice a day
      }
    },
  )
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${local.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  period              = each.value.period
  evaluation_periods  = each.value.periods
  treat_missing_data  = each.value.missing
  alarm_actions       = var.alarms.topic_arns
  ok_actions          = var.alarms.topic_arns
  tags                = var.tags
}

# Among few connections one traveller is a high ratio.
resource "aws_cloudwatch_metric_alarm" "deny_ratio" {
  alarm_name          = "${local.name}-deny-ratio"
  alarm_description   = "Of at least ten who connected within an hour, more than half were denied (in mode monitor: would have been). Either many try from elsewhere, or WAF places a network of yours in another country: see countries in ${aws_cloudwatch_log_group.waf.name}, reasons in ${module.function.log_group_name}."
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0.5
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarms.topic_arns
  ok_actions          = var.alarms.topic_arns
  tags                = var.tags

  metric_query {
    id          = "ratio"
    expression  = "IF(decisions >= 10, denied / decisions, 0)"
    label       = "denied of all who connected"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { decisions = "Decisions", denied = "Denied" }

    content {
      id = metric_query.key

      metric {
        namespace   = local.metric_namespace
        metric_name = metric_query.value
        dimensions  = local.handler_service
        stat        = "Sum"
        period      = 3600
      }
    }
  }
}
