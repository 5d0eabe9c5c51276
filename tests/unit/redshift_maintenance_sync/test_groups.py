"""Whose clusters are whose, and what groups share with each other: nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from redshift_maintenance_sync.cycle import LEAD
from redshift_maintenance_sync.decide import plan
from redshift_maintenance_sync.groups import assign
from redshift_maintenance_sync.model import Cluster, Decision, Deferment, Observed, Outcome, State
from redshift_maintenance_sync.settings import GroupSettings, Schedule, Selector, Settings

Make = Callable[..., Any]
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


def grouped(make_settings: Make, make_schedule: Make, **more: Any) -> Settings:
    groups = {
        "canary": GroupSettings({"ring": "0"}, make_schedule(day="wed", week="second")),
        "prod": GroupSettings({"stage": "prod"}, make_schedule(day="sun")),
    }
    settings: Settings = make_settings(groups=groups, **more)
    return settings


def test_every_cluster_follows_one_schedule(
    make_settings: Make, make_schedule: Callable[..., Schedule], make_cluster: Callable[..., Cluster]
) -> None:
    settings = grouped(make_settings, make_schedule, selector=Selector({"team": "data"}, "opt-out"))
    tags: dict[str, dict[str, str]] = {
        "a": {"team": "data", "ring": "0"},
        "b": {"team": "data", "stage": "prod"},
        "c": {"team": "data"},
        "d": {"team": "data", "ring": "1"},
        "both": {"team": "data", "ring": "0", "stage": "prod"},
        "other": {"stage": "prod"},
        "out": {"team": "data", "stage": "prod", "opt-out": "yes"},
    }
    fleet = [Observed(make_cluster(name, **carried)) for name, carried in tags.items()]
    groups, alone = assign(settings, fleet)
    found = {name: [member.cluster.identifier for member in members] for name, members in groups.items()}
    assert found == {"canary": ["a"], "prod": ["b"], "default": ["c", "d"]}
    reasons = {decision.cluster.identifier: (decision.outcome, decision.managed, decision.reason) for decision in alone}
    assert reasons == {
        "both": (
            Outcome.FAILED,
            True,
            "claimed by the groups canary and prod: left alone until its tags name one of them",
        ),
        "other": (Outcome.SKIPPED, False, "not selected: it does not carry team=data"),
        "out": (Outcome.SKIPPED, False, "opted out by its tag opt-out"),
    }


def test_each_group_has_a_window_and_a_date_of_its_own(
    make_settings: Make, make_schedule: Make, make_cluster: Callable[..., Cluster]
) -> None:
    created = NOW - timedelta(days=1)
    fleet = [
        Observed(make_cluster("a", ring="0", created=created)),
        Observed(make_cluster("b", stage="prod", created=created)),
        Observed(make_cluster("c", created=created)),
    ]
    decisions = plan(NOW, grouped(make_settings, make_schedule), fleet)
    assert [(decision.group, f"{decision.announced:%a %d %b}") for decision in decisions] == [
        ("canary", "Wed 09 Dec"),
        ("prod", "Sun 20 Dec"),
        ("default", "Sat 19 Dec"),
    ]
    assert [str(decision.window)[:3] for decision in decisions] == ["wed", "sun", "sat"]
    assert [decision.state.group for decision in decisions if decision.state] == ["canary", "prod", "default"]


def test_who_comes_from_another_group_follows_the_new_one_and_binds_nobody(
    make_settings: Make, make_schedule: Make, make_cluster: Callable[..., Cluster]
) -> None:
    """Its deferment announces the date of the group it left."""
    there, here = datetime(2026, 12, 9, 6, tzinfo=UTC), datetime(2026, 12, 20, 6, tzinfo=UTC)

    def deferred(name: str, target: datetime, group: str) -> Observed:
        deferment = Deferment(f"groundcrew-{name}-1", NOW - timedelta(days=1), target - LEAD)
        state = State(target, None, "1.0.100", NOW, NOW, group, version=1)
        return Observed(make_cluster(name, "sun:06:00-sun:06:30", deferments=(deferment,), stage="prod"), state)

    came, stays = plan(
        NOW,
        grouped(make_settings, make_schedule),
        [deferred("came", there, "canary"), deferred("stays", here, "prod")],
    )
    assert (stays.deferment, stays.announced) == (None, here)
    assert came.deferment is not None
    assert came.deferment.end == here - LEAD
    assert came.state is not None
    assert came.state.group == "prod"


tags = st.dictionaries(st.sampled_from(["ring", "stage", "opt-out"]), st.sampled_from(["0", "prod"]), max_size=3)


@given(st.lists(tags, min_size=1, max_size=6))
def test_no_cluster_is_touched_by_two_groups(
    make_settings: Make, make_schedule: Make, make_cluster: Callable[..., Cluster], carried: list[dict[str, str]]
) -> None:
    fleet = [Observed(make_cluster(f"c{number}", **tags)) for number, tags in enumerate(carried)]
    settings = grouped(make_settings, make_schedule)
    groups, alone = assign(settings, fleet)
    everywhere = [member.cluster.key for members in groups.values() for member in members]
    everywhere += [decision.cluster.key for decision in alone]
    assert sorted(everywhere) == sorted(observed.cluster.key for observed in fleet)
    decisions: list[Decision] = plan(NOW, settings, fleet)
    assert [decision.cluster for decision in decisions] == [observed.cluster for observed in fleet]
    for decision in decisions:
        if decision.group is None:
            assert (decision.window, decision.deferment, decision.state) == (None, None, None)
    for observed, decision in zip(fleet, decisions, strict=True):
        assert plan(NOW, settings, [replace(observed)])[0].group == decision.group, "whoever else there is"
