module "iam_geofence" {
  source = "../../"

  prefix            = "platform"
  allowed_countries = ["DE", "FR"]
  vpn = {
    client_cidr            = "10.100.0.0/22"
    server_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
    authentication         = { saml = { provider_arn = "arn:aws:iam::123456789012:saml-provider/people" } }
    authorized             = { platform = { group_id = "platform-team" } }
  }
}
