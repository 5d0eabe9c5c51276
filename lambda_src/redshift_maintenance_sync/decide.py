"""The rule: what to do about every cluster, and why. Pure: no boto3, no clock, no environment.

A deferment that ends shortly before a window of the schedule makes that window's start the date that can be announced,
for the first window after a deferment cannot be deferred; the same date on every cluster makes it one for all.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from redshift_maintenance_sync import seed
from redshift_maintenance_sync.cycle import LEAD, Cycle, minute, read_cycle, unexpected_starts
from redshift_maintenance_sync.deferment import Placement, defer, due, keep, keep_or_move, within_cap
from redshift_maintenance_sync.model import (
    Alignment,
    Cluster,
    Decision,
    ForeignDeferments,
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
from redshift_maintenance_sync.settings import Settings
from redshift_maintenance_sync.window import WindowChange, busy, change_window


@dataclass(frozen=True, slots=True)
class Group:
    """What all clusters of a run share: the window they shall have, and the announced date.

    `target` is None when no date can be shared: a cluster whose cycle has ended is then due on the next date.
    """

    window: MaintenanceWindow
    target: datetime | None
    why: str


def plan(now: datetime, settings: Settings, fleet: Sequence[Observed]) -> list[Decision]:
    """Decide about every cluster, in the order given, which makes no difference to what is decided. Times are UTC."""
    managed = [observed for observed in fleet if not observed.cluster.opted_out(settings.opt_out_tag)]
    if settings.alignment is Alignment.SEED:
        decided = seed.plan(now, settings, managed)
    else:
        decided = _plan(now, settings, managed)
    decisions = {decision.cluster.identifier: decision for decision in decided}
    return [
        decisions.get(observed.cluster.identifier) or _left_alone(observed.cluster, settings.opt_out_tag)
        for observed in fleet
    ]


def _left_alone(cluster: Cluster, opt_out_tag: str) -> Decision:
    return Decision(cluster, Outcome.SKIPPED, f"opted out by its tag {opt_out_tag}", managed=False)


def _plan(now: datetime, settings: Settings, managed: Sequence[Observed]) -> list[Decision]:
    cycles = [read_cycle(now, settings.schedule, observed) for observed in managed]
    group = common_group(now, settings, cycles)
    return [_reconcile(now, settings, observed, cycle, group) for observed, cycle in zip(managed, cycles, strict=True)]


def common_group(now: datetime, settings: Settings, cycles: Collection[Cycle]) -> Group:
    """What the clusters share: the date that is announced already, else the next one after the last cycle.

    A date is announced by a deferment of ours, and by what is remembered of a cluster whose deferment somebody has
    cancelled. Should there be several dates, the earliest is taken: a date can always be moved closer.
    """
    schedule = settings.schedule
    window, following = open_or_next_window(schedule, now), next_window_start(schedule, now)
    ours: list[datetime] = []
    foreign: list[datetime] = []
    for cycle in cycles:
        if cycle.target is None or not (cycle.deferments or cycle.target > following):
            continue
        # A window of the week, but perhaps not the one of the month.
        announced = last_date(schedule, cycle.target)
        if announced - LEAD > now:
            (foreign if cycle.deferments and not cycle.ours else ours).append(announced)
    adopted = foreign if settings.foreign_deferments is ForeignDeferments.ADOPT else []
    if ours or adopted:
        return Group(window, *within_cap(settings, now, min(ours or adopted), "the date that is announced already"))
    ended = [cycle for cycle in cycles if cycle.target is None and cycle.anchor is not None]
    last = max(ended, key=lambda cycle: (cycle.anchor, cycle.evidence), default=None)
    target = _next_target(now, settings, last.anchor if last else None)
    if target is None or target - LEAD <= now:
        return Group(window, None, "")
    rule = "the next date" if schedule.mode is Mode.CALENDAR else f"at most {settings.deferment_days} days"
    return Group(window, target, f"{rule} after {last.evidence}" if last else rule)


def _next_target(now: datetime, settings: Settings, anchor: datetime | None) -> datetime | None:
    """The date after `anchor`: in the mode `calendar` always one to come, in `interval` perhaps one that has passed."""
    target = date_after(settings.schedule, anchor, settings.deferment_days or 0) if anchor else None
    if settings.schedule.mode is Mode.CALENDAR and (target is None or target < now):
        return next_date(settings.schedule, now)
    return target


def _reconcile(now: datetime, settings: Settings, observed: Observed, cycle: Cycle, group: Group) -> Decision:
    cluster = observed.cluster
    if not settings.defers:
        return _align_only(now, cluster, group)
    unexpected = unexpected_starts(settings.schedule, observed)
    if reason := busy(cluster):
        return Decision(
            cluster,
            Outcome.SKIPPED,
            reason,
            phase=cycle.phase,
            announced=cycle.target,
            drifted=_is_drifted(now, cycle.target, cluster.window, group),
        )
    change = change_window(now, cluster, group.window)
    placement = _place(now, settings, cluster, cycle, group, change)
    state = _remember(now, observed, cycle, placement.target, unexpected)
    if_refused = None
    if placement.deferment and not cycle.deferments and change.after is not None:
        if_refused = _remember(now, observed, cycle, change.after.next_opening(now), unexpected)
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
        drifted=_is_drifted(now, placement.target, change.after, group),
        unexpected=len(unexpected),
    )


def _align_only(now: datetime, cluster: Cluster, group: Group) -> Decision:
    if reason := busy(cluster):
        return Decision(cluster, Outcome.SKIPPED, reason, drifted=cluster.window != group.window)
    change = change_window(now, cluster, group.window)
    reason = f"{change.reason}; deferment_days is 0: only windows are aligned"
    return Decision(cluster, change.outcome(defers=False), reason, window=change.change, drifted=change.held_back)


def _place(
    now: datetime, settings: Settings, cluster: Cluster, cycle: Cycle, group: Group, change: WindowChange
) -> Placement:
    """When the maintenance of `cluster` shall come, and the deferment to set for that."""
    if cycle.deferments and cycle.target is not None:
        adopts = settings.foreign_deferments is ForeignDeferments.ADOPT
        # With several it would take more than one move, and until the last of them nobody knew the date.
        if len(cycle.deferments) > 1 or not (cycle.ours or adopts):
            return keep(cycle, cycle.target)
        return keep_or_move(settings, cycle, cycle.target, group.target or cycle.target, group.why)
    target, why = _next_of(now, settings, cycle, group)
    if target > next_window_start(settings.schedule, now):
        return defer(now, settings, cluster.identifier, target, why)
    if change.held_back and change.after is not None and target > now:
        # Until the next run sets the window, maintenance comes in the one that the cluster has.
        return due(min(target, change.after.next_opening(now)), why)
    return due(target, why)


def _next_of(now: datetime, settings: Settings, cycle: Cycle, group: Group) -> tuple[datetime, str]:
    """The date of a cluster that no deferment holds, and why it is that one. What is due for it stays due."""
    schedule, why = settings.schedule, cycle.evidence
    if cycle.target is not None:
        if cycle.target <= now or cycle.target == next_window_start(schedule, now):
            return cycle.target, why
        why = f"{minute(cycle.target)}, announced before, cannot be kept"
    elif cycle.phase is Phase.DUE:
        return next_date(schedule, now), why
    if group.target is None:
        return next_date(schedule, now), why
    return group.target, group.why if cycle.target in (None, group.target) else why


def _remember(
    now: datetime, observed: Observed, cycle: Cycle, target: datetime, unexpected: Sequence[datetime]
) -> State:
    before, revision = observed.state, observed.cluster.revision
    if before is None:
        return State(target, cycle.anchor, revision, managed_since=now, changed=now, version=1)
    ended = cycle.target is None
    return State(
        target,
        cycle.anchor or before.anchor,
        revision if ended or unexpected else before.revision,
        managed_since=before.managed_since,
        changed=now,
        unexpected=max(unexpected, default=before.unexpected),
        version=before.version + 1,
    )


def _is_drifted(now: datetime, announced: datetime | None, window: MaintenanceWindow | None, group: Group) -> bool:
    """Whether window or date are not those of the group; one that is finishing its cycle is where it should be."""
    finishing = announced is not None and announced - LEAD <= now
    return window != group.window or (group.target is not None and announced != group.target and not finishing)
