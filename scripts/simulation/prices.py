"""What streams cost in us-east-1, in dollars: https://aws.amazon.com/kinesis/data-streams/pricing, in November 2026.

On-demand Advantage and the alarms are as documented, "at least 60 % below Standard" and $0.10 per metric of an alarm.
"""

from dataclasses import dataclass

from kinesis_autoscaler.model import BYTES_PER_SECOND, RECORDS_PER_SECOND
from simulation.metrics import Floats

SHARD_HOUR = 0.015
MILLION_PUT_UNITS = 0.014
PUT_UNIT_BYTES = 25 * 1024
STANDARD_STREAM_HOUR = 0.04
STANDARD_GB_IN = 0.08
STANDARD_GB_OUT = 0.04
ADVANTAGE_GB_IN = 0.032
ADVANTAGE_GB_OUT = 0.016
ADVANTAGE_LEAST_BYTES_PER_SECOND = 25 * 1024 * 1024
ALARM_METRIC_MONTH = 0.10
ALARM_METRICS = {"original": 5, "epsagon": 4, "substation": 4, "step": 5, "target": 6}
HOURS_PER_MONTH = 730
GB = 1024**3


@dataclass(frozen=True, slots=True)
class OnDemand:
    """Dollars a month for the same traffic with one reader.

    Advantage is paid for a Region's streams together, at least 25 MiB/s in and out: `advantage` is this stream's share
    where others fill that, `advantage_alone` what it costs when there is no other.
    """

    standard: float
    advantage: float
    advantage_alone: float


def provisioned(policy: str, shard_hours: float, accepted: Floats, record_bytes: float) -> float:
    """Dollars a month for shards, PUT units and alarms; `accepted` per minute in full shards.

    `record_bytes` is the mean size of a record.
    """
    hours = accepted.size / 60
    records = float(accepted.sum()) * 60 * _records_per_shard(record_bytes)
    units = records * max(1.0, -(-record_bytes // PUT_UNIT_BYTES))
    running = shard_hours * SHARD_HOUR + units / 1e6 * MILLION_PUT_UNITS
    return running / hours * HOURS_PER_MONTH + ALARM_METRICS.get(policy, 0) * ALARM_METRIC_MONTH


def on_demand(offered: Floats, record_bytes: float) -> OnDemand:
    """What on-demand streams cost for `offered`, per minute in full shards; a record counts as whole KiB."""
    hours = offered.size / 60
    records = float(offered.sum()) * 60 * _records_per_shard(record_bytes)
    gigabytes = records * 1024 * -(-record_bytes // 1024) / GB / hours * HOURS_PER_MONTH
    least = ADVANTAGE_LEAST_BYTES_PER_SECOND * 3600 * HOURS_PER_MONTH / GB
    advantage = ADVANTAGE_GB_IN + ADVANTAGE_GB_OUT
    return OnDemand(
        STANDARD_STREAM_HOUR * HOURS_PER_MONTH + gigabytes * (STANDARD_GB_IN + STANDARD_GB_OUT),
        gigabytes * advantage,
        max(gigabytes, least) * advantage,
    )


def _records_per_shard(record_bytes: float) -> float:
    """Records a second of one full shard."""
    return min(RECORDS_PER_SECOND, BYTES_PER_SECOND / record_bytes)
