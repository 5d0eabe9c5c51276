# What the alarms of all streams publish to; the queue is its one subscriber.
resource "aws_sns_topic" "alarms" {
  name              = local.name
  display_name      = "Kinesis autoscaler"
  kms_master_key_id = aws_kms_key.alarms.arn
  tags              = var.tags
}

data "aws_iam_policy_document" "topic" {
  statement {
    sid       = "DenyWithoutTls"
    effect    = "Deny"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alarms.arn]

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
    sid       = "AlarmsOfStreamsPublish"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alarms.arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = local.stream_alarm_arns
    }
  }
}

resource "aws_sns_topic_policy" "alarms" {
  arn    = aws_sns_topic.alarms.arn
  policy = data.aws_iam_policy_document.topic.json
}

# The key that AWS manages for SNS admits no service, so a topic under it never hears of an alarm.
resource "aws_kms_key" "alarms" {
  description             = "Encrypts what the alarms of ${local.name} say."
  policy                  = data.aws_iam_policy_document.key.json
  enable_key_rotation     = true
  deletion_window_in_days = 7 # nothing is kept under it: messages are delivered and gone
  tags                    = var.tags
}

data "aws_iam_policy_document" "key" {
  #checkov:skip=CKV_AWS_109:It is the policy of a key, in which * is the key itself.
  #checkov:skip=CKV_AWS_111:It is the policy of a key, in which * is the key itself.
  #checkov:skip=CKV_AWS_356:It is the policy of a key, in which * is the key itself.
  statement {
    sid     = "AccountGovernsTheKey"
    actions = ["kms:*"]
    # In a key's policy * is the key itself.
    resources = ["*"]

    principals {
      type = "AWS"
      identifiers = [join(":", [
        "arn", data.aws_partition.current.partition, "iam", "", data.aws_caller_identity.current.account_id, "root",
      ])]
    }
  }

  statement {
    sid       = "AlarmsPublish"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

# Raw: the queue holds what the alarm said, not SNS's envelope around it.
resource "aws_sns_topic_subscription" "work" {
  topic_arn            = aws_sns_topic.alarms.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.work.arn
  raw_message_delivery = true
  redrive_policy       = jsonencode({ deadLetterTargetArn = module.function.failure_queue_arn })

  # A message before the queue admits the topic would be refused.
  depends_on = [aws_sqs_queue_policy.work]
}
