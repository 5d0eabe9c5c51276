module "report" {
  source = "../../"

  name        = "team-report"
  description = "Writes the daily report."
  artifact    = "report"
  handler     = "report.handler.handler"
  policy_json = data.aws_iam_policy_document.report.json
}

data "aws_iam_policy_document" "report" {
  statement {
    sid       = "ReadTheFigures"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::team-figures/*"]
  }
}
