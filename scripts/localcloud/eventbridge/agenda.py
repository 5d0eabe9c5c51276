"""When each scheduled rule fires next. It knows rules by their ARN, state and expression, and nothing of delivery."""

import heapq
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from localcloud.eventbridge.schedule_expression import ScheduleExpression, parse


@dataclass(order=True, slots=True)
class _Entry:
    due: datetime
    number: int
    """Rules that are due at one moment fire in the order in which their schedules were started."""
    rule: Any = field(compare=False)
    expression: ScheduleExpression = field(compare=False)


class Agenda:
    """The next time of every rule that fires by its schedule.

    `fires` says whether a rule still exists as it was started and is enabled; what does not is forgotten when it would
    have been due, so nobody has to say that a rule has gone, singly or with all others in a reset.
    """

    def __init__(self, fires: Callable[[Any], bool]) -> None:
        self._fires = fires
        self._heap: list[_Entry] = []
        self._entries: dict[str, _Entry] = {}
        self._numbers = count()
        self._lock = threading.RLock()

    def paused(self) -> AbstractContextManager[Any]:
        """While a rule is being replaced: nothing is due meanwhile, nor forgotten because its former self has gone."""
        return self._lock

    def start(self, rule: Any, now: datetime) -> None:
        """Begin the schedule of `rule` at `now`, whatever was known of it; its first time is later.

        Times are whole seconds, as in the events.
        """
        expression = parse(rule.scheduled_expression)
        due = expression.next_after(now.replace(microsecond=0))
        with self._lock:
            self._entries.pop(rule.arn, None)
            if due is not None:
                entry = _Entry(due, next(self._numbers), rule, expression)
                self._entries[rule.arn] = entry
                heapq.heappush(self._heap, entry)

    def carry_on(self, former: Any, rule: Any) -> None:
        """Let `rule` take the place of `former`, which had its ARN and its schedule, without a new beginning."""
        with self._lock:
            entry = self._entries.get(rule.arn)
            if entry is not None and entry.rule is former:
                entry.rule = rule

    def next_due(self) -> datetime | None:
        """The earliest time at which some rule fires, None when none does."""
        with self._lock:
            entry = self._first()
            return entry.due if entry else None

    def take(self, until: datetime) -> tuple[Any, datetime] | None:
        """The first rule that is due at or before `until`, with its time; it is then due at its next one."""
        with self._lock:
            entry = self._first()
            if entry is None or entry.due > until:
                return None
            due = entry.due
            heapq.heappop(self._heap)
            following = entry.expression.next_after(due)
            if following is None:
                self._entries.pop(entry.rule.arn, None)
            else:
                entry.due = following
                heapq.heappush(self._heap, entry)
            return entry.rule, due

    def _first(self) -> _Entry | None:
        while self._heap:
            entry = self._heap[0]
            if self._entries.get(entry.rule.arn) is entry and self._fires(entry.rule):
                return entry
            heapq.heappop(self._heap)
            if self._entries.get(entry.rule.arn) is entry:
                del self._entries[entry.rule.arn]
        return None
