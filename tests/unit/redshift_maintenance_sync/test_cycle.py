"""Where a cluster is between two maintenances: what is remembered, and what the cluster tells without that."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from redshift_maintenance_sync.cycle import GRACE, LEAD, read_cycle, unexpected_starts
from redshift_maintenance_sync.model import Cluster, Deferment, EventKind, MaintenanceEvent, Observed, Phase, State
from redshift_maintenance_sync.settings import Settings


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


TARGET = utc("2026-12-19 06:00")
STATE = State(
    target=TARGET,
    anchor=utc("2026-11-21 06:20"),
    revision="1.0.100",
    managed_since=utc("2026-11-01 00:00"),
    changed=utc("2026-11-21 12:00"),
    version=3,
)
OURS = Deferment("groundcrew-sales-20261219", utc("2026-11-21 12:00"), TARGET - LEAD)


def completed(*moments: str) -> tuple[MaintenanceEvent, ...]:
    return tuple(MaintenanceEvent(EventKind.COMPLETED, utc(moment)) for moment in moments)


@pytest.fixture
def cycle(
    make_settings: Callable[..., Settings], make_cluster: Callable[..., Cluster]
) -> Callable[..., tuple[Any, ...]]:
    """Reads the cycle of a cluster and returns phase, target and anchor."""

    def read(
        now: str, state: State | None = None, events: tuple[MaintenanceEvent, ...] = (), **cluster: Any
    ) -> tuple[Any, ...]:
        observed = Observed(make_cluster(**cluster), state, events)
        found = read_cycle(utc(now), make_settings().schedule, observed)
        return found.phase, found.target, found.anchor

    return read


def test_a_standing_deferment_leads_to_the_first_window_after_it(cycle: Callable[..., Any]) -> None:
    expected = (Phase.DEFERRED, TARGET, STATE.anchor)
    assert cycle("2026-12-01 00:00", STATE, deferments=(OURS,)) == expected
    early = replace(OURS, identifier="dfm-1", end=utc("2026-12-13 00:00"))
    assert cycle("2026-12-01 00:00", STATE, deferments=(early,)) == expected
    assert cycle("2026-12-01 00:00", None, deferments=(OURS,)) == (Phase.DEFERRED, TARGET, None)


@pytest.mark.parametrize(
    ("now", "events", "phase", "target", "anchor"),
    [
        pytest.param("2026-12-19 05:45", (), "due", TARGET, STATE.anchor, id="before-the-window"),
        pytest.param("2026-12-19 06:10", (), "due", TARGET, STATE.anchor, id="in-the-window"),
        pytest.param("2026-12-19 08:29:59", (), "due", TARGET, STATE.anchor, id="it-may-run-over"),
        pytest.param("2026-12-19 08:30", (), "skipped", None, TARGET, id="nothing-was-pending"),
        pytest.param("2026-12-26 08:29", (), "skipped", None, TARGET, id="the-next-window-may-run-over-too"),
        pytest.param("2026-12-26 08:30", (), "skipped", None, utc("2026-12-26 06:00"), id="two-windows-passed"),
        pytest.param("2027-03-02 00:00", (), "skipped", None, utc("2027-02-27 06:00"), id="nobody-looked-for-months"),
        pytest.param(
            "2026-12-19 06:21",
            completed("2026-12-19 06:20"),
            "maintained",
            None,
            utc("2026-12-19 06:20"),
            id="completed",
        ),
        pytest.param(
            "2026-12-19 09:00", completed("2026-12-19 08:50"), "maintained", None, utc("2026-12-19 08:50"), id="late"
        ),
        pytest.param(
            "2026-12-19 09:00", completed("2026-12-12 06:20"), "skipped", None, TARGET, id="completed-before-the-window"
        ),
        pytest.param(
            "2027-01-03 09:00",
            completed("2026-12-26 06:20", "2027-01-02 06:21"),
            "maintained",
            None,
            utc("2027-01-02 06:21"),
            id="the-last-completion-counts",
        ),
    ],
)
def test_what_was_announced_comes_to_pass_or_not(
    cycle: Callable[..., Any], now: str, events: Any, phase: str, target: datetime | None, anchor: datetime
) -> None:
    assert cycle(now, STATE, events) == (phase, target, anchor)


def test_a_changed_revision_tells_of_maintenance_whose_event_is_gone(cycle: Callable[..., Any]) -> None:
    assert cycle("2027-01-10 00:00", STATE, revision="1.0.101") == (
        Phase.MAINTAINED,
        None,
        utc("2027-01-09 06:00"),
    )
    assert cycle("2026-12-19 06:10", STATE, revision="1.0.101")[0] is Phase.DUE


ENDED = replace(OURS, end=utc("2026-12-16 05:30"))


@pytest.mark.parametrize(
    ("now", "events", "cluster", "expected"),
    [
        pytest.param(
            "2026-12-20 00:00",
            completed("2026-12-12 06:20", "2026-12-19 06:20"),
            {"deferments": (ENDED,)},
            ("maintained", None, utc("2026-12-19 06:20")),
            id="an-event-comes-first",
        ),
        pytest.param(
            "2026-12-17 00:00", (), {"deferments": (ENDED,)}, ("due", TARGET, None), id="the-window-after-is-mandatory"
        ),
        pytest.param("2026-12-20 00:00", (), {"deferments": (ENDED,)}, ("skipped", None, TARGET), id="and-has-passed"),
        pytest.param("2026-12-20 00:00", (), {}, ("maintained", None, utc("2026-08-24 10:00")), id="its-creation"),
        pytest.param("2026-12-20 00:00", (), {"created": None}, ("due", None, None), id="nothing-tells"),
    ],
)
def test_without_a_state_the_cluster_is_asked(
    cycle: Callable[..., Any], now: str, events: Any, cluster: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    assert cycle(now, None, events, **cluster) == expected


def started(*moments: str) -> tuple[MaintenanceEvent, ...]:
    return tuple(MaintenanceEvent(EventKind.STARTED, utc(moment)) for moment in moments)


@pytest.mark.parametrize(
    ("state", "events", "expected"),
    [
        (None, started("2026-12-09 06:00"), []),
        (STATE, (), []),
        (STATE, started("2026-12-19 06:00"), []),
        (STATE, started("2026-12-19 05:30"), []),
        (STATE, started("2026-12-19 08:30"), []),
        (STATE, started("2026-12-19 05:29", "2026-12-19 08:31"), ["2026-12-19 05:29", "2026-12-19 08:31"]),
        (STATE, started("2026-11-21 06:00"), []),  # of the cycle before
        (replace(STATE, unexpected=utc("2026-12-09 06:00")), started("2026-12-09 06:00"), []),  # counted
        (replace(STATE, unexpected=utc("2026-12-09 06:00")), started("2026-12-10 06:00"), ["2026-12-10 06:00"]),
        (replace(STATE, anchor=None), started("2026-10-31 06:00"), []),  # nobody had announced anything yet
        (STATE, completed("2026-12-09 06:00"), []),
    ],
)
def test_maintenance_outside_the_announced_window_is_counted_once(
    make_settings: Callable[..., Settings],
    make_cluster: Callable[..., Cluster],
    state: State | None,
    events: tuple[MaintenanceEvent, ...],
    expected: list[str],
) -> None:
    observed = Observed(make_cluster(), state, events)
    assert unexpected_starts(make_settings().schedule, observed) == [utc(text) for text in expected]


def test_the_grace_is_shorter_than_a_week(make_settings: Callable[..., Settings]) -> None:
    """A window that has passed has to be seen before the next one opens, however long windows are."""
    longest = timedelta(minutes=1440)
    assert longest + GRACE + LEAD < timedelta(weeks=1)
