"""The client connect handler: what Client VPN asks the function, and what it makes of the answer.

"Custom connection authorization" in the Client VPN Administrator Guide. Whatever is not a valid answer denies.
"""

import json
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from moto.awslambda.exceptions import UnknownAliasException, UnknownFunctionException
from moto.awslambda.utils import get_backend

from localcloud.functions import invocations
from localcloud.functions.executor import Outcome

SCHEMAS = ("v1", "v2", "v3")
"""v3 is in use, and its text is not public: here it is v2 by another name."""
LIMIT_SECONDS = 30.0
"""How long Client VPN waits for the function, of the machine's time; not adjustable on AWS."""
MOST_STATUSES, LONGEST_TEXT = 10, 255
DEFAULT_MESSAGE = "Error establishing connection. Please contact your administrator."


class Reason(StrEnum):
    """Why a connection failed, as the connection log says it."""

    DENIED = "client-connect-failed"
    TIMED_OUT = "client-connect-handler-timed-out"
    EXECUTION = "client-connect-handler-other-execution-error"
    THROTTLED = "client-connect-handler-throttled"
    INVALID = "client-connect-handler-invalid-response"


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a client is let in. `reason`: why not, None when it is; `message`: what a denied client is shown."""

    reason: Reason | None
    message: str = ""
    statuses: list[str] = field(default_factory=list)


def ask(function_arn: str, event: Mapping[str, Any], seconds: float = LIMIT_SECONDS) -> Decision:
    """Invoke the function with `event`, wait for at most that long, and judge its answer."""
    region, account = function_arn.split(":")[3:5]
    try:
        function = get_backend(account, region).get_function(function_arn)
    except (UnknownFunctionException, UnknownAliasException):
        return Decision(Reason.EXECUTION, DEFAULT_MESSAGE)
    answers: list[Outcome | Exception] = []

    def invoke() -> None:
        try:
            payload = json.dumps(event).encode()
            answers.append(invocations.invoke(function, payload, function_arn, str(uuid.uuid4()))[0])
        except Exception as error:  # handed to the thread that waits
            answers.append(error)

    # A thread that is not waited for at the end: the function may go on longer than Client VPN cares.
    thread = threading.Thread(target=invoke, name="client-connect", daemon=True)
    thread.start()
    thread.join(seconds)
    match answers:
        case [Outcome(status="ok", payload=payload)]:
            return judged(payload, str(event["schema-version"]))
        case [Outcome(status="error")]:
            return Decision(Reason.EXECUTION, DEFAULT_MESSAGE)
        case [invocations.ThrottledError()]:
            return Decision(Reason.THROTTLED, DEFAULT_MESSAGE)
        case [Exception() as error]:
            raise error
        case _:
            return Decision(Reason.TIMED_OUT, DEFAULT_MESSAGE)


def judged(payload: bytes, schema: str) -> Decision:
    """What the function's answer to a request in that schema means; all of its fields are required."""
    try:
        answer = json.loads(payload)
    except ValueError:
        answer = None
    field_name = "error-msg-on-failed-posture-compliance" if schema == "v1" else "error-msg-on-denied-connection"
    match answer:
        case {
            "allow": bool(allow),
            "posture-compliance-statuses": [*statuses],
            "schema-version": str(version),
            **rest,
        } if version == schema and _is_text(rest.get(field_name)):
            if len(statuses) <= MOST_STATUSES and all(_is_text(status) for status in statuses):
                return Decision(None if allow else Reason.DENIED, "" if allow else str(rest[field_name]), statuses)
    return Decision(Reason.INVALID, DEFAULT_MESSAGE)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_TEXT
