data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  partition = data.aws_partition.current.partition
  here      = "${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}"

  # By pattern, because the function also makes the alarms of the streams that it discovers.
  stream_alarm_arns = [
    for direction in local.directions : "arn:${local.partition}:cloudwatch:${local.here}:alarm:${local.name}-*-${direction}"
  ]

  consumers = compact([for stream in values(var.streams) : try(stream.consumer.function_name, "")])

  # A policy takes 6,144 characters, which is room for about 50 streams by their ARNs. Streams that are yet to be discovered
  # have none to name.
  stream_arns = var.discovery == null ? {
    for index, keys in chunklist(sort(keys(var.streams)), 50) :
    index + 1 => [for key in keys : data.aws_kinesis_stream.this[key].arn]
  } : { 1 = ["arn:${local.partition}:kinesis:${local.here}:stream/*"] }
}

data "aws_iam_policy_document" "function" {
  statement {
    sid = "WorkThroughTheQueue"
    actions = [
      "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes",
      "sqs:SendMessage", # what is to be looked at later
    ]
    resources = [aws_sqs_queue.work.arn]
  }

  statement {
    sid       = "RememberStreams"
    actions   = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem"]
    resources = [aws_dynamodb_table.state.arn]
  }

  # A list of alarms is asked for with this very ARN, so a narrower one would refuse it.
  statement {
    sid       = "SeeAlarms"
    actions   = ["cloudwatch:DescribeAlarms"]
    resources = ["arn:${local.partition}:cloudwatch:${local.here}:alarm:*"]
  }

  statement {
    sid     = "SeeTraffic"
    actions = ["cloudwatch:GetMetricData"]
    # Metrics have no ARNs.
    resources = ["*"]
  }

  statement {
    sid = "KeepAlarmsTrue"
    actions = [
      "cloudwatch:PutMetricAlarm", "cloudwatch:SetAlarmState",
      "cloudwatch:DeleteAlarms", # those of streams that were discovered, and are not any more
    ]
    resources = local.stream_alarm_arns
  }

  statement {
    sid     = "SeeHowManyShardsTheAccountMayHave"
    actions = ["kinesis:DescribeLimits"]
    # It speaks of the account, not of a stream.
    resources = ["*"]
  }

  dynamic "statement" {
    for_each = var.discovery == null ? [] : ["discover"]

    content {
      sid     = "DiscoverStreamsByTag"
      actions = ["tag:GetResources"]
      # It finds resources, so it cannot name them.
      resources = ["*"]
    }
  }

  # A dry run changes neither streams nor those who read them, and is not able to.
  dynamic "statement" {
    for_each = var.dry_run || length(local.consumers) == 0 ? [] : ["consumers"]

    content {
      sid       = "ReserveConcurrencyForConsumers"
      actions   = ["lambda:PutFunctionConcurrency"]
      resources = [for name in distinct(local.consumers) : "arn:${local.partition}:lambda:${local.here}:function:${name}"]
    }
  }
}

data "aws_iam_policy_document" "streams" {
  for_each = local.stream_arns

  statement {
    sid       = var.dry_run ? "SeeStreams" : "SeeAndResizeStreams"
    actions   = concat(["kinesis:DescribeStreamSummary", "kinesis:ListShards"], var.dry_run ? [] : ["kinesis:UpdateShardCount"])
    resources = each.value
  }
}

# Policies of their own: the function's own one would hold a hundred streams.
resource "aws_iam_policy" "streams" {
  for_each = local.stream_arns

  name        = "${local.name}-streams-${each.key}"
  path        = var.function.role_path
  description = "Which Kinesis streams ${local.name} may see and resize."
  policy      = data.aws_iam_policy_document.streams[each.key].json
  tags        = var.tags

  lifecycle {
    precondition {
      condition     = length(jsonencode(jsondecode(data.aws_iam_policy_document.streams[each.key].json))) <= 6144
      error_message = "The names of the streams are too long for IAM, whose policies take 6,144 characters: set discovery = {}, which allows all streams of the account and Region, or divide streams over two deployments."
    }
  }
}

resource "aws_iam_role_policy_attachment" "streams" {
  for_each = local.stream_arns

  role       = module.function.role_name
  policy_arn = aws_iam_policy.streams[each.key].arn
}
