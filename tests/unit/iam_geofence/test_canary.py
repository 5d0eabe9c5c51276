"""The canary: what it asks, and that it raises unless every control is as it must be."""

import json
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
def every(check: Check) -> CanarySettings:
    return CanarySettings(check, "203.0.113.1", "8.8.8.8", "cvpn-endpoint-1")


def test_a_standing_fence_blocks_nobody_s_address_and_admits_the_drill_and_a_permitted_one(
    check: Check, every: CanarySettings, make_checker: Callable[..., Any]
) -> None:
    checker = make_checker()
    assert run(CanarySettings(check), checker, NOW) == {"negative": "country"}
    assert run(every, checker, NOW) == {"negative": "country", "drill": "permitted", "permitted": "permitted"}
    assert [(question.address, question.endpoint) for question in checker.asked] == [
        ("192.0.2.1", "canary"),
        ("192.0.2.1", "canary"),
        ("203.0.113.1", "cvpn-endpoint-1"),
        ("8.8.8.8", "cvpn-endpoint-1"),
    ]
    assert len({question.nonce for question in checker.asked}) == 4


def test_without_a_permitted_address_a_web_acl_that_blocks_everybody_is_noticed(
    check: Check, make_checker: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    settings = CanarySettings(check, drill_address="203.0.113.1", endpoint_id="cvpn-endpoint-1")
    with pytest.raises(FenceDown, match="drill control: country"):
        run(settings, make_checker(reply=lambda question: BLOCKED), NOW)
    (figures,) = [line for line in map(json.loads, capsys.readouterr().out.splitlines()) if "_aws" in line]
    assert (figures["ControlAdmitted"], figures["ControlDenied"]) == ([0.0], [1.0])


@pytest.mark.parametrize(
    ("replies", "error", "said"),
    [
        ({"control": Answer(200, blocked=False, body={})}, FenceDown, "negative control: control-admitted"),
        ({"control": Answer(500, blocked=False, body={"reason": "waf"})}, FenceDown, "control-admitted"),
        ({"control": Answer(429, blocked=False, body=None)}, TransientError, "control-unproven"),
        ({"control": LATE}, TransientError, "control-unproven"),
        ({"reply": BLOCKED}, FenceDown, "permitted control: country"),
        ({"reply": Answer(200, blocked=False, body={})}, FenceDown, "permitted control: proof-nonce"),
        ({"reply": LATE}, TransientError, "permitted control: timeout"),
    ],
)
def test_raises_for_who_must_act(
    every: CanarySettings,
    make_checker: Callable[..., Any],
    replies: dict[str, Answer | Silence],
    error: type[Exception],
    said: str,
) -> None:
    checker = make_checker(**{name: lambda question, reply=reply: reply for name, reply in replies.items()})
    with pytest.raises(error, match=said):
        run(every, checker, NOW)
    asked = ["192.0.2.1"] if "control" in replies else ["192.0.2.1", "203.0.113.1", "8.8.8.8"]
    assert [question.address for question in checker.asked] == asked
