"""The local cloud's own arithmetic of weekly windows, against AWS's documented rules."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.redshift.maintenance_window import MAXIMUM, MINIMUM, WEEK, MaintenanceWindow

WINDOWS = st.builds(
    MaintenanceWindow,
    opens=st.integers(0, 7 * 24 * 60 - 1).map(lambda minutes: timedelta(minutes=minutes)),
    length=st.integers(MINIMUM.seconds // 60, 24 * 60).map(lambda minutes: timedelta(minutes=minutes)),
)
MOMENTS = st.integers(0, 2 * 365 * 24 * 60 * 60).map(
    lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(0, seconds)
)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("Mon:03:00-Mon:03:30", "mon:03:00-mon:03:30"),
        ("sat:23:45-sun:00:15", "sat:23:45-sun:00:15"),
        ("SUN:23:45-MON:00:15", "sun:23:45-mon:00:15"),
        ("tue:12:00-wed:12:00", "tue:12:00-wed:12:00"),
    ],
)
def test_reads_and_writes_the_spelling_of_aws(text: str, normal: str) -> None:
    assert str(MaintenanceWindow.parse(text)) == normal


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("bogus", "format"),
        ("mon:3:00-mon:03:30", "format"),
        ("mon:24:00-tue:00:30", "format"),
        ("mon:03:00-mon:03:60", "format"),
        ("mon:03:00-mon:03:30 ", "format"),
        ("mon:03:00-mon:03:29", "30 minutes"),
        ("mon:03:00-mon:03:00", "30 minutes"),
        ("mon:03:00-tue:03:01", "24 hours"),
        ("tue:03:00-mon:03:00", "24 hours"),
    ],
)
def test_refuses_what_aws_refuses(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        MaintenanceWindow.parse(text)


@given(WINDOWS)
def test_survives_being_written_and_read(window: MaintenanceWindow) -> None:
    assert MaintenanceWindow.parse(str(window)) == window


@given(WINDOWS, MOMENTS)
def test_next_opening_is_within_a_week_and_open(window: MaintenanceWindow, moment: datetime) -> None:
    opening = window.next_opening(moment)
    assert timedelta() < opening - moment <= WEEK
    assert window.remaining(opening) == window.length


@given(WINDOWS, MOMENTS)
def test_closes_when_its_time_has_run_out(window: MaintenanceWindow, moment: datetime) -> None:
    remaining = window.remaining(moment)
    if remaining is not None:
        assert timedelta() < remaining <= MAXIMUM
        assert window.remaining(moment + remaining) is None


@given(WINDOWS, MOMENTS, st.integers(0, 45), st.integers(0, 45))
def test_a_deferment_moves_the_next_opening_by_whole_weeks_past_its_end(
    window: MaintenanceWindow, moment: datetime, starts_in: int, days: int
) -> None:
    start = moment + timedelta(days=starts_in)
    deferment = (start, start + timedelta(days=days))
    plain, opening = window.next_opening(moment), window.next_opening(moment, [deferment])
    assert (opening - plain) % WEEK == timedelta()
    assert not deferment[0] <= opening < deferment[1]
    assert opening == plain or deferment[0] <= opening - WEEK < deferment[1]


def test_a_deferment_that_ends_as_the_window_opens_does_not_hold_it(now: datetime) -> None:
    window = MaintenanceWindow.parse("sat:06:00-sat:06:30")
    saturday = datetime(2026, 12, 19, 6, tzinfo=UTC)
    assert window.next_opening(now, [(now, saturday)]) == saturday
    assert window.next_opening(now, [(now, saturday + timedelta(minutes=1))]) == saturday + WEEK


def test_several_deferments_add_up(now: datetime) -> None:
    window = MaintenanceWindow.parse("sat:06:00-sat:06:30")
    first = (now, datetime(2026, 11, 30, tzinfo=UTC))
    second = (datetime(2026, 12, 4, tzinfo=UTC), datetime(2026, 12, 6, tzinfo=UTC))
    assert window.next_opening(now, [second, first]) == datetime(2026, 12, 12, 6, tzinfo=UTC)
