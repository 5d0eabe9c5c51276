"""SECRETSMANAGER_001; https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_iam-policies.html"""

import re

from checkov.common.models.enums import CheckResult

from _policies import PolicyDocumentCheck, PolicyTextCheck
from _statements import Statement, may_be_of, without_references

RULE = {
    "id": "SECRETSMANAGER_001",
    "severity": "high",
    "title": "Permission to read secrets names secrets",
    "why": "A prefix opens also what others name alike later, and nobody who makes such a secret knows of it. Whoever "
    "gets hold of one function then reads the credentials of many systems.",
    "fix": """\
statement {
  sid       = "ReadTheNamedSecrets"
  actions   = ["secretsmanager:GetSecretValue"]
  resources = [aws_secretsmanager_secret.sales.arn] # by its name alone: …:secret:sales-??????
}
""",
    "links": ["https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_iam-policies.html"],
}

# Secrets Manager ends each ARN with six characters of its own; that many ? stand for these alone.
SUFFIX = re.compile(r"-\?{6}$")


class PolicyText(PolicyTextCheck):
    """This rule on texts."""


class PolicyDocument(PolicyDocumentCheck):
    """This rule on documents."""


def _result(statements: list[Statement]) -> CheckResult:
    """FAILED when a statement lets read secrets that it does not name."""
    for statement in statements:
        unnamed = statement.not_resources or any(_covers_many(item) for item in statement.resources)
        if statement.allows and statement.permits("secretsmanager:getsecretvalue") and unnamed:
            return CheckResult.FAILED
    return CheckResult.PASSED


def _covers_many(resource: str) -> bool:
    named = SUFFIX.sub("", without_references(resource))
    return may_be_of(resource, "secretsmanager") and ("*" in named or "?" in named)


policy_text = PolicyText(RULE, _result)
policy_document = PolicyDocument(RULE, _result)
