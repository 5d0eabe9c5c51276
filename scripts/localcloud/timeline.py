"""What happens by itself as time passes: schedules fire, maintenance windows open, alarms are evaluated, traffic comes.

A source says when it is next due and does what is due. `advance` visits the due moments in order, so that what one
source does at six is seen by another at seven, however far the clock is moved at once.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from localcloud import clock


@dataclass(frozen=True, slots=True)
class Source:
    """Something that is due at moments of its own.

    `next_due`: the earliest moment that has not been done yet (it may have passed), None when there is none.
    `run_due(until)`: do everything that is due at or before `until`, in order, stamped with its own moment. Afterwards
    `next_due` must be later than `until`, or time would stand still. Neither is called by two threads at once.
    """

    name: str
    next_due: Callable[[], datetime | None]
    run_due: Callable[[datetime], None]


_sources: list[Source] = []
_lock = threading.Lock()


def add(source: Source) -> None:
    """Let `source` happen; at one and the same moment, sources run in the order in which they were added."""
    _sources.append(source)


def run_due() -> None:
    """Do what has become due by now; returns at once when somebody else is at it."""
    if _lock.acquire(blocking=False):
        try:
            _run_until(clock.now())
        finally:
            _lock.release()


def advance(target: datetime, *, settle: Callable[[float], bool], seconds: float) -> bool:
    """Move the clock to `target`, doing on the way whatever is due; True once it is there.

    `settle` waits at most so many seconds until what was set off has ended, and says whether it has. It is called
    before the clock is moved: on AWS hours lie between two moments at which something happens.
    Returns False after about `seconds` of the machine's time; the next call goes on from there. What a source or
    `settle` raises ends the call, with the clock where it was then.
    """
    return _advance(lambda: target, settle, seconds)


def catch_up(*, settle: Callable[[float], bool], seconds: float) -> bool:
    """As `advance`, to the present moment: True once nothing is due and nothing that was set off goes on."""
    return _advance(clock.now, settle, seconds)


def _advance(target: Callable[[], datetime], settle: Callable[[float], bool], seconds: float) -> bool:
    give_up = time.monotonic() + seconds
    if not _lock.acquire(timeout=max(seconds, 0.0)):
        return False
    try:
        while settle(max(give_up - time.monotonic(), 0.0)):
            due, goal = _next_due(), target()
            if due is None or due > goal:
                clock.move_to(goal)
                return True
            clock.move_to(due)
            _run_until(due)
            if time.monotonic() > give_up:
                break
        return False
    finally:
        _lock.release()


def _next_due() -> datetime | None:
    return min((due for source in _sources if (due := source.next_due()) is not None), default=None)


def _run_until(moment: datetime) -> None:
    while (due := _next_due()) is not None and due <= moment:
        for source in _sources:
            if (own := source.next_due()) is not None and own <= due:
                source.run_due(due)
                if (after := source.next_due()) is not None and after <= due:
                    raise RuntimeError(f"{source.name} did what was due at {due} and is due at {after} again.")
