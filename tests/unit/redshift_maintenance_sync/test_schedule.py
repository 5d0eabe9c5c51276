"""Windows and dates of a schedule: tables across daylight saving and months, then what holds for all of them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redshift_maintenance_sync.model import Day, MaintenanceWindow, Mode, Week
from redshift_maintenance_sync.schedule import (
    date_after,
    last_date,
    last_window_start,
    next_date,
    next_window_start,
    open_or_next_window,
)
from redshift_maintenance_sync.settings import Schedule, Settings

MakeSettings = Callable[..., Settings]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


ACROSS_DAYLIGHT_SAVING = [
    # Berlin leaves daylight saving on Sunday 2026-10-25 at 01:00 UTC and enters it on 2027-03-28 at 01:00 UTC.
    ("Europe/Berlin", "sat", (8, 0), "2026-10-24 05:59", "2026-10-24 06:00"),
    ("Europe/Berlin", "sat", (8, 0), "2026-10-24 06:01", "2026-10-31 07:00"),
    ("Europe/Berlin", "sun", (2, 30), "2026-10-24 12:00", "2026-10-25 00:30"),  # twice that night: the first
    ("Europe/Berlin", "sun", (2, 30), "2027-03-27 12:00", "2027-03-28 01:30"),  # skipped that night: 03:30 local
    ("Europe/Berlin", "mon", (0, 30), "2026-11-22 12:00", "2026-11-22 23:30"),  # Sunday in UTC
    # Sydney enters daylight saving on Saturday 2026-10-03 at 16:00 UTC and leaves it on 2027-04-03 at 16:00 UTC.
    ("Australia/Sydney", "sun", (4, 0), "2026-10-01 00:00", "2026-10-03 17:00"),
    ("Australia/Sydney", "sun", (4, 0), "2026-09-26 17:00", "2026-09-26 18:00"),
    ("Australia/Sydney", "sun", (2, 15), "2026-10-01 00:00", "2026-10-03 16:15"),  # skipped: 03:15 local
    ("Australia/Sydney", "sun", (2, 15), "2027-04-01 00:00", "2027-04-03 15:15"),  # twice: the first
]


@pytest.mark.parametrize(("zone", "day", "at", "moment", "expected"), ACROSS_DAYLIGHT_SAVING)
def test_local_time_across_daylight_saving(
    make_settings: MakeSettings, zone: str, day: str, at: tuple[int, int], moment: str, expected: str
) -> None:
    schedule = make_settings(day=day, at=at, zone=zone).schedule
    assert next_window_start(schedule, utc(moment)) == utc(expected)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-28 05:59", "sat:06:00-sat:06:30"),
        ("2026-11-28 06:29", "sat:06:00-sat:06:30"),  # open
        ("2027-03-27 07:29", "sat:06:00-sat:06:30"),
    ],
)
def test_the_window_is_weekly(make_settings: MakeSettings, moment: str, expected: str) -> None:
    assert str(open_or_next_window(make_settings().schedule, utc(moment))) == expected


def test_the_window_follows_daylight_saving_once_the_last_one_has_closed(make_settings: MakeSettings) -> None:
    schedule = make_settings(at=(8, 0), zone="Europe/Berlin").schedule
    assert str(open_or_next_window(schedule, utc("2026-10-24 06:29"))) == "sat:06:00-sat:06:30"
    assert str(open_or_next_window(schedule, utc("2026-10-24 06:30"))) == "sat:07:00-sat:07:30"


def test_the_window_wraps_the_week(make_settings: MakeSettings) -> None:
    schedule = make_settings(day="sun", at=(23, 45)).schedule
    assert str(open_or_next_window(schedule, utc("2026-11-23 00:10"))) == "sun:23:45-mon:00:15"
    assert next_window_start(schedule, utc("2026-11-23 00:10")) == utc("2026-11-29 23:45")


@pytest.mark.parametrize(
    ("week", "moment", "expected"),
    [
        ("first", "2026-11-24 10:00", "2026-12-05 06:00"),
        ("second", "2026-11-24 10:00", "2026-12-12 06:00"),
        ("second", "2026-12-12 06:00", "2026-12-12 06:00"),
        ("second", "2026-12-12 06:01", "2027-01-09 06:00"),  # over the end of the year
        ("third", "2026-11-24 10:00", "2026-12-19 06:00"),
        ("fourth", "2026-11-24 10:00", "2026-11-28 06:00"),
        ("last", "2026-11-28 07:00", "2026-12-26 06:00"),
        ("last", "2027-01-02 00:00", "2027-01-30 06:00"),  # the fifth Saturday
    ],
)
def test_the_nth_weekday_of_the_month(make_settings: MakeSettings, week: str, moment: str, expected: str) -> None:
    assert next_date(make_settings(week=week).schedule, utc(moment)) == utc(expected)


@pytest.mark.parametrize(
    ("zone", "anchor", "days", "expected"),
    [
        ("UTC", "2026-11-21 06:25", 28, "2026-12-19 06:00"),
        ("UTC", "2026-11-21 06:25", 30, "2026-12-19 06:00"),
        ("UTC", "2026-11-21 06:25", 27, "2026-12-12 06:00"),
        ("UTC", "2026-11-21 05:10", 28, "2026-12-19 06:00"),  # local dates count, not hours
        ("UTC", "2026-11-24 10:00", 3, "2026-11-21 06:00"),  # there is none: it has passed
        ("Europe/Berlin", "2026-10-03 06:20", 28, "2026-10-31 07:00"),  # winter by then, an hour later in UTC
        ("Australia/Sydney", "2026-09-11 22:20", 28, "2026-10-09 21:00"),  # Saturday there; summer by then
    ],
)
def test_the_date_after_an_interval(
    make_settings: MakeSettings, zone: str, anchor: str, days: int, expected: str
) -> None:
    at = (8, 0) if zone != "UTC" else (6, 0)
    assert date_after(make_settings(zone=zone, at=at, deferment_days=days).schedule, utc(anchor)) == utc(expected)


def test_the_date_after_in_a_calendar_is_on_a_later_day(make_settings: MakeSettings) -> None:
    schedule = make_settings(week="second").schedule
    assert date_after(schedule, utc("2026-12-12 06:20")) == utc("2027-01-09 06:00")
    assert date_after(schedule, utc("2026-12-12 00:20")) == utc("2027-01-09 06:00")
    assert date_after(schedule, utc("2026-12-11 23:20")) == utc("2026-12-12 06:00")


zones = st.sampled_from(
    ["UTC", "Europe/Berlin", "Australia/Sydney", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"]
)
times = st.integers(0, 23), st.integers(0, 59), st.integers(30, 1440), st.builds(ZoneInfo, zones), st.just(45)
weekly = st.builds(Schedule, st.just(Mode.INTERVAL), st.sampled_from(Day), *times, st.just(28), st.none())
monthly = st.builds(Schedule, st.just(Mode.CALENDAR), st.sampled_from(Day), *times, st.none(), st.sampled_from(Week))
moments = st.integers(0, 4 * 365 * 24 * 60).map(lambda minutes: utc("2025-01-01 00:00") + timedelta(minutes=minutes))
GAPS = {timedelta(weeks=weeks, hours=hours) for weeks in (1, 4, 5) for hours in (-1, 0, 1)}


@given(weekly | monthly, moments)
def test_dates_are_windows_at_the_local_time(schedule: Schedule, moment: datetime) -> None:
    start, last = next_date(schedule, moment), last_date(schedule, moment)
    assert last <= moment <= start
    assert start == last or start - last in GAPS
    assert next_window_start(schedule, start) == last_window_start(schedule, start) == start
    shown = start.astimezone(schedule.time_zone)
    off = shown.hour * 60 + shown.minute - schedule.hour * 60 - schedule.minute
    assert off in (0, 60, 60 - 1440)  # exactly then, or an hour later where that hour is skipped


@given(weekly | monthly, moments)
def test_the_window_is_open_or_the_next(schedule: Schedule, moment: datetime) -> None:
    window = open_or_next_window(schedule, moment)
    assert window.length == schedule.window_minutes
    last = MaintenanceWindow.starting_at(last_window_start(schedule, moment), schedule.window_minutes)
    if last.time_left(moment):
        assert window == last
    else:
        assert (
            moment + timedelta(0)
            < window.next_opening(moment)
            == next_window_start(schedule, moment + timedelta(seconds=1))
        )


@given(monthly, moments)
def test_months_never_need_more_than_the_cap(schedule: Schedule, anchor: datetime) -> None:
    target = date_after(schedule, anchor)
    assert timedelta(0) < target - anchor < timedelta(days=37)
    assert target.astimezone(schedule.time_zone).date() > anchor.astimezone(schedule.time_zone).date()


@given(weekly, moments, st.integers(0, 60))
def test_an_interval_is_the_last_date_within_its_days(schedule: Schedule, anchor: datetime, days: int) -> None:
    target = date_after(replace(schedule, deferment_days=days), anchor)

    def local_days(moment: datetime) -> int:
        zone = schedule.time_zone
        return (moment.astimezone(zone).date() - anchor.astimezone(zone).date()).days

    assert local_days(target) <= days < local_days(target) + 8
    assert local_days(next_date(schedule, target + timedelta(seconds=1))) > days
