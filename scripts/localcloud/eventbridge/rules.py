"""EventBridge rules on a schedule: what a schedule may say, and how it fires by itself or on request.

Sources: "Creating a rule that runs on a schedule" in the EventBridge User Guide, and API_PutRule.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from moto.events.exceptions import ValidationException
from moto.events.models import events_backends
from moto.events.responses import EventsHandler

from localcloud import ACCOUNT_ID, clock, timeline
from localcloud.eventbridge.agenda import Agenda
from localcloud.eventbridge.schedule_expression import parse
from localcloud.eventbridge.targets import (
    UndeliverableError,
    deliver,
    keep_undelivered,
    require_deliverable,
    require_emulated,
)
from localcloud.extensions import AwsError, corrects
from localcloud.refusal import RefusalError

MAXIMUM_TARGETS = 5

moto_put_rule = EventsHandler.put_rule
moto_enable_rule = EventsHandler.enable_rule
moto_put_targets = EventsHandler.put_targets


@corrects(EventsHandler, "PutRule")
def put_rule(self: Any) -> Any:
    """PutRule: refuses a schedule that AWS cannot read, such as `rate(1 hours)`, and starts one that it can."""
    schedule = self._get_param("ScheduleExpression")
    if schedule:
        try:
            parse(schedule)
        except ValueError as error:
            raise ValidationException("Parameter ScheduleExpression is not valid.") from error
    with _agenda.paused():
        former = _named(self)
        answer = moto_put_rule(self)
        rule = _named(self)
        if schedule and rule and _is_enabled(rule):
            if former and _is_enabled(former) and former.scheduled_expression == schedule:
                _agenda.carry_on(former, rule)
            else:
                _agenda.start(rule, clock.now())
    return answer


@corrects(EventsHandler, "EnableRule")
def enable_rule(self: Any) -> Any:
    """EnableRule: a schedule that was disabled begins anew."""
    rule = _named(self)
    begins = rule is not None and not _is_enabled(rule)
    answer = moto_enable_rule(self)
    if rule is not None and begins and rule.scheduled_expression:
        _agenda.start(rule, clock.now())
    return answer


@corrects(EventsHandler, "PutTargets")
def put_targets(self: Any) -> Any:
    """PutTargets: a rule has at most five targets."""
    rule = _named(self, "Rule")
    present = {target["Id"] for target in rule.targets} if rule else set()
    if len(present | {target["Id"] for target in self._get_param("Targets")}) > MAXIMUM_TARGETS:
        raise AwsError("LimitExceededException", f"A rule has at most {MAXIMUM_TARGETS} targets.")
    return moto_put_targets(self)


def tick(name: str, *, region: str) -> Mapping[str, Any]:
    """Fire the scheduled rule `name` once, out of turn; returns event_id, time and the number of targets.

    Every target is an asynchronous invocation. Raises RefusalError: 404 for an unknown rule, 409 for one that would not
    fire or whose function would not run, 501 for a target that is not emulated. Nothing is invoked then.
    """
    rule = events_backends[ACCOUNT_ID][region].event_buses["default"].rules.get(name) if _exists(region) else None
    if rule is None:
        raise RefusalError(404, f"There is no rule {name!r} on the default event bus in {region}.")
    if not rule.scheduled_expression:
        raise RefusalError(409, f"The rule {name} has no schedule.")
    if not _is_enabled(rule):
        raise RefusalError(409, f"The rule {name} is {rule.state}: its schedule does not fire.")
    event = _event(rule, clock.now())
    for target in rule.targets:
        require_emulated(target)
        require_deliverable(target, rule)
    for target in rule.targets:
        deliver(target, event, rule)
    return {"event_id": event["id"], "time": event["time"], "targets": len(rule.targets)}


def fire(rule: Any, due: datetime) -> None:
    """Fire `rule` by its schedule at `due`: a target that AWS would not invoke fails alone, and the others go on.

    Raises RefusalError 501, before anything is invoked, for a target that is not emulated.
    """
    event = _event(rule, due)
    targets = list(rule.targets)
    for target in targets:
        require_emulated(target)
    for target in targets:
        try:
            require_deliverable(target, rule)
        except UndeliverableError as error:
            keep_undelivered(target, event, rule, error)
        else:
            deliver(target, event, rule)


def run_due(until: datetime) -> None:
    """Fire, in order, every rule that is due at or before `until`."""
    while taken := _agenda.take(until):
        fire(*taken)


def _event(rule: Any, moment: datetime) -> dict[str, Any]:
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT_ID,
        "time": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        "region": rule.region_name,
        "resources": [rule.arn],
        "detail": {},
    }


def _named(handler: Any, parameter: str = "Name") -> Any:
    """The rule that the request names, None when there is none yet."""
    bus = handler.events_backend.event_buses.get((handler._get_param("EventBusName") or "default").split("/")[-1])
    return bus.rules.get(handler._get_param(parameter)) if bus else None


def _is_enabled(rule: Any) -> bool:
    return bool(rule.state == "ENABLED")


def _fires(rule: Any) -> bool:
    """Whether this very rule, and not one that was put after a deletion or a reset, exists and is enabled."""
    rules = events_backends[rule.account_id][rule.region_name].event_buses["default"].rules
    return rules.get(rule.name) is rule and _is_enabled(rule)


def _exists(region: str) -> bool:
    return region in events_backends[ACCOUNT_ID]


_agenda = Agenda(_fires)
SCHEDULES = timeline.Source("schedules", _agenda.next_due, run_due)
"""The rules of every Region on the timeline."""
