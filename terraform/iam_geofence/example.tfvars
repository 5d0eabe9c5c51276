prefix = "groundcrew"
region = "us-east-1"

# Or as one text: ["AT,CH,DE"].
allowed_countries = ["AT", "CH", "DE"]
mode              = "enforce"

# The way in. With vpn = null the checker stands alone, for the endpoints in endpoint_ids.
vpn = {
  client_cidr            = "10.100.0.0/22"
  server_certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
  authentication = {
    saml = { provider_arn = "arn:aws:iam::123456789012:saml-provider/people", self_service_provider_arn = null }
  }
  authorized            = { platform = { group_id = "platform-team" } }
  destinations          = ["0.0.0.0/0"]
  active                = true
  split_tunnel          = false
  route_enforcement     = true
  session_timeout_hours = 8
  self_service_portal   = true
  dns_servers           = []
  banner                = "For work. Connections and their countries are logged."
  transport_protocol    = "udp"
  port                  = 443
}
endpoint_ids = []

# What the canary asks about besides addresses that are nobody's: an office's, say.
permitted_address = null

vpc              = { cidr = "10.220.0.0/20", zones = ["us-east-1a", "us-east-1b"], nat_in_every_zone = true }
existing_network = null

# Attach the policy to a test role first: attached_role_names = ["analyst"].
policy = {
  form                  = "strict"
  addresses             = []
  break_glass_role_arns = ["arn:aws:iam::123456789012:role/break-glass"]
  human_principal_arns  = ["arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*"]
  keeper_role_arns      = ["arn:aws:iam::123456789012:role/deploy"]
  attached_role_names   = []
  attached_elsewhere    = false
  path                  = "/"
}

provisioned_concurrency = 0
snap_start              = false

log_user_data = false
function      = {}
alarms        = { topic_arns = ["arn:aws:sns:us-east-1:123456789012:platform-alarms"] }
tags          = { owner = "platform" }
