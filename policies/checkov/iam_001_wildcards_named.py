"""IAM_001; https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html"""

from checkov.common.models.enums import CheckResult

from _policies import PolicyDocumentCheck, PolicyTextCheck
from _statements import Statement

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


class PolicyText(PolicyTextCheck):
    """This rule on texts."""


class PolicyDocument(PolicyDocumentCheck):
    """This rule on documents."""


def _result(statements: list[Statement]) -> CheckResult:
    nameless = any(item.allows and _reaches_everything(item) and not item.sid for item in statements)
    return CheckResult.FAILED if nameless else CheckResult.PASSED


def _reaches_everything(statement: Statement) -> bool:
    """Whether an identity may use it on every resource; in a resource's own policy * is that resource."""
    return not statement.principals and ("*" in statement.resources or bool(statement.not_resources))


policy_text = PolicyText(RULE, _result)
policy_document = PolicyDocument(RULE, _result)
