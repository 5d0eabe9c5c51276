"""The nouns of the geofence: named tuples, for a cold start pays four times as much for a frozen dataclass."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from common.errors import Rejected

CONTROL_ADDRESS = "192.0.2.1"
"""The negative control: TEST-NET-1 (RFC 5737) is nobody's, so no country has it and no fence may let it pass."""
CONTROL_SECONDS = 300
"""How long a control that was blocked speaks for the fence."""


class Mode(StrEnum):
    """Whether the fence keeps callers out or only says whom it would keep out."""

    ENFORCE = "enforce"
    MONITOR = "monitor"


class Outcome(StrEnum):
    """What becomes of a connection; `would-deny` is an admission in mode monitor."""

    ADMIT = "admit"
    DENY = "deny"
    WOULD_DENY = "would-deny"


class Reason(StrEnum):
    """Why: `permitted` is the only one that admits."""

    PERMITTED = "permitted"
    COUNTRY = "country"
    """The web ACL blocked the address, as it does outside the permitted countries."""
    PROOF_NONCE = "proof-nonce"
    PROOF_WAF = "proof-waf"
    PROOF_ACL = "proof-acl"
    PROOF_API = "proof-api"
    PROOF_STAGE = "proof-stage"
    PROOF_ENDPOINT = "proof-endpoint"
    PROOF_STATUS = "proof-status"
    PROOF_BODY = "proof-body"
    CONTROL_ADMITTED = "control-admitted"
    """The web ACL let an address pass that has no country: it blocks nothing."""
    CONTROL_UNPROVEN = "control-unproven"
    """Nobody knows whether the web ACL blocks anything."""
    ADDRESS = "address"
    SCHEMA = "schema"
    EVENT = "event"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    ERROR = "error"
    """Something of ours failed."""

    @property
    def casts_doubt(self) -> bool:
        """Whether the check answered, but not as an intact fence does."""
        return self.startswith(("proof-", "control-"))

    @property
    def no_answer(self) -> bool:
        """Whether there was no answer to judge."""
        return self in (Reason.TIMEOUT, Reason.UNREACHABLE, Reason.ERROR)

    @property
    def spares_nobody(self) -> bool:
        """Whether mode monitor denies too: the event was malformed, or we failed and no longer know what we do."""
        return self in (Reason.ADDRESS, Reason.SCHEMA, Reason.EVENT, Reason.ERROR)


class Malformed(Rejected):
    """The event cannot be judged. The message names the field, never its value: it may be somebody's data."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Schema(NamedTuple):
    """The version of the connect handler's contract in which a request came, and in which its response goes."""

    version: str

    @property
    def message_field(self) -> str:
        """Where the user's message goes: v2 renamed it, and later ones are taken to keep that name."""
        return "error-msg-on-failed-posture-compliance" if self.version == "v1" else "error-msg-on-denied-connection"


class ConnectRequest(NamedTuple):
    """What Client VPN asks: may this connection, from this public address (canonical text), be made at this endpoint?

    `username` and `common_name` are empty where the way of authentication has none.
    """

    schema: Schema
    endpoint: str
    connection: str
    address: str
    username: str
    common_name: str


class Question(NamedTuple):
    """What is asked of the check; `nonce` ties the answer to it."""

    address: str
    endpoint: str
    connection: str
    nonce: str


class Answer(NamedTuple):
    """What the check answered. `blocked`: it says that the web ACL blocked. `body`: None when it is no JSON object."""

    status: int
    blocked: bool
    body: Mapping[str, object] | None


class Silence(NamedTuple):
    """The check did not answer; `reason` is `timeout` or `unreachable`."""

    reason: Reason
    detail: str


class Expectation(NamedTuple):
    """What the answer to one question must say to admit, and `acl` (an ARN), `api` and `stage` that it must come by."""

    nonce: str
    acl: str
    api: str
    stage: str
    endpoint: str

    def proof(self) -> dict[str, str]:
        """The answer's fields, each with its only good value; a wrong one is the reason `proof-<field>`."""
        return {
            "nonce": self.nonce,
            "waf": "WAF_ALLOW",
            "acl": self.acl,
            "api": self.api,
            "stage": self.stage,
            "endpoint": self.endpoint,
        }


class Control(NamedTuple):
    """The last negative control: when it was asked (seconds since 1970), and what speaks against the fence, if any."""

    at: float
    objection: Reason | None
    detail: str = ""

    def object_at(self, now: float) -> Reason | None:
        """Why nobody can be admitted at `now` (seconds since 1970), or None: the fence was seen to block just now."""
        # Not after `now`: a clock that was set back would make an old control last.
        if self.objection is None and not 0 <= now - self.at <= CONTROL_SECONDS:
            return Reason.CONTROL_UNPROVEN
        return self.objection


class Decision(NamedTuple):
    """What the facts amount to; `detail` is for the log and holds nothing of the user's."""

    reason: Reason
    detail: str = ""

    def outcome(self, mode: Mode) -> Outcome:
        """What becomes of the connection in `mode`."""
        if self.reason is Reason.PERMITTED:
            return Outcome.ADMIT
        if mode is Mode.MONITOR and not self.reason.spares_nobody:
            return Outcome.WOULD_DENY
        return Outcome.DENY
