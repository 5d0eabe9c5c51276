locals {
  waits = var.provisioned_concurrency > 0 || var.snap_start

  # Both functions ask the same check, and hold its answer against these.
  check_environment = {
    POWERTOOLS_SERVICE_NAME = local.name # the deployed one, so that the metrics of two deployments stay apart
    CHECK_HOST              = join(".", [aws_api_gateway_rest_api.check.id, "execute-api", data.aws_region.current.id, data.aws_partition.current.dns_suffix])
    CHECK_STAGE             = local.stage
    CHECK_API_ID            = aws_api_gateway_rest_api.check.id
    CHECK_WEB_ACL_ARN       = aws_wafv2_web_acl.this.arn
  }
}

# Client VPN asks it by a name that must begin so, with its own service-linked role: no permission is given here.
# https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/connection-authorization.html
module "function" {
  source = "../lambda_function"

  name        = "AWSClientVPN-${local.name}"
  description = "Admits connections to the VPN from permitted countries only."
  artifact    = "iam_geofence"
  handler     = "iam_geofence.handler.handler"
  policy_json = jsonencode({ Version = "2012-10-17", Statement = [] }) # it asks by HTTPS, and calls nothing of AWS
  environment = merge(local.check_environment, {
    MODE          = var.mode
    CONFIG_HASH   = local.config_hash
    LOG_USER_DATA = tostring(var.log_user_data)
  })
  alias = local.waits ? {
    provisioned_concurrency = var.provisioned_concurrency > 0 ? var.provisioned_concurrency : null
    snap_start              = var.snap_start
  } : null
  function = var.function
  alarms   = var.alarms
  network  = local.checker_network
  tags     = var.tags
}
