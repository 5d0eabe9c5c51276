output "role_arn" {
  description = "ARN of the role, ready to be assumed: the role_arn of this account in the function's input accounts."
  value       = aws_iam_role.this.arn
  depends_on  = [aws_iam_role_policy.this]
}
