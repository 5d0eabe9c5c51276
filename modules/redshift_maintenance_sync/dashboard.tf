locals {
  # Every group's date in words: that of the clusters that no group claims first.
  schedules = concat([["default", var.schedule]], [for name, group in var.groups : [name, group.schedule]])
  clocks = [
    for item in local.schedules :
    format("%s at %02d:%02d %s", item[1].day, item[1].hour, item[1].minute, item[1].time_zone)
  ]
  dates = [
    for index, item in local.schedules :
    item[1].mode == "calendar" ? "the ${item[1].week} ${local.clocks[index]} of each month" :
    "${local.clocks[index]}, at most ${item[1].deferment_days} days after the last maintenance"
  ]
  date_lines = [for index, item in local.schedules : "- ${item[0]}: **${local.dates[index]}**"]

  graphs = [
    {
      title = "Days to the next announced maintenance", x = 0, y = 4, width = 12, limits = []
      lines = [for name in ["DaysToNextMaintenance"] : [local.metric_namespace, name, "service", local.name]]
    },
    {
      title = "Clusters, and accounts and Regions that failed", x = 12, y = 4, width = 12, limits = []
      lines = [
        for name in ["ManagedClusters", "DriftedClusters", "FailedClusters", "SkippedClusters", "FailedPlaces"] :
        [local.metric_namespace, name, "service", local.name]
      ]
    },
    {
      title = "Maintenance outside announced windows", x = 0, y = 10, width = 8, limits = []
      lines = [[local.metric_namespace, "UnexpectedMaintenance", "service", local.name, { stat = "Sum" }]]
    },
    {
      title  = "Days since the oldest state changed", x = 8, y = 10, width = 8
      limits = [{ label = "alarm", value = local.state_age_days }]
      lines  = [[local.metric_namespace, "StateAgeDays", "service", local.name]]
    },
    {
      title = "Errors and duration (ms) of the function", x = 16, y = 10, width = 8, limits = []
      lines = [
        ["AWS/Lambda", "Errors", "FunctionName", module.function.function_name, { stat = "Sum" }],
        ["AWS/Lambda", "Duration", "FunctionName", module.function.function_name, { yAxis = "right" }],
      ]
    },
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = local.name
  dashboard_body = jsonencode({
    start          = "-P42D"   # one whole cycle
    periodOverride = "inherit" # a run comes every few hours, and so does a figure
    widgets = concat(
      [{
        type = "text", x = 0, y = 0, width = 24, height = 4
        properties = {
          markdown = <<-EOT
            ## ${local.name}
            Maintenance of Redshift clusters in ${join(", ", local.regions)} of ${join(", ", concat([data.aws_caller_identity.current.account_id], keys(var.accounts)))}; looked at every ${var.schedule.frequency_hours} hours${var.dry_run ? ", as a **dry run that changes nothing**" : ""}:

            ${join("\n", local.date_lines)}

            The days count down to the nearest announced date. A cluster has drifted when it has another window or date; it is skipped while it cannot be changed. What was decided about each of them, and why, is in the last table.
          EOT
        }
      }],
      [for graph in local.graphs : {
        type = "metric", x = graph.x, y = graph.y, width = graph.width, height = 6
        properties = merge(
          {
            title   = graph.title
            region  = data.aws_region.current.id
            view    = "timeSeries"
            stat    = "Maximum"
            period  = local.run_seconds
            metrics = graph.lines
            yAxis   = { left = { min = 0 } }
          },
          length(graph.limits) == 0 ? {} : { annotations = { horizontal = graph.limits } },
        )
      }],
      [
        {
          type = "alarm", x = 0, y = 16, width = 24, height = 4
          properties = {
            title  = "Alarms"
            alarms = concat(values(aws_cloudwatch_metric_alarm.this)[*].arn, values(module.function.alarm_arns))
          }
        },
        {
          type = "log", x = 0, y = 20, width = 24, height = 10
          properties = {
            title  = "Last decisions"
            region = data.aws_region.current.id
            view   = "table"
            query = join("\n| ", [
              "SOURCE '${module.function.log_group_name}'",
              "fields @timestamp, account, region, group, cluster, outcome, phase, announced, reason",
              "filter ispresent(outcome)",
              "sort @timestamp desc",
              "limit 100",
            ])
          }
        },
      ],
    )
  })
}
