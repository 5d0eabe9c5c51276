"""Two simulated years: the rule against Redshift's own, as the local cloud knows it, one run after the other."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from common.errors import TransientError
from localcloud.redshift.cluster_maintenance import ClusterMaintenance, Refusal, Updates
from localcloud.redshift.maintenance_window import MaintenanceWindow as RedshiftWindow
from redshift_maintenance_sync import handler
from redshift_maintenance_sync.cycle import LEAD
from redshift_maintenance_sync.decide import plan
from redshift_maintenance_sync.model import (
    Alignment,
    Cluster,
    Decision,
    Deferment,
    EventKind,
    MaintenanceEvent,
    MaintenanceWindow,
    NotDeferrable,
    Observed,
    Outcome,
    Place,
    State,
)
from redshift_maintenance_sync.settings import Settings

HOME = Place("123456789012", "us-east-1")
BEGIN = datetime(2026, 1, 7, 9, 30, tzinfo=UTC)
EVENT_KINDS = {"REDSHIFT-EVENT-2003": EventKind.STARTED, "REDSHIFT-EVENT-2004": EventKind.COMPLETED}
CREATED = BEGIN - timedelta(days=200)
RETENTION = timedelta(days=14)


@dataclass
class Account:
    """The gateway's methods over clusters of the local cloud's own model, at `now`; notes every refusal."""

    clusters_: dict[str, ClusterMaintenance]
    now: datetime = BEGIN
    paused: set[str] = field(default_factory=set)
    happened: dict[str, list[MaintenanceEvent]] = field(default_factory=dict)
    remembered: dict[str, State] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)

    def pass_until(self, moment: datetime) -> None:
        for name, cluster in self.clusters_.items():
            for event in cluster.run(moment, available=name not in self.paused):
                if kind := EVENT_KINDS.get(event.event_id):
                    self.happened.setdefault(name, []).append(MaintenanceEvent(kind, event.at))
        self.now = moment

    @property
    def places(self) -> tuple[Place, ...]:
        return (HOME,)

    def clusters(self, place: Place) -> list[Cluster]:
        return [
            Cluster(
                place=HOME,
                identifier=name,
                status="paused" if name in self.paused else "available",
                in_maintenance=cluster.in_maintenance(self.now),
                window=MaintenanceWindow.parse(str(cluster.window)),
                deferments=tuple(Deferment(key, *span) for key, span in cluster.deferments.items()),
                created=CREATED,
                revision=cluster.revision,
            )
            for name, cluster in self.clusters_.items()
        ]

    def events(self, place: Place) -> dict[str, list[MaintenanceEvent]]:
        oldest = self.now - RETENTION
        return {name: [event for event in events if event.at >= oldest] for name, events in self.happened.items()}

    def states(self, place: Place) -> dict[str, State]:
        return dict(self.remembered)

    def set_window(self, target: Cluster, window: MaintenanceWindow) -> None:
        self._change(target.identifier, lambda cluster: cluster.set_window(self.now, RedshiftWindow.parse(str(window))))

    def defer(self, target: Cluster, deferment: Deferment) -> None:
        self._change(
            target.identifier,
            lambda cluster: cluster.defer(self.now, deferment.identifier, deferment.start, deferment.end, None),
        )

    def remember(self, target: Cluster, state: State) -> None:
        before = self.remembered.get(target.identifier)
        assert state.version == (before.version if before else 0) + 1
        self.remembered[target.identifier] = state

    def _change(self, name: str, change: Callable[[ClusterMaintenance], object]) -> None:
        try:
            change(self.clusters_[name])
        except Refusal as refusal:
            self.refusals.append(f"{self.now} {name}: {refusal}")
            raise NotDeferrable(str(refusal)) from refusal

    def starts(self, name: str) -> list[datetime]:
        events = self.happened.get(name, ())
        return [event.at for event in events if event.kind is EventKind.STARTED and event.at >= BEGIN]


@dataclass
class Year:
    """What was announced for each cluster from when on, and what happened."""

    account: Account
    announced: dict[str, list[tuple[datetime, datetime | None]]] = field(default_factory=dict)

    def announced_at(self, name: str, moment: datetime) -> datetime | None:
        """What the last run before `moment` announced."""
        return next((target for at, target in reversed(self.announced[name]) if at < moment), None)


def simulate(
    chosen: Settings,
    account: Account,
    days: int = 730,
    every: timedelta = timedelta(hours=12),
    between: Callable[[Account], None] = lambda account: None,
) -> Iterator[list[Decision]]:
    """Run every so often; yields what each run did. `between` may change the account before a run."""
    for _ in range(int(timedelta(days=days) / every)):
        between(account)
        yield run(chosen, account)
        account.pass_until(account.now + every)


def run(chosen: Settings, account: Account) -> list[Decision]:
    return handler.carry_out(plan(account.now, chosen, observe(chosen, account)), account, dry_run=False)


def observe(chosen: Settings, account: Account) -> list[Observed]:
    states = handler.remembered(chosen, account)
    return [observed for sight in handler.look(account) for observed in sight.observed(states[HOME])]


def fleet(updates: list[Updates]) -> Account:
    windows = ("mon:03:00-mon:03:30", "thu:22:15-thu:22:45", "sun:23:45-mon:00:15", "sat:05:00-sat:07:00")
    account = Account(
        {
            f"c{number}": ClusterMaintenance(
                f"c{number}", RedshiftWindow.parse(windows[number % 4]), CREATED, updates=kind
            )
            for number, kind in enumerate(updates)
        }
    )
    account.pass_until(BEGIN)
    return account


@st.composite
def schedules(draw: st.DrawFn, make: Callable[..., Settings]) -> Settings:
    return make(
        day=draw(st.sampled_from(["mon", "wed", "sat", "sun"])),
        at=(draw(st.integers(0, 23)), draw(st.sampled_from([0, 30]))),
        zone=draw(st.sampled_from(["UTC", "Europe/Berlin", "Australia/Sydney", "America/New_York"])),
        window_minutes=draw(st.sampled_from([30, 60, 1440])),
        deferment_days=draw(st.integers(7, 45)),
        week=draw(st.none() | st.sampled_from(["first", "second", "last"])),
    )


# An example takes a second, and to shrink one takes minutes.
@settings(max_examples=10, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_maintenance_comes_when_it_was_announced(make_settings: Callable[..., Settings], data: st.DataObject) -> None:
    chosen = data.draw(schedules(make_settings))
    account = fleet(data.draw(st.lists(st.sampled_from(Updates), min_size=1, max_size=3)))
    every = timedelta(hours=data.draw(st.sampled_from([6, 12, 24])))
    releases = set(data.draw(st.lists(st.integers(0, 1400), max_size=60)))
    year, runs = Year(account), 0

    def release(account: Account) -> None:
        if runs in releases:
            for cluster in account.clusters_.values():
                if cluster.updates is Updates.RELEASED:
                    cluster.release(account.now)

    for decisions in simulate(chosen, account, every=every, between=release):
        runs += 1
        for decision in decisions:
            year.announced.setdefault(decision.cluster.identifier, []).append((account.now, decision.announced))
        for decision in plan(account.now, chosen, observe(chosen, account)):
            assert (decision.window, decision.deferment, decision.state) == (None, None, None), decision.reason
    assert account.refusals == []
    for name, cluster in account.clusters_.items():
        for start in account.starts(name):
            assert year.announced_at(name, start) == start, f"{name} was maintained {start}"
        if cluster.updates is Updates.ALWAYS:
            assert len(account.starts(name)) >= 730 // 45
    dates = [{targets[run][1] for targets in year.announced.values()} for run in range(runs)]
    finishing = sum(len(found) > 1 for found in dates)
    assert finishing <= runs * 0.15, "clusters part for as long as they finish a cycle, not for longer"


def gaps(moments: list[datetime]) -> set[timedelta]:
    return {later - earlier for earlier, later in pairwise(moments)}


@pytest.mark.parametrize(("days", "gap"), [(28, 28), (30, 28), (35, 35), (45, 42)])
def test_an_interval_is_kept_to_whole_weeks(make_settings: Callable[..., Settings], days: int, gap: int) -> None:
    account = fleet([Updates.ALWAYS, Updates.ALWAYS])
    for _ in simulate(make_settings(deferment_days=days), account):
        pass
    assert gaps(account.starts("c0")) == {timedelta(days=gap)}
    assert account.starts("c0") == account.starts("c1")


@pytest.mark.parametrize("alignment", Alignment)
def test_the_published_rule_is_days_off_and_ours_is_not(
    make_settings: Callable[..., Settings], alignment: Alignment
) -> None:
    """A deferment of 30 days from a Saturday ends on a Monday; Redshift waits for the Saturday after it."""
    account = fleet([Updates.ALWAYS] * 3)
    ends: dict[str, list[datetime]] = {}
    for decisions in simulate(make_settings(alignment=alignment), account):
        for decision in decisions:
            if decision.deferment:
                ends.setdefault(decision.cluster.identifier, []).append(decision.deferment.end)
    for name, announced in ends.items():
        starts = account.starts(name)
        off = {min(start for start in starts if start > end) - end for end in announced[1:-1]}
        if alignment is Alignment.WINDOW:
            assert off == {LEAD}
        else:
            assert {span.days for span in off} == {4}
            assert all(timedelta(days=4, hours=23) < span < timedelta(days=5) for span in off)
    assert ends


@settings(max_examples=10, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 200)), max_size=4))
def test_a_cluster_that_is_paused_at_times_is_maintained_when_it_was_announced(
    make_settings: Callable[..., Settings], pauses: list[tuple[int, int]]
) -> None:
    """Paused through its window it owes one, which cannot be deferred: then that one is announced."""
    account = fleet([Updates.ALWAYS] * 2)
    away = {run for begin, length in pauses for run in range(begin, begin + length)}
    announced: list[tuple[datetime, bool, datetime | None]] = []
    runs, last = 0, []

    def pause(account: Account) -> None:
        account.paused = {"c1"} if runs in away else set()

    for last in simulate(make_settings(), account, between=pause):
        runs += 1
        announced.append((account.now, "c1" in account.paused, last[1].announced))
    for start in account.starts("c1"):
        was_paused, told = next((paused, target) for at, paused, target in reversed(announced) if at < start)
        assert was_paused or told == start, f"announced for {told} and maintained {start}"
    assert all("follows a deferment" in refusal for refusal in account.refusals)
    assert {decision.announced for decision in last} == {last[0].announced}
    assert len(account.starts("c0")) >= 730 // 28 - 1


def test_a_mandatory_replacement_is_counted_once_and_changes_no_date(make_settings: Callable[..., Settings]) -> None:
    account = fleet([Updates.NEVER] * 2)
    counted, dates = 0, set()

    def strike(account: Account) -> None:
        if account.now == BEGIN + timedelta(days=20):
            account.clusters_["c0"].replace_nodes(account.now, deferrable=False)

    for decisions in simulate(make_settings(), account, days=60, between=strike):
        counted += sum(decision.unexpected for decision in decisions)
        dates.add(decisions[0].announced == decisions[1].announced)
    assert len(account.starts("c0")) == 1
    assert counted == 1
    assert dates == {True}


def test_a_cluster_created_mid_cycle_joins(make_settings: Callable[..., Settings]) -> None:
    account = fleet([Updates.ALWAYS] * 2)
    runs = simulate(make_settings(), account, days=200)
    for _ in range(60):
        next(runs)
    window = RedshiftWindow.parse("wed:10:00-wed:10:30")
    account.clusters_["new"] = ClusterMaintenance("new", window, account.now, updates=Updates.ALWAYS)
    joined = next(runs)
    assert len({decision.announced for decision in joined}) == 1
    for _ in runs:
        pass
    assert gaps(account.starts("new")) == {timedelta(days=28)}
    assert set(account.starts("new")) <= set(account.starts("c0"))


def test_without_its_memory_the_function_finds_the_date_again(make_settings: Callable[..., Settings]) -> None:
    """The table may be lost, or restored: what stands in Redshift tells the date."""
    account = fleet([Updates.ALWAYS] * 2)
    runs = 0

    def forget(account: Account) -> None:
        nonlocal runs
        runs += 1
        if runs % 50 == 0:
            account.remembered.clear()

    for _ in simulate(make_settings(), account, days=365, between=forget):
        pass
    assert account.refusals == []
    assert gaps(account.starts("c0")) == {timedelta(days=28)}


# Faults


@dataclass
class Faulty(Account):
    """An account in which any call may fail, before or after it took effect: nobody can tell which."""

    chance: random.Random = field(default_factory=random.Random)
    probability: float = 0.0

    def clusters(self, place: Place) -> list[Cluster]:
        return self._perhaps(lambda: super(Faulty, self).clusters(place))

    def events(self, place: Place) -> dict[str, list[MaintenanceEvent]]:
        return self._perhaps(lambda: super(Faulty, self).events(place))

    def states(self, place: Place) -> dict[str, State]:
        return self._perhaps(lambda: super(Faulty, self).states(place))

    def set_window(self, target: Cluster, window: MaintenanceWindow) -> None:
        self._perhaps(lambda: super(Faulty, self).set_window(target, window))

    def defer(self, target: Cluster, deferment: Deferment) -> None:
        self._perhaps(lambda: super(Faulty, self).defer(target, deferment))

    def remember(self, target: Cluster, state: State) -> None:
        self._perhaps(lambda: super(Faulty, self).remember(target, state))

    def _perhaps(self, call: Callable[[], Any]) -> Any:
        if self.chance.random() < self.probability / 2:
            raise TransientError("Throttling: Rate exceeded")
        answer = call()
        if self.chance.random() < self.probability / 2:
            raise TransientError("the connection was closed before an answer came")
        return answer


@settings(max_examples=15, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10_000), st.sampled_from([0.05, 0.2, 0.5]))
def test_under_faults_every_cluster_is_right_or_named_and_the_next_runs_heal(
    make_settings: Callable[..., Settings], seed: int, probability: float
) -> None:
    account = Faulty(
        fleet([Updates.ALWAYS, Updates.ALWAYS, Updates.NEVER]).clusters_,
        chance=random.Random(seed),  # noqa: S311 - no secret
        now=BEGIN,
    )
    account.probability = probability
    chosen = make_settings()
    for _ in range(150):
        try:
            decisions = run(chosen, account)
        except TransientError:
            decisions = []  # the states could not be read: the run says so, and nothing is touched
        for decision in decisions:
            cluster = account.clusters_[decision.cluster.identifier]
            if decision.outcome in (Outcome.CHANGED, Outcome.UNCHANGED) and decision.announced > account.now:
                assert cluster.next_opening(account.now) == decision.announced, decision.reason
            for start, end in cluster.deferments.values():
                assert end - start <= timedelta(days=45)
        account.pass_until(account.now + timedelta(hours=12))
    account.probability = 0.0
    run(chosen, account)
    healed = run(chosen, account)
    assert {decision.outcome for decision in healed} == {Outcome.UNCHANGED}
    assert len({decision.announced for decision in healed}) == 1
    assert account.refusals == []
