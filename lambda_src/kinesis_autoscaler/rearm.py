"""An alarm fires when it goes to ALARM, once. One that stays there is made able to fire again, but not all the time."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from kinesis_autoscaler.decide import REARM_AFTER
from kinesis_autoscaler.model import AlarmState, Decision, Direction, Memory, Outcome


def left_alone(
    now: datetime,
    states: Mapping[Direction, AlarmState],
    memory: Memory,
    outcome: Outcome,
    rule: str,
    reason: str,
) -> Decision:
    """A decision to do nothing more about a stream than to let its alarms fire again, where that is due."""
    due = [
        direction
        for direction, state in states.items()
        if state is AlarmState.ALARM and _is_due(now, memory.rearmed.get(direction))
    ]
    return Decision(outcome, rule, reason, _noted(now, memory, due), rearm=tuple(due))


def _is_due(now: datetime, last: datetime | None) -> bool:
    return last is None or now - last >= REARM_AFTER


def _noted(now: datetime, memory: Memory, directions: Iterable[Direction]) -> Memory:
    changed = dict.fromkeys(directions, now)
    return replace(memory, rearmed={**memory.rearmed, **changed}) if changed else memory
