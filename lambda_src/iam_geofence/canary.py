"""Entry point of the canary: every few minutes, does the web ACL block what it must, and let pass what it must?

It raises when not, or when nobody knows, so that its error alarm tells somebody.
"""

import os
import time
from contextlib import closing
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from common.errors import TransientError
from iam_geofence.canary_settings import NOBODY, CanarySettings, read_canary_settings
from iam_geofence.checker import Checker
from iam_geofence.decide import decide, judge_control
from iam_geofence.fence import BUDGET_SECONDS, Asks, new_nonce
from iam_geofence.measure import NAMESPACE, count_canary
from iam_geofence.model import CONTROL_ADDRESS, Decision, Question, Reason

logger = Logger()
metrics = Metrics(namespace=NAMESPACE)


class FenceDown(Exception):  # noqa: N818 - the state of the fence, not of this function
    """The fence does not stand: an operator has to look at the web ACL and its association with the stage."""


@logger.inject_lambda_context(clear_state=True)
def handler(event: object, context: LambdaContext) -> dict[str, Any]:
    """AWS Lambda's entry point; see `run`. What the event says does not matter."""
    settings = read_canary_settings(os.environ)
    with closing(Checker(settings.check.host, settings.check.stage)) as checker:
        return run(settings, checker, time.time())


def run(settings: CanarySettings, checker: Asks, now: float) -> dict[str, Any]:
    """All controls, at `now` (seconds since 1970): the reason by `negative`, `drill`, `permitted`, of those it ran.

    Raises FenceDown when one went wrong, and TransientError when there was no answer to judge.
    """
    until = time.monotonic() + BUDGET_SECONDS
    control = judge_control(checker.ask(Question(CONTROL_ADDRESS, NOBODY, NOBODY, new_nonce()), until), now)
    ran = {"negative": Decision(control.objection or Reason.COUNTRY, control.detail)}
    if control.objection is None:
        for name, question in settings.positive_controls().items():
            ran[name] = decide(settings.check.expect(question), checker.ask(question, until), control, now)
    wrong = {
        name: decision
        for name, decision in ran.items()
        if decision.reason is not (Reason.COUNTRY if name == "negative" else Reason.PERMITTED)
    }
    for name, decision in ran.items():
        log = logger.error if name in wrong else logger.info
        log("control", extra={"control": name, "reason": decision.reason.value, "detail": decision.detail})
    count_canary(metrics, [decision.reason for decision in wrong.values()])
    if wrong:
        said = "; ".join(f"{name} control: {decision.reason} ({decision.detail})" for name, decision in wrong.items())
        unknown = all(found.reason.no_answer or found.reason is Reason.CONTROL_UNPROVEN for found in wrong.values())
        raise TransientError(said) if unknown else FenceDown(said)
    return {name: decision.reason.value for name, decision in ran.items()}
