module "redshift_maintenance_sync" {
  source = "../../"

  prefix = "data"
  schedule = {
    day             = "sat"
    hour            = 6
    minute          = 0
    time_zone       = "Europe/Berlin"
    deferment_days  = 28
    frequency_hours = 12
  }
}
