"""What a run has found out that people want to hear of: each group's date, and nodes that AWS will replace. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from redshift_maintenance_sync.announcement import CAN_BE_DEFERRED, CANNOT_BE_MOVED, GroupDate, Replacement, Straggler
from redshift_maintenance_sync.model import Decision, EventKind, Sight
from redshift_maintenance_sync.settings import Settings

EVENT_IDS = {
    EventKind.REPLACEMENT_FIXED: CANNOT_BE_MOVED,
    EventKind.REPLACEMENT_DEFERRABLE: CAN_BE_DEFERRED,
}


def group_dates(settings: Settings, now: datetime, results: Sequence[Decision]) -> list[GroupDate]:
    """The date of each group: the one to come that most of its clusters have, of several the earliest.

    All other clusters of the group are exceptions. A group that aligns windows only has no date.
    """
    dates = []
    for name, rules in settings.rules().items():
        members = [result for result in results if result.group == name]
        counted = Counter(result.announced for result in members if result.announced and result.announced > now)
        date = min(counted, key=lambda date: (-counted[date], date), default=None)
        exceptions = [
            Straggler(result.cluster.key, result.announced, result.reason)
            for result in members
            if result.announced != date
        ]
        schedule = rules.schedule
        keys = tuple(result.cluster.key for result in members)
        dates.append(GroupDate(name, date, schedule.window_minutes, schedule.time_zone, keys, tuple(exceptions)))
    return dates


def replacements(seen: Iterable[Sight], results: Sequence[Decision]) -> dict[str, list[Replacement]]:
    """What Redshift reported of replacements in the last 14 days, by the group of the cluster that they befall."""
    groups = {result.cluster.key: result.group for result in results}
    found: dict[str, list[Replacement]] = {}
    for sight in seen:
        for identifier, events in sight.events.items():
            key = f"{sight.place.scope}/{identifier}"
            group = groups.get(key)
            for event in events:
                if group is not None and event.kind in EVENT_IDS:
                    report = Replacement(key, EVENT_IDS[event.kind], event.at, event.message)
                    found.setdefault(group, []).append(report)
    return found
