"""When schedules fire, against a calendar that is searched minute by minute."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.eventbridge.schedule_expression import parse

DAYS = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
TUESDAY = datetime(2026, 11, 24, 6, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("rate(1 minute)", timedelta(minutes=1)),
        ("rate(90 minutes)", timedelta(minutes=90)),
        ("rate(1 hour)", timedelta(hours=1)),
        ("rate(6 hours)", timedelta(hours=6)),
        ("rate(1 day)", timedelta(days=1)),
        ("rate(30 days)", timedelta(days=30)),
    ],
)
def test_a_rate_fires_one_period_later(text: str, period: timedelta) -> None:
    assert parse(text).next_after(TUESDAY) == TUESDAY + period


@pytest.mark.parametrize(
    ("text", "after", "expected"),
    [
        ("cron(0 6 * * ? *)", "2026-11-24T05:59:59", "2026-11-24T06:00"),
        ("cron(0 6 * * ? *)", "2026-11-24T06:00", "2026-11-25T06:00"),
        ("cron(0 6 * * ? *)", "2026-12-31T06:00:30", "2027-01-01T06:00"),
        ("cron(0/15 * * * ? *)", "2026-11-24T06:01", "2026-11-24T06:15"),
        ("cron(0 18 ? * MON-FRI *)", "2026-11-27T18:00", "2026-11-30T18:00"),
        ("cron(0 18 ? * 2-6 *)", "2026-11-27T18:00", "2026-11-30T18:00"),
        ("cron(0 8 1 * ? *)", "2026-11-24T06:00", "2026-12-01T08:00"),
        ("cron(30 3 L * ? *)", "2028-02-01T00:00", "2028-02-29T03:30"),
        ("cron(0 9 15W * ? *)", "2026-11-01T00:00", "2026-11-16T09:00"),  # the 15th is a Sunday
        ("cron(0 9 1W * ? *)", "2026-08-01T00:00", "2026-08-03T09:00"),  # the 1st is a Saturday: not in July
        ("cron(15 10 ? * 6L *)", "2026-11-01T00:00", "2026-11-27T10:15"),
        ("cron(0 9 ? * 2#1 *)", "2026-11-03T00:00", "2026-12-07T09:00"),
        ("cron(0 9 ? * 6#3 2027-2028)", "2026-11-24T00:00", "2027-01-15T09:00"),
        ("cron(0 0 29 2 ? *)", "2096-03-01T00:00", "2104-02-29T00:00"),
        ("cron(0 0 ? 2 1#5 *)", "2088-03-01T00:00", "2128-02-29T00:00"),
        ("cron(0  6  *  *  ?  *)", "2026-11-24T06:00", "2026-11-25T06:00"),
    ],
)
def test_a_cron_expression_fires_at_the_next_minute_that_it_names(text: str, after: str, expected: str) -> None:
    assert parse(text).next_after(at(after)) == at(expected)


@pytest.mark.parametrize("text", ["cron(0 0 30 2 ? *)", "cron(0 6 * * ? 2025)"])
def test_what_is_never_due_never_fires(text: str) -> None:
    assert parse(text).next_after(TUESDAY) is None


@pytest.mark.parametrize(
    "text",
    [
        "daily",
        "rate(1 hours)",
        "rate(6 hour)",
        "rate(0 hours)",
        "rate(6hours)",
        "rate(5 weeks)",
        "cron(0 6 * * ?)",
        "cron(0 6 * * * *)",
        "cron(0 6 ? * ? *)",
        "cron(60 6 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 6 32 * ? *)",
        "cron(0 6 * 13 ? *)",
        "cron(0 6 ? * 8 *)",
        "cron(0 6 ? * MON#6 *)",
        "cron(0 6 * * ? 1969)",
        "cron(*-5 6 * * ? *)",
    ],
)
def test_what_aws_cannot_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse(text)


@pytest.mark.parametrize("text", ["cron(0 6 LW * ? *)", "cron(0 6 ? * L *)", "cron(0 6 * * ? 2026/2)"])
def test_what_cannot_be_computed_is_refused_by_name(text: str) -> None:
    with pytest.raises(NotImplementedError, match="LW"):
        parse(text)


@given(
    start=st.integers(0, 3 * 365 * 24 * 60).map(lambda n: TUESDAY + timedelta(minutes=n)),
    hour=st.integers(0, 23),
    minute=st.sampled_from(["7", "*/20", "10-12", "3,58"]),
    days=st.one_of(
        st.integers(1, 31).map(lambda n: (f"{n}", "?")),
        st.integers(1, 31).map(lambda n: (f"{n}W", "?")),
        st.just(("L", "?")),
        st.tuples(st.integers(1, 7), st.integers(1, 5)).map(lambda pair: ("?", f"{pair[0]}#{pair[1]}")),
        st.integers(1, 7).map(lambda n: ("?", f"{n}L")),
        st.sampled_from(DAYS).map(lambda name: ("?", name)),
        st.just(("*", "?")),
    ),
)
def test_agrees_with_a_search_of_the_calendar(start: datetime, hour: int, minute: str, days: tuple[str, str]) -> None:
    minutes = {"7": [7], "*/20": [0, 20, 40], "10-12": [10, 11, 12], "3,58": [3, 58]}[minute]
    found = parse(f"cron({minute} {hour} {days[0]} * {days[1]} *)").next_after(start)
    day = start.date()
    while not (_names(*days, day) and (later := [m for m in minutes if _moment(day, hour, m) > start])):
        day += timedelta(days=1)
    assert found == _moment(day, hour, later[0])


def _moment(day: date, hour: int, minute: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def _names(day_of_month: str, day_of_week: str, day: date) -> bool:
    """Whether the two fields name `day`; AWS counts the days of the week from Sunday, 1."""
    last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    aws_day = day.isoweekday() % 7 + 1
    if day_of_week == "?":
        if day_of_month == "L":
            return day == last
        if day_of_month.endswith("W"):
            return _nearest_weekday(day, int(day_of_month[:-1]), last.day)
        return day_of_month in ("*", str(day.day))
    if "#" in day_of_week:
        return day_of_week == f"{aws_day}#{(day.day - 1) // 7 + 1}"
    if day_of_week.endswith("L"):
        return day_of_week == f"{aws_day}L" and day.day > last.day - 7
    return day_of_week == DAYS[day.weekday()]


def _nearest_weekday(day: date, wanted: int, last: int) -> bool:
    """Whether `day` is the weekday of its month nearest to the day `wanted`."""
    if wanted > last:
        return False
    weekdays = [n for n in range(1, last + 1) if day.replace(day=n).weekday() < 5]
    return day.day == min(weekdays, key=lambda n: abs(n - wanted))
