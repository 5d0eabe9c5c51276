module "athena_connectors" {
  source = "../../modules/athena_connectors"

  prefix    = var.prefix
  sources   = var.sources
  artifacts = var.artifacts
  spill     = var.spill
  function  = var.function
  alarms    = var.alarms
  network   = var.network
  tags      = var.tags
}
