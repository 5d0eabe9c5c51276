"""A decision in Client VPN's words: a message of at most 255 characters, at most ten statuses of at most 255."""

from typing import Any

from iam_geofence.model import Decision, Mode, Outcome, Reason, Schema
from iam_geofence.parse import read_schema

MESSAGES = {
    Reason.COUNTRY: "You cannot connect from here: only connections from permitted countries are let in.",
    Reason.ADDRESS: "You cannot connect: your public address does not tell where you are.",
    Reason.SCHEMA: "You cannot connect: the connection request was not understood. Tell your administrator.",
    Reason.EVENT: "You cannot connect: the connection request was not understood. Tell your administrator.",
}
STATUSES = {Outcome.ADMIT: "compliant", Outcome.DENY: "denied", Outcome.WOULD_DENY: "monitor:would-deny"}


def respond(schema: Schema, decision: Decision, mode: Mode, config_hash: str) -> dict[str, Any]:
    """`{"allow", <the schema's message field>, "posture-compliance-statuses", "schema-version"}`.

    The statuses appear in the connection log and in DescribeClientVpnConnections: they tell under which configuration
    a session was let in.
    """
    outcome = decision.outcome(mode)
    statuses = [STATUSES[outcome], f"mode:{mode}", f"cfg:{config_hash}"]
    if decision.reason is not Reason.PERMITTED:
        statuses.append(f"reason:{decision.reason}")
    message = _message(decision.reason) if outcome is Outcome.DENY else ""
    return _response(schema, outcome is not Outcome.DENY, message, statuses)


def refuse(event: object) -> dict[str, Any]:
    """The denial of `event`, whatever it is, when something of ours failed."""
    statuses = [STATUSES[Outcome.DENY], f"reason:{Reason.ERROR}"]
    return _response(read_schema(event), False, _message(Reason.ERROR), statuses)


def _message(reason: Reason) -> str:
    return MESSAGES.get(
        reason,
        f"You cannot connect: where you are could not be verified ({reason}). Try again, or tell your administrator.",
    )


def _response(schema: Schema, allow: bool, message: str, statuses: list[str]) -> dict[str, Any]:
    return {
        "allow": allow,
        schema.message_field: message,
        "posture-compliance-statuses": statuses,
        "schema-version": schema.version,
    }
