"""The nouns of announcements: what is known of a group's date, what was told of it, what is to be told."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

CANNOT_BE_MOVED = "REDSHIFT-EVENT-3601"
CAN_BE_DEFERRED = "REDSHIFT-EVENT-3602"


class Kind(StrEnum):
    """What an announcement is about."""

    SCHEDULED = "scheduled"
    """A date, where there was none to come."""
    MOVED = "moved"
    """Another date, or another length of the window, instead of what was still to come."""
    REMINDER = "reminder"
    """The date that was told before, so many days ahead."""
    REPLACEMENT = "replacement"
    """AWS replaces a node of a cluster, whatever the date of its group."""


@dataclass(frozen=True, slots=True)
class Straggler:
    """A cluster of a group that does not follow the group's date; `announced` is its own (UTC), if it has one."""

    key: str
    announced: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class GroupDate:
    """The `date` (UTC) of a group, None where none is announced, and the clusters it holds for, by their keys.

    `time_zone` is that of the people who read it. Clusters among `exceptions` may be `members` as well.
    """

    group: str
    date: datetime | None
    window_minutes: int
    time_zone: ZoneInfo
    members: tuple[str, ...]
    exceptions: tuple[Straggler, ...] = ()

    @property
    def following(self) -> list[str]:
        """The keys of the clusters that follow the date, in order."""
        return sorted(set(self.members) - {straggler.key for straggler in self.exceptions})

    def end(self, date: datetime) -> datetime:
        """When the window closes that opens at `date`."""
        return date + timedelta(minutes=self.window_minutes)


@dataclass(frozen=True, slots=True)
class Replacement:
    """What Redshift reported `at` that moment (UTC) of the replacement of a node; `cluster` is a cluster's key.

    When the node is replaced is in the `message` alone.
    """

    cluster: str
    event_id: str
    at: datetime
    message: str

    def __post_init__(self) -> None:
        if self.event_id not in (CANNOT_BE_MOVED, CAN_BE_DEFERRED):
            raise ValueError(f"{self.event_id} does not report the replacement of a node")

    @property
    def deferrable(self) -> bool:
        """Whether the cluster's owner can defer it."""
        return self.event_id == CAN_BE_DEFERRED

    @property
    def key(self) -> str:
        """What tells it from all others; its last word is the time, so that it can be forgotten."""
        return f"{self.event_id} {self.cluster} {self.at.isoformat()}"


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of a group: its date with its window and for which `days` ahead, and replacements by their keys.

    `sequence` counts the changes of the date as iCalendar does, from 0. `version` counts the writes: one prepared from
    an older version is refused.
    """

    date: datetime | None = None
    window_minutes: int | None = None
    sequence: int = -1
    days: frozenset[int] = frozenset()
    replacements: frozenset[str] = frozenset()
    version: int = 0


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is to be published: for people a `subject` (ASCII, at most 100 characters) and a `text`, for machines JSON.

    `document`: {"kind", "group", "date", "window_end", "time_zone", "clusters", "exceptions": [{"cluster", "announced",
    "reason"}], "sequence", "uid", "deployment"}, times in UTC as ISO 8601, null where the group has no date;
    with the kind `moved` also "moved_from" and "moved_from_end"; with `replacement` also "replacement":
    {"cluster", "event_id", "at", "message", "deferrable"}.
    """

    kind: Kind
    group: str
    subject: str
    text: str
    document: dict[str, Any]
