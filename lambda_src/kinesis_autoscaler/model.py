"""What is known of a stream, its alarms and its past, and what is decided about it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from common.settings import decimal_number, text, whole_number

BYTES_PER_SECOND = 1024 * 1024
RECORDS_PER_SECOND = 1000
"""What one shard takes: "Quotas and limits", Kinesis Data Streams Developer Guide."""

CALLS_PER_DAY = 10
DAY = timedelta(hours=24)
"""API_UpdateShardCount: a stream is resized at most ten times in any 24 hours."""

MOST_SHARDS = 10_000
"""API_UpdateShardCount: no stream is scaled beyond this, whatever the account's quota."""

PARKED = -1.0
"""The threshold of a scale-down alarm that must not fire: usage is never below it."""


class Policy(StrEnum):
    """How a new shard count is found: double and halve as published, or size to demand."""

    STEP = "step"
    TARGET = "target"


class Direction(StrEnum):
    """What an alarm asks for; the last part of its name."""

    UP = "scale-up"
    DOWN = "scale-down"


class AlarmState(StrEnum):
    """API_MetricAlarm."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class StreamStatus(StrEnum):
    """API_StreamDescriptionSummary."""

    CREATING = "CREATING"
    DELETING = "DELETING"
    ACTIVE = "ACTIVE"
    UPDATING = "UPDATING"


class Outcome(StrEnum):
    """What a reconcile comes to.

    HELD: nothing to change. RESIZED: another shard count is asked for. REPAIRED: an alarm differed from its stream, and
    only that was put right. WAITING: the stream is being changed. REFUSED: a limit of AWS's or of the settings keeps it
    from what it needs. UNMANAGED: nothing can be done for it as it is (on-demand, deleting, vanished). HOT: the stream
    throttles although it has room, which more shards do not mend. FAILED: AWS did not do what was asked.
    """

    HELD = "held"
    RESIZED = "resized"
    REPAIRED = "repaired"
    WAITING = "waiting"
    REFUSED = "refused"
    UNMANAGED = "unmanaged"
    HOT = "hot"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Bounds:
    """Shard counts, both inclusive: 1 <= minimum <= maximum <= 10,000."""

    minimum: Annotated[int, whole_number(1, MOST_SHARDS)]
    maximum: Annotated[int, whole_number(1, MOST_SHARDS)]

    def clamp(self, shards: int) -> int:
        """The nearest count within the bounds."""
        return min(max(shards, self.minimum), self.maximum)


@dataclass(frozen=True, slots=True)
class AlarmSettings:
    """When an alarm goes off: `datapoints_to_alarm` of the last `evaluation_periods` periods breach `threshold`.

    `threshold` is a usage: 1 is all that the shards take.
    """

    threshold: Annotated[float, decimal_number(0, 1)]
    period_seconds: Annotated[int, whole_number(60, 86_400)]
    evaluation_periods: Annotated[int, whole_number(1, 1440)]
    datapoints_to_alarm: Annotated[int, whole_number(1, 1440)]


@dataclass(frozen=True, slots=True)
class Consumer:
    """A Lambda function that reads the stream; its reserved concurrency is `per_shard` for each shard."""

    function_name: Annotated[str, text()]
    per_shard: Annotated[int, whole_number(1, 10_000)]


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """How one stream is scaled. `block_minutes`: an iterator age that holds scaling down back; -1: none does."""

    name: str
    bounds: Bounds
    policy: Policy
    scale_up: AlarmSettings
    scale_down: AlarmSettings
    block_minutes: int = -1
    consumer: Consumer | None = None

    def alarm(self, direction: Direction) -> AlarmSettings:
        """The settings of one of the two alarms."""
        return self.scale_up if direction is Direction.UP else self.scale_down


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream as DescribeStreamSummary shows it."""

    name: str
    arn: str
    status: StreamStatus
    on_demand: bool
    open_shards: int


@dataclass(frozen=True, slots=True)
class Alarm:
    """One of the two alarms of a stream. `shards`: the count in its definition, by which it computes usage."""

    name: str
    direction: Direction
    shards: int
    threshold: float
    state: AlarmState
    state_since: datetime

    @property
    def parked(self) -> bool:
        """Whether it is kept from firing because there is nothing left to take away."""
        return self.threshold == PARKED


@dataclass(frozen=True, slots=True)
class Traffic:
    """Sums per minute, oldest first, the last minute ending at `until` (UTC); all three are of one length.

    `rejected`: records that WriteProvisionedThroughputExceeded counts, retries of producers included; `accepted_bytes`
    and `accepted_records` are IncomingBytes and IncomingRecords.
    """

    until: datetime
    accepted_bytes: tuple[float, ...]
    accepted_records: tuple[float, ...]
    rejected: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Resize:
    """One UpdateShardCount that was asked for, `at` in UTC."""

    at: datetime
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Peak:
    """The highest one-minute demand of an hour that begins at `hour` (UTC), in shards that it would fill."""

    hour: datetime
    shards: float


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of a stream from one reconcile to the next.

    `resizes`: those of the last 24 hours, oldest first; one is remembered before it is asked for. `goal`: the count
    that is approached in steps. `peaks`: of the last eight days, oldest first (policy `target` only). `rearmed`: when
    each alarm was last made able to fire again. `version` counts writes, 0 before the first.
    """

    resizes: tuple[Resize, ...] = ()
    goal: int | None = None
    peaks: tuple[Peak, ...] = ()
    rearmed: dict[Direction, datetime] = field(default_factory=dict)
    version: int = 0

    def recent(self, now: datetime) -> tuple[Resize, ...]:
        """The resizes that count against the ten of 24 hours at `now`."""
        return tuple(resize for resize in self.resizes if now - resize.at < DAY)

    def calls_left(self, now: datetime) -> int:
        """How many more resizes AWS allows at `now`."""
        return max(0, CALLS_PER_DAY - len(self.recent(now)))


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done about a stream, and why.

    `rule` is a short fixed word for the reason, `reason` a sentence with its figures. `shards`: the count to ask
    UpdateShardCount for, None to leave it. `alarm_shards`: the count that both alarms should compute with, None where
    there are none to write; `park`: whether the scale-down alarm is to be kept from firing. `rewrite`: the alarms whose
    definition differs from that; `rearm`: the alarms to be made able to fire again. `retry_after`: look again so much
    later, because the stream is being changed or a goal is not reached. `memory`: what is to be remembered.
    """

    outcome: Outcome
    rule: str
    reason: str
    memory: Memory
    shards: int | None = None
    alarm_shards: int | None = None
    park: bool = False
    rewrite: tuple[Direction, ...] = ()
    rearm: tuple[Direction, ...] = ()
    retry_after: timedelta | None = None
    usage: float | None = None
    wanted: int | None = None
