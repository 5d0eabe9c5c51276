"""The rule: what to tell the people of a group, and what has been told then. Pure: no boto3, no clock.

A date is told when it is new, again when it is another, and so many days ahead; the replacement of a node once for
each of Redshift's reports. Every group is one entry of a calendar, which keeps its UID and counts its changes.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from redshift_maintenance_sync import wording
from redshift_maintenance_sync.announcement import Announcement, GroupDate, Kind, Replacement, Straggler, Told

__all__ = ["Announcement", "GroupDate", "Kind", "Replacement", "Straggler", "Told", "announce", "calendar", "uid"]

REPLACEMENT_MEMORY = timedelta(days=15)
"""Redshift reports an event for 14 days; by then it must be known that it was told."""


def announce(
    now: datetime,
    days_ahead: Collection[int],
    deployment: str,
    group_date: GroupDate,
    replacements: Iterable[Replacement],
    told: Told,
) -> tuple[list[Announcement], Told]:
    """What to publish at `now` (UTC), in this order, and what is told after that: `told` itself when nothing changes.

    `deployment` is the deployed function's name. A group without members has no date to tell, and one without a date
    still tells of replacements.
    """
    date = group_date.date if group_date.members else None
    date_told, after = ([], told) if date is None else _tell_date(now, days_ahead, group_date, date, told)
    heard = [event for event in replacements if event.at > now - REPLACEMENT_MEMORY]
    news = {event.key: event for event in heard if event.key not in told.replacements}
    known = frozenset(key for key in told.replacements if _time_of(key) > now - REPLACEMENT_MEMORY)
    after = replace(after, replacements=known | news.keys())
    if after == told:
        return [], told
    after = replace(after, version=told.version + 1)
    document = _document(deployment, group_date, date, after)
    announcements = [
        Announcement(kind, group_date.group, *words, {"kind": kind.value, **document, **more})
        for kind, words, more in date_told
    ]
    for event in sorted(news.values(), key=lambda event: (event.at, event.key)):
        announcements.append(_replacement(event, group_date.group, document))
    return announcements, after


def uid(deployment: str, group: str) -> str:
    """What a calendar knows the group's entry by, for ever."""
    return f"{group}@{deployment}.redshift-maintenance-sync"


def calendar(deployment: str, group_date: GroupDate, told: Told, now: datetime) -> str:
    """The group's date as iCalendar text (RFC 5545), `told` being what is told with it; `now` (UTC) is its DTSTAMP.

    Raises ValueError for a group without a date.
    """
    if group_date.date is None:
        raise ValueError(f"The group {group_date.group} has no date to put into a calendar")
    from icalendar import Calendar, Event, vCalAddress  # 13 ms that a run without news need not pay

    organizer = vCalAddress("invalid:nomail")  # RFC 5546 demands one, and nobody is there to be written to
    organizer.params["CN"] = deployment
    event = Event()
    event.add("uid", uid(deployment, group_date.group))
    event.add("sequence", max(told.sequence, 0))
    event.add("dtstamp", now)
    event.add("dtstart", group_date.date)
    event.add("dtend", group_date.end(group_date.date))
    event.add("summary", f"Redshift maintenance: {group_date.group}")
    event.add("description", wording.scheduled(group_date, group_date.date)[1])
    event.add("status", "CONFIRMED")
    event.add("transp", "TRANSPARENT")  # it takes nobody's time
    event.add("organizer", organizer)
    whole = Calendar()
    whole.add("version", "2.0")
    whole.add("prodid", "-//Groundcrew//redshift-maintenance-sync//EN")
    whole.add("method", "PUBLISH")
    whole.add_component(event)
    text: str = whole.to_ical().decode()
    return text


Words = tuple[str, str]
"""Subject and text."""


def _tell_date(
    now: datetime, days_ahead: Collection[int], group_date: GroupDate, date: datetime, told: Told
) -> tuple[list[tuple[Kind, Words, dict[str, Any]]], Told]:
    """At most one announcement of the date: who hears that it is new need not be reminded of it the same moment."""
    reached = frozenset(days for days in days_ahead if now >= date - timedelta(days=days))
    minutes = group_date.window_minutes
    if (date, minutes) != (told.date, told.window_minutes):
        after = replace(told, date=date, window_minutes=minutes, sequence=told.sequence + 1, days=reached)
        if group_date.end(date) <= now or (date == told.date and date <= now):
            return [], after
        if told.date is None or told.window_minutes is None or told.date <= now:
            return [(Kind.SCHEDULED, wording.scheduled(group_date, date), {})], after
        before = replace(group_date, date=told.date, window_minutes=told.window_minutes)
        moved_from = {"moved_from": told.date.isoformat(), "moved_from_end": before.end(told.date).isoformat()}
        return [(Kind.MOVED, wording.moved(group_date, date, before, told.date), moved_from)], after
    due = reached - told.days
    if not due or date <= now:
        return [], told
    after = replace(told, days=told.days | reached)
    # Whoever was reminded of the day before is not told a week ahead, should that be asked for only now.
    if told.days and min(due) > min(told.days):
        return [], after
    return [(Kind.REMINDER, wording.reminder(group_date, date, now), {})], after


def _replacement(event: Replacement, group: str, document: dict[str, Any]) -> Announcement:
    shown = {
        "cluster": event.cluster,
        "event_id": event.event_id,
        "at": event.at.isoformat(),
        "message": event.message,
        "deferrable": event.deferrable,
    }
    kind = Kind.REPLACEMENT
    words = wording.replacement(event)
    return Announcement(kind, group, *words, {"kind": kind.value, **document, "replacement": shown})


def _document(deployment: str, group_date: GroupDate, date: datetime | None, told: Told) -> dict[str, Any]:
    return {
        "group": group_date.group,
        "date": date.isoformat() if date else None,
        "window_end": group_date.end(date).isoformat() if date else None,
        "time_zone": group_date.time_zone.key,
        "clusters": group_date.following,
        "exceptions": [
            {
                "cluster": straggler.key,
                "announced": straggler.announced.isoformat() if straggler.announced else None,
                "reason": straggler.reason,
            }
            for straggler in sorted(group_date.exceptions, key=lambda straggler: straggler.key)
        ],
        "sequence": told.sequence,
        "uid": uid(deployment, group_date.group),
        "deployment": deployment,
    }


def _time_of(key: str) -> datetime:
    return datetime.fromisoformat(key.rsplit(" ", 1)[1])
