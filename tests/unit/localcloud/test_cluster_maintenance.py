"""When a cluster is maintained and what it refuses: AWS's documented rules, and what holds whatever the calls."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.redshift.cluster_maintenance import ClusterMaintenance, MaintenanceEvent, Refusal, Updates
from localcloud.redshift.deferral import merged
from localcloud.redshift.maintenance_window import WEEK, MaintenanceWindow

SATURDAYS = MaintenanceWindow.parse("sat:06:00-sat:06:30")
BORN = datetime(2026, 11, 25, 12, tzinfo=UTC)  # a Wednesday
OPENING = datetime(2026, 11, 28, 6, tzinfo=UTC)
DAY = timedelta(days=1)


def cluster(**settings: Any) -> ClusterMaintenance:
    return ClusterMaintenance("sales", SATURDAYS, BORN, **{"updates": Updates.ALWAYS} | settings)


def started(events: list[MaintenanceEvent]) -> list[datetime]:
    return [event.at for event in events if event.event_id == "REDSHIFT-EVENT-2003"]


def refused(call: Callable[..., Any], *arguments: Any, **named: Any) -> str:
    with pytest.raises(Refusal) as caught:
        call(*arguments, **named)
    return caught.value.code


# Maintenance


def test_is_maintained_as_the_window_opens() -> None:
    sales = cluster()
    before = sales.revision
    assert sales.next_due() == OPENING
    assert sales.run(OPENING + 19 * timedelta(minutes=1)) == [
        MaintenanceEvent(
            "REDSHIFT-EVENT-2003",
            OPENING,
            "Maintenance on Amazon Redshift cluster 'sales' started at 2026-11-28 06:00 UTC.",
            "management",
            "INFO",
        )
    ]
    assert sales.in_maintenance(OPENING + timedelta(minutes=19))
    assert sales.revision == before
    done = OPENING + timedelta(minutes=20)
    assert sales.next_due() == done
    (event,) = sales.run(done)
    assert (event.event_id, event.at) == ("REDSHIFT-EVENT-2004", done)
    assert event.message == "Maintenance on Amazon Redshift cluster 'sales' completed at 2026-11-28 06:20 UTC."
    assert not sales.in_maintenance(done)
    assert sales.revision != before
    assert sales.next_due() == OPENING + WEEK
    (maintenance,) = sales.completed
    assert (maintenance.started, maintenance.completed, maintenance.mandatory) == (OPENING, done, False)


def test_nothing_pending_is_no_event() -> None:
    sales = cluster(updates=Updates.NEVER)
    assert sales.next_due() is None
    assert sales.run(BORN + 365 * DAY) == []
    assert sales.completed == []


def test_an_update_is_installed_once() -> None:
    sales = cluster(updates=Updates.RELEASED)
    assert sales.run(OPENING) == []
    sales.release(OPENING)
    assert sales.next_due() == OPENING + WEEK
    assert started(sales.run(OPENING + 5 * WEEK)) == [OPENING + WEEK]
    assert sales.next_due() is None


def test_only_released_updates_can_be_released() -> None:
    with pytest.raises(ValueError, match="always"):
        cluster().release(BORN)


def test_is_not_maintained_while_it_is_not_available() -> None:
    sales = cluster()
    assert sales.run(OPENING, available=False) == []
    assert started(sales.run(OPENING + WEEK)) == [OPENING + WEEK]


def test_what_has_begun_is_completed_whatever_the_state() -> None:
    sales = cluster()
    sales.run(OPENING)
    assert [event.event_id for event in sales.run(OPENING + DAY, available=False)] == ["REDSHIFT-EVENT-2004"]


@pytest.mark.parametrize("duration", [timedelta(), WEEK])
def test_maintenance_takes_some_time_and_ends(duration: timedelta) -> None:
    with pytest.raises(ValueError, match="within a week"):
        cluster(duration=duration)


def test_time_passes_only_in_run() -> None:
    sales = cluster()
    with pytest.raises(ValueError, match="call run"):
        sales.defer(OPENING, None, None, None, 1)
    sales.run(OPENING)
    with pytest.raises(ValueError, match="forwards"):
        sales.run(BORN)


# Windows


@pytest.mark.parametrize(("left", "accepted"), [(119, False), (120, True)])
def test_a_window_that_is_open_must_stay_open_for_two_hours(left: int, accepted: bool) -> None:
    sales = cluster()
    opened = BORN - timedelta(minutes=10)
    window = MaintenanceWindow.parse(f"wed:{opened:%H:%M}-wed:{BORN + timedelta(minutes=left):%H:%M}")
    if not accepted:
        assert refused(sales.set_window, BORN, window) == "InvalidParameterValue"
        assert sales.window == SATURDAYS
        return
    sales.set_window(BORN, window)
    assert sales.next_due() == opened + WEEK


def test_a_new_window_counts_from_now_on() -> None:
    sales = cluster()
    sales.set_window(BORN, MaintenanceWindow.parse("thu:01:00-thu:02:00"))
    assert started(sales.run(OPENING)) == [datetime(2026, 11, 26, 1, tzinfo=UTC)]


def test_nothing_is_changed_during_maintenance() -> None:
    sales = cluster()
    sales.defer(BORN, "future", OPENING + DAY, None, 1)
    sales.run(OPENING)
    during = OPENING + timedelta(minutes=1)
    assert refused(sales.set_window, during, SATURDAYS) == "InvalidClusterState"
    assert refused(sales.defer, during, "late", None, None, 10) == "InvalidClusterState"
    assert refused(sales.cancel, during, "future") == "InvalidClusterState"


# Deferments


def test_a_deferment_holds_maintenance_back_until_its_end() -> None:
    sales = cluster()
    assert sales.defer(BORN, "ours", None, None, 30) == "ours"
    assert sales.deferments == {"ours": (BORN, BORN + 30 * DAY)}
    due = OPENING + 4 * WEEK
    assert sales.next_due() == sales.next_opening(BORN) == due
    assert started(sales.run(due)) == [due]
    assert sales.deferments == {}


def test_a_deferment_that_ends_as_the_window_opens_does_not_hold_it() -> None:
    sales = cluster()
    sales.defer(BORN, "ours", None, OPENING, None)
    assert started(sales.run(OPENING)) == [OPENING]


def test_a_deferment_without_an_identifier_is_given_one() -> None:
    sales = cluster()
    first = sales.defer(BORN, None, None, None, 10)
    second = sales.defer(BORN, None, None, None, 20)
    assert first != second
    assert first.startswith("dfm-")
    assert set(sales.deferments) == {first, second}
    assert cluster().defer(BORN, None, None, None, 10) == first


@pytest.mark.parametrize(
    ("start", "end", "days", "code"),
    [
        (None, None, None, "InvalidParameterCombination"),
        (None, BORN + DAY, 1, "InvalidParameterCombination"),
        (None, None, 0, "InvalidParameterValue"),
        (None, None, 46, "InvalidParameterValue"),
        (None, BORN + 45 * DAY + timedelta(hours=1), None, "InvalidParameterValue"),
        (None, BORN, None, "InvalidParameterValue"),
        (BORN + 9 * DAY, BORN + 8 * DAY, None, "InvalidParameterValue"),
        (BORN - 9 * DAY, None, 46, "InvalidParameterValue"),
        (BORN - 9 * DAY, None, 9, "InvalidParameterValue"),
    ],
)
def test_an_impossible_deferment_is_refused(
    start: datetime | None, end: datetime | None, days: int | None, code: str
) -> None:
    sales = cluster()
    assert refused(sales.defer, BORN, "ours", start, end, days) == code
    assert sales.deferments == {}


def test_sixty_days_are_opted_in() -> None:
    sales = cluster(cap_days=60)
    sales.defer(BORN, "ours", None, None, 60)
    assert refused(sales.defer, BORN, "ours", None, None, 61) == "InvalidParameterValue"


@pytest.mark.parametrize("identifier", ["ours", "another"])
@pytest.mark.parametrize("start_again", [True, False])
def test_the_cap_counts_from_where_the_deferral_began(identifier: str, start_again: bool) -> None:
    sales = cluster()
    sales.defer(BORN, "ours", None, None, 45)
    now = BORN + 30 * DAY
    sales.run(now)
    start = now if start_again else None
    sales.defer(now, identifier, start, BORN + 45 * DAY, None)
    later = BORN + 45 * DAY + timedelta(minutes=1)
    assert refused(sales.defer, now, identifier, start, later, None) == "InvalidParameterValue"


def test_a_standing_deferment_may_be_changed_within_the_cap() -> None:
    sales = cluster()
    sales.defer(BORN, "ours", None, None, 10)
    now = BORN + 9 * DAY
    sales.run(now)
    sales.defer(now, "ours", None, None, 45)
    sales.defer(now, "ours", None, None, 20)
    assert sales.deferments == {"ours": (BORN, BORN + 20 * DAY)}


def test_the_window_after_a_deferment_cannot_be_deferred() -> None:
    sales = cluster()
    sales.defer(BORN, "ours", None, None, 30)
    ended = BORN + 30 * DAY
    sales.run(ended)
    for identifier in ("ours", "another"):
        assert refused(sales.defer, ended, identifier, None, None, 10) == "InvalidClusterState"
    following = OPENING + 4 * WEEK
    sales.defer(ended, "after", following + timedelta(minutes=1), None, 45)
    assert started(sales.run(following)) == [following]
    assert started(sales.run(following + 6 * WEEK)) == []


def test_a_deferment_cannot_hold_the_window_that_follows_another() -> None:
    sales = cluster()
    sales.defer(BORN, "first", None, None, 4)
    assert refused(sales.defer, BORN, "second", BORN + 5 * DAY, None, 10) == "InvalidClusterState"
    sales.defer(BORN, "second", OPENING + WEEK + DAY, None, 10)


def test_what_is_owed_waits_for_a_window_in_which_the_cluster_is_available() -> None:
    sales = cluster(updates=Updates.NEVER)
    sales.defer(BORN, "ours", None, OPENING + DAY, None)
    sales.run(OPENING + WEEK + DAY, available=False)
    now = OPENING + WEEK + DAY
    assert refused(sales.defer, now, "more", None, None, 10) == "InvalidClusterState"
    sales.run(OPENING + 2 * WEEK)
    sales.defer(OPENING + 2 * WEEK, "more", None, None, 10)


def test_a_deferment_that_held_nothing_back_leaves_nothing_owed() -> None:
    sales = cluster()
    sales.defer(BORN, "mistake", None, None, 30)
    sales.cancel(BORN + timedelta(minutes=5), "mistake")
    sales.defer(BORN + timedelta(minutes=6), "right", None, None, 45)


def test_a_deferment_that_is_cancelled_has_ended() -> None:
    sales = cluster()
    sales.defer(BORN, "ours", None, None, 45)
    now = OPENING + DAY
    sales.run(now)
    sales.cancel(now, "ours")
    assert sales.next_due() == OPENING + WEEK
    assert refused(sales.defer, now, "ours", None, None, 10) == "InvalidClusterState"
    assert refused(sales.cancel, now, "ours") == "InvalidParameterValue"


def test_moving_a_window_does_not_put_the_owed_one_under_a_deferment() -> None:
    sales = cluster()
    sales.defer(BORN, "ours", None, OPENING + DAY, None)
    now = OPENING + 3 * DAY
    sales.run(now)
    sales.defer(now, "next", OPENING + WEEK + DAY, None, 20)
    sales.set_window(now, MaintenanceWindow.parse("mon:06:00-mon:06:30"))
    moved = OPENING + WEEK + 2 * DAY
    assert sales.next_opening(now) == moved
    assert started(sales.run(moved + WEEK)) == [moved]


# Replacements


@pytest.mark.parametrize(("deferrable", "number", "weeks"), [(False, 3601, 0), (True, 3602, 4)])
def test_a_node_is_replaced_whatever_is_deferred_if_it_must_be(deferrable: bool, number: int, weeks: int) -> None:
    sales = cluster(updates=Updates.NEVER)
    sales.defer(BORN, "ours", None, None, 30)
    before = sales.revision
    announced = sales.replace_nodes(BORN, deferrable=deferrable)
    due = OPENING + weeks * WEEK
    assert (announced.event_id, announced.at) == (f"REDSHIFT-EVENT-{number}", BORN)
    assert (announced.category, announced.severity) == ("pending", "INFO")
    assert f"between {due:%Y-%m-%d %H:%M} UTC and {due:%Y-%m-%d} 06:30 UTC" in announced.message
    assert sales.next_due() == due
    assert started(sales.run(OPENING + 10 * WEEK)) == [due]
    assert [maintenance.mandatory for maintenance in sales.completed] == [not deferrable]
    assert sales.revision == before
    assert sales.next_due() is None


def test_a_replacement_leaves_the_deferred_update_pending() -> None:
    sales = cluster(updates=Updates.RELEASED)
    sales.release(BORN)
    sales.defer(BORN, "ours", None, None, 30)
    sales.replace_nodes(BORN, deferrable=False)
    assert started(sales.run(OPENING + 10 * WEEK)) == [OPENING, OPENING + 4 * WEEK]


def test_a_replacement_waits_for_its_moment_and_for_the_cluster() -> None:
    sales = cluster(updates=Updates.NEVER)
    sales.replace_nodes(BORN, deferrable=False, at=OPENING + WEEK)
    with pytest.raises(ValueError, match="announced already"):
        sales.replace_nodes(BORN, deferrable=True)
    assert sales.run(OPENING) == []
    assert sales.run(OPENING + WEEK, available=False) == []
    assert started(sales.run(OPENING + 3 * WEEK)) == [OPENING + 2 * WEEK]


# Whatever the calls: a year with updates always pending


def minutes(days: int) -> st.SearchStrategy[timedelta]:
    return st.integers(1, days * 24 * 60).map(lambda number: timedelta(minutes=number))


NAMES = st.sampled_from("ab")
STARTS = st.none() | st.just(timedelta()) | minutes(20)
DEFER = st.tuples(st.just("defer"), NAMES, STARTS, st.sampled_from([30 * DAY, 45 * DAY]) | minutes(50))
EXTEND = st.tuples(st.just("defer"), NAMES, st.just(timedelta()), st.just(45 * DAY))
CANCEL = st.tuples(st.just("cancel"), NAMES)
REPLACE = st.tuples(st.just("replace"), st.booleans())
PAUSES = st.sampled_from([DAY, WEEK, 3 * WEEK]) | minutes(20)
YEAR = 53 * WEEK


class Year:
    """What came of a plan: pairs of a pause and a call. What is refused changes nothing, and that is checked.

    `standing`: the deferments, each for as long as it stood as it was.
    """

    def __init__(self, plan: list[Any], step: timedelta = YEAR) -> None:
        self.sales = cluster()
        self.events: list[MaintenanceEvent] = []
        self.standing: list[tuple[datetime, datetime]] = []
        self._step = step
        self._now = BORN
        for pause, call in plan:
            self._pass(min(self._now + pause, BORN + YEAR))
            before = dict(self.sales.deferments)
            try:
                self._call(*call)
            except Refusal:
                assert self.sales.deferments == before
        self._pass(BORN + YEAR)

    def _pass(self, until: datetime) -> None:
        stood = [(max(start, self._now), min(end, until)) for start, end in self.sales.deferments.values()]
        self.standing += [(start, end) for start, end in stood if start < end]
        while self._now < until:
            self._now = min(self._now + self._step, until)
            self.events += self.sales.run(self._now)

    def _call(self, kind: str, *arguments: Any) -> None:
        match kind, *arguments:
            case "defer", name, starts_in, length:
                start = None if starts_in is None else self._now + starts_in
                self.sales.defer(self._now, name, start, (start or self._now) + length, None)
            case "cancel", name:
                self.sales.cancel(self._now, name)
            case "replace", deferrable:
                with suppress(ValueError):  # one is announced already
                    self.events.append(self.sales.replace_nodes(self._now, deferrable=deferrable))

    @property
    def openings(self) -> list[datetime]:
        return [OPENING + number * WEEK for number in range(53)]

    @property
    def held(self) -> set[datetime]:
        """The openings at which no update was installed."""
        return set(self.openings) - {done.started for done in self.sales.completed if done.updates}


def plans(*calls: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.tuples(PAUSES, st.one_of(*calls)), max_size=12)


@given(plans(DEFER, REPLACE))
def test_is_never_maintained_inside_a_deferment_unless_it_must_be(plan: list[Any]) -> None:
    year = Year(plan)
    for maintenance in year.sales.completed:
        inside = any(start <= maintenance.started < end for start, end in year.standing)
        assert not inside or (maintenance.mandatory and not maintenance.updates)


@given(plans(DEFER, CANCEL, REPLACE))
def test_is_maintained_at_most_once_in_each_window(plan: list[Any]) -> None:
    year = Year(plan)
    starts = started(year.events)
    assert starts == sorted(set(starts))
    assert set(starts) <= set(year.openings)


@given(plans(DEFER, CANCEL))
def test_no_calls_defer_the_window_after_a_deferment(plan: list[Any]) -> None:
    year = Year(plan)
    spans = merged(year.standing)
    for opening in sorted(year.held):
        assert any(start <= opening < end for start, end in spans)
        if opening + WEEK in year.held:
            assert any(start <= opening and opening + WEEK < end for start, end in spans)


@given(plans(DEFER, EXTEND, EXTEND, CANCEL))
@settings(max_examples=400)
def test_no_calls_defer_past_the_cap(plan: list[Any]) -> None:
    year = Year(plan)
    first = None
    for opening in year.openings:
        if opening not in year.held:
            first = None
            continue
        first = first or opening
        assert opening - first < 45 * DAY


@given(plans(DEFER, CANCEL, REPLACE), st.sampled_from([timedelta(hours=7), DAY, 2 * WEEK]))
def test_time_may_pass_in_one_step_or_many(plan: list[Any], step: timedelta) -> None:
    assert Year(plan, step).events == Year(plan).events


@given(plans(DEFER, CANCEL, REPLACE))
def test_what_is_due_next_is_what_happens_next(plan: list[Any]) -> None:
    sales = Year(plan).sales
    due = sales.next_due()
    assert due is not None
    assert sales.run(due - timedelta.resolution) == []
    assert [event.at for event in sales.run(due)] == [due]
