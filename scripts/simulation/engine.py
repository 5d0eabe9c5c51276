"""Time in the simulation: traffic meets shards, alarms see it, and a scaler acts on those that go off."""

import heapq
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from simulation.alarm import Alarm
from simulation.aws import Stream
from simulation.metrics import Metrics

TICK_MINUTES = 15
LONGEST_LOOK = 60


class Scaler(Protocol):
    """A policy with all that runs it."""

    alarms: list[Alarm]
    ticks: bool

    def fired(self, world: "World", alarm: Alarm) -> None:
        """One of the alarms went off."""

    def woken(self, world: "World") -> None:
        """A tick, or a minute that was asked for."""


@dataclass(slots=True)
class World:
    """One stream and its minutes; `start` is the time (UTC) of minute 0."""

    start: datetime
    metrics: Metrics
    stream: Stream
    minute: int = 0
    _wakings: list[int] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        return self.at(self.minute)

    def at(self, minute: int) -> datetime:
        return self.start + timedelta(minutes=minute)

    def wake_in(self, minutes: int) -> None:
        """Have the scaler woken so many minutes later, at least one."""
        heapq.heappush(self._wakings, self.minute + max(1, minutes))

    def run(self, scaler: Scaler, first: int) -> None:
        """Let all minutes pass; the scaler acts from minute `first` on, those before are there for its alarms."""
        end = self.metrics.offered.size
        self.metrics.pass_minutes(0, first, self.stream.open_shards)
        self.minute = first
        while self.minute < end:
            start = self.minute
            horizon = min(
                [end, start + LONGEST_LOOK, *([] if self.stream.ready_at is None else [self.stream.ready_at])]
            )
            self.metrics.pass_minutes(start, horizon, self.stream.open_shards)
            for alarm in scaler.alarms:
                alarm.forget_after(start)
            firings = [alarm.first_firing(self.metrics, start, horizon) for alarm in scaler.alarms]
            until = min([horizon, *(minute for minute in firings if minute is not None)])
            known = self._known(scaler)
            while self.minute < until and self._known(scaler) == known:
                event = min(until, self._next_waking(scaler))
                for alarm in scaler.alarms:
                    alarm.advance(self.metrics, self.minute, event)
                self.minute, known = event, self._known(scaler)
                self._happen(scaler, [alarm for alarm, at in zip(scaler.alarms, firings, strict=True) if at == event])

    def _known(self, scaler: Scaler) -> list[object]:
        """What the alarms' next firings depend on beside the traffic: when it changes, they are looked for anew."""
        return [self.stream.ready_at, *((alarm.shards, alarm.threshold, alarm.state) for alarm in scaler.alarms)]

    def _next_waking(self, scaler: Scaler) -> int:
        tick = [(self.minute // TICK_MINUTES + 1) * TICK_MINUTES] if scaler.ticks else []
        return min([*tick, *self._wakings[:1]], default=self.metrics.offered.size)

    def _happen(self, scaler: Scaler, fired: list[Alarm]) -> None:
        self.stream.pass_to(self.minute)
        woken = scaler.ticks and self.minute % TICK_MINUTES == 0
        while self._wakings and self._wakings[0] <= self.minute:
            heapq.heappop(self._wakings)
            woken = True
        for alarm in fired:
            scaler.fired(self, alarm)
        if woken:
            scaler.woken(self)
