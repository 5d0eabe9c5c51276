output "role_arns" {
  description = "The roles, by root and by what they do."
  value = {
    for root in keys(var.roots) : root => { plan = aws_iam_role.plan[root].arn, apply = aws_iam_role.apply[root].arn }
  }
}
