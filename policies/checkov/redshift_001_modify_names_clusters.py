"""REDSHIFT_001; actions: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonredshift.html"""

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.data.base_check import BaseDataCheck
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

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
Statement = tuple[bool, list[str], list[str], list[str], list[str]]  # allows; (not) actions; (not) resources


class PolicyText(BaseResourceCheck):
    """Judges policies whose text the plan knows; a text that waits for apply is judged in its document."""

    def __init__(self) -> None:
        kinds = ["aws_iam_policy", "aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy"]
        super().__init__(name=RULE["title"], id=RULE["id"], categories=[CheckCategories.IAM], supported_resources=kinds)

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """UNKNOWN when the text is not known yet."""
        texts = list(_policies(conf.get("policy")))
        return _result(_of_text(texts[0])) if texts else CheckResult.UNKNOWN


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
        """A statement's effect is Allow unless it says otherwise."""
        names = ("actions", "not_actions", "resources", "not_resources")
        statements: list[Statement] = [
            ("Deny" not in _strings(item.get("effect")), *(list(_strings(item.get(name))) for name in names))
            for item in conf.get("statement", [])
            if isinstance(item, dict)
        ]
        for name in ("source_policy_documents", "override_policy_documents"):
            statements += [statement for text in _policies(conf.get(name)) for statement in _of_text(text)]
        return _result(statements)


def _policies(value: Any) -> Iterator[dict[str, Any]]:
    """The policy texts in `value`: JSON, or what checkov has made of it; references to others are left out."""
    if isinstance(value, dict):
        yield value
    elif isinstance(value, str) and value.lstrip().startswith("{"):
        yield json.loads(value)
    elif isinstance(value, list):
        for item in value:
            yield from _policies(item)


def _of_text(text: dict[str, Any]) -> list[Statement]:
    statements = text.get("Statement", [])
    names = ("Action", "NotAction", "Resource", "NotResource")
    return [
        (item.get("Effect") == "Allow", *(list(_strings(item.get(name))) for name in names))
        for item in (statements if isinstance(statements, list) else [statements])
    ]


def _result(statements: list[Statement]) -> CheckResult:
    """FAILED when a statement allows a change of more than clusters."""
    for allows, actions, not_actions, resources, not_resources in statements:
        granted = _matched(actions) if actions else bool(not_actions) and len(_matched(not_actions)) < len(MODIFY)
        unnamed = not_resources or any(_reaches_beyond_clusters(resource) for resource in resources)
        if allows and granted and unnamed:
            return CheckResult.FAILED
    return CheckResult.PASSED


def _matched(patterns: list[str]) -> list[str]:
    return [action for action in MODIFY if any(fnmatchcase(action, pattern.lower()) for pattern in patterns)]


def _reaches_beyond_clusters(resource: str) -> bool:
    """Whether a pattern covers more of Redshift than clusters; a reference to a resource does not."""
    parts = resource.split(":")
    service = parts[2] if len(parts) > 2 else parts[-1]
    return fnmatchcase("redshift", service) and not CLUSTER.match(resource)


def _strings(value: Any) -> Iterator[str]:
    """The strings in `value`, which checkov wraps in lists to a depth that depends on where it comes from."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


policy_text = PolicyText()
policy_document = PolicyDocument()
