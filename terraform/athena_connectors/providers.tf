provider "aws" {
  region = var.region

  default_tags {
    tags = merge(var.tags, {
      managed-by = "terraform"
      solution   = "athena_connectors"
    })
  }
}
