"""What a bucket's policy forbids everybody; moto overlooks its conditions, and so denies to all what is denied to some.

"Bucket policies for Amazon S3" in its User Guide. Who calls is not looked at, as IAM itself is not emulated: a
statement about certain principals does nothing here. The endpoint stands for that of AWS, so requests count as sent by
TLS.
"""

from typing import Any

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket

from policy_evaluation.policy import Effect, Policy
from policy_evaluation.request import Request


def install() -> None:
    """Put ours in place of moto's; harmless when repeated."""
    FakeBucket.get_permission = _permission


def _permission(self: Any, action: str, resource: str) -> PermissionResult:
    """What the bucket's policy says of anybody's `action` (`s3:PutObject`) on an object's ARN."""
    if self.policy is None:
        return PermissionResult.NEUTRAL
    policy = Policy.parse(self.policy.decode())
    request = Request(None, action, resource, {"aws:SecureTransport": "true"})
    for effect, result in ((Effect.DENY, PermissionResult.DENIED), (Effect.ALLOW, PermissionResult.PERMITTED)):
        if any(statement.names(request) for statement in policy.applying(request, effect)):
            return result
    return PermissionResult.NEUTRAL
