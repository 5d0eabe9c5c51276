"""Windows as Redshift writes them, round the week; deferments that stand."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redshift_maintenance_sync.model import WEEK_MINUTES, Cluster, Deferment, MaintenanceWindow, Place, Week

HOME = Place("123456789012", "us-east-1")
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
windows = st.builds(MaintenanceWindow, st.integers(0, WEEK_MINUTES - 1), st.integers(30, 1440))
minutes = st.integers(0, WEEK_MINUTES - 1)


@pytest.mark.parametrize(
    ("text", "start", "length"),
    [
        ("mon:00:00-mon:00:30", 0, 30),
        ("Mon:03:00-Mon:03:30", 180, 30),
        ("sat:06:00-sun:06:00", 5 * 1440 + 360, 1440),
        ("sun:23:45-mon:00:15", WEEK_MINUTES - 15, 30),
    ],
)
def test_parses(text: str, start: int, length: int) -> None:
    assert MaintenanceWindow.parse(text) == MaintenanceWindow(start, length)
    assert str(MaintenanceWindow(start, length)) == text.lower()


@pytest.mark.parametrize(
    "text", ["", "sat:06:00", "sam:06:00-sam:06:30", "sat:24:00-sun:00:30", "sat:06:00-sat:06:60 "]
)
def test_refuses_what_is_no_window(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a (maintenance window|valid Day)"):
        MaintenanceWindow.parse(text)


@given(windows)
def test_text_and_window_say_the_same(window: MaintenanceWindow) -> None:
    assert MaintenanceWindow.parse(str(window)) == window


@given(windows, minutes, st.integers(0, 59))
def test_time_left_is_counted_round_the_week(window: MaintenanceWindow, minute: int, second: int) -> None:
    now = MONDAY + timedelta(minutes=minute, seconds=second)
    ends = [window.start + window.length + weeks * WEEK_MINUTES for weeks in (-1, 0)]
    left = [MONDAY + timedelta(minutes=end) - now for end in ends]
    within = [span for span in left if timedelta(0) < span <= timedelta(minutes=window.length)]
    assert window.time_left(now) == max(within, default=timedelta(0))


@given(minutes, st.integers(30, 1440))
def test_a_window_opens_when_it_starts(minute: int, length: int) -> None:
    moment = MONDAY + timedelta(minutes=minute)
    window = MaintenanceWindow.starting_at(moment, length)
    assert window == MaintenanceWindow(minute, length)
    assert window.time_left(moment) == timedelta(minutes=length)
    assert window.time_left(moment - timedelta(seconds=1)) == timedelta(0)
    assert window.time_left(moment + timedelta(minutes=length)) == timedelta(0)


def test_only_deferments_that_have_not_ended_stand() -> None:
    def deferment(identifier: str, start: int, end: int) -> Deferment:
        return Deferment(identifier, MONDAY + timedelta(days=start), MONDAY + timedelta(days=end))

    past, current, coming = deferment("past", -9, 0), deferment("now", -1, 3), deferment("coming", 5, 8)
    for deferments, expected in (
        ((past,), ()),
        ((past, current), (current,)),
        ((coming, past, current), (current, coming)),
    ):
        cluster = Cluster(HOME, "sales", "available", False, None, deferments)
        assert cluster.standing_deferments(MONDAY) == expected


@pytest.mark.parametrize(("identifier", "ours"), [("groundcrew-sales-20261219", True), ("dfm-groundcrew-1", False)])
def test_deferments_of_ours_are_known_by_their_identifier(identifier: str, ours: bool) -> None:
    assert Deferment(identifier, MONDAY, MONDAY).ours is ours


@given(windows, minutes, st.integers(0, 59))
def test_the_next_opening_is_later_and_at_most_a_week(window: MaintenanceWindow, minute: int, second: int) -> None:
    now = MONDAY + timedelta(minutes=minute, seconds=second)
    opening = window.next_opening(now)
    assert timedelta(0) < opening - now <= timedelta(weeks=1)
    assert window.time_left(opening) == timedelta(minutes=window.length)


@pytest.mark.parametrize(
    ("tags", "opted_out"),
    [({}, False), ({"other": "true"}, False), ({"out": "true"}, True), ({"out": ""}, True), ({"out": "False"}, False)],
)
def test_a_tag_opts_out_whatever_its_value_but_false(tags: dict[str, str], opted_out: bool) -> None:
    assert Cluster(HOME, "sales", "available", False, None, tags=tags).opted_out("out") is opted_out


@pytest.mark.parametrize(("week", "ordinal"), [("first", 1), ("fourth", 4), ("last", -1)])
def test_weeks_are_counted_from_the_front_but_for_the_last(week: str, ordinal: int) -> None:
    assert Week(week).ordinal == ordinal


@pytest.mark.parametrize(
    ("wanted", "carried"),
    [({}, True), ({"a": "1"}, True), ({"a": "1", "b": "2"}, True), ({"a": "2"}, False), ({"c": "1"}, False)],
)
def test_carries_all_of_the_tags(wanted: dict[str, str], carried: bool) -> None:
    cluster = Cluster(HOME, "sales", "available", False, None, tags={"a": "1", "b": "2"})
    assert cluster.carries(wanted) is carried
    assert cluster.key == "123456789012/us-east-1/sales"
