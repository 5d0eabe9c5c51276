"""LAMBDA_003; https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-services.html"""

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

from _values import LATER, value

RULE = {
    "id": "LAMBDA_003",
    "severity": "high",
    "title": "Services may invoke a function only for one named source",
    "why": "A service invokes for whoever asks it: without source_arn a rule or topic of any account may start the "
    "function. A bucket's ARN names no account, and its name is free for anybody once the bucket is gone.",
    "fix": """\
resource "aws_lambda_permission" "uploads" {
  function_name  = aws_lambda_function.this.function_name
  action         = "lambda:InvokeFunction"
  principal      = "s3.amazonaws.com"
  source_arn     = aws_s3_bucket.uploads.arn
  source_account = data.aws_caller_identity.current.account_id # where the ARN has none
}
""",
    "links": ["https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-services.html"],
}


class PermissionNamesSource(BaseResourceCheck):
    """Judges permissions that are given to services."""

    def __init__(self) -> None:
        super().__init__(
            name=RULE["title"],
            id=RULE["id"],
            categories=[CheckCategories.IAM],
            supported_resources=["aws_lambda_permission"],
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """UNKNOWN when the permission is an account's."""
        principal = str(conf["principal"][0])
        if not principal.endswith(".amazonaws.com"):
            return CheckResult.UNKNOWN
        source = value(conf, "source_arn")
        if source is None:
            return CheckResult.FAILED
        account_named = principal != "s3.amazonaws.com" if source is LATER else bool(_account(source))
        return CheckResult.PASSED if account_named or value(conf, "source_account") else CheckResult.FAILED


def _account(arn: str) -> str:
    """The account in an ARN: arn:partition:service:region:account:resource."""
    parts = arn.split(":")
    return parts[4] if len(parts) > 5 else ""


check = PermissionNamesSource()
