data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  name             = "${var.prefix}-iam-geofence"
  metric_namespace = "Groundcrew/iam_geofence" # the functions' own word for it

  # Given one by one, or as one text with commas, which is how the published template takes them.
  countries = sort(distinct(compact([for code in split(",", join(",", var.allowed_countries)) : trimspace(code)])))

  # Which configuration admitted a session, in its posture status: it changes with who is let in.
  config_hash = substr(sha256(jsonencode({ countries = local.countries, mode = var.mode })), 0, 12)
}
