"""The autoscaler of this repository in the simulation: its decide() as it ships, and what its shell does about it."""

from dataclasses import dataclass, field
from math import ceil

from kinesis_autoscaler.decide import decide
from kinesis_autoscaler.model import (
    PARKED,
    Alarm,
    AlarmSettings,
    AlarmState,
    Bounds,
    Decision,
    Direction,
    Memory,
    Policy,
    StreamSettings,
    StreamStatus,
    Traffic,
)
from kinesis_autoscaler.model import Stream as Described
from simulation import alarm, aws
from simulation.alarm import METRIC_DELAY
from simulation.engine import World

TRAFFIC_MINUTES = {Policy.STEP: 15, Policy.TARGET: 180}
ALARMS = {
    "scale-up": AlarmSettings(0.75, 300, 5, 5),
    "target-up": AlarmSettings(0.75, 60, 3, 2),
    "scale-down": AlarmSettings(0.25, 300, 60, 57),
    "target-down": AlarmSettings(0.45, 300, 12, 12),
}
"""When the alarms go off, as the module sets them unless told otherwise.

`target-up`: two of three minutes, for one may be late; at 0.7 the same traces cost more and are throttled no less.
`target-down`: an hour, as far as the policy looks back, at three quarters of the policy's aim.
"""


def default_settings(policy: Policy, bounds: Bounds) -> StreamSettings:
    """A stream's settings as the module makes them."""
    kind = "scale" if policy is Policy.STEP else "target"
    return StreamSettings("simulated", bounds, policy, ALARMS[f"{kind}-up"], ALARMS[f"{kind}-down"], 30)


@dataclass(slots=True)
class Autoscaler:
    """Keeps what DynamoDB and CloudWatch keep. `rewriting_fails`: PutMetricAlarm is refused for ever."""

    settings: StreamSettings
    alarms: list[alarm.Alarm]
    memory: Memory = field(default_factory=Memory)
    rewriting_fails: bool = False
    ticks: bool = True
    decisions: list[tuple[int, Decision]] = field(default_factory=list)

    @classmethod
    def create(cls, settings: StreamSettings, shards: int, minutes: int) -> "Autoscaler":
        """With the alarms that `shards` call for, for a simulation of so many minutes."""
        up = "scale-up" if settings.policy is Policy.STEP else "target-up"
        down_threshold = PARKED if shards <= settings.bounds.minimum else settings.scale_down.threshold
        alarms = [
            alarm.Alarm(up, Direction.UP, settings.scale_up, shards, settings.scale_up.threshold, minutes),
            alarm.Alarm("scale-down", Direction.DOWN, settings.scale_down, shards, down_threshold, minutes),
        ]
        return cls(settings, alarms)

    def fired(self, world: World, alarm: alarm.Alarm) -> None:
        self.woken(world)

    def woken(self, world: World) -> None:
        decision = self._decide(world)
        self.decisions.append((world.minute, decision))
        if decision.rewrite and self.rewriting_fails:
            return
        for each in self.alarms:
            if each.direction in decision.rewrite:
                parked = decision.park and each.direction is Direction.DOWN
                threshold = PARKED if parked else self.settings.alarm(each.direction).threshold
                each.rewrite(decision.alarm_shards or world.stream.open_shards, threshold)
            if each.direction in decision.rearm:
                each.set_state(AlarmState.INSUFFICIENT_DATA, world.minute)
        self.memory = decision.memory
        if decision.shards is not None:
            try:
                world.stream.update_shard_count(decision.shards, world.minute)
            except aws.RefusedError:
                return
        if decision.retry_after is not None:
            seconds = decision.retry_after.total_seconds()
            if seconds <= 1:
                self.woken(world)
            else:
                world.wake_in(ceil(seconds / 60))

    def _decide(self, world: World) -> Decision:
        stream = world.stream
        status = StreamStatus.ACTIVE if stream.ready_at is None else StreamStatus.UPDATING
        described = Described("simulated", "arn", status, False, stream.open_shards)
        alarms = {
            each.direction: Alarm(
                each.direction, each.direction, each.shards, each.threshold, each.state, world.at(each.state_since)
            )
            for each in self.alarms
        }
        quota_left = stream.quota - stream.open_shards
        return decide(world.now, self.settings, described, alarms, self.memory, self._traffic(world), quota_left)

    def _traffic(self, world: World) -> Traffic:
        end = world.minute - METRIC_DELAY
        seen = world.metrics.read(max(0, end - TRAFFIC_MINUTES[self.settings.policy]), end)
        return Traffic(world.at(end), *seen)
