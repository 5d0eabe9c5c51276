# Whatever is to be looked at waits here: what alarms say, the schedule's ticks, and streams that the function sends to itself
# to look at later.
locals {
  visibility_seconds = 6 * var.function.timeout_seconds # Lambda's advice for queues
  receives           = 3
}

resource "aws_sqs_queue" "work" {
  name                       = "${local.name}-work"
  visibility_timeout_seconds = local.visibility_seconds
  kms_master_key_id          = var.function.kms_key_arn
  sqs_managed_sse_enabled    = var.function.kms_key_arn == null ? true : null
  redrive_policy             = jsonencode({ deadLetterTargetArn = module.function.failure_queue_arn, maxReceiveCount = local.receives })
  tags                       = var.tags
}

data "aws_iam_policy_document" "work" {
  statement {
    sid       = "DenyWithoutTls"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [aws_sqs_queue.work.arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  statement {
    sid       = "TopicDelivers"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.work.arn]

    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_sns_topic.alarms.arn]
    }
  }

  statement {
    sid       = "ScheduleTicks"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.work.arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudwatch_event_rule.schedule.arn]
    }
  }
}

resource "aws_sqs_queue_policy" "work" {
  queue_url = aws_sqs_queue.work.id
  policy    = data.aws_iam_policy_document.work.json
}

# Two at a time: what streams share, such as CloudWatch's three writes of alarms a second, allows no more.
resource "aws_lambda_event_source_mapping" "work" {
  event_source_arn                   = aws_sqs_queue.work.arn
  function_name                      = module.function.function_name
  batch_size                         = 25
  maximum_batching_window_in_seconds = 1
  function_response_types            = ["ReportBatchItemFailures"] # what worked is not done again because something else failed
  tags                               = var.tags

  scaling_config {
    maximum_concurrency = 2
  }

  # Without these the function would hold messages and could do nothing about their streams.
  depends_on = [aws_iam_role_policy_attachment.streams]
}
