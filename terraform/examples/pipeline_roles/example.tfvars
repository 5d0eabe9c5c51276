account_id               = "123456789012"
region                   = "eu-central-1"
repository               = { owner = "acme", name = "groundcrew" }
permissions_boundary_arn = "arn:aws:iam::123456789012:policy/functions"
state_bucket             = "acme-terraform-states"

roots = {
  athena_connectors = {
    prefix    = "data"
    state_key = "production/eu-central-1/athena_connectors.tfstate"
    zips      = ["arn:aws:s3:::acme-zips-eu-central-1/groundcrew/*"]
  }
  iam_geofence = {
    prefix    = "people"
    state_key = "production/eu-central-1/iam_geofence.tfstate"
  }
  kinesis_autoscaler = {
    prefix    = "data"
    state_key = "production/eu-central-1/kinesis_autoscaler.tfstate"
  }
  redshift_maintenance_sync = {
    prefix    = "data"
    state_key = "production/eu-central-1/redshift_maintenance_sync.tfstate"
  }
}
