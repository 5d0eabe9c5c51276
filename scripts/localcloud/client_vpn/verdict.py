"""What an answer of a client connect handler means: whether a client is let in, and why not.

"Custom connection authorization" in the Client VPN Administrator Guide. Whatever is not a valid answer denies.
"""

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

SCHEMAS = ("v1", "v2", "v3")
"""v3 is in use, and its text is not public: here it is v2 by another name."""
MOST_STATUSES, LONGEST_TEXT = 10, 255
DEFAULT_MESSAGE = "Error establishing connection. Please contact your administrator."
"""What Client VPN shows when the handler failed."""


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


def judged(payload: bytes, schema: str) -> Decision:
    """What the handler's answer to a request in that schema means; all of its fields are required."""
    try:
        answer = json.loads(payload)
    except ValueError:
        answer = None
    shown = "error-msg-on-failed-posture-compliance" if schema == "v1" else "error-msg-on-denied-connection"
    match answer:
        case {"allow": bool(allow), "posture-compliance-statuses": [*statuses], "schema-version": version, **rest}:
            message = rest.get(shown)
        case _:
            return Decision(Reason.INVALID, DEFAULT_MESSAGE)
    if version != schema or len(statuses) > MOST_STATUSES or not all(_is_text(text) for text in [message, *statuses]):
        return Decision(Reason.INVALID, DEFAULT_MESSAGE)
    return Decision(None, "", statuses) if allow else Decision(Reason.DENIED, str(message), statuses)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_TEXT
