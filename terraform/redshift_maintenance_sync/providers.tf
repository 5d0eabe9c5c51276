provider "aws" {
  region = var.region

  default_tags {
    tags = merge(var.tags, {
      managed-by = "terraform"
      solution   = "redshift_maintenance_sync"
    })
  }
}
