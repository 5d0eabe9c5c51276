"""Weekly maintenance windows as Redshift writes them: `ddd:hh24:mi-ddd:hh24:mi`, in UTC.

Rules: API_ModifyCluster (format, at least 30 minutes) and the Cluster Management Guide (at most 24 hours).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEK = timedelta(days=7)
MINIMUM = timedelta(minutes=30)
MAXIMUM = timedelta(hours=24)
_MOMENT = rf"({'|'.join(DAYS)}):([01]\d|2[0-3]):([0-5]\d)"
_WINDOW = re.compile(f"{_MOMENT}-{_MOMENT}", re.IGNORECASE)

Interval = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class MaintenanceWindow:
    """A window that recurs every week: when it opens, counted from Monday 00:00 UTC, and for how long it is open."""

    opens: timedelta
    length: timedelta

    @classmethod
    def parse(cls, text: str) -> "MaintenanceWindow":
        """Read a window; it may run over midnight and over the end of the week. Raises ValueError, saying why."""
        match = _WINDOW.fullmatch(text)
        if not match:
            raise ValueError(f"The maintenance window {text!r} is not in the format ddd:hh24:mi-ddd:hh24:mi.")
        opens, closes = _since_monday(*match.groups()[:3]), _since_monday(*match.groups()[3:])
        length = (closes - opens) % WEEK
        if not MINIMUM <= length <= MAXIMUM:
            raise ValueError(f"The maintenance window {text!r} must be at least 30 minutes and at most 24 hours long.")
        return cls(opens, length)

    def __str__(self) -> str:
        return f"{_moment(self.opens)}-{_moment((self.opens + self.length) % WEEK)}"

    def remaining(self, now: datetime) -> timedelta | None:
        """How long the window stays open from `now` on; None when it is closed."""
        elapsed = (_since_week_began(now) - self.opens) % WEEK
        return self.length - elapsed if elapsed < self.length else None

    def next_opening(self, now: datetime, deferments: Iterable[Interval] = ()) -> datetime:
        """The first opening after `now` that lies in no deferment; a deferment does not hold at its very end."""
        opening = now + ((self.opens - _since_week_began(now)) % WEEK or WEEK)
        intervals = list(deferments)
        while any(start <= opening < end for start, end in intervals):
            opening += WEEK
        return opening


def _since_monday(day: str, hour: str, minute: str) -> timedelta:
    return timedelta(days=DAYS.index(day.lower()), hours=int(hour), minutes=int(minute))


def _since_week_began(moment: datetime) -> timedelta:
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return timedelta(days=moment.weekday()) + (moment - midnight)


def _moment(since_monday: timedelta) -> str:
    hours, seconds = divmod(since_monday.seconds, 3600)
    return f"{DAYS[since_monday.days]}:{hours:02}:{seconds // 60:02}"
