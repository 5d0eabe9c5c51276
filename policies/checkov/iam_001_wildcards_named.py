"""IAM_001; https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html"""

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.data.base_check import BaseDataCheck
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

from _statements import Statement, of_document, of_text

RULE = {
    "id": "IAM_001",
    "severity": "medium",
    "title": "Permissions on every resource say what they are for",
    "why": "Some actions name no resource, so * is right for them. Next to it stands the * that was to be narrowed "
    "later. Without a sid nobody who reads the role in an account can tell the two apart, and neither is ever "
    "taken away.",
    "fix": """\
statement {
  sid       = "SendTraces" # X-Ray has no resources to name
  actions   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
  resources = ["*"]
}
""",
    "links": ["https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege"],
}


class PolicyText(BaseResourceCheck):
    """Judges policies whose text the plan knows; a text that waits for apply is judged in its document."""

    def __init__(self) -> None:
        kinds = ["aws_iam_policy", "aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy"]
        super().__init__(name=RULE["title"], id=RULE["id"], categories=[CheckCategories.IAM], supported_resources=kinds)

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """UNKNOWN when the text is not known yet."""
        statements = of_text(conf.get("policy"))
        return CheckResult.UNKNOWN if statements is None else _result(statements)


class PolicyDocument(BaseDataCheck):
    """Judges policy documents in source, and in plans those that are read during apply."""

    def __init__(self) -> None:
        super().__init__(
            name=RULE["title"],
            id=RULE["id"],
            categories=[CheckCategories.IAM],
            supported_data=["aws_iam_policy_document"],
        )

    def scan_data_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """PASSED or FAILED."""
        return _result(of_document(conf))


def _result(statements: list[Statement]) -> CheckResult:
    nameless = any(item.allows and _reaches_everything(item) and not item.sid for item in statements)
    return CheckResult.FAILED if nameless else CheckResult.PASSED


def _reaches_everything(statement: Statement) -> bool:
    """Whether an identity may use it on every resource; in a resource's own policy * is that resource."""
    return not statement.principals and ("*" in statement.resources or bool(statement.not_resources))


policy_text = PolicyText()
policy_document = PolicyDocument()
