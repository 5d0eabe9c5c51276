"""When maintenance may happen: the weekly windows of a schedule and the dates that it can announce. Pure.

The schedule speaks local time and Redshift UTC. A local time that daylight saving skips is moved forward by what is
skipped; of one that it repeats the first counts (PEP 495, fold=0).
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from dateutil import rrule

from redshift_maintenance_sync.model import MaintenanceWindow, Mode
from redshift_maintenance_sync.settings import Schedule

MARGIN_DAYS = {Mode.INTERVAL: 8, Mode.CALENDAR: 37}
"""The longest time from one date to the next (a week, 35 days), and the longest move of daylight saving."""


def open_or_next_window(schedule: Schedule, moment: datetime) -> MaintenanceWindow:
    """The weekly window (UTC) that is open at `moment` or, when none is, opens next."""
    length = timedelta(minutes=schedule.window_minutes)
    start = min(start for start in _around(schedule, Mode.INTERVAL, moment) if start + length > moment)
    return MaintenanceWindow.starting_at(start, schedule.window_minutes)


def next_window_start(schedule: Schedule, moment: datetime) -> datetime:
    """When the first weekly window at or after `moment` opens (UTC), whatever the mode."""
    return min(start for start in _around(schedule, Mode.INTERVAL, moment) if start >= moment)


def last_window_start(schedule: Schedule, moment: datetime) -> datetime:
    """When the last weekly window at or before `moment` opened (UTC), whatever the mode."""
    return max(start for start in _around(schedule, Mode.INTERVAL, moment) if start <= moment)


def next_date(schedule: Schedule, moment: datetime) -> datetime:
    """The first date at or after `moment` that can be announced: a window's start, in UTC."""
    return min(start for start in _around(schedule, schedule.mode, moment) if start >= moment)


def last_date(schedule: Schedule, moment: datetime) -> datetime:
    """The last date at or before `moment` that can be announced: a window's start, in UTC."""
    return max(start for start in _around(schedule, schedule.mode, moment) if start <= moment)


def date_after(schedule: Schedule, anchor: datetime) -> datetime:
    """The date to announce once maintenance ended at `anchor`; it may have passed.

    In the mode `interval` the last window whose local date is at most `deferment_days` later; in `calendar` the first
    of the month's chosen weekdays on a later local date. Dates are counted in local time, so that daylight saving
    neither adds nor takes an hour that would cost a week.
    """
    day = anchor.astimezone(schedule.time_zone).date()
    if schedule.mode is Mode.CALENDAR:
        return next_date(schedule, _midnight(schedule, day + timedelta(days=1)))
    after = _midnight(schedule, day + timedelta(days=(schedule.deferment_days or 0) + 1))
    return last_date(schedule, after - timedelta(microseconds=1))


def _midnight(schedule: Schedule, day: date) -> datetime:
    return datetime.combine(day, time(), schedule.time_zone).astimezone(UTC)


def _around(schedule: Schedule, mode: Mode, moment: datetime) -> tuple[datetime, ...]:
    return _starts(schedule, mode, moment.astimezone(schedule.time_zone).date())


@lru_cache(maxsize=1024)
def _starts(schedule: Schedule, mode: Mode, day: date) -> tuple[datetime, ...]:
    """Window starts (UTC), in order, at least one of them before `day` and one after."""
    margin = timedelta(days=MARGIN_DAYS[mode])
    begin = datetime.combine(day, time(schedule.hour, schedule.minute)) - margin
    weekday = rrule.weekday(schedule.day.weekday)
    if mode is Mode.CALENDAR:
        assert schedule.week is not None  # noqa: S101 - Settings.parse saw to it
        rule = rrule.rrule(
            rrule.MONTHLY, dtstart=begin, until=begin + 2 * margin, byweekday=weekday(schedule.week.ordinal)
        )
    else:
        rule = rrule.rrule(rrule.WEEKLY, dtstart=begin, until=begin + 2 * margin, byweekday=weekday)
    return tuple(start.replace(tzinfo=schedule.time_zone).astimezone(UTC) for start in rule)
