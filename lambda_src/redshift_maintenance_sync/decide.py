"""The rule: what to do about one cluster, and why. Pure: no boto3, no clock, no environment.

Redshift patches a cluster in its weekly window unless a deferment covers the window; the first window after a deferment
cannot be deferred. So a deferment that ends shortly before a window of the schedule makes that window's start the date
that can be announced, and the same end on every cluster makes it one date for all.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

from redshift_maintenance_sync.model import OUR_PREFIX, Cluster, Decision, Deferment, MaintenanceWindow, Outcome
from redshift_maintenance_sync.settings import Schedule, Settings

LEAD = timedelta(minutes=30)
"""A deferment ends this long before the window, so that clocks and AWS's own delays cannot make it cover the window."""

LONGEST_DEFERMENT = timedelta(days=45)
"""Redshift's limit: 45 days in the management guide; the API model says 60, for which there is no other witness."""

TIME_LEFT_FOR_CHANGE = timedelta(minutes=120)
"""ModifyCluster: a new window that is open now must stay open for at least this long."""


def decide(
    now: datetime, settings: Settings, cluster: Cluster, last_completed: datetime | None, announced: datetime | None
) -> Decision:
    """Decide about one cluster.

    `last_completed` is when any cluster last completed maintenance, None when no event tells (they last 14 days);
    `announced` is when the standing deferments of ours end, see `announced_end`. All times are UTC.
    """
    if cluster.in_maintenance:
        return _skip(cluster, "maintenance is in progress; looked at again in the next run")
    if cluster.status != "available":
        return _skip(
            cluster, f"its status is {cluster.status!r}, changes need 'available'; tried again in the next run"
        )

    wanted = MaintenanceWindow.starting_at(open_or_next_start(settings.schedule, now), settings.schedule.window_minutes)
    aligned = wanted == cluster.window
    too_late = not aligned and timedelta(0) < wanted.time_left(now) < TIME_LEFT_FOR_CHANGE
    if aligned:
        about_window = f"window is {wanted}"
    elif too_late:
        about_window = (
            f"window stays {cluster.window}: {wanted} is open, for less than 120 minutes; set in the next run"
        )
    else:
        about_window = f"window {cluster.window} becomes {wanted}"

    deferment, about_deferment = _defer(now, settings, cluster, last_completed, announced)
    window = None if aligned or too_late else wanted
    outcome = Outcome.SKIPPED if too_late else Outcome.UNCHANGED
    if window or deferment:
        outcome = Outcome.CHANGED
    return Decision(cluster, window, deferment, outcome, f"{about_window}; {about_deferment}")


def announced_end(now: datetime, clusters: Iterable[Cluster]) -> datetime | None:
    """When the standing deferments of ours end: the earliest end, should they differ; None when there are none."""
    standing = (deferment for cluster in clusters for deferment in cluster.deferments if deferment.ours)
    return min((deferment.end for deferment in standing if deferment.end > now), default=None)


def open_or_next_start(schedule: Schedule, moment: datetime) -> datetime:
    """The start (UTC) of the schedule's window that is open at `moment` or, when none is, of the next one."""
    length = timedelta(minutes=schedule.window_minutes)
    return min(start for start in _starts_around(schedule, moment) if start + length > moment)


def last_start(schedule: Schedule, limit: datetime) -> datetime:
    """The start (UTC) of the schedule's last window that opens at or before `limit`."""
    return max(start for start in _starts_around(schedule, limit) if start <= limit)


def _starts_around(schedule: Schedule, moment: datetime) -> list[datetime]:
    """The window starts (UTC) of the weeks before, at and after `moment`.

    A local time that daylight saving skips is moved forward by what is skipped; of one that it repeats the first counts
    (PEP 495, fold=0). Either way the window keeps the UTC time it had the week before.
    """
    today = moment.astimezone(schedule.time_zone).date()
    this_week = today + timedelta(days=schedule.day.weekday - today.weekday())
    at = time(schedule.hour, schedule.minute, tzinfo=schedule.time_zone)
    dates = (this_week + timedelta(weeks=weeks) for weeks in (-1, 0, 1))
    return [datetime.combine(date, at).astimezone(UTC) for date in dates]


def _defer(
    now: datetime, settings: Settings, cluster: Cluster, last_completed: datetime | None, announced: datetime | None
) -> tuple[Deferment | None, str]:
    """The deferment to set, or None, and the reason."""
    standing = cluster.standing_deferment(now)
    if standing is not None:
        whose = "ours" if standing.ours else "somebody else's, respected"
        return None, f"deferred until {_minute(standing.end)} by {standing.identifier} ({whose})"
    if settings.deferment_days == 0:
        return None, "deferment_days is 0: only windows are aligned"
    if announced is not None:
        end, why = announced, "the end already announced by the other clusters"
    elif last_completed is not None:
        limit = last_completed + timedelta(days=settings.deferment_days)
        end = last_start(settings.schedule, limit) - LEAD
        why = f"{settings.deferment_days} days at most after the last maintenance, completed {_minute(last_completed)}"
    else:
        return None, "no maintenance completed in the last 14 days; deferred after the next one"
    if end > now + LONGEST_DEFERMENT:
        end = last_start(settings.schedule, now + LONGEST_DEFERMENT) - LEAD
        why += "; clamped to 45 days from now"
    if end <= now:
        return None, f"maintenance is due, not deferred: {why}"
    window_start = open_or_next_start(settings.schedule, end)
    # The date makes a repeated call an update of the same deferment, and keeps the next cycle from touching this one.
    deferment = Deferment(f"{OUR_PREFIX}{cluster.identifier}-{end:%Y%m%d}", now, end)
    return deferment, f"deferred until {_minute(end)}, maintenance is announced for {_minute(window_start)} ({why})"


def _skip(cluster: Cluster, reason: str) -> Decision:
    return Decision(cluster, None, None, Outcome.SKIPPED, reason)


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
