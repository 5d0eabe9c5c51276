"""The rule: tables of cases, then what holds for all schedules, times and zones."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redshift_maintenance_sync.cycle import LEAD
from redshift_maintenance_sync.decide import plan
from redshift_maintenance_sync.model import (
    Cluster,
    Decision,
    Deferment,
    EventKind,
    ForeignDeferments,
    MaintenanceEvent,
    MaintenanceWindow,
    Observed,
    Outcome,
    Place,
    State,
)
from redshift_maintenance_sync.settings import Settings

MakeCluster = Callable[..., Cluster]
MakeSettings = Callable[..., Settings]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


HOME = Place("123456789012", "us-east-1")
NOW = utc("2026-11-24 10:00")  # a Tuesday
COMPLETED = (MaintenanceEvent(EventKind.COMPLETED, utc("2026-11-21 06:25")),)  # a Saturday
TARGET = utc("2026-12-19 06:00")  # the last Saturday within 30 days
NEXT = utc("2026-11-28 06:00")
OURS = Deferment("groundcrew-sales-20261219", utc("2026-11-22 00:00"), TARGET - LEAD)
FOREIGN = Deferment("dfm-Qz81", utc("2026-11-30 00:00"), utc("2026-12-04 12:00"))
ALIGNED = "sat:06:00-sat:06:30"
STATE = State(TARGET, COMPLETED[0].at, "1.0.100", utc("2026-11-01 00:00"), utc("2026-11-21 12:00"), version=3)


def carried_out(observed: Observed, decision: Decision) -> Observed:
    """The cluster once the decision is carried out."""
    cluster = observed.cluster
    deferments = {item.identifier: item for item in cluster.deferments}
    if decision.deferment:
        deferments[decision.deferment.identifier] = decision.deferment
    changed = replace(cluster, window=decision.window or cluster.window, deferments=tuple(deferments.values()))
    return replace(observed, cluster=changed, state=decision.state or observed.state)


def test_aligns_the_window_and_defers_until_shortly_before_one(
    make_settings: MakeSettings, make_cluster: MakeCluster
) -> None:
    (decision,) = plan(NOW, make_settings(), [Observed(make_cluster(), events=COMPLETED)])
    assert decision.outcome is Outcome.CHANGED
    assert str(decision.window) == ALIGNED
    assert decision.deferment == Deferment("groundcrew-sales-20261219", NOW, TARGET - LEAD)
    assert decision.announced == TARGET
    assert decision.state == State(TARGET, COMPLETED[0].at, "1.0.100", managed_since=NOW, changed=NOW, version=1)
    assert not decision.drifted
    assert decision.reason == (
        "window mon:03:00-mon:03:30 becomes sat:06:00-sat:06:30; deferred until 2026-12-19 05:30 UTC, maintenance is "
        "announced for 2026-12-19 06:00 UTC (at most 30 days after maintenance was completed 2026-11-21 06:25 UTC)"
    )


@pytest.mark.parametrize(
    ("cluster", "settings", "state", "outcome", "window", "end", "announced", "reason"),
    [
        pytest.param(
            {"status": "paused"}, {}, None, "skipped", None, None, None, "its status is 'paused'", id="paused"
        ),
        pytest.param(
            {"status": "available, prep-for-resize"}, {}, None, "skipped", None, None, None, "prep-for-", id="resize"
        ),
        pytest.param(
            {"in_maintenance": True}, {}, STATE, "skipped", None, None, TARGET, "is in progress", id="under-way"
        ),
        pytest.param(
            {"opt-out": "true"}, {}, None, "skipped", None, None, None, "opted out by its tag opt-out", id="opted-out"
        ),
        pytest.param(
            {"opt-out": "False", "window": ALIGNED},
            {},
            None,
            "changed",
            None,
            TARGET - LEAD,
            TARGET,
            "deferred until",
            id="not-opted-out",
        ),
        pytest.param(
            {"deferments": (FOREIGN,)},
            {},
            None,
            "changed",
            ALIGNED,
            None,
            utc("2026-12-05 06:00"),
            "deferred until 2026-12-04 12:00 UTC by dfm-Qz81 (somebody else's), maintenance is announced for",
            id="foreign-respected-window-aligned",
        ),
        pytest.param(
            {"deferments": (OURS,), "window": ALIGNED},
            {},
            STATE,
            "unchanged",
            None,
            None,
            TARGET,
            "deferred until 2026-12-19 05:30 UTC by groundcrew-sales-20261219 (ours)",
            id="ours-stands",
        ),
        pytest.param(
            {"deferments": (replace(FOREIGN, end=NOW),), "window": ALIGNED},
            {},
            None,
            "changed",
            None,
            TARGET - LEAD,
            TARGET,
            "deferred until",
            id="an-ended-deferment-counts-for-nothing-beside-an-event",
        ),
        pytest.param(
            {}, {"deferment_days": 0}, None, "changed", ALIGNED, None, None, "only windows", id="windows-only"
        ),
        pytest.param(
            {"window": ALIGNED},
            {"deferment_days": 7},
            None,
            "unchanged",
            None,
            None,
            NEXT,
            "maintenance is due in the window of 2026-11-28 06:00 UTC",
            id="the-next-window-is-the-date",
        ),
        pytest.param(
            {"window": ALIGNED},
            {},
            replace(STATE, target=NEXT),
            "unchanged",
            None,
            None,
            NEXT,
            "maintenance is due in the window of 2026-11-28 06:00 UTC",
            id="due-as-announced",
        ),
        pytest.param(
            {},
            {},
            replace(STATE, target=NEXT),
            "changed",
            ALIGNED,
            None,
            NEXT,
            "maintenance is due",
            id="due-and-the-window-comes-back",
        ),
        pytest.param(
            {"window": ALIGNED},
            {},
            STATE,
            "changed",
            None,
            TARGET - LEAD,
            TARGET,
            "deferred until",
            id="somebody-cancelled-the-deferment",
        ),
        pytest.param(
            {"window": ALIGNED},
            {"day": "wed"},
            replace(STATE, target=NEXT),
            "changed",
            "wed:06:00-wed:06:30",
            None,
            utc("2026-11-25 06:00"),
            "2026-11-28 06:00 UTC, announced before, cannot be kept",
            id="due-under-another-schedule",
        ),
        pytest.param(
            {"deferments": (OURS,), "window": ALIGNED},
            {"day": "wed"},
            STATE,
            "changed",
            "wed:06:00-wed:06:30",
            None,
            utc("2026-12-23 06:00"),
            "(ours), maintenance is announced for 2026-12-23 06:00 UTC",
            id="deferred-under-another-schedule",
        ),
        pytest.param(
            {"window": ALIGNED},
            {"week": "second"},
            None,
            "changed",
            None,
            utc("2026-12-12 05:30"),
            utc("2026-12-12 06:00"),
            "the next date after maintenance was completed",
            id="calendar",
        ),
        pytest.param(
            {"window": ALIGNED},
            {"week": "fourth"},
            None,
            "unchanged",
            None,
            None,
            NEXT,
            "maintenance is due",
            id="calendar-this-week",
        ),
        pytest.param(
            {"deferments": (OURS,), "window": ALIGNED},
            {"week": "second"},
            STATE,
            "changed",
            None,
            utc("2026-12-12 05:30"),
            utc("2026-12-12 06:00"),
            "now until 2026-12-12 05:30",
            id="deferred-and-now-by-calendar",
        ),
    ],
)
def test_decides(
    make_settings: MakeSettings,
    make_cluster: MakeCluster,
    cluster: dict[str, Any],
    settings: dict[str, Any],
    state: State | None,
    outcome: str,
    window: str | None,
    end: datetime | None,
    announced: datetime | None,
    reason: str,
) -> None:
    events = () if state else COMPLETED
    (decision,) = plan(NOW, make_settings(**settings), [Observed(make_cluster(**cluster), state, events)])
    assert reason in decision.reason
    assert decision.outcome == outcome
    assert decision.window == (MaintenanceWindow.parse(window) if window else None)
    assert (decision.deferment.end if decision.deferment else None) == end
    if outcome != "skipped" or state:
        assert decision.announced == announced


@pytest.mark.parametrize(
    ("settings", "now", "expected"),
    [
        ({}, "2026-12-19 07:00", ("unchanged", None, TARGET)),  # it may still come
        ({}, "2026-12-19 09:00", ("changed", utc("2027-01-16 05:30"), utc("2027-01-16 06:00"))),
        ({"deferment_days": 7}, "2026-12-19 09:00", ("unchanged", None, utc("2026-12-26 06:00"))),
        ({"week": "last"}, "2026-12-19 09:00", ("unchanged", None, utc("2026-12-26 06:00"))),
        ({"week": "first"}, "2026-12-19 09:00", ("changed", utc("2027-01-02 05:30"), utc("2027-01-02 06:00"))),
    ],
)
def test_a_cycle_follows_the_other(
    make_settings: MakeSettings, make_cluster: MakeCluster, settings: dict[str, Any], now: str, expected: Any
) -> None:
    observed = Observed(make_cluster(window=ALIGNED), STATE)
    (decision,) = plan(utc(now), make_settings(**settings), [observed])
    assert (decision.outcome, decision.deferment and decision.deferment.end, decision.announced) == expected


@pytest.mark.parametrize(
    ("now", "minutes", "set_now"),
    [
        ("2026-11-28 05:59", 30, True),  # not open yet
        ("2026-11-28 06:00", 30, False),
        ("2026-11-28 06:29:59", 30, False),
        ("2026-11-28 06:30", 30, True),  # over
        ("2026-11-28 06:00", 119, False),
        ("2026-11-28 06:00", 120, True),
        ("2026-11-28 07:00:01", 180, False),
        ("2026-11-28 07:00", 180, True),
    ],
)
@pytest.mark.parametrize("alignment", ["window", "seed"])
def test_an_open_window_is_set_only_with_two_hours_left(
    make_settings: MakeSettings, make_cluster: MakeCluster, now: str, minutes: int, set_now: bool, alignment: str
) -> None:
    settings = make_settings(window_minutes=minutes, deferment_days=0, alignment=alignment)
    (decision,) = plan(utc(now), settings, [Observed(make_cluster())])
    assert (decision.window is not None) is set_now
    assert decision.outcome is (Outcome.CHANGED if set_now else Outcome.SKIPPED)
    assert ("less than 120 minutes" in decision.reason) is not set_now
    assert decision.drifted is not set_now


def test_while_a_window_is_held_back_the_cluster_s_own_is_announced(
    make_settings: MakeSettings, make_cluster: MakeCluster
) -> None:
    observed = Observed(make_cluster(), replace(STATE, target=utc("2026-12-05 06:00")))
    (decision,) = plan(utc("2026-11-28 06:10"), make_settings(), [observed])
    assert (decision.outcome, decision.window, decision.deferment) == (Outcome.SKIPPED, None, None)
    assert decision.announced == utc("2026-11-30 03:00")
    assert decision.drifted
    observed = carried_out(observed, decision)
    (decision,) = plan(utc("2026-11-28 06:30"), make_settings(), [observed])
    assert (str(decision.window), decision.announced) == (ALIGNED, utc("2026-12-05 06:00"))


def test_a_deferment_bridges_a_window_that_is_held_back(make_settings: MakeSettings, make_cluster: MakeCluster) -> None:
    (decision,) = plan(utc("2026-11-28 06:10"), make_settings(), [Observed(make_cluster(), events=COMPLETED)])
    assert (decision.outcome, decision.window, decision.announced) == (Outcome.CHANGED, None, TARGET)


# One date for all


def test_clusters_join_the_date_that_is_announced(make_settings: MakeSettings, make_cluster: MakeCluster) -> None:
    deferred = Observed(make_cluster("sales", ALIGNED, deferments=(OURS,)), STATE)
    new = Observed(make_cluster("new", created=NOW - timedelta(hours=2)))
    old = Observed(make_cluster("old"))
    maintained = Observed(make_cluster("ops"), events=COMPLETED)
    decisions = plan(NOW, make_settings(), [new, deferred, old, maintained])
    assert {decision.announced for decision in decisions} == {TARGET}
    assert [decision.outcome for decision in decisions] == ["changed", "unchanged", "changed", "changed"]


def test_without_one_the_last_maintenance_of_all_counts(make_settings: MakeSettings, make_cluster: MakeCluster) -> None:
    earlier = (MaintenanceEvent(EventKind.COMPLETED, utc("2026-11-14 06:25")),)
    fleet = [Observed(make_cluster("a"), events=earlier), Observed(make_cluster("b"), events=COMPLETED)]
    assert {decision.announced for decision in plan(NOW, make_settings(), fleet)} == {TARGET}


def test_a_cluster_that_is_due_stays_due(make_settings: MakeSettings, make_cluster: MakeCluster) -> None:
    """What was announced for it holds, whatever others announce."""
    due = Observed(make_cluster("due", ALIGNED), replace(STATE, target=NEXT))
    deferred = Observed(make_cluster("sales", ALIGNED, deferments=(OURS,)), STATE)
    first, second = plan(NOW, make_settings(), [due, deferred])
    assert (first.announced, first.deferment, first.drifted) == (NEXT, None, True)
    assert second.announced == TARGET


def test_dates_that_differ_become_the_earliest(make_settings: MakeSettings, make_cluster: MakeCluster) -> None:
    later = Deferment("groundcrew-ops-20261226", OURS.start, OURS.end + timedelta(weeks=1))
    fleet = [
        Observed(make_cluster("ops", ALIGNED, deferments=(later,))),
        Observed(make_cluster("sales", ALIGNED, deferments=(OURS,))),
    ]
    moved, kept = plan(NOW, make_settings(), fleet)
    assert moved.deferment == replace(later, end=OURS.end)
    assert kept.deferment is None


def test_a_foreign_deferment_is_adopted(make_settings: MakeSettings, make_cluster: MakeCluster) -> None:
    settings = make_settings(foreign_deferments=ForeignDeferments.ADOPT)
    foreign = Observed(make_cluster("a", ALIGNED, deferments=(FOREIGN,)))
    ours = Observed(make_cluster("sales", ALIGNED, deferments=(OURS,)), STATE)
    adopted, kept = plan(NOW, settings, [foreign, ours])
    assert adopted.deferment == replace(FOREIGN, end=OURS.end)
    assert kept.deferment is None
    (alone,) = plan(NOW, settings, [foreign])
    assert (alone.deferment, alone.announced) == (None, utc("2026-12-05 06:00"))
    respected, _ = plan(NOW, make_settings(), [foreign, ours])
    assert (respected.deferment, respected.drifted) == (None, True)


def test_an_adopted_deferment_stays_within_the_cap(make_settings: MakeSettings, make_cluster: MakeCluster) -> None:
    settings = make_settings(foreign_deferments=ForeignDeferments.ADOPT)
    begun = Deferment("dfm-1", NOW - timedelta(days=40), NOW + timedelta(days=2))
    ours = Observed(make_cluster("sales", ALIGNED, deferments=(OURS,)), STATE)
    adopted, _ = plan(NOW, settings, [Observed(make_cluster("a", ALIGNED, deferments=(begun,))), ours])
    assert (adopted.announced, adopted.deferment, adopted.drifted) == (NEXT, None, True)


def test_a_date_that_not_all_can_reach_is_moved_closer(make_settings: MakeSettings, make_cluster: MakeCluster) -> None:
    far = Deferment("groundcrew-a-20270116", NOW - timedelta(days=1), utc("2027-01-16 05:30"))
    fleet = [Observed(make_cluster("b")), Observed(make_cluster("a", ALIGNED, deferments=(far,)))]
    within_45 = plan(NOW, make_settings(), fleet)
    assert {decision.announced for decision in within_45} == {utc("2027-01-02 06:00")}
    assert all("clamped to 45 days" in decision.reason for decision in within_45)
    within_60 = plan(NOW, make_settings(deferment_cap_days=60), fleet)
    assert {decision.announced for decision in within_60} == {utc("2027-01-16 06:00")}


def test_unexpected_maintenance_is_counted_and_remembered(
    make_settings: MakeSettings, make_cluster: MakeCluster
) -> None:
    struck = MaintenanceEvent(EventKind.STARTED, utc("2026-11-23 03:00"))
    observed = Observed(make_cluster(window=ALIGNED, deferments=(OURS,), revision="1.0.101"), STATE, (struck,))
    (decision,) = plan(NOW, make_settings(), [observed])
    assert decision.unexpected == 1
    assert decision.state == replace(STATE, unexpected=struck.at, revision="1.0.101", changed=NOW, version=4)
    (again,) = plan(NOW, make_settings(), [replace(observed, state=decision.state)])
    assert (again.unexpected, again.state) == (0, None)


# What holds for all of them

windows = st.builds(MaintenanceWindow, st.integers(0, 10079), st.integers(30, 1440))
offsets = st.integers(-60 * 24, 45 * 24).map(lambda hours: timedelta(hours=hours))


@st.composite
def fleets(draw: st.DrawFn) -> list[Observed]:
    """Up to four clusters with anything a Redshift cluster may have, relative to NOW."""
    fleet = []
    for number in range(draw(st.integers(1, 4))):
        deferments = []
        for kind in draw(st.lists(st.sampled_from(["groundcrew-x", "dfm-1"]), unique=True, max_size=2)):
            end = NOW + draw(offsets)
            start = end - timedelta(days=draw(st.integers(1, 45)))
            deferments.append(Deferment(kind, min(start, NOW), end))
        past = draw(st.lists(st.integers(0, 14 * 24), max_size=2))
        events = tuple(MaintenanceEvent(EventKind.COMPLETED, NOW - timedelta(hours=hours)) for hours in past)
        cluster = Cluster(
            place=HOME,
            identifier=f"c{number}",
            status=draw(st.sampled_from(["available"] * 5 + ["paused"])),
            in_maintenance=False,
            window=draw(windows),
            deferments=tuple(deferments),
            created=NOW - timedelta(hours=draw(st.integers(1, 10_000))),
            revision="1",
        )
        state = None
        if draw(st.booleans()):
            state = State(NOW + draw(offsets), None, "1", NOW - timedelta(days=90), NOW - timedelta(days=50), version=1)
        fleet.append(Observed(cluster, state, events))
    return fleet


@st.composite
def any_settings(draw: st.DrawFn, make: MakeSettings) -> Settings:
    return make(
        day=draw(st.sampled_from(["mon", "wed", "sun"])),
        at=(draw(st.integers(0, 23)), draw(st.sampled_from([0, 45]))),
        zone=draw(st.sampled_from(["UTC", "Europe/Berlin", "Australia/Sydney", "America/New_York"])),
        window_minutes=draw(st.sampled_from([30, 180, 1440])),
        deferment_days=draw(st.integers(0, 45)),
        week=draw(st.none() | st.sampled_from(["first", "last"])),
        foreign_deferments=draw(st.sampled_from(ForeignDeferments)),
    )


@settings(max_examples=300)
@given(st.data())
def test_a_second_run_changes_nothing_and_order_is_irrelevant(make_settings: MakeSettings, data: st.DataObject) -> None:
    chosen, fleet = data.draw(any_settings(make_settings)), data.draw(fleets())
    first = plan(NOW, chosen, fleet)
    shuffled = random.Random(1).sample(fleet, len(fleet))  # noqa: S311 - no secret
    by_identifier = {decision.cluster.key: decision for decision in plan(NOW, chosen, shuffled)}
    assert by_identifier == {decision.cluster.key: decision for decision in first}
    second = plan(NOW, chosen, [carried_out(*pair) for pair in zip(fleet, first, strict=True)])
    assert {decision.outcome for decision in second} <= {Outcome.UNCHANGED, Outcome.SKIPPED}
    assert [decision.state for decision in second] == [None] * len(second)
    assert [decision.announced for decision in second] == [decision.announced for decision in first]


@given(st.data())
def test_what_is_set_obeys_redshift(make_settings: MakeSettings, data: st.DataObject) -> None:
    chosen, fleet = data.draw(any_settings(make_settings)), data.draw(fleets())
    for observed, decision in zip(fleet, plan(NOW, chosen, fleet), strict=True):
        if window := decision.window:
            left = window.time_left(NOW)
            assert window != observed.cluster.window
            assert left == timedelta(0) or left >= timedelta(minutes=120)
        if deferment := decision.deferment:
            assert deferment.start <= NOW < deferment.end <= deferment.start + timedelta(days=45)
            assert decision.announced == deferment.end + LEAD
            assert deferment.identifier.startswith(("groundcrew-", "dfm-"))
