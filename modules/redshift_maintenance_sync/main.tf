locals {
  name             = "${var.prefix}-redshift-maintenance-sync"
  metric_namespace = "Groundcrew/redshift_maintenance_sync" # the function's own word for it

  regions = length(var.regions) > 0 ? sort(var.regions) : [data.aws_region.current.id]

  # One document, whose shape the function's settings.py describes. How often it looks is the rule's business.
  settings = jsonencode({
    selector           = var.selector
    schedule           = { for name, value in var.schedule : name => value if name != "frequency_hours" }
    groups             = var.groups
    regions            = local.regions
    accounts           = var.accounts
    alignment          = var.alignment
    foreign_deferments = var.foreign_deferments
    state_table        = aws_dynamodb_table.state.name
    dry_run            = var.dry_run
    announcements = var.announcements == null ? null : merge(var.announcements, {
      topic_arn = aws_sns_topic.announcements["this"].arn
    })
  })

  environment = merge(
    { POWERTOOLS_SERVICE_NAME = local.name }, # the deployed one, so that the metrics of two deployments stay apart
    var.settings_bucket == null ? { SETTINGS = local.settings } : {
      SETTINGS_OBJECT                        = "${aws_s3_object.settings["this"].bucket}/${aws_s3_object.settings["this"].key}"
      SETTINGS_SHA256                        = sha256(local.settings)
    },
  )
}

module "function" {
  source = "../lambda_function"

  name         = local.name
  description  = "Aligns the maintenance windows of Redshift clusters and defers maintenance to one date."
  artifact     = "redshift_maintenance_sync"
  handler      = "redshift_maintenance_sync.handler.handler"
  policy_json  = data.aws_iam_policy_document.function.json
  environment  = local.environment
  asynchronous = { rule_arns = { schedule = aws_cloudwatch_event_rule.schedule.arn } }
  function     = var.function
  alarms       = var.alarms
  network      = var.network
  tags         = var.tags
}

# Where they outgrow the environment. The name changes with the content, so that whatever version of the function runs,
# during an apply too, finds the settings it was deployed with.
resource "aws_s3_object" "settings" {
  for_each = var.settings_bucket == null ? {} : { this = var.settings_bucket }

  bucket       = each.value
  key          = "${local.name}/settings-${sha256(local.settings)}.json"
  content      = local.settings
  content_type = "application/json"
  kms_key_id   = var.function.kms_key_arn
  tags         = var.tags

  lifecycle {
    create_before_destroy = true
  }
}
