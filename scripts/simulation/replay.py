"""One policy over one trace: what it costs, what it throttles, how often it resizes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

import numpy as np

from kinesis_autoscaler.model import Bounds, Policy
from simulation.autoscaler import Autoscaler, default_settings
from simulation.aws import MINUTES_PER_DAY, Stream
from simulation.engine import Scaler, World
from simulation.metrics import Floats, Metrics
from simulation.published import Static, epsagon, original, substation
from simulation.trace import Trace

BEFORE = MINUTES_PER_DAY + 10
"""Minutes before a trace in which its first value is offered: as far back as an alarm looks."""

FIRST_USAGE = 0.6
STATIC_USAGE = 0.8

Make = Callable[[int, int, int, int], Scaler]


def _ours(policy: Policy) -> Make:
    def make(shards: int, minimum: int, maximum: int, minutes: int) -> Scaler:
        return Autoscaler.create(default_settings(policy, Bounds(minimum, maximum)), shards, minutes)

    return make


POLICIES: dict[str, Make] = {
    "static": lambda shards, minimum, maximum, minutes: Static(),
    "original": original,
    "epsagon": epsagon,
    "substation": substation,
    "step": _ours(Policy.STEP),
    "target": _ours(Policy.TARGET),
}


@dataclass(frozen=True, slots=True)
class Replay:
    """What became of a trace; `shards` and `rejected` (in full shards) per minute of it."""

    offered: Floats
    shards: Floats
    rejected: Floats
    calls: tuple[int, ...]
    refusals: tuple[tuple[int, str], ...]

    @property
    def shard_hours(self) -> float:
        return float(self.shards.sum() / 60)

    @property
    def throttled_share(self) -> float:
        """Of all records that were offered, between 0 and 1."""
        return float(self.rejected.sum() / self.offered.sum())

    @property
    def calls_per_day(self) -> float:
        return len(self.calls) * MINUTES_PER_DAY / self.offered.size

    @property
    def most_calls(self) -> int:
        """In any 24 hours."""
        calls = np.array(self.calls)
        within = np.searchsorted(calls, calls + MINUTES_PER_DAY) - np.arange(calls.size)
        return int(within.max(initial=0))


def replay(policy: str, trace: Trace, headroom: float = 1.0, maximum: int = 10_000, minimum: int = 1) -> Replay:
    """Run `policy` over `trace`; at a `headroom` of 0.5 it sees usages twice as high as they are."""
    offered = np.concatenate([np.full(BEFORE, trace.demand[0]), trace.demand])
    usage = FIRST_USAGE
    highest = float(trace.demand[0])
    if policy == "static":
        usage, highest = STATIC_USAGE, float(trace.demand.max())
    shards = min(max(minimum, ceil(highest / usage / headroom), 1), maximum)
    stream = Stream(shards)
    world = World(trace.start - timedelta(minutes=BEFORE), Metrics(offered, headroom), stream)
    world.run(POLICIES[policy](shards, minimum, maximum, offered.size), BEFORE)
    return outcome(world)


def outcome(world: World, before: int = BEFORE) -> Replay:
    """What became of the minutes after the first `before`."""
    metrics = world.metrics
    return Replay(
        metrics.offered[before:],
        metrics.shards[before:],
        metrics.rejected[before:],
        tuple(call - before for call in world.stream.calls),
        tuple((minute - before, reason) for minute, reason in world.stream.refusals),
    )
