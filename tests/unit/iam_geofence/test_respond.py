"""Responses within what Client VPN takes, in every schema, for every decision."""

from typing import Any

import pytest

from iam_geofence.model import Decision, Mode, Reason, Schema
from iam_geofence.respond import refuse, respond

V1_MESSAGE = "error-msg-on-failed-posture-compliance"
V2_MESSAGE = "error-msg-on-denied-connection"


def require_valid(response: dict[str, Any], version: str) -> None:
    message = V1_MESSAGE if version == "v1" else V2_MESSAGE
    assert response.keys() == {"allow", message, "posture-compliance-statuses", "schema-version"}
    assert response["schema-version"] == version
    assert isinstance(response["allow"], bool)
    assert len(response[message]) <= 255
    assert bool(response[message]) is not response["allow"]
    statuses = response["posture-compliance-statuses"]
    assert 1 <= len(statuses) <= 10
    assert all(isinstance(status, str) and 0 < len(status) <= 255 for status in statuses)


@pytest.mark.parametrize("version", ["v1", "v2", "v3"])
@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("reason", Reason)
def test_every_decision_has_a_valid_response(reason: Reason, mode: Mode, version: str) -> None:
    response = respond(Schema(version), Decision(reason, "x" * 10_000), mode, "0123456789ab")
    require_valid(response, version)
    assert {f"mode:{mode}", "cfg:0123456789ab"} <= set(response["posture-compliance-statuses"])


def test_says_what_was_decided() -> None:
    def statuses(reason: Reason, mode: Mode) -> list[str]:
        return respond(Schema("v2"), Decision(reason), mode, "0123456789ab")["posture-compliance-statuses"]

    configured = ["mode:enforce", "cfg:0123456789ab"]
    assert statuses(Reason.PERMITTED, Mode.ENFORCE) == ["compliant", *configured]
    assert statuses(Reason.COUNTRY, Mode.ENFORCE) == ["denied", *configured, "reason:country"]
    monitored = ["mode:monitor", "cfg:0123456789ab"]
    assert statuses(Reason.PROOF_ACL, Mode.MONITOR) == ["monitor:would-deny", *monitored, "reason:proof-acl"]


@pytest.mark.parametrize(("event", "version"), [({"schema-version": "v1"}, "v1"), ({}, "v2"), (None, "v2")])
def test_a_failure_of_ours_is_a_valid_denial(event: object, version: str) -> None:
    response = refuse(event)
    require_valid(response, version)
    assert response["allow"] is False
