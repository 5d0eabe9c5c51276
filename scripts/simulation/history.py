"""A stream's own traffic, read from CloudWatch."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from botocore.client import BaseClient

from kinesis_autoscaler.model import BYTES_PER_SECOND, RECORDS_PER_SECOND
from simulation.metrics import Floats
from simulation.trace import Trace, TraceError

METRICS = ("IncomingBytes", "IncomingRecords", "WriteProvisionedThroughputExceeded")
MOST_DAYS = 15
"""CloudWatch keeps one-minute datapoints for fifteen days (CloudWatch User Guide, "Metrics retention")."""


@dataclass(frozen=True, slots=True)
class History:
    """What a stream was asked for, in full shards, and the mean size of its records in bytes."""

    trace: Trace
    record_bytes: float


def read_history(cloudwatch: BaseClient, stream: str, days: int, now: datetime) -> History:
    """The last `days` before `now` (UTC), minute by minute; a minute without a datapoint asked for nothing.

    Rejected records count as asked for; producers' retries are among them. Raises TraceError when there is no traffic.
    """
    end = now.replace(second=0, microsecond=0)
    start = end - timedelta(days=days)
    sums = {name: np.zeros(days * 24 * 60) for name in METRICS}
    for name, time, value in _datapoints(cloudwatch, stream, start, end):
        sums[name][(time - start) // timedelta(minutes=1)] = value
    accepted, records, rejected = (sums[name] for name in METRICS)
    if not records.any():
        raise TraceError(f"CloudWatch has no traffic of a stream '{stream}' in the last {days} days: check its name.")
    return History(Trace(stream, start, _demand(accepted, records, rejected)), float(accepted.sum() / records.sum()))


def _demand(accepted_bytes: Floats, records: Floats, rejected: Floats) -> Floats:
    taken = np.maximum(accepted_bytes / (60 * BYTES_PER_SECOND), records / (60 * RECORDS_PER_SECOND))
    mean = taken.sum() / records.sum()
    return np.where(records > 0, taken * (1 + rejected / np.maximum(records, 1)), rejected * mean)


def _datapoints(
    cloudwatch: BaseClient, stream: str, start: datetime, end: datetime
) -> Iterator[tuple[str, datetime, float]]:
    queries = [
        {
            "Id": f"m{number}",
            "Label": name,
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/Kinesis",
                    "MetricName": name,
                    "Dimensions": [{"Name": "StreamName", "Value": stream}],
                },
                "Period": 60,
                "Stat": "Sum",
            },
        }
        for number, name in enumerate(METRICS)
    ]
    names = {f"m{number}": name for number, name in enumerate(METRICS)}
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries, StartTime=start, EndTime=end, ScanBy="TimestampAscending"
    )
    for page in pages:
        for result in page["MetricDataResults"]:
            for time, value in zip(result["Timestamps"], result["Values"], strict=True):
                yield names[result["Id"]], time, value
