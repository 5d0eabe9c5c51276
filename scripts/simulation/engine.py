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
            until = min(end, self._next_event(scaler))
            self.metrics.pass_minutes(self.minute, until, self.stream.open_shards)
            firings = [alarm.first_firing(self.metrics, self.minute, until) for alarm in scaler.alarms]
            until = min([until, *(minute for minute in firings if minute is not None)])
            for alarm in scaler.alarms:
                alarm.advance(self.metrics, self.minute, until)
            self.minute = until
            self._happen(scaler, [alarm for alarm, at in zip(scaler.alarms, firings, strict=True) if at == until])

    def _next_event(self, scaler: Scaler) -> int:
        events = [self.minute + LONGEST_LOOK]
        if scaler.ticks:
            events.append((self.minute // TICK_MINUTES + 1) * TICK_MINUTES)
        if self.stream.ready_at is not None:
            events.append(self.stream.ready_at)
        return min(events + self._wakings[:1])

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
