"""KINESIS_002; https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonkinesisdatastreams.html"""

import re

from checkov.common.models.enums import CheckResult

from _policies import PolicyDocumentCheck, PolicyTextCheck
from _statements import Statement, may_be_of, without_references

RULE = {
    "id": "KINESIS_002",
    "severity": "high",
    "title": "Permission to resize or end streams names streams",
    "why": "Each shard is charged for by the hour, and a stream that shrinks throttles its producers: one event that "
    "is wrong, to a function that may resize every stream, is felt by teams that never heard of it.",
    "fix": """\
statement {
  sid       = "ResizeTheNamedStreams"
  actions   = ["kinesis:UpdateShardCount"]
  resources = ["arn:aws:kinesis:eu-central-1:123456789012:stream/orders-*"]
}
""",
    "links": [
        "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonkinesisdatastreams.html",
    ],
}

CHANGE = [
    "kinesis:decreasestreamretentionperiod",
    "kinesis:deletestream",
    "kinesis:mergeshards",
    "kinesis:splitshard",
    "kinesis:updateshardcount",
    "kinesis:updatestreammode",
]
NAMED = re.compile(r"arn:[^:]*:kinesis:[^:]*:[^:]*:stream/[^*?]")


class PolicyText(PolicyTextCheck):
    """This rule on texts."""


class PolicyDocument(PolicyDocumentCheck):
    """This rule on documents."""


def _result(statements: list[Statement]) -> CheckResult:
    """FAILED when a statement lets change streams that it does not name; a condition on their tags names them, too."""
    for statement in statements:
        granted = any(statement.permits(action) for action in CHANGE)
        unnamed = statement.not_resources or any(_covers_any(item) for item in statement.resources)
        by_tag = any(key.startswith("aws:resourcetag/") for key in statement.conditions)
        if statement.allows and granted and unnamed and not by_tag:
            return CheckResult.FAILED
    return CheckResult.PASSED


def _covers_any(resource: str) -> bool:
    return may_be_of(resource, "kinesis") and not NAMED.match(without_references(resource))


policy_text = PolicyText(RULE, _result)
policy_document = PolicyDocument(RULE, _result)
