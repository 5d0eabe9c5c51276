# Where the state of one root in one environment lies: make plan ROOT=<root> VARS=<file> BACKEND=<this file>.
# The bucket must exist, with versioning and without public access. One key per root, environment and Region.
bucket  = "acme-terraform-states"
key     = "production/eu-central-1/redshift_maintenance_sync.tfstate"
region  = "eu-central-1"
encrypt = true
