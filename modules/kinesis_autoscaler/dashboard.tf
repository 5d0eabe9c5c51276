locals {
  # A dashboard takes 500 widgets and 2,500 metrics; a row has three and seven.
  most_rows = 100
  row_keys  = slice(sort(keys(var.streams)), 0, min(local.most_rows, length(var.streams)))
  unshown   = length(var.streams) - length(local.row_keys)
  described = join(" ", compact([
    "Resizes ${length(var.streams)} Kinesis streams that are named${var.discovery == null ? "" : ", and those that carry the tag `groundcrew:kinesis-autoscaler`"}${var.dry_run ? ", as a **dry run that changes nothing**" : ""}.",
    "Usage is the fullest of bytes and records, 1 being all that the shards take; the lines in its graph are where the stream is resized.",
    local.unshown == 0 ? "" : "The first ${local.most_rows} streams have a row of their own; ${local.unshown} more are in the graphs of all streams only.",
  ]))

  overview = [
    {
      title = "Usage of every stream", x = 0, y = 3, width = 12, stat = "Maximum"
      lines = [[{ expression = "SEARCH('{${local.metric_namespace},service,stream} MetricName=\"Usage\" service=\"${local.name}\"', 'Maximum', ${local.tick_seconds})", label = "" }]]
    },
    {
      title = "Shards of every stream", x = 12, y = 3, width = 12, stat = "Maximum"
      lines = [[{ expression = "SEARCH('{${local.metric_namespace},service,stream} MetricName=\"Shards\" service=\"${local.name}\"', 'Maximum', ${local.tick_seconds})", label = "" }]]
    },
    {
      title = "Streams, by what came of the last look", x = 0, y = 9, width = 8, stat = "Maximum"
      lines = [
        for name in ["ManagedStreams", "FailedStreams", "RefusedStreams", "HotStreams", "RepairedAlarms"] :
        [local.metric_namespace, name, "service", local.name]
      ]
    },
    {
      title = "Resizes left to the stream that has the fewest", x = 8, y = 9, width = 8, stat = "Minimum"
      lines = [for name in ["CallsLeft"] : [local.metric_namespace, name, "service", local.name]]
    },
    {
      title = "Errors and duration (ms) of the function, age of what waits (s)", x = 16, y = 9, width = 8, stat = "Maximum"
      lines = [
        ["AWS/Lambda", "Errors", "FunctionName", module.function.function_name, { stat = "Sum" }],
        ["AWS/Lambda", "Duration", "FunctionName", module.function.function_name, { yAxis = "right" }],
        ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", aws_sqs_queue.work.name],
      ]
    },
  ]

  rows = flatten([
    for index, key in local.row_keys : [
      {
        title = "${key}: usage", x = 0, y = 19 + 6 * index, width = 8, stat = "Sum"
        limits = [
          for direction in local.directions :
          { label = direction, value = local.stream_settings[key][direction].threshold }
        ]
        lines = [
          ["AWS/Kinesis", "IncomingBytes", "StreamName", var.streams[key].name, { id = "bytes", visible = false }],
          ["AWS/Kinesis", "IncomingRecords", "StreamName", var.streams[key].name, { id = "records", visible = false }],
          [local.metric_namespace, "Shards", "service", local.name, "stream", var.streams[key].name, { id = "shards", stat = "Maximum", visible = false }],
          [{ expression = "MAX([FILL(bytes,0)/(1024*1024*PERIOD(bytes)),FILL(records,0)/(1000*PERIOD(records))])/FILL(shards,REPEAT)", label = "usage" }],
        ]
      },
      {
        title = "${key}: shards", x = 8, y = 19 + 6 * index, width = 8, stat = "Maximum", limits = []
        lines = [
          for name in ["Shards", "Desired"] :
          [local.metric_namespace, name, "service", local.name, "stream", var.streams[key].name]
        ]
      },
      {
        title = "${key}: rejected records, and age of what is read (ms)", x = 16, y = 19 + 6 * index, width = 8, stat = "Sum", limits = []
        lines = [
          ["AWS/Kinesis", "WriteProvisionedThroughputExceeded", "StreamName", var.streams[key].name],
          ["AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", "StreamName", var.streams[key].name, { stat = "Maximum", yAxis = "right" }],
        ]
      },
    ]
  ])
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = local.name
  dashboard_body = jsonencode({
    start = "-P1D"
    widgets = concat(
      [{
        type       = "text", x = 0, y = 0, width = 24, height = 3
        properties = { markdown = "## ${local.name}\n${local.described}" }
      }],
      [for graph in concat(local.overview, local.rows) : {
        type = "metric", x = graph.x, y = graph.y, width = graph.width, height = 6
        properties = merge(
          {
            title   = graph.title
            region  = data.aws_region.current.id
            view    = "timeSeries"
            stat    = graph.stat
            period  = 300
            metrics = graph.lines
            yAxis   = { left = { min = 0 } }
          },
          length(try(graph.limits, [])) == 0 ? {} : { annotations = { horizontal = graph.limits } },
        )
      }],
      [
        {
          type = "alarm", x = 0, y = 15, width = 24, height = 4
          properties = {
            title  = "Alarms of the autoscaler"
            alarms = concat(values(aws_cloudwatch_metric_alarm.this)[*].arn, values(module.function.alarm_arns))
          }
        },
        {
          type = "log", x = 0, y = 19 + 6 * length(local.row_keys), width = 24, height = 10
          properties = {
            title  = "Last decisions"
            region = data.aws_region.current.id
            view   = "table"
            query = join("\n| ", [
              "SOURCE '${module.function.log_group_name}'",
              "fields @timestamp, stream, outcome, rule, shards_before, shards, wanted, usage, calls_left, reason",
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
