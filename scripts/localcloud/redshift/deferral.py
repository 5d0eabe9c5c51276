"""The deferments of one cluster: how long maintenance stands deferred, and which window may not be deferred any more.

"Cluster maintenance" in the Cluster Management Guide: the window that follows a deferment cannot be deferred. AWS does
not say how deferments add up. Here those that adjoin or overlap are one deferral, whose length counts from where it
began, and a deferral that has held no window back leaves nothing owed. A deferment is forgotten at its end: a rule that
waits until none is listed could otherwise never go on.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from localcloud.redshift.maintenance_window import Interval, MaintenanceWindow

CAP_DAYS = 45
"""The management guide's limit on a deferment; the newest API reference says 60, the older one 45."""


class Refusal(Exception):  # noqa: N818 - it is what AWS answers, not what went wrong here
    """What AWS refuses: its error `code` and a `message`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Deferral:
    """What deferments have done up to the moment `at`.

    `since`: when the deferral that stands at that moment began, None when none does. `held`: whether it has held a
    window back. `owed`: whether an earlier one did so, and no window has passed since that could have been used.
    """

    at: datetime
    since: datetime | None = None
    held: bool = False
    owed: bool = False

    def reach(self, moment: datetime, deferments: Iterable[Interval]) -> "Deferral":
        """The same at a later moment, `deferments` being in force all the while and no window opening in between."""
        since, held, owed = self.since, self.held, self.owed
        spans = merged(deferments)
        standing = span_at(self.at, spans)
        if since is not None and (standing is None or standing[1] <= moment):
            since, held, owed = None, False, owed or held
        covering = span_at(moment, spans)
        if covering is not None:
            since = covering[0] if since is None else min(since, covering[0])
        return Deferral(moment, since, held, owed)

    @property
    def is_holding(self) -> bool:
        """Whether a window that opens at this moment is held back."""
        return self.since is not None and not self.owed

    def pass_opening(self, available: bool = True) -> "Deferral":
        """The same after a window opened at this moment; what is owed is settled if the cluster was `available`."""
        if self.is_holding:
            return replace(self, held=True)
        return replace(self, owed=False, held=False) if available else self


class Deferments:
    """The standing deferments by identifier, of which none is longer than `cap_days`; time begins at `created`."""

    def __init__(self, created: datetime, cap_days: int) -> None:
        self.standing: dict[str, Interval] = {}
        self.cap_days = cap_days
        self._deferral = Deferral(created)

    @property
    def at(self) -> datetime:
        """The moment that has been reached."""
        return self._deferral.at

    def reach(self, moment: datetime) -> bool:
        """Let time pass to `moment`, no window opening before it; returns whether one that opens then is held back."""
        self._deferral = self._deferral.reach(moment, self.standing.values())
        self.standing = {name: interval for name, interval in self.standing.items() if interval[1] > moment}
        return self._deferral.is_holding

    def pass_opening(self, *, available: bool) -> None:
        """The window opened at the moment that was reached."""
        self._deferral = self._deferral.pass_opening(available)

    def put(self, name: str, interval: Interval, window: MaintenanceWindow) -> None:
        """Add or change a deferment now. Raises Refusal over the cap, and when a window would be held that may not."""
        changed = {**self.standing, name: interval}
        span = span_at(interval[0], merged(changed.values())) or interval
        began = min(span[0], (self._deferral.since or span[0]) if span[0] <= self.at else span[0])
        if span[1] - began > timedelta(days=self.cap_days):
            raise Refusal("InvalidParameterValue", f"Maintenance can be deferred for {self.cap_days} days or less.")
        last = max(end for _, end in changed.values())
        for state in self._openings(window, changed):
            if state.at >= last:
                break
            if state.since is not None and state.owed:
                reason = f"The window that opens at {stamp(state.at)} follows a deferment and can't be deferred."
                raise Refusal("InvalidClusterState", reason)
        self.standing = changed

    def cancel(self, name: str | None) -> None:
        """End a deferment now. Raises Refusal when there is none of that name."""
        if name not in self.standing:
            raise Refusal("InvalidParameterValue", f"There is no deferred maintenance window {name!r} to cancel.")
        self.standing = {other: interval for other, interval in self.standing.items() if other != name}
        self.reach(self.at)

    def next_opening(self, window: MaintenanceWindow, now: datetime) -> datetime:
        """The first opening after `now` that is not held back."""
        if not self.standing:
            return window.next_opening(now)
        openings = self._openings(window, self.standing)
        return next(state.at for state in openings if state.at > now and not state.is_holding)

    def _openings(self, window: MaintenanceWindow, deferments: Mapping[str, Interval]) -> Iterator[Deferral]:
        """What holds at each opening from now on, without end, as if the cluster were always available."""
        state = self._deferral.reach(self.at, deferments.values())
        while True:
            state = state.reach(window.next_opening(state.at), deferments.values())
            yield state
            state = state.pass_opening()


def requested_interval(now: datetime, start: datetime, end: datetime | None, days: int | None) -> Interval:
    """What a request asks for: an end or a number of days from `start`. Raises Refusal when that is impossible."""
    if (end is None) is (days is None):
        text = "Specify either DeferMaintenanceEndTime or DeferMaintenanceDuration, but not both."
        raise Refusal("InvalidParameterCombination", text)
    end = end or start + timedelta(days=days or 0)
    if end <= max(start, now):
        text = "The end of the deferred maintenance window must be after its start and in the future."
        raise Refusal("InvalidParameterValue", text)
    return start, end


def merged(deferments: Iterable[Interval]) -> list[Interval]:
    """The deferments in order, those that adjoin or overlap as one."""
    spans: list[Interval] = []
    for start, end in sorted(deferments):
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], end))
        else:
            spans.append((start, end))
    return spans


def span_at(moment: datetime, spans: Iterable[Interval]) -> Interval | None:
    """The span that `moment` lies in; a span does not hold at its very end."""
    return next((span for span in spans if span[0] <= moment < span[1]), None)


def stamp(moment: datetime) -> str:
    """A moment in UTC as Redshift's messages write it."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"
