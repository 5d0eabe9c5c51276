module "redshift_maintenance_sync" {
  source = "../../modules/redshift_maintenance_sync"

  prefix   = var.prefix
  schedule = var.schedule
  dry_run  = var.dry_run
  function = var.function
  alarms   = var.alarms
  network  = var.network
  tags     = var.tags
}
