"""When Redshift maintains one cluster: its window, its deferments, what is pending, what it refuses. No clock, no moto.

Sources: API_ModifyCluster, API_ModifyClusterMaintenance, "Cluster maintenance" and "Event notifications" in the Cluster
Management Guide. Left open there, and decided here: maintenance begins only as a window opens, never in one that a
change of windows finds open; a replaced node leaves the revision as it is. How deferments count: `deferral.py`.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from localcloud.redshift.deferral import CAP_DAYS, Deferments, requested_interval, stamp
from localcloud.redshift.deferral import Refusal as Refusal
from localcloud.redshift.maintenance_window import WEEK, Interval, MaintenanceWindow

MINUTE = timedelta(minutes=1)
MINIMUM_LEFT = 120 * MINUTE
FIRST_REVISION = 60_000


class Updates(StrEnum):
    """Whether an update is pending when a window opens. RELEASED: from `release` until it is installed."""

    ALWAYS = "always"
    NEVER = "never"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class MaintenanceEvent:
    """An event of the cluster as DescribeEvents shows it; `category` and `severity` are AWS's words."""

    event_id: str
    at: datetime
    message: str
    category: str = "management"
    severity: str = "INFO"


@dataclass(frozen=True, slots=True)
class Maintenance:
    """One maintenance. `updates`: it installed one. `mandatory`: it replaced a node that could not wait."""

    started: datetime
    completed: datetime
    updates: bool
    mandatory: bool


@dataclass(frozen=True, slots=True)
class Replacement:
    """A node that will be replaced in the first window that opens at or after `earliest`."""

    deferrable: bool
    earliest: datetime


class ClusterMaintenance:
    """The maintenance of the cluster `identifier`, `created` at that moment; all moments are aware and in UTC.

    `completed`: what has been done, in order. Time passes only in `run`: a method that takes `now` is called after
    `run(now)`, and raises ValueError when something that is due by then has not happened.
    """

    def __init__(
        self,
        identifier: str,
        window: MaintenanceWindow,
        created: datetime,
        *,
        updates: Updates = Updates.NEVER,
        cap_days: int = CAP_DAYS,
        duration: timedelta = 20 * MINUTE,
    ) -> None:
        if not timedelta() < duration < WEEK:
            raise ValueError(f"Maintenance must take some time and end within a week, not {duration}.")
        self.identifier = identifier
        self.window, self.updates = window, updates
        self.revision = str(FIRST_REVISION)
        self.completed: list[Maintenance] = []
        self._duration = duration
        self._released = False
        self._deferments = Deferments(created, cap_days)
        self._replacement: Replacement | None = None
        self._under_way: Maintenance | None = None
        self._unnamed = 0

    @property
    def deferments(self) -> dict[str, Interval]:
        """The deferments that have not ended, by identifier."""
        return self._deferments.standing

    def set_window(self, now: datetime, window: MaintenanceWindow) -> None:
        """Move the window. Refused during maintenance, and when the new one is open and closes within 120 minutes."""
        self._reach(now)
        self._refuse_during_maintenance(now)
        left = window.remaining(now)
        if left is not None and left < MINIMUM_LEFT:
            raise Refusal(
                "InvalidParameterValue",
                f"The maintenance window {window} includes the current time and ends in {left // MINUTE} minutes. "
                "There must be at least 120 minutes between the current time and the end of the window.",
            )
        self.window = window

    def defer(
        self, now: datetime, identifier: str | None, start: datetime | None, end: datetime | None, days: int | None
    ) -> str:
        """Add a deferment, or change the one of that identifier; returns the identifier.

        It begins at once, or where it began, unless `start` says otherwise. Raises Refusal when maintenance is under
        way, when a window that may not be deferred would be, and for an interval that is impossible or too long.
        """
        self._reach(now)
        self._refuse_during_maintenance(now)
        standing = self.deferments.get(identifier) if identifier else None
        interval = requested_interval(now, start or (standing[0] if standing else now), end, days)
        name = identifier or self._new_identifier()
        self._deferments.put(name, interval, self.window)
        return name

    def cancel(self, now: datetime, identifier: str | None) -> None:
        """End a deferment at once. Refused during maintenance, and when there is none of that identifier."""
        self._reach(now)
        self._refuse_during_maintenance(now)
        self._deferments.cancel(identifier)

    def release(self, now: datetime) -> None:
        """Let an update be pending until it is installed. Raises ValueError unless `updates` is RELEASED."""
        if self.updates is not Updates.RELEASED:
            raise ValueError(f"The updates of {self.identifier} are {self.updates}: none can be released.")
        self._reach(now)
        self._released = True

    def replace_nodes(self, now: datetime, *, deferrable: bool, at: datetime | None = None) -> MaintenanceEvent:
        """Announce that a node will be replaced as the first window opens from `at` on (default: the next one).

        Deferments hold it back only when it is `deferrable`. Returns the announcement; raises ValueError while another
        replacement is announced.
        """
        self._reach(now)
        if self._replacement:
            raise ValueError(f"The replacement of a node of {self.identifier} is announced already.")
        self._replacement = Replacement(deferrable, max(at or now, now))
        opening = self._next_replacement(self._replacement)
        between = f"between {stamp(opening)} and {stamp(opening + self.window.length)}"
        if deferrable:
            text = f"A node on your cluster {self.identifier} is scheduled to be replaced {between}. Plan accordingly."
            return MaintenanceEvent("REDSHIFT-EVENT-3602", now, text, "pending")
        text = f"A node on your cluster {self.identifier} will be replaced {between}. You can't defer this maintenance."
        return MaintenanceEvent("REDSHIFT-EVENT-3601", now, text, "pending")

    def next_due(self) -> datetime | None:
        """When something happens by itself next, if the cluster is available then; None when nothing is pending."""
        if self._under_way:
            return self._under_way.completed
        dues = [self._next_replacement(self._replacement)] if self._replacement else []
        dues += [self.next_opening(self._deferments.at)] if self._is_update_pending else []
        return min(dues, default=None)

    def run(self, until: datetime, *, available: bool = True) -> list[MaintenanceEvent]:
        """Let time pass up to and including `until`; returns what happened, in order.

        `available`: whether the cluster was, all the while. In windows that open while it is not, nothing begins; what
        has begun is completed.
        """
        if until < self._deferments.at:
            raise ValueError(f"Time runs forwards only: {self.identifier} is at {self._deferments.at} already.")
        events = []
        while True:
            opening = self.window.next_opening(self._deferments.at)
            if self._under_way and self._under_way.completed <= until:
                events.append(self._complete(self._under_way))
            elif not self._under_way and opening <= until:
                events += self._open(opening, available)
            else:
                break
        self._deferments.reach(until)
        return events

    def in_maintenance(self, now: datetime) -> bool:
        """Whether maintenance is under way."""
        return self._under_way is not None and self._under_way.started <= now < self._under_way.completed

    def next_opening(self, now: datetime) -> datetime:
        """NextMaintenanceWindowStartTime: the first opening after `now` that no deferment holds back."""
        return self._deferments.next_opening(self.window, now)

    @property
    def _is_update_pending(self) -> bool:
        return self.updates is Updates.ALWAYS or (self.updates is Updates.RELEASED and self._released)

    def _reach(self, now: datetime) -> None:
        if (due := self.next_due()) and due <= now:
            raise ValueError(f"Something is due for {self.identifier} at {due}: call run({now}) first.")
        while (opening := self.window.next_opening(self._deferments.at)) <= now:
            self._deferments.reach(opening)
            self._deferments.pass_opening(available=True)
        self._deferments.reach(now)

    def _open(self, opening: datetime, available: bool) -> list[MaintenanceEvent]:
        held = self._deferments.reach(opening)
        self._deferments.pass_opening(available=available)
        node = self._replacement if self._replacement and self._replacement.earliest <= opening else None
        if node and node.deferrable and held:
            node = None
        updates = self._is_update_pending and not held
        if not available or not (updates or node):
            return []
        if node:
            self._replacement = None
        mandatory = node is not None and not node.deferrable
        self._under_way = Maintenance(opening, opening + self._duration, updates, mandatory)
        return [self._event("REDSHIFT-EVENT-2003", opening, "started")]

    def _complete(self, maintenance: Maintenance) -> MaintenanceEvent:
        self._under_way = None
        self._deferments.reach(maintenance.completed)
        self.completed.append(maintenance)
        if maintenance.updates:
            self.revision = str(int(self.revision) + 1)
            self._released = False
        return self._event("REDSHIFT-EVENT-2004", maintenance.completed, "completed")

    def _event(self, event_id: str, at: datetime, what: str) -> MaintenanceEvent:
        text = f"Maintenance on Amazon Redshift cluster '{self.identifier}' {what} at {stamp(at)}."
        return MaintenanceEvent(event_id, at, text)

    def _next_replacement(self, replacement: Replacement) -> datetime:
        """The opening at which the node is replaced, as things stand."""
        after = max(self._deferments.at, replacement.earliest - timedelta.resolution)
        return self.next_opening(after) if replacement.deferrable else self.window.next_opening(after)

    def _refuse_during_maintenance(self, now: datetime) -> None:
        if self.in_maintenance(now):
            raise Refusal("InvalidClusterState", f"Maintenance of the cluster {self.identifier} has started.")

    def _new_identifier(self) -> str:
        self._unnamed += 1
        return "dfm-" + hashlib.sha256(f"{self.identifier}/{self._unnamed}".encode()).hexdigest()[:20]
