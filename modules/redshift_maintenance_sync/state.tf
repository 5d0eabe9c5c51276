# What each cluster was announced: Redshift keeps events for 14 days, and a deferment lasts longer. One item per cluster,
# under the account and Region it belongs to. Without it the function asks the clusters again, so destroy may take it.
resource "aws_dynamodb_table" "state" {
  name         = local.name
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "scope" # <account>/<region>
  range_key    = "cluster"
  tags         = var.tags

  attribute {
    name = "scope"
    type = "S"
  }

  attribute {
    name = "cluster"
    type = "S"
  }

  # Clusters come and go: the item of one that is no more is forgotten a year after its last change.
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
