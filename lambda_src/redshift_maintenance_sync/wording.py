"""Announcements in words, for people who own dashboards and loads: what, when, which clusters, what to do. Pure."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from redshift_maintenance_sync.announcement import GroupDate, Replacement
from redshift_maintenance_sync.cycle import minute

NAMED = 20
"""So many clusters are named in a text; a longer list is one that nobody reads."""
SUBJECT_LENGTH = 100
"""SNS takes no longer one, and ASCII only."""
MESSAGE_LENGTH = 1000
"""So many characters of a message of Redshift's are shown."""
REASON_LENGTH = 200
"""So many of the reason why a cluster does not follow."""


def subject(text: str) -> str:
    """`text` as SNS takes it for a subject."""
    ascii_text = " ".join(text.encode("ascii", "replace").decode().split())
    return ascii_text if len(ascii_text) <= SUBJECT_LENGTH else f"{ascii_text[: SUBJECT_LENGTH - 3]}..."


def scheduled(group_date: GroupDate, date: datetime) -> tuple[str, str]:
    """Subject and text of a date where there was none to come."""
    title = f"Redshift maintenance of {group_date.group}: {_short(date)}"
    return subject(title), _date_text(f"Maintenance of the group {group_date.group} is announced.", group_date, date)


def moved(group_date: GroupDate, date: datetime, before: GroupDate, date_before: datetime) -> tuple[str, str]:
    """Subject and text of a date, or of another length of its window, that replaces what was told `before`."""
    group, is_same_date = group_date.group, date == date_before
    title = (
        f"Redshift maintenance of {group}, {_short(date)}: now {group_date.window_minutes} minutes"
        if is_same_date
        else f"Redshift maintenance of {group} moved to {_short(date)}"
    )
    what = (
        f"Maintenance of the group {group} {'has another window' if is_same_date else 'was moved'}.\n"
        f"From: {span(date_before, before)}\nTo:   {span(date, group_date)}"
    )
    return subject(title), _date_text(what, group_date, date)


def reminder(group_date: GroupDate, date: datetime, now: datetime) -> tuple[str, str]:
    """Subject and text that call a date to mind."""
    ahead = _ahead(date, now, group_date.time_zone)
    title = f"Redshift maintenance of {group_date.group} {ahead}: {_short(date)}"
    return subject(title), _date_text(f"Maintenance of the group {group_date.group} is {ahead}.", group_date, date)


def replacement(event: Replacement) -> tuple[str, str]:
    """Subject and text of a node's replacement, as Redshift reported it."""
    can = "can be deferred" if event.deferrable else "cannot be moved"
    todo = (
        "The owner of the cluster can defer it: in the console by the cluster's tab Maintenance, or by aws redshift "
        "modify-cluster-maintenance. Until then expect the cluster to be out of reach for some minutes."
        if event.deferrable
        else "Nobody can defer or move it: keep loads and reports away from that time."
    )
    title = f"Redshift replaces a node of {event.cluster.rsplit('/', 1)[-1]}, which {can}"
    return subject(title), "\n\n".join(
        [
            f"A node of the cluster {event.cluster} is going to be replaced. This {can}, and is not bound to the date "
            "of the cluster's group.",
            f"Redshift reported {minute(event.at)} ({event.event_id}):\n  {_quoted(event.message, MESSAGE_LENGTH)}",
            f"What to do: {todo}",
        ]
    )


def span(date: datetime, group_date: GroupDate) -> str:
    """The window that opens at `date`, in local time with its zone and in UTC."""
    zone = group_date.time_zone
    utc = _from_to(date, group_date.end(date), UTC, "UTC")
    if zone.key == "UTC":
        return utc
    return f"{_from_to(date, group_date.end(date), zone, zone.key)} ({utc})"


def clusters(group_date: GroupDate) -> str:
    """Which clusters follow the date and which do not, a few by name."""
    following = group_date.following
    parts = [_listed(f"Clusters ({len(following)}):", following) if following else "No cluster follows it yet."]
    if group_date.exceptions:
        shown = [
            f"{straggler.key}: {_quoted(straggler.reason, REASON_LENGTH)}"
            + (f" (its own date: {minute(straggler.announced)})" if straggler.announced else "")
            for straggler in sorted(group_date.exceptions, key=lambda straggler: straggler.key)
        ]
        parts.append(_listed(f"Not on this date ({len(group_date.exceptions)}):", shown))
    return "\n\n".join(parts)


def _date_text(what: str, group_date: GroupDate, date: datetime) -> str:
    return "\n\n".join(
        [
            what,
            f"When: {span(date, group_date)}",
            clusters(group_date),
            "What to do: expect the clusters to restart in this window and running queries to be rolled back; keep "
            "loads and reports away from it, or let them try again. Where Redshift has nothing to do, nothing happens.",
        ]
    )


def _listed(title: str, lines: list[str]) -> str:
    more = [f"and {len(lines) - NAMED} more"] if len(lines) > NAMED else []
    return "\n".join([title, *(f"  {line}" for line in [*lines[:NAMED], *more])])


def _from_to(start: datetime, end: datetime, zone: tzinfo, name: str) -> str:
    first, last = start.astimezone(zone), end.astimezone(zone)
    # A window may run past midnight, and a day long.
    until = f"{last:%H:%M}" if last.date() == first.date() else f"{last:%A %Y-%m-%d %H:%M}"
    return f"{first:%A %Y-%m-%d %H:%M} to {until} {name}"


def _short(date: datetime) -> str:
    return f"{date:%a %Y-%m-%d %H:%M} UTC"


def _ahead(date: datetime, now: datetime, zone: ZoneInfo) -> str:
    """How far away the date is, as people there count: in days of theirs."""
    days = (date.astimezone(zone).date() - now.astimezone(zone).date()).days
    return {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")


def _quoted(text: str, length: int) -> str:
    """Somebody else's words on one line."""
    line = " ".join(text.split()) or "(no message)"
    return line if len(line) <= length else f"{line[:length]} ..."
