module "policies" {
  source = "../../"

  addresses             = ["198.51.100.7/32", "203.0.113.9/32"]
  human_principal_arns  = ["arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*"]
  break_glass_role_arns = ["arn:aws:iam::123456789012:role/break-glass"]
  policy_name           = "inside-the-fence"
}
