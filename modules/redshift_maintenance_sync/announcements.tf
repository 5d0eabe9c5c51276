# Who wants to know subscribes to the topic: output announcements_topic_arn.
resource "aws_sns_topic" "announcements" {
  for_each = var.announcements == null ? {} : { this = var.announcements }

  name              = local.name
  display_name      = "Redshift maintenance"
  kms_master_key_id = aws_kms_key.announcements[each.key].arn
  tags              = var.tags
}

# The function needs no statement: its role's own policy lets it publish, and the account is the same.
data "aws_iam_policy_document" "topic" {
  for_each = aws_sns_topic.announcements

  statement {
    sid       = "DenyWithoutTls"
    effect    = "Deny"
    actions   = ["sns:Publish"]
    resources = [each.value.arn]

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

  # So that alarms and rules of this account can go to the same people.
  statement {
    sid       = "ServicesOfThisAccountPublish"
    actions   = ["sns:Publish"]
    resources = [each.value.arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com", "events.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_sns_topic_policy" "announcements" {
  for_each = aws_sns_topic.announcements

  arn    = each.value.arn
  policy = data.aws_iam_policy_document.topic[each.key].json
}

# The key that AWS manages for SNS admits no service, so a topic under it never hears of an alarm.
resource "aws_kms_key" "announcements" {
  for_each = var.announcements == null ? {} : { this = var.announcements }

  description             = "Encrypts what ${local.name} announces."
  policy                  = data.aws_iam_policy_document.key[each.key].json
  enable_key_rotation     = true
  deletion_window_in_days = 7 # nothing is kept under it: messages are delivered and gone
  tags                    = var.tags
}

data "aws_iam_policy_document" "key" {
  #checkov:skip=CKV_AWS_109:It is the policy of a key, in which * is the key itself.
  #checkov:skip=CKV_AWS_111:It is the policy of a key, in which * is the key itself.
  #checkov:skip=CKV_AWS_356:It is the policy of a key, in which * is the key itself.
  for_each = var.announcements == null ? {} : { this = var.announcements }

  statement {
    sid       = "AccountGovernsTheKey"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type = "AWS"
      identifiers = [join(":", [
        "arn", data.aws_partition.current.partition, "iam", "", data.aws_caller_identity.current.account_id, "root",
      ])]
    }
  }

  statement {
    sid       = "FunctionAnnounces"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = [module.function.role_arn]
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

  # EventBridge sends KMS no source, so a condition on it would refuse every event: the topic's policy limits it instead.
  # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
  statement {
    sid       = "RulesPublish"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
  }
}
