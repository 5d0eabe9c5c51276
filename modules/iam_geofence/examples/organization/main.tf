# The VPN in an account that all share, the SCP in the management account, attached to a test OU first. Two providers, for one
# state; with two states, pass scp_json and protection_json from one to the other as variables.
variable "test_ou_id" {
  description = "Id of the organisational unit, or account, that the SCP is tried in."
  type        = string
}

variable "people_ou_id" {
  description = "Id of the organisational unit whose people the fence holds; null until the test is over."
  type        = string
  default     = null
}

variable "shared_account_id" {
  description = "Id of the account that the VPN is in."
  type        = string
}

provider "aws" {
  region = "eu-central-1"

  assume_role {
    role_arn = "arn:aws:iam::${var.shared_account_id}:role/deploy"
  }
}

provider "aws" {
  alias  = "management"
  region = "eu-central-1"
}

module "iam_geofence" {
  source = "../../"

  prefix            = "platform"
  allowed_countries = ["AT", "CH", "DE"]
  vpn = {
    client_cidr            = "10.100.0.0/22"
    server_certificate_arn = "arn:aws:acm:eu-central-1:${var.shared_account_id}:certificate/11111111-2222-3333-4444-555555555555"
    authentication         = { saml = { provider_arn = "arn:aws:iam::${var.shared_account_id}:saml-provider/people" } }
    authorized             = { platform = { group_id = "platform-team" } }
  }
  policy = {
    human_principal_arns  = ["arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*"]
    break_glass_role_arns = ["arn:aws:iam::${var.shared_account_id}:role/break-glass"]
    keeper_role_arns      = ["arn:aws:iam::${var.shared_account_id}:role/deploy"]
    attached_elsewhere    = true # from here on neither split_tunnel nor active = false is accepted
  }
}

resource "aws_organizations_policy" "fence" {
  provider = aws.management

  name        = "iam-geofence"
  description = "People reach AWS from inside the fence only."
  type        = "SERVICE_CONTROL_POLICY"
  content     = module.iam_geofence.scp_json
}

resource "aws_organizations_policy_attachment" "fence" {
  provider = aws.management
  for_each = toset(compact([var.test_ou_id, var.people_ou_id]))

  policy_id = aws_organizations_policy.fence.id
  target_id = each.value
}

resource "aws_organizations_policy" "protection" {
  provider = aws.management

  name        = "iam-geofence-protection"
  description = "The fence is changed by its keepers only."
  type        = "SERVICE_CONTROL_POLICY"
  content     = module.iam_geofence.protection_json
}

resource "aws_organizations_policy_attachment" "protection" {
  provider = aws.management

  policy_id = aws_organizations_policy.protection.id
  target_id = var.shared_account_id
}
