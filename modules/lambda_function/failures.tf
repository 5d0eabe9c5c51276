# Asynchronous invocations and messages that failed to the end, and what a rule or a topic could not deliver: kept, not lost.
resource "aws_sqs_queue" "failures" {
  name                      = "${var.name}-failures"
  message_retention_seconds = 1209600 # 14 days, the longest SQS offers
  kms_master_key_id         = var.function.kms_key_arn
  sqs_managed_sse_enabled   = var.function.kms_key_arn == null ? true : null
  tags                      = var.tags
}

data "aws_iam_policy_document" "failures" {
  statement {
    sid       = "DenyWithoutTls"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [aws_sqs_queue.failures.arn]

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

  dynamic "statement" {
    for_each = length(var.asynchronous.rule_arns) > 0 ? [values(var.asynchronous.rule_arns)] : []

    content {
      sid       = "KeepWhatRulesCouldNotDeliver"
      actions   = ["sqs:SendMessage"]
      resources = [aws_sqs_queue.failures.arn]

      principals {
        type        = "Service"
        identifiers = ["events.amazonaws.com"]
      }

      condition {
        test     = "ArnEquals"
        variable = "aws:SourceArn"
        values   = statement.value
      }
    }
  }

  dynamic "statement" {
    for_each = length(var.asynchronous.topic_arns) > 0 ? [values(var.asynchronous.topic_arns)] : []

    content {
      sid       = "KeepWhatTopicsCouldNotDeliver"
      actions   = ["sqs:SendMessage"]
      resources = [aws_sqs_queue.failures.arn]

      principals {
        type        = "Service"
        identifiers = ["sns.amazonaws.com"]
      }

      condition {
        test     = "ArnEquals"
        variable = "aws:SourceArn"
        values   = statement.value
      }
    }
  }
}

resource "aws_sqs_queue_policy" "failures" {
  queue_url = aws_sqs_queue.failures.id
  policy    = data.aws_iam_policy_document.failures.json
}

# A resource of its own, because such a queue names this one.
resource "aws_sqs_queue_redrive_allow_policy" "failures" {
  for_each = length(var.redrive_queue_arns) > 0 ? { this = values(var.redrive_queue_arns) } : {}

  queue_url            = aws_sqs_queue.failures.id
  redrive_allow_policy = jsonencode({ redrivePermission = "byQueue", sourceQueueArns = each.value })
}

resource "aws_lambda_function_event_invoke_config" "this" {
  function_name                = aws_lambda_function.this.function_name
  maximum_retry_attempts       = var.asynchronous.maximum_retry_attempts
  maximum_event_age_in_seconds = var.asynchronous.maximum_event_age_seconds

  destination_config {
    on_failure {
      destination = aws_sqs_queue.failures.arn
    }
  }
}
