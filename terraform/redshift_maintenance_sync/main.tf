module "redshift_maintenance_sync" {
  source = "../../modules/redshift_maintenance_sync"

  prefix             = var.prefix
  schedule           = var.schedule
  alignment          = var.alignment
  foreign_deferments = var.foreign_deferments
  selector           = var.selector
  groups             = var.groups
  regions            = var.regions
  accounts           = var.accounts
  announcements      = var.announcements
  settings_bucket    = var.settings_bucket
  dry_run            = var.dry_run
  function           = var.function
  alarms             = var.alarms
  network            = var.network
  tags               = var.tags
}
