"""The time of the local cloud, and the only place that moves it.

The whole process lives in that time (time-machine answers `datetime.now` and `time.time` in every module, moto's
included), so everything that stamps or compares times agrees. It passes at the usual pace and can be moved forwards,
never backwards. `time.monotonic`, which timeouts are measured by, stays the machine's own.
"""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine

_traveller: time_machine.Traveller | None = None
_offset_file: Path | None = None


def start(moment: datetime | None, offset_file: Path) -> None:
    """Begin at `moment` (aware), or at the machine's own time when that is None.

    `offset_file` then always holds how many seconds this clock is ahead of the machine's (negative: behind), for the
    processes that live in the same time.
    """
    global _traveller, _offset_file
    _traveller = time_machine.travel(moment.timestamp() if moment else time.time(), tick=True).start()
    _offset_file = offset_file
    _publish()


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def move_to(moment: datetime) -> None:
    """Move forwards to `moment` (aware); a moment that has passed already changes nothing."""
    if _traveller is None:
        raise RuntimeError("The clock has not been started.")
    distance = moment - now()
    if distance > timedelta():
        # Not `Traveller.move_to`: another thread that looks at the clock meanwhile could see a time beyond `moment`.
        _traveller.shift(distance)
        _publish()


def ahead() -> timedelta:
    """How far this clock is ahead of the machine's."""
    return timedelta(seconds=now().timestamp() - time_machine.escape_hatch.time.time())


def offset_file() -> Path:
    """The file that `start` was given. Raises RuntimeError before."""
    if _offset_file is None:
        raise RuntimeError("The clock has not been started.")
    return _offset_file


def _publish() -> None:
    part = offset_file().with_suffix(".part")
    part.write_text(repr(ahead().total_seconds()))
    part.replace(offset_file())  # a reader sees the old offset or the new one, never half of it
