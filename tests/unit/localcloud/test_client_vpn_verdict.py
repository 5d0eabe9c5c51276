"""What Client VPN makes of a connect handler's answer: all that is not a valid one denies."""

import json
from typing import Any

import pytest

from localcloud.client_vpn.verdict import DEFAULT_MESSAGE, Decision, Reason, judged

MESSAGES = {"v1": "error-msg-on-failed-posture-compliance"} | dict.fromkeys(
    ["v2", "v3"], "error-msg-on-denied-connection"
)


def answer(schema: str = "v2", **changes: Any) -> dict[str, Any]:
    plain = {"allow": True, MESSAGES[schema]: "", "posture-compliance-statuses": [], "schema-version": schema}
    return {**plain, **changes}


@pytest.mark.parametrize("schema", MESSAGES)
def test_a_valid_answer_admits_or_denies_with_its_message(schema: str) -> None:
    statuses = ["s" * 255] * 10
    admitted = answer(schema, **{"posture-compliance-statuses": statuses})
    assert judged(json.dumps(admitted).encode(), schema) == Decision(None, "", statuses)
    denied = answer(schema, allow=False, **{MESSAGES[schema]: "m" * 255})
    assert judged(json.dumps(denied).encode(), schema) == Decision(Reason.DENIED, "m" * 255)


@pytest.mark.parametrize(
    "changes",
    [
        {"allow": "true"},
        {"allow": 1},
        {"allow": None},
        {"schema-version": "v1"},
        {"schema-version": 2},
        {"error-msg-on-denied-connection": "m" * 256},
        {"error-msg-on-denied-connection": None},
        {"posture-compliance-statuses": None},
        {"posture-compliance-statuses": "compliant"},
        {"posture-compliance-statuses": [True]},
        {"posture-compliance-statuses": ["s"] * 11},
        {"posture-compliance-statuses": ["s" * 256]},
    ],
    ids=lambda changes: str(changes)[:60],
)
def test_a_wrong_field_denies(changes: dict[str, Any]) -> None:
    invalid = Decision(Reason.INVALID, DEFAULT_MESSAGE)
    assert judged(json.dumps(answer(**changes)).encode(), "v2") == invalid


@pytest.mark.parametrize("schema", MESSAGES)
def test_a_missing_field_denies(schema: str) -> None:
    complete = answer(schema)
    for name in complete:
        lacking = {field: value for field, value in complete.items() if field != name}
        assert judged(json.dumps(lacking).encode(), schema).reason is Reason.INVALID


@pytest.mark.parametrize("payload", [b"", b"null", b"true", b"[]", b'"allow"', b"{", b"\xff"])
def test_what_is_no_object_denies(payload: bytes) -> None:
    assert judged(payload, "v2").reason is Reason.INVALID
