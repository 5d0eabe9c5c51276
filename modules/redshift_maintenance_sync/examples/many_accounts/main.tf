# One provider for each other account. For dozens of them let each account apply member_role in its own state, or roll the
# role out by a CloudFormation StackSet: accounts needs only its ARN and external id, and neither has to be in this state.
variable "external_id" {
  type = string
}

provider "aws" {
  region = "eu-central-1"
}

provider "aws" {
  alias  = "analytics"
  region = "eu-central-1"

  assume_role {
    role_arn = "arn:aws:iam::210987654321:role/deploy"
  }
}

module "redshift_maintenance_sync" {
  source = "../../"

  prefix = "data"
  schedule = {
    day             = "sat"
    hour            = 6
    minute          = 0
    deferment_days  = 28
    frequency_hours = 12
  }
  regions = ["eu-central-1", "us-east-1"]
  accounts = {
    "210987654321" = { role_arn = module.analytics.role_arn, external_id = var.external_id }
  }
}

# The function's role comes first, then this one, then the function: no circle.
module "analytics" {
  source    = "../../member_role"
  providers = { aws = aws.analytics }

  function_role_arn = module.redshift_maintenance_sync.role_arn
  external_id       = var.external_id
  regions           = ["eu-central-1", "us-east-1"]
}
