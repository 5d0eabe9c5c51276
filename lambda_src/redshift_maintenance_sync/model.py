"""The nouns of the maintenance sync. Every datetime is aware and in UTC."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

WEEK_MINUTES = 7 * 24 * 60
OUR_PREFIX = "groundcrew-"
_WINDOW = re.compile(r"([a-z]{3}):([01]\d|2[0-3]):([0-5]\d)-([a-z]{3}):([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


class Day(StrEnum):
    """A day of the week, spelled as Redshift spells it."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"

    @property
    def weekday(self) -> int:
        """0 for Monday, as `date.weekday` counts."""
        return list(Day).index(self)


class Outcome(StrEnum):
    """What became of a cluster in one run; `planned` is what would be `changed` were it not a dry run."""

    CHANGED = "changed"
    PLANNED = "planned"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    FAILED = "failed"


class Unavailable(Exception):  # noqa: N818 - the state of a cluster, not a failure
    """AWS will not change this cluster now, and that is no failure: it is busy, or was deleted since it was listed."""


@dataclass(frozen=True, slots=True)
class MaintenanceWindow:
    """A weekly window in UTC: `start` in minutes since Monday 00:00, `length` in minutes. It may run past Sunday."""

    start: int
    length: int

    @classmethod
    def parse(cls, text: str) -> "MaintenanceWindow":
        """From Redshift's `ddd:hh24:mi-ddd:hh24:mi`, for example `sun:23:45-mon:00:15`; else ValueError."""
        match = _WINDOW.fullmatch(text.lower())
        if match is None:
            raise ValueError(f"{text!r} is not a maintenance window")
        start, end = _minute_of_week(*match.group(1, 2, 3)), _minute_of_week(*match.group(4, 5, 6))
        return cls(start, (end - start) % WEEK_MINUTES)

    @classmethod
    def starting_at(cls, moment: datetime, length: int) -> "MaintenanceWindow":
        """The window that opens at `moment` (UTC) and every week after."""
        return cls((moment.weekday() * 24 + moment.hour) * 60 + moment.minute, length)

    def time_left(self, now: datetime) -> timedelta:
        """How long the window stays open from `now` (UTC); nothing when it is closed."""
        week_began = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=now.weekday())
        open_for = (now - week_began - timedelta(minutes=self.start)) % timedelta(minutes=WEEK_MINUTES)
        return max(timedelta(minutes=self.length) - open_for, timedelta(0))

    def __str__(self) -> str:
        """As Redshift writes it."""
        return f"{_clock(self.start)}-{_clock((self.start + self.length) % WEEK_MINUTES)}"


@dataclass(frozen=True, slots=True)
class Deferment:
    """A span in which Redshift does no maintenance that can wait."""

    identifier: str
    start: datetime
    end: datetime

    @property
    def ours(self) -> bool:
        """Set by this function, which its identifier tells; all others are somebody's wish and left alone."""
        return self.identifier.startswith(OUR_PREFIX)


@dataclass(frozen=True, slots=True)
class Cluster:
    """A provisioned cluster as DescribeClusters shows it; `window` is None where AWS names none (yet)."""

    identifier: str
    status: str
    in_maintenance: bool
    window: MaintenanceWindow | None
    deferments: tuple[Deferment, ...] = ()

    def standing_deferment(self, now: datetime) -> Deferment | None:
        """The deferment, under way or to come, that ends last; those that have ended count for nothing."""
        standing = [deferment for deferment in self.deferments if deferment.end > now]
        return max(standing, key=lambda deferment: deferment.end, default=None)


@dataclass(frozen=True, slots=True)
class Decision:
    """What to change about a cluster, or what was changed: None leaves that part as it is."""

    cluster: Cluster
    window: MaintenanceWindow | None
    deferment: Deferment | None
    outcome: Outcome
    reason: str


def _minute_of_week(day: str, hour: str, minute: str) -> int:
    return (Day(day).weekday * 24 + int(hour)) * 60 + int(minute)


def _clock(minute_of_week: int) -> str:
    hours, minute = divmod(minute_of_week, 60)
    day, hour = divmod(hours, 24)
    return f"{list(Day)[day]}:{hour:02}:{minute:02}"
