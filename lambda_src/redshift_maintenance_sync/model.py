"""The nouns of the maintenance sync. Every datetime is aware and in UTC."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

WEEK_MINUTES = 7 * 24 * 60
WEEK = timedelta(minutes=WEEK_MINUTES)
OUR_PREFIX = "groundcrew-"
DEFAULT_GROUP = "default"
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


class Week(StrEnum):
    """Which of a month's weekdays: the second Saturday, the last Sunday. A fifth does not exist in every month."""

    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    FOURTH = "fourth"
    LAST = "last"

    @property
    def ordinal(self) -> int:
        """1 to 4 from the front, -1 for the last, as iCalendar's BYDAY counts (RFC 5545)."""
        return -1 if self is Week.LAST else list(Week).index(self) + 1


class Mode(StrEnum):
    """How announced dates follow each other: so many days at most, or the nth weekday of every month."""

    INTERVAL = "interval"
    CALENDAR = "calendar"


class Alignment(StrEnum):
    """Where a deferment ends: shortly before a window, or (the published rule) so many days after the last one."""

    WINDOW = "window"
    SEED = "seed"


class ForeignDeferments(StrEnum):
    """What becomes of deferments that somebody else set."""

    RESPECT = "respect"
    ADOPT = "adopt"


class Phase(StrEnum):
    """Where a cluster is between two maintenances."""

    DEFERRED = "deferred"
    """A deferment stands; maintenance comes in the first window after its end."""
    DUE = "due"
    """Nothing is deferred: the announced window is the next, or is open."""
    MAINTAINED = "maintained"
    """The announced window has passed and Redshift completed maintenance."""
    SKIPPED = "skipped"
    """The announced window has passed and Redshift had nothing to do."""


class EventKind(StrEnum):
    """What Redshift reported of maintenance."""

    STARTED = "started"
    COMPLETED = "completed"
    REPLACEMENT_FIXED = "replacement that cannot be deferred"
    REPLACEMENT_DEFERRABLE = "replacement that can be deferred"


class Outcome(StrEnum):
    """What became of a cluster in one run; `planned` is what would be `changed` were it not a dry run."""

    CHANGED = "changed"
    PLANNED = "planned"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    FAILED = "failed"


class Unavailable(Exception):  # noqa: N818 - the state of a cluster, not a failure
    """AWS will not change this cluster now, and that is no failure: it is busy, or was deleted since it was listed."""


class NotDeferrable(Unavailable):
    """Redshift does not let this maintenance be deferred: the window after a deferment is mandatory."""


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
        open_for = (now - _week_began(now) - timedelta(minutes=self.start)) % WEEK
        return max(timedelta(minutes=self.length) - open_for, timedelta(0))

    def next_opening(self, now: datetime) -> datetime:
        """When the window opens next, strictly after `now` (UTC)."""
        since_opening = (now - _week_began(now) - timedelta(minutes=self.start)) % WEEK
        return now - since_opening + WEEK

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


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """An account and one of its Regions."""

    account: str
    region: str

    @property
    def scope(self) -> str:
        """Under this its clusters are remembered."""
        return f"{self.account}/{self.region}"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A provisioned cluster as DescribeClusters shows it; `window` is None where AWS names none (yet)."""

    place: Place
    identifier: str
    status: str
    in_maintenance: bool
    window: MaintenanceWindow | None
    deferments: tuple[Deferment, ...] = ()
    created: datetime | None = None
    revision: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What tells it from all others: `<account>/<region>/<identifier>`."""
        return f"{self.place.scope}/{self.identifier}"

    def standing_deferments(self, now: datetime) -> tuple[Deferment, ...]:
        """The deferments under way or to come, in the order in which they end."""
        return tuple(sorted((item for item in self.deferments if item.end > now), key=lambda item: item.end))

    def carries(self, tags: Mapping[str, str]) -> bool:
        """Whether it has all of `tags`, with these values."""
        return tags.items() <= self.tags.items()

    def opted_out(self, tag: str) -> bool:
        """Whether the cluster carries `tag`, with any value but `false`."""
        return self.tags.get(tag, "false").lower() != "false"


@dataclass(frozen=True, slots=True)
class MaintenanceEvent:
    """What Redshift reported of a cluster's maintenance, and in which words."""

    kind: EventKind
    at: datetime
    message: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """What is remembered of a cluster, for Redshift keeps events for 14 days and a deferment lasts longer.

    `target` is the announced start of its maintenance; `anchor` when the cycle before ended; `revision` the cluster's
    when this was written; `group` whose date it was; `unexpected` the last maintenance that was counted for coming
    outside an announced window. `version` counts the writes: one prepared from an older version is refused.
    """

    target: datetime
    anchor: datetime | None
    revision: str
    managed_since: datetime
    changed: datetime
    group: str = DEFAULT_GROUP
    unexpected: datetime | None = None
    version: int = 0

    def differs_from(self, other: "State | None") -> bool:
        """Whether it says something that `other` does not; only then is it written."""
        return other is None or self != replace(
            other, revision=self.revision, changed=self.changed, version=self.version
        )


@dataclass(frozen=True, slots=True)
class Observed:
    """All that is known of one cluster: as Redshift shows it, what is remembered, its events of the last 14 days."""

    cluster: Cluster
    state: State | None = None
    events: tuple[MaintenanceEvent, ...] = ()

    @property
    def completed(self) -> list[datetime]:
        """When maintenance of it was completed."""
        return [event.at for event in self.events if event.kind is EventKind.COMPLETED]


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen at a place: its clusters and, by identifier, their events; or the `error` for which nothing was."""

    place: Place
    clusters: tuple[Cluster, ...] = ()
    events: Mapping[str, Sequence[MaintenanceEvent]] = field(default_factory=dict)
    error: str = ""

    def observed(self, states: Mapping[str, State]) -> list[Observed]:
        """Each cluster with all that is known of it; `states` by identifier."""
        return [
            Observed(cluster, states.get(cluster.identifier), tuple(self.events.get(cluster.identifier, ())))
            for cluster in self.clusters
        ]


@dataclass(frozen=True, slots=True)
class Decision:
    """What to change about a cluster and what to remember of it, or what was: None leaves that part as it is.

    `group` is whose schedule it follows, None when no single one claims it. `if_refused` is what to remember instead
    should Redshift refuse the deferment. `announced` is the start of its next maintenance (UTC), None where nothing is
    announced. `drifted`: the cluster is not, after this decision, where the schedule wants it. `unexpected` counts
    maintenances outside announced windows that no earlier run has counted.
    """

    cluster: Cluster
    outcome: Outcome
    reason: str
    group: str | None = None
    window: MaintenanceWindow | None = None
    deferment: Deferment | None = None
    state: State | None = None
    if_refused: State | None = None
    phase: Phase | None = None
    announced: datetime | None = None
    drifted: bool = False
    managed: bool = True
    unexpected: int = 0


def _week_began(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=moment.weekday())


def _minute_of_week(day: str, hour: str, minute: str) -> int:
    return (Day(day).weekday * 24 + int(hour)) * 60 + int(minute)


def _clock(minute_of_week: int) -> str:
    hours, minute = divmod(minute_of_week, 60)
    day, hour = divmod(hours, 24)
    return f"{list(Day)[day]}:{hour:02}:{minute:02}"
