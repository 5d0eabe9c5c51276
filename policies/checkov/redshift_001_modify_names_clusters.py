"""REDSHIFT_001; actions: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonredshift.html"""

import re
from fnmatch import fnmatchcase
from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.data.base_check import BaseDataCheck
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

from _statements import Statement, of_document, of_text

RULE = {
    "id": "REDSHIFT_001",
    "severity": "high",
    "title": "Permission to modify clusters names clusters",
    "why": "ModifyCluster changes passwords, networks and encryption, not only maintenance. On every resource it "
    "reaches snapshots, groups and clusters that nobody thought of when the permission was given.",
    "fix": """\
statement {
  sid       = "MoveMaintenance"
  actions   = ["redshift:ModifyCluster", "redshift:ModifyClusterMaintenance"]
  resources = ["arn:aws:redshift:eu-central-1:123456789012:cluster:*"]
}
""",
    "links": ["https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonredshift.html"],
}

# The actions on the resource type `cluster` that change one that exists.
MODIFY = [
    "redshift:modifycluster",
    "redshift:modifyclusterdbrevision",
    "redshift:modifyclusteriamroles",
    "redshift:modifyclustermaintenance",
]
CLUSTER = re.compile(r"arn:[^:]*:redshift:[^:]*:[^:]*:cluster:.")


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
    """Judges policy documents in source, and in plans those that are read during apply, with the texts they include."""

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
    """FAILED when a statement allows a change of more than clusters."""
    for statement in statements:
        granted = any(statement.permits(action) for action in MODIFY)
        unnamed = statement.not_resources or any(_reaches_beyond_clusters(item) for item in statement.resources)
        if statement.allows and granted and unnamed:
            return CheckResult.FAILED
    return CheckResult.PASSED


def _reaches_beyond_clusters(resource: str) -> bool:
    """Whether a pattern covers more of Redshift than clusters; a reference to a resource does not."""
    parts = resource.split(":")
    service = parts[2] if len(parts) > 2 else parts[-1]
    return fnmatchcase("redshift", service) and not CLUSTER.match(resource)


policy_text = PolicyText()
policy_document = PolicyDocument()
