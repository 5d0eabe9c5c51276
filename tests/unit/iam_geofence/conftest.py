"""One request, what the check must answer to admit it, and a check that answers as it is told."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from iam_geofence.model import CONTROL_ADDRESS, Answer, Expectation, Question, Silence
from iam_geofence.settings import Check

ACL = "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/fence/0a1b2c3d"
CHECK = Check(host="abc123.execute-api.us-east-1.amazonaws.com", stage="live", api_id="abc123", web_acl_arn=ACL)
BLOCKED = Answer(403, blocked=True, body=None)
Reply = Callable[[Question], Answer | Silence]


def admitting(expectation: Expectation) -> Answer:
    return Answer(200, blocked=False, body=expectation.proof())


@dataclass
class FakeChecker:
    """Blocks the control and admits all others, unless told what to reply instead; notes what it was asked."""

    reply: Reply = field(default=lambda question: admitting(CHECK.expect(question)))
    control: Reply = field(default=lambda question: BLOCKED)
    asked: list[Question] = field(default_factory=list)

    def ask(self, question: Question, until: float) -> Answer | Silence:
        self.asked.append(question)
        return self.control(question) if question.address == CONTROL_ADDRESS else self.reply(question)


@pytest.fixture
def check() -> Check:
    return CHECK


@pytest.fixture
def make_checker() -> type[FakeChecker]:
    return FakeChecker
