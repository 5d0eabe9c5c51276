"""AssumeRole as AWS refuses it: the role exists, its trust policy admits the caller, and the session is not too long.

API_AssumeRole. What the caller's own policies allow is not looked at: IAM is not enforced here.
"""

import json
import re
from datetime import timedelta
from typing import Any

from flask import request
from moto.core.responses import ActionResult
from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends
from moto.sts.responses import TokenResponse

from localcloud.extensions import AwsError, corrects
from localcloud.missing import Call
from localcloud.resource_policy import several
from localcloud.sts import sessions
from localcloud.sts.caller import Caller
from localcloud.sts.trust_policy import Assumption, admits

ROLE_ARN = re.compile(r"arn:aws:iam::\d{12}:role/\S+")
SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}")
EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}")
SHORTEST_SECONDS = 900
CHAINED_SECONDS = 3600
"""The longest session of a role that is assumed with the credentials of a role."""


@corrects(TokenResponse, "AssumeRole")
def assume_role(self: Any) -> Any:
    """AssumeRole: the session's credentials expire on the local cloud's clock."""
    caller = Caller.of(request)
    if caller is None:
        return _error("MissingAuthenticationToken", "Request is missing Authentication Token")
    role_arn, name = self._get_param("RoleArn"), self._get_param("RoleSessionName")
    external_id = self._get_param("ExternalId")
    _require("roleArn", role_arn, ROLE_ARN)
    _require("roleSessionName", name, SESSION_NAME)
    if external_id is not None:
        _require("externalId", external_id, EXTERNAL_ID)
    chain = caller.session
    assumption = Assumption(caller.account, caller.arn, chain.role_arn if chain else None, name, external_id)
    role = _role(role_arn)
    # AWS answers alike for a role that does not exist and for one that does not admit the caller.
    if role is None or not admits(_statements(role), assumption):
        message = f"User: {caller.arn} is not authorized to perform: sts:AssumeRole on resource: {role_arn}"
        return _error("AccessDenied", message)
    lasts = _duration(self._get_int_param("DurationSeconds", CHAINED_SECONDS), role, chained=chain is not None)
    assumed = sessions.begin(role_arn, name, region=self.region, lasts=lasts, function=caller.function)
    return ActionResult(
        {
            "Credentials": assumed,
            "AssumedRoleUser": {"AssumedRoleId": assumed.user_id, "Arn": assumed.arn},
            "PackedPolicySize": 6,
        }
    )


def _role(arn: str) -> Any:
    try:
        return iam_backends[arn.split(":")[4]]["aws"].get_role_by_arn(arn)
    except NotFoundException:
        return None


def _statements(role: Any) -> list[Any]:
    return several(json.loads(role.assume_role_policy_document).get("Statement", []))


def _duration(seconds: int, role: Any, *, chained: bool) -> timedelta:
    if seconds < SHORTEST_SECONDS:
        raise _invalid("durationSeconds", seconds, f"Member must be at least {SHORTEST_SECONDS}")
    if chained and seconds > CHAINED_SECONDS:
        limit = "the 1 hour session limit for roles assumed by role chaining."
    elif seconds > int(role.max_session_duration or CHAINED_SECONDS):
        limit = "the MaxSessionDuration set for this role."
    else:
        return timedelta(seconds=seconds)
    raise AwsError("ValidationError", f"The requested DurationSeconds exceeds {limit}")


def _require(name: str, value: str, pattern: re.Pattern[str]) -> None:
    if not pattern.fullmatch(value or ""):
        raise _invalid(name, value, f"Member must satisfy regular expression pattern: {pattern.pattern}")


def _invalid(name: str, value: object, constraint: str) -> AwsError:
    text = f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: {constraint}"
    return AwsError("ValidationError", text)


def _error(code: str, message: str) -> tuple[int, dict[str, str], bytes]:
    """403, which moto's serialiser gives only to the errors that the service's model names."""
    response = Call("sts", "AssumeRole", "query").error(403, code, message)
    return 403, {"content-type": "text/xml", "status": "403"}, response.get_data()
