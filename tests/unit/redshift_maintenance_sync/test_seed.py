"""The published rule, to the letter, with what is wrong with it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from redshift_maintenance_sync.decide import plan
from redshift_maintenance_sync.model import (
    Alignment,
    Cluster,
    Decision,
    Deferment,
    EventKind,
    MaintenanceEvent,
    Observed,
    Outcome,
)
from redshift_maintenance_sync.settings import Settings

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
COMPLETED = datetime(2026, 11, 21, 6, 25, tzinfo=UTC)
FOREIGN = Deferment("dfm-Qz81", NOW + timedelta(days=6), NOW + timedelta(days=10))


@pytest.fixture
def seeded(make_settings: Callable[..., Settings]) -> Callable[..., list[Decision]]:
    def decide(*fleet: Observed, **settings: Any) -> list[Decision]:
        return plan(NOW, make_settings(alignment=Alignment.SEED, **settings), fleet)

    return decide


def completed(*moments: datetime) -> tuple[MaintenanceEvent, ...]:
    return tuple(MaintenanceEvent(EventKind.COMPLETED, moment) for moment in moments)


def test_every_cluster_is_deferred_to_the_last_maintenance_plus_the_days(
    seeded: Callable[..., list[Decision]], make_cluster: Callable[..., Cluster]
) -> None:
    earlier = completed(COMPLETED - timedelta(days=5))
    decisions = seeded(
        Observed(make_cluster("a"), events=completed(COMPLETED)), Observed(make_cluster("b"), events=earlier)
    )
    end = COMPLETED + timedelta(days=30)
    for decision, name in zip(decisions, "ab", strict=True):
        assert decision.outcome is Outcome.CHANGED
        assert str(decision.window) == "sat:06:00-sat:06:30"
        assert decision.deferment == Deferment(f"groundcrew-{name}-20261221", NOW, end)
        assert (decision.announced, decision.state) == (end, None)
        assert "(30 days after the last maintenance, completed 2026-11-21 06:25 UTC)" in decision.reason


def test_nothing_is_done_while_any_deferment_stands(
    seeded: Callable[..., list[Decision]], make_cluster: Callable[..., Cluster]
) -> None:
    held, other = seeded(
        Observed(make_cluster("a", deferments=(FOREIGN,))), Observed(make_cluster("b"), events=completed(COMPLETED))
    )
    assert [decision.outcome for decision in (held, other)] == [Outcome.UNCHANGED, Outcome.UNCHANGED]
    assert (held.window, held.deferment, other.window, other.deferment) == (None, None, None, None)
    assert (held.announced, other.announced) == (FOREIGN.end, None)
    assert held.drifted
    assert "(dfm-Qz81): nothing is done" in other.reason


def test_a_cluster_that_opted_out_holds_nobody_back(
    seeded: Callable[..., list[Decision]], make_cluster: Callable[..., Cluster]
) -> None:
    out = Observed(make_cluster("a", deferments=(FOREIGN,), **{"opt-out": "yes"}))
    decisions = seeded(out, Observed(make_cluster("b"), events=completed(COMPLETED)))
    assert [decision.outcome for decision in decisions] == [Outcome.SKIPPED, Outcome.CHANGED]


@pytest.mark.parametrize(
    ("events", "days", "reason"),
    [
        ((), 30, "no maintenance completed in the last 14 days"),
        (completed(COMPLETED), 0, "only windows are aligned"),
        (completed(COMPLETED), 3, "maintenance is due, not deferred"),
    ],
)
def test_only_the_window_is_set_where_there_is_no_date(
    seeded: Callable[..., list[Decision]],
    make_cluster: Callable[..., Cluster],
    events: tuple[MaintenanceEvent, ...],
    days: int,
    reason: str,
) -> None:
    (decision,) = seeded(Observed(make_cluster(), events=events), deferment_days=days)
    assert (decision.outcome, decision.deferment) == (Outcome.CHANGED, None)
    assert reason in decision.reason


def test_a_paused_cluster_is_skipped(
    seeded: Callable[..., list[Decision]], make_cluster: Callable[..., Cluster]
) -> None:
    (decision,) = seeded(Observed(make_cluster(status="paused"), events=completed(COMPLETED)))
    assert (decision.outcome, decision.window, decision.deferment) == (Outcome.SKIPPED, None, None)
