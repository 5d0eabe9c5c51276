# Streams of the same configuration. Terraform creates them with a shard count and leaves it alone from then on.
resource "aws_kinesis_stream" "this" {
  for_each = toset(["clicks", "orders"])

  name             = each.key
  shard_count      = 2
  retention_period = 72
  encryption_type  = "KMS"
  kms_key_id       = "alias/aws/kinesis"

  stream_mode_details {
    stream_mode = "PROVISIONED"
  }

  lifecycle {
    ignore_changes = [shard_count]
  }
}

module "kinesis_autoscaler" {
  source = "../../"

  prefix = "data"
  # By its ARN, which is known once the stream exists: its shards are not counted before.
  streams = {
    for key, stream in aws_kinesis_stream.this : key => {
      name   = split("/", stream.arn)[1]
      bounds = { minimum = 2, maximum = 32 }
    }
  }
}
