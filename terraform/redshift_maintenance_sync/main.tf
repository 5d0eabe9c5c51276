module "redshift_maintenance_sync" {
  source = "../../modules/redshift_maintenance_sync"

  prefix             = var.prefix
  schedule           = var.schedule
  alignment          = var.alignment
  foreign_deferments = var.foreign_deferments
  opt_out_tag        = var.opt_out_tag
  dry_run            = var.dry_run
  function           = var.function
  alarms             = var.alarms
  network            = var.network
  tags               = var.tags
}
