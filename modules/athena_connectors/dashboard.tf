locals {
  graphs = [
    {
      title = "Connections in use", namespace = "AWS/Lambda", metric = "ConcurrentExecutions", stat = "Maximum"
    },
    {
      title = "Seconds queued at the source", namespace = local.metric_namespace, metric = "QueuedSeconds", stat = "Maximum"
    },
    {
      title = "Seconds to the first row", namespace = local.metric_namespace, metric = "FirstRowSeconds", stat = "Maximum"
    },
    {
      title = "Rows moved", namespace = local.metric_namespace, metric = "Rows", stat = "Sum"
    },
    {
      title = "Bytes moved", namespace = local.metric_namespace, metric = "Bytes", stat = "Sum"
    },
    {
      title = "Errors", namespace = "AWS/Lambda", metric = "Errors", stat = "Sum"
    },
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = "${var.prefix}-athena-connectors"
  dashboard_body = jsonencode({
    start = "-P1D"
    widgets = concat(
      [{
        type = "text", x = 0, y = 0, width = 24, height = 3
        properties = {
          markdown = join("\n", concat(
            ["## ${var.prefix}-athena-connectors", "Sources that Athena queries in place; the catalogs of each, and how many connections it may have:", ""],
            [for key, source in local.sources : format(
              "- %s (%s): **%s**, %s", source.name, source.kind,
              length(source.catalogs) > 0 ? join(", ", source.catalogs) : "lambda:${source.name}",
              source.maximum_connections == null ? "no cap" : "at most ${source.maximum_connections}",
            )],
          ))
        }
      }],
      [for index, graph in local.graphs : {
        type = "metric", x = index % 3 * 8, y = 3 + floor(index / 3) * 6, width = 8, height = 6
        properties = {
          title  = graph.title
          region = data.aws_region.current.id
          view   = "timeSeries"
          stat   = graph.stat
          period = 300
          yAxis  = { left = { min = 0 } }
          metrics = [
            for key, source in local.sources :
            startswith(graph.namespace, "AWS/") ? [graph.namespace, graph.metric, "FunctionName", module.function[key].function_name] : [graph.namespace, graph.metric, "service", source.name]
          ]
        }
      }],
      [
        {
          type = "alarm", x = 0, y = 15, width = 24, height = 4
          properties = {
            title  = "Alarms"
            alarms = concat(values(aws_cloudwatch_metric_alarm.this)[*].arn, flatten([for function in module.function : values(function.alarm_arns)]))
          }
        },
        {
          type = "log", x = 0, y = 19, width = 24, height = 10
          properties = {
            title  = "Last requests"
            region = data.aws_region.current.id
            view   = "table"
            query = join("\n| ", concat(
              [join(" | ", [for function in module.function : "SOURCE '${function.log_group_name}'"])],
              [
                "fields @timestamp, service, request, catalog, caller, query_id, rows, bytes, seconds, code, reason, advice",
                "filter ispresent(request)",
                "sort @timestamp desc",
                "limit 100",
              ],
            ))
          }
        },
      ],
    )
  })
}
