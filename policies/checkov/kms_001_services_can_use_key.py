"""KMS_001; https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services"""

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.data.base_check import BaseDataCheck
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

from _statements import Statement, of_document, of_text

RULE = {
    "id": "KMS_001",
    "severity": "high",
    "title": "Keys admit services in a way that they can use",
    "why": "A service that publishes to an encrypted topic or queue makes a data key and reads it back: with one of "
    "the two permissions alone every message is refused, in silence. EventBridge names no source to KMS, so a "
    "condition on the source refuses all that it sends.",
    "fix": """\
statement {
  sid       = "RulesPublish"
  actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
  resources = ["*"]

  principals {
    type        = "Service"
    identifiers = ["events.amazonaws.com"] # without a condition; the policy of the topic names the rules
  }
}
""",
    "links": ["https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html"],
}

# Those that send to topics and queues.
PUBLISHERS = {"cloudwatch.amazonaws.com", "events.amazonaws.com", "s3.amazonaws.com", "sns.amazonaws.com"}
NEEDED = ("kms:decrypt", "kms:generatedatakey")
SOURCES = {"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"}


class KeyText(BaseResourceCheck):
    """Judges the policies of keys whose text is known; a text that waits for apply is judged in its document."""

    def __init__(self) -> None:
        super().__init__(
            name=RULE["title"],
            id=RULE["id"],
            categories=[CheckCategories.ENCRYPTION],
            supported_resources=["aws_kms_key", "aws_kms_key_policy"],
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """UNKNOWN when the text is not known yet."""
        statements = of_text(conf.get("policy"))
        return CheckResult.UNKNOWN if statements is None else _result(statements)


class KeyDocument(BaseDataCheck):
    """Judges policy documents that speak of keys and of services which publish."""

    def __init__(self) -> None:
        super().__init__(
            name=RULE["title"],
            id=RULE["id"],
            categories=[CheckCategories.ENCRYPTION],
            supported_data=["aws_iam_policy_document"],
        )

    def scan_data_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """UNKNOWN when no such service is admitted."""
        return _result(of_document(conf))


def _result(statements: list[Statement]) -> CheckResult:
    """FAILED when a service is let in and cannot publish."""
    admitting = [(item, _publishers(item)) for item in statements if item.allows]
    named = set().union(*(services for _, services in admitting))
    if not named:
        return CheckResult.UNKNOWN
    for service in named:
        of_service = [item for item, services in admitting if service in services]
        complete = all(any(item.permits(action) for item in of_service) for action in NEEDED)
        sourceless = service == "events.amazonaws.com"
        if not complete or (sourceless and any(item.conditions & SOURCES for item in of_service)):
            return CheckResult.FAILED
    return CheckResult.PASSED


def _publishers(statement: Statement) -> set[str]:
    of_keys = any(action.lower().startswith("kms:") for action in statement.actions)
    return {name for kind, name in statement.principals if of_keys and kind == "Service"} & PUBLISHERS


key_text = KeyText()
key_document = KeyDocument()
