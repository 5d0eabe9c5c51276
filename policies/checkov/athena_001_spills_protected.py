"""ATHENA_001; https://docs.aws.amazon.com/athena/latest/ug/connect-data-source-federated-iam-access.html"""

from collections.abc import Iterator
from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

from _statements import of_text
from _values import LATER, blocks, number, planned, value

RULE = {
    "id": "ATHENA_001",
    "severity": "high",
    "title": "Results that connectors spill expire, and pass by TLS alone",
    "why": "A connector writes what a query reads from a database into a bucket, for Athena to read once. Without a "
    "lifecycle rule it stays there for ever, copied out of whatever guards the database, and nobody misses it.",
    "fix": """\
resource "aws_s3_bucket_lifecycle_configuration" "spill" {
  bucket = aws_s3_bucket.spill.bucket

  rule {
    id     = "spills-expire"
    status = "Enabled"
    filter {}
    expiration {
      days = 1
    }
  }
}

resource "aws_s3_bucket_policy" "spill" {
  bucket = aws_s3_bucket.spill.bucket
  policy = data.aws_iam_policy_document.spill.json # denies s3:* where aws:SecureTransport is false
}
""",
    "links": [
        "https://docs.aws.amazon.com/athena/latest/ug/connect-data-source-federated-iam-access.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html",
    ],
}

LIFECYCLE = "aws_s3_bucket_lifecycle_configuration"
POLICY = "aws_s3_bucket_policy"
VARIABLES = ("SPILL_BUCKET", "spill_bucket")
"""By which this repository's connectors, and the published ones, are told where to spill."""


class SpillsProtected(BaseResourceCheck):
    """Judges each function that spills by the bucket that it spills into, related by name.

    A bucket that the plan does not own is not judged: its owner protects it. Nor is one while what guards it may be
    something whose bucket only apply will know.
    """

    def __init__(self) -> None:
        super().__init__(
            name=RULE["title"],
            id=RULE["id"],
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_resources=["aws_lambda_function"],
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """PASSED when the bucket has an expiry and refuses what comes without TLS."""
        wanted = next(_spill_buckets(conf), None)
        owned = wanted is not None and any(value(item, "bucket") == wanted for item in self._all("aws_s3_bucket"))
        if not owned:
            return CheckResult.UNKNOWN
        expires = [_expires(item) for item in self._guarding(LIFECYCLE, wanted)]
        refuses = [_refuses_plain(item) for item in self._guarding(POLICY, wanted)]
        if any(expires) and any(refuses):
            return CheckResult.PASSED
        kinds = [kind for kind, found in ((LIFECYCLE, expires), (POLICY, refuses)) if not any(found)]
        unknown = all(any(value(item, "bucket") is LATER for item in self._all(kind)) for kind in kinds)
        return CheckResult.UNKNOWN if unknown else CheckResult.FAILED

    def _all(self, kind: str) -> list[dict[str, Any]]:
        return planned(self.graph, kind)

    def _guarding(self, kind: str, bucket: str) -> list[dict[str, Any]]:
        return [item for item in self._all(kind) if value(item, "bucket") == bucket]


def _spill_buckets(conf: dict[str, Any]) -> Iterator[str]:
    """The bucket that the function's environment names, when it is known."""
    for block in blocks(conf, "environment"):
        for variables in blocks(block, "variables"):
            for name in VARIABLES:
                found = value({name: variables.get(name)}, name)
                if isinstance(found, str):
                    yield found


def _expires(lifecycle: dict[str, Any]) -> bool:
    return any(
        value(rule, "status") == "Enabled" and number(expiration, "days")
        for rule in blocks(lifecycle, "rule")
        for expiration in blocks(rule, "expiration")
    )


def _refuses_plain(policy: dict[str, Any]) -> bool:
    """Whether a statement denies by the transport; so does a text that is not known yet, for the next plan shows it."""
    statements = of_text(policy.get("policy"))
    return statements is None or any(
        not statement.allows and "aws:securetransport" in statement.conditions for statement in statements
    )


check = SpillsProtected()
