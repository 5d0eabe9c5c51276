"""What CloudWatch knows of the traffic of streams and shards."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from common.errors import TransientError
from kinesis_autoscaler.definition import NAMESPACE
from kinesis_autoscaler.gateway.calls import Calls
from kinesis_autoscaler.model import BYTES_PER_SECOND, RECORDS_PER_SECOND, Traffic

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

METRICS = ("IncomingBytes", "IncomingRecords", "WriteProvisionedThroughputExceeded")
MINUTE = timedelta(minutes=1)
LATE_MINUTES = 2
"""Metrics come a minute late: so many minutes at the end may be left out as long as nothing is known of them."""

MOST_QUERIES = 500
"""API_GetMetricData."""

HOT_MINUTES = 15


class TrafficReader:
    """See Calls.one for what its methods raise."""

    def __init__(self, client: "CloudWatchClient", calls: Calls) -> None:
        self._cloudwatch = client
        self._calls = calls

    def traffic(self, minutes: Mapping[str, int], now: datetime) -> dict[str, Traffic]:
        """The traffic of streams up to `now` (UTC), so many `minutes` of each (at most 180), by one call for 25."""
        until = now.replace(second=0, microsecond=0)
        most = max(minutes.values())
        asked = [(stream, metric) for stream in minutes for metric in METRICS]
        queries = [_query(index, metric, {"StreamName": stream}, 60) for index, (stream, metric) in enumerate(asked)]
        series = self._read(queries, until - most * MINUTE, until)
        found = {}
        for index, stream in enumerate(minutes):
            points = [series[3 * index + offset] for offset in range(3)]
            end = _end(points, until)
            start = until - minutes[stream] * MINUTE
            times = [start + index * MINUTE for index in range((end - start) // MINUTE)]
            found[stream] = Traffic(end, *(tuple(known.get(time, 0.0) for time in times) for known in points))
        return found

    def shard_usage(self, stream: str, shards: Sequence[str], now: datetime) -> dict[str, float]:
        """How full each shard was over the last 15 minutes, 1 being all it takes; empty without shard-level metrics."""
        until = now.replace(second=0, microsecond=0)
        start = until - HOT_MINUTES * MINUTE
        seconds = HOT_MINUTES * 60
        found = {}
        for first in range(0, len(shards), MOST_QUERIES // 2):
            some = shards[first : first + MOST_QUERIES // 2]
            asked = [(shard, metric) for shard in some for metric in METRICS[:2]]
            queries = [
                _query(index, metric, {"StreamName": stream, "ShardId": shard}, seconds)
                for index, (shard, metric) in enumerate(asked)
            ]
            series = self._read(queries, start, until)
            for index, shard in enumerate(some):
                size, records = (sum(series[2 * index + offset].values()) for offset in range(2))
                if series[2 * index] or series[2 * index + 1]:
                    found[shard] = max(size / BYTES_PER_SECOND, records / RECORDS_PER_SECOND) / seconds
        return found

    def _read(
        self, queries: "list[MetricDataQueryTypeDef]", start: datetime, end: datetime
    ) -> list[dict[datetime, float]]:
        """The datapoints of each query by their times."""
        series: list[dict[datetime, float]] = [{} for _ in queries]
        pages = self._cloudwatch.get_paginator("get_metric_data").paginate(
            MetricDataQueries=queries, StartTime=start, EndTime=end, ScanBy="TimestampAscending"
        )
        for page in self._calls.each("GetMetricData", pages):
            for result in page["MetricDataResults"]:
                if result["StatusCode"] in ("InternalError", "Forbidden"):
                    raise TransientError(f"GetMetricData: {result['StatusCode']} for {result['Label']}")
                series[int(result["Id"][1:])] |= dict(zip(result["Timestamps"], result["Values"], strict=True))
        return series


def _end(points: Sequence[Mapping[datetime, float]], until: datetime) -> datetime:
    """The end of the last minute that is known: silence counts as late for LATE_MINUTES, then as silence."""
    for late in range(LATE_MINUTES):
        end = until - late * MINUTE
        if any(end - MINUTE in known for known in points):
            return end
    return until - LATE_MINUTES * MINUTE


def _query(index: int, metric: str, dimensions: Mapping[str, str], period: int) -> "MetricDataQueryTypeDef":
    return {
        "Id": f"m{index}",
        "MetricStat": {
            "Metric": {
                "Namespace": NAMESPACE,
                "MetricName": metric,
                "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
            },
            "Period": period,
            "Stat": "Sum",
        },
    }
