"""REDSHIFT_001; actions: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonredshift.html"""

import re

from checkov.common.models.enums import CheckResult

from _policies import PolicyDocumentCheck, PolicyTextCheck
from _statements import Statement, may_be_of

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


class PolicyText(PolicyTextCheck):
    """This rule on texts."""


class PolicyDocument(PolicyDocumentCheck):
    """This rule on documents."""


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
    return may_be_of(resource, "redshift") and not CLUSTER.match(resource)


policy_text = PolicyText(RULE, _result)
policy_document = PolicyDocument(RULE, _result)
