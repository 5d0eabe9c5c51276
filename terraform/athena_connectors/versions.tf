terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # The caller names bucket, key and region: terraform init -backend-config=<file>.
  backend "s3" {
    use_lockfile = true
  }
}
