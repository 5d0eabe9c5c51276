module "iam_geofence" {
  source = "../../modules/iam_geofence"

  prefix                  = var.prefix
  allowed_countries       = var.allowed_countries
  mode                    = var.mode
  vpn                     = var.vpn
  endpoint_ids            = var.endpoint_ids
  permitted_address       = var.permitted_address
  vpc                     = var.vpc
  existing_network        = var.existing_network
  policy                  = var.policy
  provisioned_concurrency = var.provisioned_concurrency
  snap_start              = var.snap_start
  log_user_data           = var.log_user_data
  function                = var.function
  alarms                  = var.alarms
  tags                    = var.tags
}
