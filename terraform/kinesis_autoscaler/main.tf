module "kinesis_autoscaler" {
  source = "../../modules/kinesis_autoscaler"

  prefix       = var.prefix
  streams      = var.streams
  discovery    = var.discovery
  scale_up     = var.scale_up
  scale_down   = var.scale_down
  target_up    = var.target_up
  target_down  = var.target_down
  tick_minutes = var.tick_minutes
  dry_run      = var.dry_run
  function     = var.function
  alarms       = var.alarms
  network      = var.network
  tags         = var.tags
}
