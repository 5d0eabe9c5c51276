# Patch day: the second Saturday of each month.
module "redshift_maintenance_sync" {
  source = "../../"

  prefix = "data"
  schedule = {
    mode            = "calendar"
    week            = "second"
    day             = "sat"
    hour            = 6
    minute          = 0
    time_zone       = "Europe/Berlin"
    frequency_hours = 12
  }
}
