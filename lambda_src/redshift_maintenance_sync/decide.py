"""The rule: what to do about every cluster, and why. Pure: no boto3, no clock, no environment.

A deferment that ends shortly before a window of the schedule makes that window's start the date that can be announced,
for the first window after a deferment cannot be deferred; the same date on every cluster makes it one for all.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from redshift_maintenance_sync import seed
from redshift_maintenance_sync.cycle import LEAD, Cycle, minute, read_cycle, unexpected_starts
from redshift_maintenance_sync.deferment import Placement, defer, due, keep, keep_or_move, within_cap
from redshift_maintenance_sync.groups import assign
from redshift_maintenance_sync.model import (
    Alignment,
    Cluster,
    Decision,
    MaintenanceWindow,
    Mode,
    Observed,
    Outcome,
    Phase,
    State,
)
from redshift_maintenance_sync.schedule import (
    date_after,
    last_date,
    next_date,
    next_window_start,
    open_or_next_window,
)
from redshift_maintenance_sync.settings import Rules, Schedule, Settings
from redshift_maintenance_sync.window import WindowChange, busy, change_window


@dataclass(frozen=True, slots=True)
class Common:
    """What all clusters of a group share: the window they shall have, and the announced date.

    `target` is None when no date can be shared: a cluster whose cycle has ended is then due on the next date.
    """

    window: MaintenanceWindow
    target: datetime | None
    why: str


def plan(
    now: datetime, settings: Settings, fleet: Sequence[Observed], out_of_sight: Iterable[State] = ()
) -> list[Decision]:
    """Decide about every cluster, in the order given, which makes no difference to what is decided. Times are UTC.

    `out_of_sight` are the states of clusters that could not be looked at: the dates announced for them bind the group.
    """
    groups, decisions = assign(settings, fleet)
    remembered: dict[str, list[datetime]] = {}
    for state in out_of_sight:
        remembered.setdefault(state.group, []).append(state.target)
    for name, rules in settings.rules().items():
        members = groups.get(name, [])
        if rules.alignment is Alignment.SEED:
            decided = seed.plan(now, rules, members)
        else:
            decided = _plan(now, rules, name, members, remembered.get(name, []))
        decisions += [replace(decision, group=name) for decision in decided]
    by_key = {decision.cluster.key: decision for decision in decisions}
    return [by_key[observed.cluster.key] for observed in fleet]


def _plan(
    now: datetime, rules: Rules, group: str, members: Sequence[Observed], remembered: Collection[datetime]
) -> list[Decision]:
    cycles = [read_cycle(now, rules.schedule, observed) for observed in members]
    # Who comes from another group brings the date of that one, which binds nobody here.
    settled = [
        cycle
        for observed, cycle in zip(members, cycles, strict=True)
        if observed.state is None or observed.state.group == group
    ]
    common = common_date(now, rules, settled or cycles, remembered)
    return [
        _reconcile(now, rules, group, observed, cycle, common) for observed, cycle in zip(members, cycles, strict=True)
    ]


def common_date(
    now: datetime, rules: Rules, cycles: Collection[Cycle], remembered: Collection[datetime] = ()
) -> Common:
    """What the clusters share: the date that is announced already, else the next one after the last cycle.

    A date is announced by a deferment of ours, and by what is `remembered` of a cluster that is out of sight or whose
    deferment somebody has cancelled. Of several dates the earliest is taken: a date can always be moved closer.
    """
    schedule = rules.schedule
    window, following = open_or_next_window(schedule, now), next_window_start(schedule, now)
    ours = [target for target in remembered if target > following and next_date(schedule, target) == target]
    foreign: list[datetime] = []
    for cycle in cycles:
        if cycle.target is None or not (cycle.deferments or cycle.target > following):
            continue
        # A window of the week, but perhaps not the one of the month.
        announced = last_date(schedule, cycle.target)
        if announced - LEAD > now:
            (foreign if cycle.deferments and not cycle.ours else ours).append(announced)
    adopted = foreign if rules.adopts else []
    if ours or adopted:
        return Common(window, *within_cap(schedule, now, min(ours or adopted), "the date that is announced already"))
    ended = [cycle for cycle in cycles if cycle.target is None and cycle.anchor is not None]
    last = max(ended, key=lambda cycle: (cycle.anchor, cycle.evidence), default=None)
    target = _next_target(now, schedule, last.anchor if last else None)
    if target is None or target - LEAD <= now:
        return Common(window, None, "")
    rule = "the next date" if schedule.mode is Mode.CALENDAR else f"at most {schedule.deferment_days} days"
    return Common(window, target, f"{rule} after {last.evidence}" if last else rule)


def _next_target(now: datetime, schedule: Schedule, anchor: datetime | None) -> datetime | None:
    """The date after `anchor`: in the mode `calendar` always one to come, in `interval` perhaps one that has passed."""
    target = date_after(schedule, anchor) if anchor else None
    if schedule.mode is Mode.CALENDAR and (target is None or target < now):
        return next_date(schedule, now)
    return target


def _reconcile(now: datetime, rules: Rules, group: str, observed: Observed, cycle: Cycle, common: Common) -> Decision:
    cluster = observed.cluster
    if not rules.defers:
        return _align_only(now, cluster, common)
    unexpected = unexpected_starts(rules.schedule, observed)
    if reason := busy(cluster):
        return Decision(
            cluster,
            Outcome.SKIPPED,
            reason,
            phase=cycle.phase,
            announced=cycle.target,
            drifted=_is_drifted(now, cycle.target, cluster.window, common),
        )
    change = change_window(now, cluster, common.window)
    placement = _place(now, rules, cluster, cycle, common, change)
    state = _remember(now, group, observed, cycle, placement.target, unexpected)
    if_refused = None
    if placement.deferment and not cycle.deferments and change.after is not None:
        if_refused = _remember(now, group, observed, cycle, change.after.next_opening(now), unexpected)
    return Decision(
        cluster,
        change.outcome(defers=placement.deferment is not None),
        f"{change.reason}; {placement.reason}",
        window=change.change,
        deferment=placement.deferment,
        state=state if state.differs_from(observed.state) else None,
        if_refused=if_refused,
        phase=cycle.phase,
        announced=placement.target,
        drifted=_is_drifted(now, placement.target, change.after, common),
        unexpected=len(unexpected),
    )


def _align_only(now: datetime, cluster: Cluster, common: Common) -> Decision:
    if reason := busy(cluster):
        return Decision(cluster, Outcome.SKIPPED, reason, drifted=cluster.window != common.window)
    change = change_window(now, cluster, common.window)
    reason = f"{change.reason}; deferment_days is 0: only windows are aligned"
    return Decision(cluster, change.outcome(defers=False), reason, window=change.change, drifted=change.held_back)


def _place(
    now: datetime, rules: Rules, cluster: Cluster, cycle: Cycle, common: Common, change: WindowChange
) -> Placement:
    """When the maintenance of `cluster` shall come, and the deferment to set for that."""
    if cycle.deferments and cycle.target is not None:
        # With several it would take more than one move, and until the last of them nobody knew the date.
        if len(cycle.deferments) > 1 or not (cycle.ours or rules.adopts):
            return keep(cycle, cycle.target)
        return keep_or_move(rules.schedule, cycle, cycle.target, common.target or cycle.target, common.why)
    target, why = _next_of(now, rules.schedule, cycle, common)
    if target > next_window_start(rules.schedule, now):
        return defer(now, rules.schedule, cluster.identifier, target, why)
    if change.held_back and change.after is not None and target > now:
        # Until the next run sets the window, maintenance comes in the one that the cluster has.
        return due(min(target, change.after.next_opening(now)), why)
    return due(target, why)


def _next_of(now: datetime, schedule: Schedule, cycle: Cycle, common: Common) -> tuple[datetime, str]:
    """The date of a cluster that no deferment holds, and why it is that one. What is due for it stays due."""
    why = cycle.evidence
    if cycle.target is not None:
        if cycle.target <= now or cycle.target == next_window_start(schedule, now):
            return cycle.target, why
        why = f"{minute(cycle.target)}, announced before, cannot be kept"
    elif cycle.phase is Phase.DUE:
        return next_date(schedule, now), why
    if common.target is None:
        return next_date(schedule, now), why
    return common.target, common.why if cycle.target in (None, common.target) else why


def _remember(
    now: datetime, group: str, observed: Observed, cycle: Cycle, target: datetime, unexpected: Sequence[datetime]
) -> State:
    before, revision = observed.state, observed.cluster.revision
    if before is None:
        return State(target, cycle.anchor, revision, managed_since=now, changed=now, group=group, version=1)
    ended = cycle.target is None
    return State(
        target,
        cycle.anchor or before.anchor,
        revision if ended or unexpected else before.revision,
        managed_since=before.managed_since,
        changed=now,
        group=group,
        unexpected=max(unexpected, default=before.unexpected),
        version=before.version + 1,
    )


def _is_drifted(now: datetime, announced: datetime | None, window: MaintenanceWindow | None, common: Common) -> bool:
    """Whether window or date are not those of its group; one that is finishing its cycle is where it should be."""
    finishing = announced is not None and announced - LEAD <= now
    return window != common.window or (common.target is not None and announced != common.target and not finishing)
