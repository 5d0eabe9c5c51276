"""The deferment that makes maintenance come on a chosen date, and what stands in its way. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from redshift_maintenance_sync.cycle import LEAD, Cycle, minute
from redshift_maintenance_sync.model import OUR_PREFIX, Deferment
from redshift_maintenance_sync.schedule import last_date
from redshift_maintenance_sync.settings import Schedule


@dataclass(frozen=True, slots=True)
class Placement:
    """`target` is the start of maintenance (UTC) that holds then; `deferment` the one to set, None to set none."""

    target: datetime
    deferment: Deferment | None
    reason: str


def due(target: datetime, why: str) -> Placement:
    """Nothing is deferred, for the next window is the one of `target`."""
    return Placement(target, None, f"maintenance is due in the window of {minute(target)}" + (why and f": {why}"))


def defer(now: datetime, schedule: Schedule, cluster: str, target: datetime, why: str) -> Placement:
    """Defer a cluster that no deferment holds until shortly before `target`, or before the cap."""
    target, why = within_cap(schedule, now, target, why)
    end = target - LEAD
    if end <= now:
        return due(target, why)
    # The date makes a repeated call an update of the same deferment, and keeps the next cycle from touching this one.
    deferment = Deferment(f"{OUR_PREFIX}{cluster}-{end:%Y%m%d}", now, end)
    reason = f"deferred until {minute(end)}, maintenance is announced for {minute(target)}"
    return Placement(target, deferment, f"{reason} ({why})")


def keep(cycle: Cycle, target: datetime) -> Placement:
    """Leave the deferments that stand and lead to `target`."""
    whose = "ours" if cycle.ours else "somebody else's"
    return Placement(target, None, f"{cycle.evidence} ({whose}), maintenance is announced for {minute(target)}")


def keep_or_move(schedule: Schedule, cycle: Cycle, leads_to: datetime, target: datetime, why: str) -> Placement:
    """Leave the one deferment that stands, and leads to the window of `leads_to`, or move its end to suit `target`.

    Redshift counts the cap from the deferment's start, wherever its end is moved to.
    """
    (standing,) = cycle.deferments
    if target > leads_to:
        target, why = within_cap(schedule, standing.start, target, why)
        target = max(target, leads_to)
    if target == leads_to:
        return keep(cycle, target)
    moved = Deferment(standing.identifier, standing.start, target - LEAD)
    reason = f"{cycle.evidence}, now until {minute(moved.end)}: maintenance is announced for {minute(target)}"
    return Placement(target, moved, f"{reason} ({why})")


def within_cap(schedule: Schedule, start: datetime, target: datetime, why: str) -> tuple[datetime, str]:
    """The date and its reason, or the last date to which a deferment that begins at `start` can lead."""
    latest = start + timedelta(days=schedule.deferment_cap_days)
    if target - LEAD <= latest:
        return target, why
    return last_date(schedule, latest + LEAD), f"{why}; clamped to {schedule.deferment_cap_days} days"
