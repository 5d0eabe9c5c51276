# In a repository of yours: the module comes from git, its zip from the bucket that `make publish` filled. artifacts.json is
# the one that `make publish` left for the same ref, committed beside this file.
variable "architecture" {
  description = "What the function runs on: arm64 or x86_64."
  type        = string
  default     = "arm64"
}

locals {
  region    = "eu-central-1"
  artifacts = jsondecode(file("${path.module}/artifacts.json"))[local.region]
}

provider "aws" {
  region = local.region
}

module "redshift_maintenance_sync" {
  source = "git::https://git.example.com/platform/groundcrew.git//modules/redshift_maintenance_sync?ref=v0.1.0"

  prefix = "data"
  schedule = {
    day             = "sat"
    hour            = 6
    minute          = 0
    time_zone       = "Europe/Berlin"
    deferment_days  = 28
    frequency_hours = 12
  }
  function = {
    architecture = var.architecture
    artifact     = local.artifacts.redshift_maintenance_sync[var.architecture]
  }
}

output "function_name" {
  description = "Name of the function, to invoke it by."
  value       = module.redshift_maintenance_sync.function_name
}
