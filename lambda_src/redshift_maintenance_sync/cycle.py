"""Where one cluster is between two maintenances, and how that is known. Pure.

deferred ──> due ──> maintained or skipped ──> deferred …

Redshift patches a cluster in its weekly window unless a deferment covers the window; the first window after a deferment
cannot be deferred, and a window in which nothing is pending leaves no trace. What was announced is remembered in a
State; without one the cluster itself is asked: a deferment that stands, maintenance completed in the last 14 days, the
window after a deferment that has ended, and last its creation.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from redshift_maintenance_sync.model import Deferment, EventKind, Observed, Phase, State
from redshift_maintenance_sync.schedule import last_window_start, next_window_start
from redshift_maintenance_sync.settings import Schedule

LEAD = timedelta(minutes=30)
"""A deferment ends this long before the window, so that clocks and AWS's own delays cannot make it cover the window."""

GRACE = timedelta(hours=2)
"""How long after the window's end a completion may still come: most maintenance fits the window, some runs over."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """`target` is the announced start of maintenance, None once the cycle has ended; `anchor` when the last one ended.

    `evidence` tells how that is known, as a part of a sentence; `deferments` are those that stand, by their ends.
    """

    phase: Phase
    target: datetime | None
    anchor: datetime | None
    evidence: str
    deferments: tuple[Deferment, ...] = ()

    @property
    def ours(self) -> bool:
        """Whether it is deferred, and by nobody but us."""
        return bool(self.deferments) and all(deferment.ours for deferment in self.deferments)


def read_cycle(now: datetime, schedule: Schedule, observed: Observed) -> Cycle:
    """Where a cluster is at `now`. All times are UTC."""
    state, standing = observed.state, observed.cluster.standing_deferments(now)
    if standing:
        anchor = state.anchor if state else max(observed.completed, default=None)
        held = " and ".join(f"until {minute(item.end)} by {item.identifier}" for item in standing)
        return Cycle(
            Phase.DEFERRED, next_window_start(schedule, standing[-1].end), anchor, f"deferred {held}", standing
        )
    if state is not None:
        return _remembered(now, schedule, observed, state)
    return _inferred(now, schedule, observed)


def unexpected_starts(schedule: Schedule, observed: Observed) -> list[datetime]:
    """When maintenance started outside the announced window, as far as no earlier run has counted it, in order.

    Only what came after the cluster was first managed, and after the last cycle ended.
    """
    state = observed.state
    if state is None:
        return []
    known = max(moment for moment in (state.managed_since, state.anchor, state.unexpected) if moment is not None)
    first, last = state.target - LEAD, _end_of(schedule, state.target)
    started = (event.at for event in observed.events if event.kind is EventKind.STARTED)
    return sorted(start for start in started if start > known and not first <= start <= last)


def _remembered(now: datetime, schedule: Schedule, observed: Observed, state: State) -> Cycle:
    """The state says what was announced: has it come to pass?"""
    revision = observed.cluster.revision
    if completed := [moment for moment in observed.completed if moment >= state.target - LEAD]:
        return _maintained(max(completed))
    if now < _end_of(schedule, state.target):
        return Cycle(Phase.DUE, state.target, state.anchor, "")
    # However long nobody looked: windows have passed since, and the last one counts.
    settled = now - (_end_of(schedule, state.target) - state.target)
    passed = max(state.target, last_window_start(schedule, settled))
    if revision != state.revision:
        why = f"the revision changed from {state.revision} to {revision} by the window of {minute(passed)}"
        return Cycle(Phase.MAINTAINED, None, passed, why)
    return Cycle(Phase.SKIPPED, None, passed, f"the window of {minute(passed)} passed without maintenance")


def _inferred(now: datetime, schedule: Schedule, observed: Observed) -> Cycle:
    """Nothing is remembered: what does the cluster tell?"""
    if observed.completed:
        return _maintained(max(observed.completed))
    cluster = observed.cluster
    ended = max((deferment.end for deferment in cluster.deferments if deferment.end <= now), default=None)
    if ended is not None:
        mandatory = next_window_start(schedule, ended)
        if now < _end_of(schedule, mandatory):
            return Cycle(Phase.DUE, mandatory, None, f"the window after the deferment of {minute(ended)} is mandatory")
        return Cycle(Phase.SKIPPED, None, mandatory, f"the window of {minute(mandatory)} passed without maintenance")
    if cluster.created is not None:
        return Cycle(Phase.MAINTAINED, None, cluster.created, f"the cluster was created {minute(cluster.created)}")
    return Cycle(Phase.DUE, None, None, "nothing tells of its last maintenance")


def _maintained(completed: datetime) -> Cycle:
    return Cycle(Phase.MAINTAINED, None, completed, f"maintenance was completed {minute(completed)}")


def _end_of(schedule: Schedule, target: datetime) -> datetime:
    return target + timedelta(minutes=schedule.window_minutes) + GRACE


def minute(moment: datetime) -> str:
    """A time as reasons show it."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"
