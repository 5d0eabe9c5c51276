# What is remembered of each stream: its resizes of the last 24 hours, of which AWS allows ten, and the count it is on its
# way to. CloudWatch and Kinesis know the rest.
resource "aws_dynamodb_table" "state" {
  name         = local.name
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "stream"
  tags         = var.tags

  attribute {
    name = "stream"
    type = "S"
  }

  # Streams come and go: what is remembered of one is forgotten a month after its last change.
  ttl {
    attribute_name = "expires"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }

  # Without a key of the caller's, DynamoDB encrypts with one of its own.
  dynamic "server_side_encryption" {
    for_each = var.function.kms_key_arn == null ? [] : [var.function.kms_key_arn]

    content {
      enabled     = true
      kms_key_arn = server_side_encryption.value
    }
  }
}
