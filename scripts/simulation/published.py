"""The policies that others published, as far as their code and documentation show them, to compare with.

`Original`: aws-samples/kinesis-auto-scaling, with an odd count halved upwards (below half is refused). `Epsagon`:
epsagon/kinesis-autoscaling. `Substation`: brexhq/substation.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil

import numpy as np

from kinesis_autoscaler.model import PARKED, AlarmSettings, AlarmState, Direction
from kinesis_autoscaler.step import doubled, halved
from simulation.alarm import METRIC_DELAY, Alarm
from simulation.aws import MINUTES_PER_DAY, RefusedError
from simulation.engine import World


@dataclass(slots=True)
class Static:
    """As many shards as the highest minute of the whole trace fills to 80 %."""

    alarms: list[Alarm] = field(default_factory=list)
    ticks: bool = False

    def fired(self, world: World, alarm: Alarm) -> None:
        raise AssertionError("Nothing wakes it.")

    def woken(self, world: World) -> None:
        raise AssertionError("Nothing wakes it.")


@dataclass(slots=True)
class Published:
    """Two alarms and a new count for each; a count that AWS refuses leaves the alarm OK, so that it goes off again."""

    alarms: list[Alarm]
    minimum: int
    maximum: int
    grow: Callable[[int], int]
    shrink: Callable[["Published", World], int]
    thresholds: dict[Direction, float]
    cooldowns: dict[Direction, int]
    believes_any_count: bool = True
    ticks: bool = False
    last_resize: int = -MINUTES_PER_DAY

    def fired(self, world: World, alarm: Alarm) -> None:
        shards = world.stream.open_shards
        if world.minute - self.last_resize < self.cooldowns[alarm.direction]:
            return  # and the alarm stays in ALARM, as it does there
        if alarm.shards != shards and not self.believes_any_count:
            self._rewrite(world, shards)
            return
        count = self.grow(shards) if alarm.direction is Direction.UP else self.shrink(self, world)
        count = min(max(count, self.minimum), self.maximum)
        if count == shards:
            return
        try:
            world.stream.update_shard_count(count, world.minute)
        except RefusedError:
            alarm.set_state(AlarmState.OK, world.minute)
            return
        self.last_resize = world.minute
        self._rewrite(world, count)

    def woken(self, world: World) -> None:
        raise AssertionError("Only alarms wake it.")

    def _rewrite(self, world: World, count: int) -> None:
        for alarm in self.alarms:
            parked = alarm.direction is Direction.DOWN and count <= self.minimum
            alarm.rewrite(count, PARKED if parked else self.thresholds[alarm.direction])
            alarm.set_state(AlarmState.INSUFFICIENT_DATA, world.minute)


def original(shards: int, minimum: int, maximum: int, minutes: int) -> Published:
    """Doubles after 25 minutes above 75 %, halves after 285 of 300 minutes below 25 %."""
    settings = {Direction.UP: AlarmSettings(0.75, 300, 5, 5), Direction.DOWN: AlarmSettings(0.25, 300, 60, 57)}
    return _published(
        settings, shards, minimum, maximum, minutes, doubled, lambda _, world: halved(world.stream.open_shards)
    )


def epsagon(shards: int, minimum: int, maximum: int, minutes: int) -> Published:
    """Grows after 5 minutes above 75 %, in smaller steps when large; shrinks after a day below 25 %, to half full."""
    settings = {Direction.UP: AlarmSettings(0.75, 300, 1, 1), Direction.DOWN: AlarmSettings(0.25, 300, 288, 288)}

    def grow(count: int) -> int:
        return ceil(count * (2 if count <= 3 else 1.5 if count <= 50 else 1.25))

    def shrink(_: Published, world: World) -> int:
        end = world.minute - METRIC_DELAY
        day = world.metrics.sums(end - MINUTES_PER_DAY + 5, end + 1, 5)["m2"]
        return max(halved(world.stream.open_shards), ceil(float(np.max(day)) / (1000 * 300) / 0.5))

    made = _published(settings, shards, minimum, maximum, minutes, grow, shrink, inclusive=True)
    made.believes_any_count = False
    return made


def substation(shards: int, minimum: int, maximum: int, minutes: int) -> Published:
    """Grows after 5 minutes above 70 % and shrinks after an hour below 35 %, in smaller steps the larger it is."""
    settings = {Direction.UP: AlarmSettings(0.7, 60, 5, 5), Direction.DOWN: AlarmSettings(0.35, 60, 60, 60)}

    def factor(count: int) -> float:
        return 2 if count < 5 else 1.75 if count < 13 else 1.5 if count < 33 else 1.25

    made = _published(
        settings,
        shards,
        minimum,
        maximum,
        minutes,
        lambda count: ceil(count * factor(count)),
        lambda _, world: ceil(world.stream.open_shards / factor(world.stream.open_shards)),
        inclusive=True,
    )
    made.cooldowns = {Direction.UP: 3, Direction.DOWN: 30}
    return made


def _published(
    settings: dict[Direction, AlarmSettings],
    shards: int,
    minimum: int,
    maximum: int,
    minutes: int,
    grow: Callable[[int], int],
    shrink: Callable[[Published, World], int],
    inclusive: bool = False,
) -> Published:
    thresholds = {direction: each.threshold for direction, each in settings.items()}
    alarms = []
    for direction, each in settings.items():
        threshold = PARKED if direction is Direction.DOWN and shards <= minimum else each.threshold
        alarms.append(Alarm(direction.value, direction, each, shards, threshold, minutes, inclusive))
    return Published(alarms, minimum, maximum, grow, shrink, thresholds, dict.fromkeys(Direction, 0))
