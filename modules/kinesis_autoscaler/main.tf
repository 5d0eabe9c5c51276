locals {
  name             = "${var.prefix}-kinesis-autoscaler"
  metric_namespace = "Groundcrew/kinesis_autoscaler" # the function's own word for it

  # How alarms are set where a stream does not say otherwise, and for streams that are discovered.
  usual = {
    scale-up    = var.scale_up
    scale-down  = var.scale_down
    target-up   = var.target_up
    target-down = var.target_down
  }

  # One document, whose shape the function's settings.py describes. What it needs of a stream, the stream's alarms say.
  settings = jsonencode({
    topic_arn   = aws_sns_topic.alarms.arn
    queue_url   = aws_sqs_queue.work.url
    state_table = aws_dynamodb_table.state.name
    dry_run     = var.dry_run
    alarms      = local.usual
    discovery   = var.discovery
  })
}

module "function" {
  source = "../lambda_function"

  name        = local.name
  description = "Resizes Kinesis streams so that they follow their traffic."
  artifact    = "kinesis_autoscaler"
  handler     = "kinesis_autoscaler.handler.handler"
  policy_json = data.aws_iam_policy_document.function.json
  environment = {
    POWERTOOLS_SERVICE_NAME = local.name # the deployed one: alarms are named after it, and the metrics of two deployments stay apart
    SETTINGS                = local.settings
  }
  asynchronous = {
    rule_arns  = { schedule = aws_cloudwatch_event_rule.schedule.arn }
    topic_arns = { alarms = aws_sns_topic.alarms.arn }
  }
  redrive_queue_arns = { work = aws_sqs_queue.work.arn }
  function           = var.function
  alarms             = var.alarms
  network            = var.network
  tags               = var.tags
}
