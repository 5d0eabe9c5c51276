"""Whether a cluster can be changed now, and what to do about its weekly window: the same for every rule. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from redshift_maintenance_sync.model import Cluster, MaintenanceWindow, Outcome

TIME_LEFT_FOR_CHANGE = timedelta(minutes=120)
"""ModifyCluster: a new window that is open now must stay open for at least this long."""


@dataclass(frozen=True, slots=True)
class WindowChange:
    """`change` is the window to set, None to leave it; `after` the window that holds then; `reason` says why.

    `held_back`: the wanted window is open and closes too soon to be set now.
    """

    change: MaintenanceWindow | None
    after: MaintenanceWindow | None
    held_back: bool
    reason: str

    def outcome(self, *, defers: bool) -> Outcome:
        """What becomes of a cluster whose window is changed so, and whose maintenance is deferred or not."""
        if self.change or defers:
            return Outcome.CHANGED
        return Outcome.SKIPPED if self.held_back else Outcome.UNCHANGED


def busy(cluster: Cluster) -> str | None:
    """Why Redshift takes no change of `cluster` now, or None when it does."""
    if cluster.in_maintenance:
        return "maintenance is in progress; looked at again in the next run"
    if cluster.status != "available":
        return f"its status is {cluster.status!r}, changes need 'available'; tried again in the next run"
    return None


def change_window(now: datetime, cluster: Cluster, wanted: MaintenanceWindow) -> WindowChange:
    """What to do so that `cluster` has the window `wanted`."""
    if wanted == cluster.window:
        return WindowChange(None, wanted, False, f"window is {wanted}")
    if timedelta(0) < wanted.time_left(now) < TIME_LEFT_FOR_CHANGE:
        why = f"{wanted} is open, for less than 120 minutes; set in the next run"
        return WindowChange(None, cluster.window, True, f"window stays {cluster.window}: {why}")
    return WindowChange(wanted, wanted, False, f"window {cluster.window} becomes {wanted}")
