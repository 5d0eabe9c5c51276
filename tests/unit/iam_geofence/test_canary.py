"""The canary: what it asks, and that it raises unless both controls are as they must be."""

from collections.abc import Callable
from typing import Any

import pytest

from common.errors import TransientError
from iam_geofence import canary
from iam_geofence.canary import FenceDown, run
from iam_geofence.canary_settings import CanarySettings
from iam_geofence.model import Answer, Reason, Silence
from iam_geofence.settings import Check

NOW = 1_800_000_000.0
BLOCKED = Answer(403, blocked=True, body=None)
LATE = Silence(Reason.TIMEOUT, "late")


@pytest.fixture(autouse=True)
def clean_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "fence-canary")
    canary.metrics.clear_metrics()


@pytest.fixture
def both(check: Check) -> CanarySettings:
    return CanarySettings(check, "8.8.8.8", "cvpn-endpoint-1")


def test_a_standing_fence_blocks_nobody_s_address_and_admits_a_permitted_one(
    check: Check, both: CanarySettings, make_checker: Callable[..., Any]
) -> None:
    checker = make_checker()
    assert run(CanarySettings(check), checker, NOW) == {"negative": "country"}
    assert run(both, checker, NOW) == {"negative": "country", "positive": "permitted"}
    assert [(question.address, question.endpoint) for question in checker.asked] == [
        ("192.0.2.1", "canary"),
        ("192.0.2.1", "canary"),
        ("8.8.8.8", "cvpn-endpoint-1"),
    ]


@pytest.mark.parametrize(
    ("replies", "error", "said"),
    [
        ({"control": Answer(200, blocked=False, body={})}, FenceDown, "negative control: control-admitted"),
        ({"control": Answer(500, blocked=False, body={"reason": "waf"})}, FenceDown, "control-admitted"),
        ({"control": Answer(429, blocked=False, body=None)}, TransientError, "control-unproven"),
        ({"control": LATE}, TransientError, "control-unproven"),
        ({"reply": BLOCKED}, FenceDown, "positive control: country"),
        ({"reply": Answer(200, blocked=False, body={})}, FenceDown, "positive control: proof-nonce"),
        ({"reply": LATE}, TransientError, "positive control: timeout"),
    ],
)
def test_raises_for_who_must_act(
    both: CanarySettings,
    make_checker: Callable[..., Any],
    replies: dict[str, Answer | Silence],
    error: type[Exception],
    said: str,
) -> None:
    checker = make_checker(**{name: lambda question, reply=reply: reply for name, reply in replies.items()})
    with pytest.raises(error, match=said):
        run(both, checker, NOW)
    asked = ["192.0.2.1"] if "control" in replies else ["192.0.2.1", "8.8.8.8"]
    assert [question.address for question in checker.asked] == asked
