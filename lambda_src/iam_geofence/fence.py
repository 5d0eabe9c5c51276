"""Judges requests: asks the check, and before it, when that was a while ago, whether the web ACL blocks at all."""

import os
import time
from collections.abc import Callable
from typing import Protocol

from iam_geofence.decide import decide, judge_control
from iam_geofence.model import CONTROL_ADDRESS, Answer, ConnectRequest, Control, Decision, Question, Reason, Silence
from iam_geofence.settings import Check

BUDGET_SECONDS = 8.0
"""For everything that is asked for one request; Client VPN waits 30 s for a handler."""


class Asks(Protocol):
    """What a Checker does."""

    def ask(self, question: Question, until: float) -> Answer | Silence:
        """The answer, if there is one before `until` (of `time.monotonic`)."""


class Fence:
    """The check of one environment, and what is known of it; `clock` gives seconds since 1970."""

    def __init__(self, check: Check, checker: Asks, clock: Callable[[], float] = time.time) -> None:
        self._check = check
        self._checker = checker
        # Not the monotonic clock: it may stand still while Lambda keeps an environment frozen.
        self._clock = clock
        self._control = Control(0, Reason.CONTROL_UNPROVEN, "never asked")

    def judge(self, request: ConnectRequest) -> Decision:
        """One question, and one more whenever the last control is too old to speak for the fence."""
        until, now = time.monotonic() + BUDGET_SECONDS, self._clock()
        if self._control.object_at(now):
            self._control = judge_control(self._checker.ask(_question(CONTROL_ADDRESS, request), until), now)
        question = _question(request.address, request)
        answer: Answer | Silence = Silence(Reason.CONTROL_UNPROVEN, "not asked: the control failed")
        if self._control.objection is None:
            answer = self._checker.ask(question, until)
        return decide(self._check.expect(question), answer, self._control, now)


def new_nonce() -> str:
    """128 random bits in hexadecimal digits."""
    return os.urandom(16).hex()


def _question(address: str, request: ConnectRequest) -> Question:
    return Question(address, request.endpoint, request.connection, new_nonce())
