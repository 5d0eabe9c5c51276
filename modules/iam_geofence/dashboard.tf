locals {
  kept_out = var.mode == "monitor" ? "would-deny" : "deny" # the handler's own words for it

  graphs = concat(
    [
      {
        title = "People admitted, and kept out for their country", x = 0, y = 3, width = 12, stat = "Sum"
        lines = [for pair in [["admit", "permitted"], [local.kept_out, "country"]] : [
          local.metric_namespace, "Decisions", "service", local.name, "decision", pair[0], "reason", pair[1],
        ]]
      },
      {
        title = "Failures of the check, and of its proof", x = 12, y = 3, width = 12, stat = "Sum"
        lines = concat(
          [for name in ["ProofFailures", "CheckFailures"] : [local.metric_namespace, name, "service", local.name]],
          [for name in ["ControlAdmitted", "ControlDenied"] : [local.metric_namespace, name, "service", "${local.name}-canary"]],
        )
      },
      {
        title = "Latency of the check (ms)", x = 0, y = 9, width = 8, stat = "Maximum"
        lines = [[local.metric_namespace, "CheckLatency", "service", local.name]]
      },
      {
        title = "Questions that the web ACL let pass and blocked", x = 8, y = 9, width = 8, stat = "Sum"
        lines = [for name in ["AllowedRequests", "BlockedRequests"] : [
          "AWS/WAFV2", name, "WebACL", local.name, "Region", data.aws_region.current.id, "Rule", "ALL",
        ]]
      },
      {
        title = "Errors and duration (ms) of the handler", x = 16, y = 9, width = 8, stat = "Maximum"
        lines = [
          ["AWS/Lambda", "Errors", "FunctionName", module.function.function_name, { stat = "Sum" }],
          ["AWS/Lambda", "Duration", "FunctionName", module.function.function_name, { yAxis = "right" }],
        ]
      },
    ],
    [for endpoint in aws_ec2_client_vpn_endpoint.this : {
      title = "Connections to the VPN, and failed sign-ins", x = 0, y = 15, width = 24, stat = "Maximum"
      lines = [
        ["AWS/ClientVPN", "ActiveConnectionsCount", "Endpoint", endpoint.id],
        ["AWS/ClientVPN", "AuthenticationFailures", "Endpoint", endpoint.id, { stat = "Sum" }],
      ]
    }],
  )
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = local.name
  dashboard_body = jsonencode({
    start = "-P7D"
    widgets = concat(
      [{
        type = "text", x = 0, y = 0, width = 24, height = 3
        properties = {
          markdown = <<-EOT
            ## ${local.name}
            ${var.mode == "monitor" ? "**Nobody is kept out** (mode monitor): who would be is counted. " : ""}People connect from ${length(local.countries) <= 30 ? join(", ", local.countries) : "${length(local.countries)} countries"}; sessions admitted by this configuration carry the status `cfg:${local.config_hash}`. Why each was admitted or denied is in the last table.
          EOT
        }
      }],
      [for graph in local.graphs : {
        type = "metric", x = graph.x, y = graph.y, width = graph.width, height = 6
        properties = {
          title   = graph.title
          region  = data.aws_region.current.id
          view    = "timeSeries"
          stat    = graph.stat
          period  = 300
          metrics = graph.lines
          yAxis   = { left = { min = 0 } }
        }
      }],
      [
        {
          type = "alarm", x = 0, y = 21, width = 24, height = 4
          properties = {
            title = "Alarms"
            alarms = concat(
              values(aws_cloudwatch_metric_alarm.this)[*].arn, [aws_cloudwatch_metric_alarm.deny_ratio.arn],
              values(module.function.alarm_arns), values(module.canary.alarm_arns),
            )
          }
        },
        {
          type = "log", x = 0, y = 25, width = 24, height = 10
          properties = {
            title  = "Last decisions"
            region = data.aws_region.current.id
            view   = "table"
            query = join("\n| ", [
              "SOURCE '${module.function.log_group_name}'",
              "fields @timestamp, decision, reason, detail, connection, endpoint, check_ms, config_hash",
              "filter message = \"decision\"",
              "sort @timestamp desc",
              "limit 100",
            ])
          }
        },
      ],
    )
  })
}
