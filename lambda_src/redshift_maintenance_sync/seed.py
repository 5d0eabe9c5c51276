"""The published rule, to the letter: the last completed maintenance plus so many days, whatever window that falls into.

Kept for those who rely on it. It announces the end of the deferment, and Redshift maintains in the first window after
that, up to a week later; and while any deferment stands anywhere it does nothing, whatever has changed meanwhile.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from redshift_maintenance_sync.cycle import minute
from redshift_maintenance_sync.model import (
    OUR_PREFIX,
    Cluster,
    Decision,
    Deferment,
    MaintenanceWindow,
    Observed,
    Outcome,
)
from redshift_maintenance_sync.schedule import open_or_next_window
from redshift_maintenance_sync.settings import Rules
from redshift_maintenance_sync.window import busy, change_window


def plan(now: datetime, rules: Rules, managed: Sequence[Observed]) -> list[Decision]:
    """Decide about every cluster. All times are UTC."""
    clusters = [observed.cluster for observed in managed]
    wanted = open_or_next_window(rules.schedule, now)
    held = {cluster.key: cluster.standing_deferments(now) for cluster in clusters}
    standing = [deferment for deferments in held.values() for deferment in deferments]
    if standing:
        last = max(standing, key=lambda deferment: (deferment.end, deferment.identifier))
        why = f"a deferment stands until {minute(last.end)} ({last.identifier}): nothing is done before it ends"
        return [
            Decision(
                cluster,
                Outcome.UNCHANGED,
                why,
                announced=max((deferment.end for deferment in held[cluster.key]), default=None),
                drifted=cluster.window != wanted,
            )
            for cluster in clusters
        ]
    completed = max((moment for observed in managed for moment in observed.completed), default=None)
    return [_decide(now, rules, cluster, wanted, completed) for cluster in clusters]


def _decide(
    now: datetime, rules: Rules, cluster: Cluster, wanted: MaintenanceWindow, completed: datetime | None
) -> Decision:
    if reason := busy(cluster):
        return Decision(cluster, Outcome.SKIPPED, reason, drifted=cluster.window != wanted)
    change = change_window(now, cluster, wanted)
    deferment, why = _defer(now, rules, cluster, completed)
    return Decision(
        cluster,
        change.outcome(defers=deferment is not None),
        f"{change.reason}; {why}",
        window=change.change,
        deferment=deferment,
        announced=deferment.end if deferment else None,
        drifted=change.held_back,
    )


def _defer(now: datetime, rules: Rules, cluster: Cluster, completed: datetime | None) -> tuple[Deferment | None, str]:
    days = rules.schedule.deferment_days or 0
    if days == 0:
        return None, "deferment_days is 0: only windows are aligned"
    if completed is None:
        return None, "no maintenance completed in the last 14 days; deferred after the next one"
    end = completed + timedelta(days=days)
    why = f"{days} days after the last maintenance, completed {minute(completed)}"
    if end <= now:
        return None, f"maintenance is due, not deferred: {why}"
    deferment = Deferment(f"{OUR_PREFIX}{cluster.identifier}-{end:%Y%m%d}", now, end)
    return deferment, f"deferred until {minute(end)} ({why})"
