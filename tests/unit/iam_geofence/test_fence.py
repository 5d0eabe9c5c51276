"""How often the control is asked, and that nobody is admitted on the word of an old or failed one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from iam_geofence.fence import Fence
from iam_geofence.model import Answer, ConnectRequest, Reason, Schema, Silence
from iam_geofence.settings import Check

REQUEST = ConnectRequest(Schema("v2"), "cvpn-endpoint-1", "cvpn-connection-1", "8.8.8.8", "jane", "laptop")


@dataclass
class Clock:
    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make_fence(check: Check, make_checker: Callable[..., Any], clock: Clock) -> Callable[..., tuple[Fence, Any]]:
    def make(**replies: Any) -> tuple[Fence, Any]:
        checker = make_checker(**replies)
        return Fence(check, checker, clock), checker

    return make


def addresses(checker: Any) -> list[str]:
    return [question.address for question in checker.asked]


def test_asks_the_control_first_and_then_once_in_five_minutes(
    make_fence: Callable[..., tuple[Fence, Any]], clock: Clock
) -> None:
    fence, checker = make_fence()
    assert fence.judge(REQUEST).reason is Reason.PERMITTED
    assert addresses(checker) == ["192.0.2.1", "8.8.8.8"]
    clock.now += 300
    assert fence.judge(REQUEST).reason is Reason.PERMITTED
    assert addresses(checker)[2:] == ["8.8.8.8"]
    clock.now += 1
    assert fence.judge(REQUEST).reason is Reason.PERMITTED
    assert addresses(checker)[3:] == ["192.0.2.1", "8.8.8.8"]


def test_a_clock_that_is_set_back_does_not_make_a_control_last(
    make_fence: Callable[..., tuple[Fence, Any]], clock: Clock
) -> None:
    fence, checker = make_fence()
    fence.judge(REQUEST)
    clock.now -= 3600
    fence.judge(REQUEST)
    assert addresses(checker).count("192.0.2.1") == 2


def test_every_question_has_its_own_nonce_and_the_request_s_identifiers(
    make_fence: Callable[..., tuple[Fence, Any]],
) -> None:
    fence, checker = make_fence()
    for _ in range(20):
        fence.judge(REQUEST)
    nonces = {question.nonce for question in checker.asked}
    assert len(nonces) == len(checker.asked) == 21
    assert all(len(bytes.fromhex(nonce)) == 16 for nonce in nonces)
    assert {(question.endpoint, question.connection) for question in checker.asked} == {
        ("cvpn-endpoint-1", "cvpn-connection-1")
    }


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(200, blocked=False, body={}), Reason.CONTROL_ADMITTED),
        (Silence(Reason.TIMEOUT, "late"), Reason.CONTROL_UNPROVEN),
    ],
)
def test_while_the_control_fails_nobody_is_asked_about_and_it_is_tried_each_time(
    make_fence: Callable[..., tuple[Fence, Any]], answer: Answer | Silence, reason: Reason
) -> None:
    fence, checker = make_fence(control=lambda question: answer)
    assert [fence.judge(REQUEST).reason for _ in range(2)] == [reason] * 2
    assert addresses(checker) == ["192.0.2.1"] * 2
    checker.control = type(checker)().control
    assert fence.judge(REQUEST).reason is Reason.PERMITTED


def test_the_nonce_of_another_question_proves_nothing(
    make_fence: Callable[..., tuple[Fence, Any]], check: Check
) -> None:
    fence, checker = make_fence()
    fence.judge(REQUEST)
    old = checker.asked[-1]
    checker.reply = lambda question: Answer(200, blocked=False, body=check.expect(old).proof())
    assert fence.judge(REQUEST).reason is Reason.PROOF_NONCE
