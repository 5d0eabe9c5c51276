"""The rule: tables of cases, then what holds for all schedules, times and zones."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from redshift_maintenance_sync.decide import (
    LEAD,
    LONGEST_DEFERMENT,
    announced_end,
    decide,
    last_start,
    open_or_next_start,
)
from redshift_maintenance_sync.model import Cluster, Day, Decision, Deferment, MaintenanceWindow, Outcome
from redshift_maintenance_sync.settings import Schedule, Settings

Make = Callable[..., Cluster]
MakeSettings = Callable[..., Settings]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NOW = utc("2026-11-24 10:00")  # a Tuesday
ANCHOR = utc("2026-11-21 06:25")  # a Saturday
END = utc("2026-12-19 05:30")  # 30 days after the anchor is Monday the 21st: the Saturday before, less the lead
OURS = Deferment("groundcrew-sales-20261219", utc("2026-11-22 00:00"), END)
FOREIGN = Deferment("dfm-Qz81", utc("2026-11-30 00:00"), utc("2026-12-04 12:00"))


def applied(decision: Decision) -> Cluster:
    """The cluster once the decision is carried out."""
    added = (decision.deferment,) if decision.deferment else ()
    cluster = decision.cluster
    return replace(cluster, window=decision.window or cluster.window, deferments=(*cluster.deferments, *added))


def test_aligns_the_window_and_defers_until_shortly_before_one(make_settings: MakeSettings, make_cluster: Make) -> None:
    decision = decide(NOW, make_settings(), make_cluster(), ANCHOR, None)
    assert decision.outcome is Outcome.CHANGED
    assert str(decision.window) == "sat:06:00-sat:06:30"
    assert decision.deferment == Deferment("groundcrew-sales-20261219", NOW, END)
    assert decision.reason == (
        "window mon:03:00-mon:03:30 becomes sat:06:00-sat:06:30; deferred until 2026-12-19 05:30 UTC, maintenance "
        "is announced for 2026-12-19 06:00 UTC "
        "(30 days at most after the last maintenance, completed 2026-11-21 06:25 UTC)"
    )


ALIGNED = "sat:06:00-sat:06:30"


@pytest.mark.parametrize(
    ("cluster", "settings", "last_completed", "announced", "outcome", "window", "end", "reason"),
    [
        pytest.param({"status": "paused"}, {}, ANCHOR, None, "skipped", None, None, "status is 'paused'", id="paused"),
        pytest.param(
            {"status": "available, prep-for-resize"},
            {},
            ANCHOR,
            None,
            "skipped",
            None,
            None,
            "prep-for-resize",
            id="resize",
        ),
        pytest.param(
            {"in_maintenance": True},
            {},
            ANCHOR,
            None,
            "skipped",
            None,
            None,
            "maintenance is in progress",
            id="maintained",
        ),
        pytest.param(
            {"deferments": (FOREIGN,)},
            {},
            ANCHOR,
            END,
            "changed",
            ALIGNED,
            None,
            "deferred until 2026-12-04 12:00 UTC by dfm-Qz81 (somebody else's, respected)",
            id="foreign-respected-window-aligned",
        ),
        pytest.param(
            {"deferments": (OURS,), "window": ALIGNED},
            {},
            ANCHOR,
            END,
            "unchanged",
            None,
            None,
            "deferred until 2026-12-19 05:30 UTC by groundcrew-sales-20261219 (ours)",
            id="ours-stands",
        ),
        pytest.param(
            {"deferments": (replace(FOREIGN, end=NOW),), "window": ALIGNED},
            {},
            ANCHOR,
            None,
            "changed",
            None,
            END,
            "window is sat:06:00-sat:06:30; deferred until",
            id="ended-deferment-counts-for-nothing",
        ),
        pytest.param(
            {}, {"deferment_days": 0}, ANCHOR, END, "changed", ALIGNED, None, "only windows", id="windows-only"
        ),
        pytest.param(
            {"window": ALIGNED},
            {},
            None,
            None,
            "unchanged",
            None,
            None,
            "completed in the last 14 days",
            id="no-anchor",
        ),
        pytest.param(
            {"window": ALIGNED}, {}, None, END, "changed", None, END, "the end already announced", id="joins-the-others"
        ),
        pytest.param(
            {"window": ALIGNED},
            {"deferment_days": 7},
            utc("2026-11-14 06:25"),
            None,
            "unchanged",
            None,
            None,
            "maintenance is due, not deferred: 7 days at most",
            id="due",
        ),
        pytest.param(
            {"window": ALIGNED},
            {},
            None,
            NOW + timedelta(days=60),
            "changed",
            None,
            utc("2027-01-02 05:30"),
            "clamped to 45 days",
            id="clamped",
        ),
    ],
)
def test_decides(
    make_settings: MakeSettings,
    make_cluster: Make,
    cluster: dict[str, object],
    settings: dict[str, object],
    last_completed: datetime | None,
    announced: datetime | None,
    outcome: str,
    window: str | None,
    end: datetime | None,
    reason: str,
) -> None:
    decision = decide(NOW, make_settings(**settings), make_cluster(**cluster), last_completed, announced)
    assert decision.outcome == outcome
    assert decision.window == (MaintenanceWindow.parse(window) if window else None)
    assert (decision.deferment.end if decision.deferment else None) == end
    assert reason in decision.reason


def test_limits_are_included(make_settings: MakeSettings, make_cluster: Make) -> None:
    settings, cluster = make_settings(), make_cluster()
    assert last_start(settings.schedule, utc("2026-12-19 06:00")) == utc("2026-12-19 06:00")
    assert decide(END, settings, cluster, ANCHOR, None).deferment is None  # due from that very moment
    assert decide(END - timedelta(seconds=1), settings, cluster, ANCHOR, None).deferment is not None
    cap = NOW + LONGEST_DEFERMENT
    assert decide(NOW, settings, cluster, None, cap).deferment.end == cap


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
def test_an_open_window_is_set_only_with_two_hours_left(
    make_settings: MakeSettings, make_cluster: Make, now: str, minutes: int, set_now: bool
) -> None:
    settings = make_settings(window_minutes=minutes, deferment_days=0)
    decision = decide(utc(now), settings, make_cluster(), None, None)
    assert (decision.window is not None) is set_now
    assert decision.outcome is (Outcome.CHANGED if set_now else Outcome.SKIPPED)
    assert ("less than 120 minutes" in decision.reason) is not set_now


def test_a_window_held_back_does_not_hold_back_the_deferment(make_settings: MakeSettings, make_cluster: Make) -> None:
    decision = decide(utc("2026-11-28 06:10"), make_settings(), make_cluster(), ANCHOR, None)
    assert decision.outcome is Outcome.CHANGED
    assert decision.window is None
    assert decision.deferment is not None
    assert "less than 120 minutes" in decision.reason
    assert "deferred until" in decision.reason


def test_the_announced_end_is_the_earliest_of_ours_that_stand(make_cluster: Make) -> None:
    later, ended = replace(OURS, end=END + timedelta(days=7)), replace(OURS, end=NOW)
    clusters = [make_cluster(deferments=held) for held in ((FOREIGN,), (later,), (ended, OURS), ())]
    assert announced_end(NOW, clusters) == END
    assert announced_end(NOW, [clusters[0], clusters[3]]) is None


@pytest.mark.parametrize(
    ("zone", "day", "at", "moment", "expected"),
    [
        # Berlin leaves daylight saving on Sunday 2026-10-25 at 01:00 UTC and enters it on 2027-03-28 at 01:00 UTC.
        ("Europe/Berlin", "sat", (8, 0), "2026-10-24 05:59", "2026-10-24 06:00"),
        ("Europe/Berlin", "sat", (8, 0), "2026-10-24 06:29", "2026-10-24 06:00"),  # open
        ("Europe/Berlin", "sat", (8, 0), "2026-10-24 06:30", "2026-10-31 07:00"),
        ("Europe/Berlin", "sun", (2, 30), "2026-10-24 12:00", "2026-10-25 00:30"),  # twice that night: the first
        ("Europe/Berlin", "sun", (2, 30), "2027-03-27 12:00", "2027-03-28 01:30"),  # skipped that night: 03:30 local
        ("Europe/Berlin", "mon", (0, 30), "2026-11-22 12:00", "2026-11-22 23:30"),  # Sunday in UTC
        # Sydney enters daylight saving on Saturday 2026-10-03 at 16:00 UTC and leaves it on 2027-04-03 at 16:00 UTC.
        ("Australia/Sydney", "sun", (4, 0), "2026-10-01 00:00", "2026-10-03 17:00"),
        ("Australia/Sydney", "sun", (4, 0), "2026-09-26 17:00", "2026-09-26 18:00"),
        ("Australia/Sydney", "sun", (2, 15), "2026-10-01 00:00", "2026-10-03 16:15"),  # skipped: 03:15 local
        ("Australia/Sydney", "sun", (2, 15), "2027-04-01 00:00", "2027-04-03 15:15"),  # twice: the first
    ],
)
def test_local_time_across_daylight_saving(
    make_settings: MakeSettings, zone: str, day: str, at: tuple[int, int], moment: str, expected: str
) -> None:
    schedule = make_settings(day=day, at=at, zone=zone).schedule
    assert open_or_next_start(schedule, utc(moment)) == utc(expected)


@pytest.mark.parametrize(
    ("zone", "last_completed", "expected"),
    [
        ("Europe/Berlin", "2026-10-10 06:20", "2026-11-07 06:30"),  # winter by then: 08:00 is 07:00 UTC
        ("Australia/Sydney", "2026-09-11 22:20", "2026-10-09 20:30"),  # summer by then: 08:00 is Friday 21:00 UTC
    ],
)
def test_the_end_is_in_local_time_on_its_own_day(
    make_settings: MakeSettings, make_cluster: Make, zone: str, last_completed: str, expected: str
) -> None:
    completed = utc(last_completed)
    settings = make_settings(at=(8, 0), zone=zone)
    decision = decide(completed + timedelta(hours=1), settings, make_cluster(), completed, None)
    assert decision.deferment is not None
    assert decision.deferment.end == utc(expected)


zones = st.sampled_from(
    ["UTC", "Europe/Berlin", "Australia/Sydney", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"]
)
schedules = st.builds(
    Schedule,
    st.sampled_from(Day),
    st.integers(0, 23),
    st.integers(0, 59),
    st.integers(30, 1440),
    st.builds(ZoneInfo, zones),
)
all_settings = st.builds(Settings, schedules, st.integers(0, 45), st.just(False))
moments = st.integers(0, 4 * 365 * 24 * 60).map(lambda minutes: utc("2025-01-01 00:00") + timedelta(minutes=minutes))
ages = st.none() | st.integers(0, 14 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
windows = st.builds(MaintenanceWindow, st.integers(0, 10079), st.integers(30, 1440))
clusters = st.builds(Cluster, st.just("sales"), st.just("available"), st.just(False), windows)

held = st.lists(
    st.builds(
        Deferment,
        st.sampled_from(["groundcrew-sales-20261219", "dfm-Qz81"]),
        st.just(utc("2000-01-01 00:00")),
        st.integers(-60, 45).map(lambda days: utc("2000-01-01 00:00") + timedelta(days=days)),
    ),
    max_size=2,
)


def shifted(now: datetime, deferments: list[Deferment]) -> list[Deferment]:
    """Deferments told relative to the year 2000, told relative to `now`."""
    return [replace(held, start=now, end=now + (held.end - held.start)) for held in deferments]


@given(schedules, moments)
def test_starts_are_weekly_and_around_the_moment(schedule: Schedule, moment: datetime) -> None:
    start, last = open_or_next_start(schedule, moment), last_start(schedule, moment)
    assert start + timedelta(minutes=schedule.window_minutes) > moment
    assert last <= moment
    assert moment - last < timedelta(days=7, hours=2)  # weekly in local time; the clock changes by an hour at most
    assert start - last in {timedelta(0), *(timedelta(days=7, hours=hours) for hours in (-1, 0, 1))}
    shown = start.astimezone(schedule.time_zone)
    off = shown.hour * 60 + shown.minute - schedule.hour * 60 - schedule.minute
    assert off in (0, 60, 60 - 1440)  # exactly then, or an hour later where that hour is skipped


@given(all_settings, moments, ages, clusters)
def test_a_deferment_ends_the_lead_before_a_window_and_never_beyond_the_cap(
    settings: Settings, now: datetime, age: timedelta | None, cluster: Cluster
) -> None:
    last_completed = now - age if age is not None else None
    deferment = decide(now, settings, cluster, last_completed, None).deferment
    assume(deferment is not None)
    assert deferment.start == now < deferment.end <= now + LONGEST_DEFERMENT
    assert deferment.end + LEAD <= last_completed + timedelta(days=settings.deferment_days)
    announced = open_or_next_start(settings.schedule, deferment.end)
    assert announced - deferment.end == LEAD


@given(all_settings, moments, st.integers(1, 90 * 24 * 60), clusters)
def test_what_the_others_announced_is_shared_up_to_the_cap(
    settings: Settings, now: datetime, minutes: int, cluster: Cluster
) -> None:
    announced = now + timedelta(minutes=minutes)
    deferment = decide(now, settings, cluster, now, announced).deferment
    if settings.deferment_days == 0:
        assert deferment is None
    elif announced <= now + LONGEST_DEFERMENT:
        assert deferment.end == announced
    else:
        assert now < deferment.end <= now + LONGEST_DEFERMENT


@given(all_settings, moments, ages, st.lists(st.tuples(clusters, held), min_size=1, max_size=4))
def test_a_second_run_changes_nothing(
    settings: Settings, now: datetime, age: timedelta | None, fleet: list[tuple[Cluster, list[Deferment]]]
) -> None:
    last_completed = now - age if age is not None else None

    def run(fleet: list[Cluster]) -> list[Decision]:
        announced = announced_end(now, fleet)
        return [decide(now, settings, cluster, last_completed, announced) for cluster in fleet]

    first = run([replace(cluster, deferments=tuple(shifted(now, held))) for cluster, held in fleet])
    assert len({decision.deferment.end for decision in first if decision.deferment}) <= 1  # one announced date
    second = run([applied(decision) for decision in first])
    assert {decision.outcome for decision in second} <= {Outcome.UNCHANGED, Outcome.SKIPPED}


@given(all_settings, moments, clusters)
def test_a_window_that_is_set_obeys_redshift(settings: Settings, now: datetime, cluster: Cluster) -> None:
    window = decide(now, settings, cluster, None, None).window
    assume(window is not None)
    assert window != cluster.window
    assert window.length == settings.schedule.window_minutes
    left = window.time_left(now)
    assert left == timedelta(0) or left >= timedelta(minutes=120)
