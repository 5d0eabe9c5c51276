"""The rule: what to do about one stream, and why. Pure: no boto3, no clock, no environment.

Whatever woke it, it looks at the same facts in the same order, and changes one thing at a time: first the alarms are
made to compute with the stream's own count, and only alarms that do are believed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from kinesis_autoscaler import target
from kinesis_autoscaler.climb import highest_count, lowest_way_back
from kinesis_autoscaler.demand import HOT_MINUTES, HOT_WINDOW, Demand, with_peaks
from kinesis_autoscaler.model import (
    MOST_SHARDS,
    PARKED,
    Alarm,
    AlarmState,
    Decision,
    Direction,
    Memory,
    Outcome,
    Policy,
    Resize,
    Stream,
    StreamSettings,
    StreamStatus,
    Traffic,
)
from kinesis_autoscaler.reshard import reshard_time
from kinesis_autoscaler.step import doubled, halved

REARM_AFTER = timedelta(minutes=14)
"""An alarm that nothing was done about may fire again at the next tick, which may be a little early."""

MINUTES = {Policy.STEP: HOT_WINDOW, Policy.TARGET: target.LOOK_BACK_MINUTES}
"""How far back each policy looks, beside the peaks of hours."""

LOOK_AGAIN = timedelta(seconds=30)
AT_ONCE = timedelta(seconds=1)


def decide(
    now: datetime,
    settings: StreamSettings,
    stream: Stream | None,
    alarms: Mapping[Direction, Alarm],
    memory: Memory,
    traffic: Traffic | None,
    quota_left: int | None,
    dry_run: bool = False,
) -> Decision:
    """Decide about one stream at `now` (UTC).

    `stream` is None when it has vanished; a direction that `alarms` lacks has no alarm yet. `traffic` is None when it
    could not be read; policy `target` then doubles as `step` does. `quota_left`: how many more shards the account may
    open, None while that is not known. With `dry_run` no resize is asked for or remembered, `wanted` says which it was.
    """
    if stream is None:
        return _left(now, alarms, memory, Outcome.UNMANAGED, "vanished", "There is no such stream.")
    if stream.status is StreamStatus.DELETING:
        return _left(now, alarms, memory, Outcome.UNMANAGED, "deleting", "The stream is being deleted.")
    if stream.on_demand:
        reason = "The stream is on-demand: AWS scales it; take it out of the settings, or make it provisioned."
        return _left(now, alarms, memory, Outcome.UNMANAGED, "on-demand", reason)
    demand = None
    if traffic and traffic.rejected:
        demand = Demand.read(traffic, stream.open_shards, memory, MINUTES[settings.policy])
        if settings.policy is Policy.TARGET:
            memory = with_peaks(traffic, stream.open_shards, memory)
    return _Case(now, settings, stream, alarms, memory, demand, quota_left, dry_run).decide()


def _left(
    now: datetime,
    alarms: Mapping[Direction, Alarm],
    memory: Memory,
    outcome: Outcome,
    rule: str,
    reason: str,
    wanted: int | None = None,
) -> Decision:
    """A way out on which nothing is under way: an alarm that stays in ALARM is made able to fire again."""
    due = [alarm.direction for alarm in _in_alarm(alarms) if _rearm_due(now, alarm.direction, memory)]
    return Decision(outcome, rule, reason, _rearmed(now, memory, due), rearm=tuple(due), wanted=wanted)


def _in_alarm(alarms: Mapping[Direction, Alarm]) -> list[Alarm]:
    return [alarm for alarm in alarms.values() if alarm.state is AlarmState.ALARM]


def _rearm_due(now: datetime, direction: Direction, memory: Memory) -> bool:
    last = memory.rearmed.get(direction)
    return last is None or now - last >= REARM_AFTER


def _rearmed(now: datetime, memory: Memory, directions: Iterable[Direction]) -> Memory:
    changed = dict.fromkeys(directions, now)
    return replace(memory, rearmed={**memory.rearmed, **changed}) if changed else memory


@dataclass(frozen=True, slots=True)
class _Case:
    """A provisioned stream; each rule is a method that returns None where it does not apply."""

    now: datetime
    settings: StreamSettings
    stream: Stream
    alarms: Mapping[Direction, Alarm]
    memory: Memory
    demand: Demand | None
    quota_left: int | None
    dry_run: bool

    def decide(self) -> Decision:
        decision = self._changing() or self._differing() or self._outside() or self._act()
        return replace(decision, usage=round(self.demand.taken[-1] / self.shards, 4)) if self.demand else decision

    @property
    def shards(self) -> int:
        return self.stream.open_shards

    @property
    def calls_left(self) -> int:
        return self.memory.calls_left(self.now)

    def _changing(self) -> Decision | None:
        if self.stream.status is StreamStatus.ACTIVE:
            return None
        wait = LOOK_AGAIN
        if self.memory.resizes:
            last = self.memory.resizes[-1]
            wait = max(wait, last.at + reshard_time(last.before, last.after) - self.now)
        reason = f"The stream is {self.stream.status.lower()}."
        return Decision(Outcome.WAITING, "changing", reason, self.memory, retry_after=wait)

    def _differing(self) -> Decision | None:
        park = self.shards <= self.settings.bounds.minimum
        thresholds = {
            Direction.UP: self.settings.scale_up.threshold,
            Direction.DOWN: PARKED if park else self.settings.scale_down.threshold,
        }
        rewrite = tuple(
            direction
            for direction, threshold in thresholds.items()
            if (alarm := self.alarms.get(direction)) is None
            or alarm.shards != self.shards
            or alarm.threshold != threshold
        )
        if not rewrite:
            return None
        rearm = tuple(alarm.direction for alarm in _in_alarm(self.alarms))
        return Decision(
            Outcome.REPAIRED,
            "repair",
            f"{' and '.join(rewrite)} did not compute with the stream's {self.shards} shards.",
            _rearmed(self.now, self.memory, rearm),
            alarm_shards=self.shards,
            park=park,
            rewrite=rewrite,
            rearm=rearm,
            retry_after=AT_ONCE if self.memory.goal is not None else None,
        )

    def _outside(self) -> Decision | None:
        bounds = self.settings.bounds
        if self.shards < bounds.minimum:
            return self._grow(bounds.minimum, "bounds", f"{bounds.minimum} shards are the minimum")
        if self.shards > bounds.maximum:
            count = max(bounds.maximum, halved(self.shards))
            return self._resize(count, "bounds", f"{bounds.maximum} shards are the maximum", goal=bounds.maximum)
        return None

    def _act(self) -> Decision:
        up, down = (self._fires(direction) for direction in Direction)
        if self.settings.policy is Policy.TARGET and self.demand:
            return self._to_demand(self.demand.asked, up, down)
        if up:
            return (
                self._grow(doubled(self.shards), "up", "the scale-up alarm is on") if self._fresh() else self._stale()
            )
        hot = self._hot()
        if hot:
            return hot
        if not down:
            return self._hold("steady", "No alarm is on.")
        if self.settings.policy is Policy.TARGET:
            return self._hold("unknown", "The scale-down alarm is on, but how much is asked for could not be read.")
        return self._shrink(halved(self.shards), "down", "the scale-down alarm is on", self._highest())

    def _to_demand(self, asked: Sequence[float], up: bool, down: bool) -> Decision:
        if up or self.memory.goal is not None:
            wanted = target.wanted_now(asked, self._growing())
            if wanted > self.shards:
                wanted = max(wanted, min(self._foreseen(asked), doubled(self.shards)))
                why = f"{max(asked[-target.RECENT_MINUTES :]):.1f} shards' worth is asked for"
                return self._grow(target.on_grid(wanted, self.shards), "goal" if not up else "up", why)
        hot = self._hot()
        if hot:
            return hot
        if up:
            return self._hold("up", f"The scale-up alarm is on, but {self.shards} shards are enough for what is asked.")
        if not down:
            return self._hold("steady", "No alarm is on.")
        last = self.memory.resizes[-1:]
        if last and self.now - last[0].at < target.COOLDOWN:
            return self._hold("cooldown", f"The last resize was at {last[0].at:%H:%M}.")
        wanted = target.wanted_later(asked, self.memory.peaks, self.now)
        count = max(wanted, halved(self.shards))
        if count > self._enough():
            saving = target.least_saving(self.calls_left)
            return self._hold("saving", f"{count} shards would save less than {saving:.0%}.")
        why = f"{max(asked[-target.LOOK_BACK_MINUTES :]):.1f} shards' worth was asked for at most in the last hour"
        return self._shrink(count, "down", why, ceil(self._peak(asked) / target.PEAK_AIM))

    def _growing(self) -> bool:
        """Whether it has just grown: the rise, and what was rejected meanwhile, are accounted for."""
        if self.memory.goal is not None or not self.memory.resizes:
            return self.memory.goal is not None
        last = self.memory.resizes[-1]
        over = last.at + reshard_time(last.before, last.after) + timedelta(minutes=target.LEAD_MINUTES)
        return last.after > last.before and self.now < over

    def _foreseen(self, asked: Sequence[float]) -> int:
        """The count to grow to when growing anyway, that a further call may not be needed."""
        soon = target.expected_soon(self.memory.peaks, self.now)
        return max(soon, target.for_peak(self._peak(asked))) if self.calls_left <= target.LAST_CALLS else soon

    def _fires(self, direction: Direction) -> bool:
        alarm = self.alarms.get(direction)
        return alarm is not None and alarm.state is AlarmState.ALARM

    def _fresh(self) -> bool:
        """Whether the scale-up alarm went on after the last resize: until then it computed with another count."""
        last = self.memory.resizes[-1:]
        since = self.alarms[Direction.UP].state_since
        return not last or since >= last[0].at + reshard_time(last[0].before, last[0].after)

    def _stale(self) -> Decision:
        reason = "The scale-up alarm has been on since before the last resize."
        return Decision(
            Outcome.HELD,
            "stale",
            reason,
            replace(_rearmed(self.now, self.memory, [Direction.UP]), goal=None),
            rearm=(Direction.UP,),
        )

    def _highest(self) -> int:
        return highest_count(self.shards, self.memory, self.now)

    def _peak(self, asked: Sequence[float]) -> float:
        """The highest demand of the last 24 hours."""
        day = [peak.shards for peak in self.memory.peaks if self.now - peak.hour <= timedelta(hours=25)]
        return max([*day, *asked])

    def _hot(self) -> Decision | None:
        if not self.demand or self.demand.hot < HOT_MINUTES:
            return None
        reason = (
            "Records are rejected although the stream has room: one shard takes most of them. "
            "Use another partition key, or split that shard."
        )
        return self._out(Outcome.HOT, "hot", reason)

    def _hold(self, rule: str, reason: str) -> Decision:
        return self._out(Outcome.HELD, rule, reason)

    def _out(self, outcome: Outcome, rule: str, reason: str, wanted: int | None = None) -> Decision:
        memory = self.memory if self.memory.goal is None else replace(self.memory, goal=None)
        return _left(self.now, self.alarms, memory, outcome, rule, reason, wanted)

    def _grow(self, wanted: int, rule: str, why: str) -> Decision:
        limits = {
            "maximum": (self.settings.bounds.maximum, "the settings' maximum"),
            "most": (MOST_SHARDS, "the most that a stream can have"),
        }
        if self.quota_left is not None:
            limits["quota"] = (self.shards + self.quota_left, "all that the account's quota leaves")
        limit = min(limits, key=lambda name: limits[name][0])
        most, what = limits[limit]
        goal = min(wanted, most)
        if goal <= self.shards:
            return self._out(Outcome.REFUSED, limit, f"{_capital(why)}, but {self.shards} shards are {what}.", wanted)
        return self._resize(min(goal, doubled(self.shards)), rule, why, goal=goal)

    def _shrink(self, wanted: int, rule: str, why: str, peak: int) -> Decision:
        if self.shards <= self.settings.bounds.minimum:
            return self._hold("minimum", f"{_capital(why)}, but {self.shards} shards are the settings' minimum.")
        lowest = lowest_way_back(min(peak, self.settings.bounds.maximum), self.calls_left)
        count = max(wanted, self.settings.bounds.minimum, lowest)
        enough = self._enough() if self.settings.policy is Policy.TARGET else wanted
        if count >= self.shards or count > max(enough, self.settings.bounds.minimum):
            reason = (
                f"{_capital(why)}, but the {self.calls_left} calls left are kept for the way back to {peak} shards."
            )
            return self._out(Outcome.HELD, "climb-back", reason, wanted)
        return self._resize(count, rule, why)

    def _enough(self) -> float:
        """The most shards at which a scale-down of policy `target` is worth its call."""
        return max(halved(self.shards), (1 - target.least_saving(self.calls_left)) * self.shards)

    def _resize(self, count: int, rule: str, why: str, goal: int | None = None) -> Decision:
        pending = goal if goal != count else None
        if not self.calls_left:
            reason = f"{_capital(why)}, but AWS takes no further resize before {self._next_call():%H:%M} UTC."
            return self._out(Outcome.REFUSED, "calls", reason, count)
        reason = f"{_capital(why)}: {self.shards} to {count} shards."
        if self.dry_run:
            return self._out(Outcome.HELD, "dry-run", f"{reason} Nothing is asked for in a dry run.", count)
        resize = Resize(self.now, self.shards, count)
        memory = replace(self.memory, resizes=(*self.memory.recent(self.now), resize), goal=pending)
        return Decision(
            Outcome.RESIZED,
            rule,
            reason,
            memory,
            shards=count,
            retry_after=reshard_time(self.shards, count),
            wanted=goal or count,
        )

    def _next_call(self) -> datetime:
        return self.memory.recent(self.now)[0].at + timedelta(hours=24)


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
