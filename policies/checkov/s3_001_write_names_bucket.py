"""S3_001; ARNs: https://docs.aws.amazon.com/AmazonS3/latest/userguide/security_iam_service-with-iam.html"""

from checkov.common.models.enums import CheckResult

from _policies import PolicyDocumentCheck, PolicyTextCheck
from _statements import Statement, may_be_of, without_references

RULE = {
    "id": "S3_001",
    "severity": "high",
    "title": "Permission to write objects names its bucket",
    "why": "The names of buckets are everybody's: what may write to team-spill* may write to a bucket that a stranger "
    "made under such a name, and takes there what it was to keep. On every bucket it may also change what others read.",
    "fix": """\
statement {
  sid       = "WriteSpills"
  actions   = ["s3:PutObject"]
  resources = ["${aws_s3_bucket.spill.arn}/athena-spill/*"]
}
""",
    "links": ["https://docs.aws.amazon.com/AmazonS3/latest/userguide/security_iam_service-with-iam.html"],
}

WRITE = ["s3:putobject", "s3:deleteobject"]


class PolicyText(PolicyTextCheck):
    """This rule on texts."""


class PolicyDocument(PolicyDocumentCheck):
    """This rule on documents."""


def _result(statements: list[Statement]) -> CheckResult:
    """FAILED when a statement lets write to buckets that it does not name."""
    for statement in statements:
        granted = any(statement.permits(action) for action in WRITE)
        unnamed = statement.not_resources or any(_covers_many(item) for item in statement.resources)
        if statement.allows and granted and unnamed:
            return CheckResult.FAILED
    return CheckResult.PASSED


def _covers_many(resource: str) -> bool:
    """Whether the part of the ARN that names the bucket is a pattern."""
    bucket = without_references(resource).rsplit(":", 1)[-1].split("/")[0]
    return may_be_of(resource, "s3") and ("*" in bucket or "?" in bucket)


policy_text = PolicyText(RULE, _result)
policy_document = PolicyDocument(RULE, _result)
