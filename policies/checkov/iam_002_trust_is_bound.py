"""IAM_002; https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html"""

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.data.base_check import BaseDataCheck
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

from _statements import Statement, of_document, of_text

RULE = {
    "id": "IAM_002",
    "severity": "high",
    "title": "Roles that accounts may assume are bound to an external id or an organisation",
    "why": "Who trusts an account trusts everybody in it who may call sts:AssumeRole, and a program there that works "
    "for many can be talked into using this role for somebody else. A role that is made anew under a trusted "
    "name inherits the trust.",
    "fix": """\
statement {
  sid     = "SyncWorksHere"
  actions = ["sts:AssumeRole"]

  principals {
    type        = "AWS"
    identifiers = ["arn:aws:iam::123456789012:role/data-redshift-maintenance-sync"]
  }

  condition {
    test     = "StringEquals"
    variable = "sts:ExternalId" # or aws:PrincipalOrgID
    values   = [var.external_id]
  }
}
""",
    "links": [
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html",
    ],
}

# aws:PrincipalArn and multi-factor authentication bind roles that are assumed within one account.
BINDING = {
    "aws:multifactorauthpresent",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "sts:externalid",
}


class TrustText(BaseResourceCheck):
    """Judges roles whose trust the plan knows; a text that waits for apply is judged in its document."""

    def __init__(self) -> None:
        super().__init__(
            name=RULE["title"], id=RULE["id"], categories=[CheckCategories.IAM], supported_resources=["aws_iam_role"]
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """UNKNOWN when the text is not known yet, or trusts no account."""
        return _result(of_text(conf.get("assume_role_policy")) or [])


class TrustDocument(BaseDataCheck):
    """Judges policy documents that let accounts, or principals of theirs, assume a role."""

    def __init__(self) -> None:
        super().__init__(
            name=RULE["title"],
            id=RULE["id"],
            categories=[CheckCategories.IAM],
            supported_data=["aws_iam_policy_document"],
        )

    def scan_data_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """UNKNOWN when the document does not."""
        return _result(of_document(conf))


def _result(statements: list[Statement]) -> CheckResult:
    trusting = [item for item in statements if item.allows and item.permits("sts:assumerole") and _of_accounts(item)]
    if not trusting:
        return CheckResult.UNKNOWN
    return CheckResult.PASSED if all(item.conditions & BINDING for item in trusting) else CheckResult.FAILED


def _of_accounts(statement: Statement) -> bool:
    return any(kind in ("AWS", "*") for kind, _ in statement.principals)


trust_text = TrustText()
trust_document = TrustDocument()
