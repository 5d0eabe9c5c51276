module "member_role" {
  source = "../../"

  function_role_arn = "arn:aws:iam::123456789012:role/data-redshift-maintenance-sync"
  external_id       = "data-maintenance"
  regions           = ["eu-central-1"]
}
