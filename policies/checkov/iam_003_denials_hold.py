"""IAM_003; https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"""

from typing import Any

from checkov.common.models.enums import CheckResult

from _policies import TEXTS, PolicyDocumentCheck, PolicyTextCheck
from _statements import Statement

RULE = {
    "id": "IAM_003",
    "severity": "high",
    "title": "Denials hold for calls that leave the key out",
    "why": "`Bool` on a key that the call does not carry is false, so the denial does not apply: calls with long-lived "
    "access keys carry no aws:MultiFactorAuthPresent, and pass a statement that was to stop just them.",
    "fix": """\
condition {
  test     = "BoolIfExists" # instead of Bool
  variable = "aws:MultiFactorAuthPresent"
  values   = ["false"]
}
""",
    "links": [
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IfExists",
    ],
}

# Every call carries these.
ALWAYS = {"aws:securetransport"}


class PolicyText(PolicyTextCheck):
    """This rule on texts; service control policies are among them."""

    def __init__(self, rule: dict[str, Any], judge: Any) -> None:
        super().__init__(rule, judge, [*TEXTS, "aws_organizations_policy"])

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """A service control policy has its text under another name."""
        return super().scan_resource_conf({**conf, "policy": conf.get("policy") or conf.get("content") or []})


class PolicyDocument(PolicyDocumentCheck):
    """This rule on documents."""


def _result(statements: list[Statement]) -> CheckResult:
    """UNKNOWN when nothing is denied by a key that is true or false."""
    denying = [pair for item in statements if not item.allows for pair in item.tests]
    tests = {test for test, key in denying if test.startswith("bool") and key not in ALWAYS}
    if not tests:
        return CheckResult.UNKNOWN
    return CheckResult.FAILED if "bool" in tests else CheckResult.PASSED


policy_text = PolicyText(RULE, _result)
policy_document = PolicyDocument(RULE, _result)
