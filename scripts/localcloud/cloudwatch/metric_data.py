"""Where datapoints come from: PutMetricData, log lines in the embedded metric format, and AWS's own services.

moto keeps one datum of each metric, which is what its ListMetrics needs; statistics are computed from ours.
Source: API_PutMetricData.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import MetricDatum, cloudwatch_backends
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import EmptyResult
from moto.logs.models import LogsBackend

from localcloud import ACCOUNT_ID, clock
from localcloud.cloudwatch import emf
from localcloud.cloudwatch.metrics import Metric, Metrics, Point
from localcloud.extensions import AwsError, corrects

Listener = Callable[[str, Metric, Point], None]

_listeners: list[Listener] = []
moto_put_log_events = LogsBackend.put_log_events


def install() -> None:
    """Read the metrics that log lines carry; harmless when repeated."""
    LogsBackend.put_log_events = _put_log_events


def listen(listener: Listener) -> None:
    """Let `listener(region, metric, point)` be called after each new datapoint; harmless when repeated."""
    if listener not in _listeners:
        _listeners.append(listener)


def store(region: str) -> Metrics:
    """The datapoints of a Region. Kept on moto's backend, so that its own reset forgets them too."""
    metrics: Metrics = cloudwatch_backends[ACCOUNT_ID][region].__dict__.setdefault("localcloud_metrics", Metrics())
    return metrics


def record(region: str, metric: Metric, point: Point, *, level: bool = False) -> None:
    """Keep a datapoint and tell who listens; `level`: of a gauge, which keeps it until the next one.

    For what AWS's services publish too: unlike PutMetricData it takes any namespace, and any time.
    """
    metrics = store(region)
    if metric not in metrics:
        dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions]
        stamp = datetime.fromtimestamp(point.time, UTC).replace(tzinfo=None)
        datum = MetricDatum(metric.namespace, metric.name, point.total, dimensions, stamp, point.unit)
        cloudwatch_backends[ACCOUNT_ID][region].metric_data.append(datum)
    (metrics.add_level if level else metrics.add)(metric, point)
    for listener in _listeners:
        listener(region, metric, point)


@corrects(CloudWatchResponse, "PutMetricData")
def put_metric_data(self: Any) -> Any:
    """PutMetricData: refuses a namespace of AWS's, and a time outside of the past two weeks and the next two hours."""
    namespace, data = self._get_param("Namespace"), self._get_param("MetricData", [])
    if namespace.startswith("AWS/"):
        raise AwsError("InvalidParameterValue", f"The value {namespace} for parameter Namespace is invalid.")
    now = clock.now()
    published: list[tuple[Metric, Point]] = []
    for number, datum in enumerate(data, 1):
        self.cloudwatch_backend._validate_parameters_put_metric_data(datum, number)
        given = datum.get("Timestamp")
        time = (given.replace(tzinfo=UTC) if given else now).timestamp()  # moto parses to naive UTC
        member = f"MetricData.member.{number}"
        if not now.timestamp() - emf.OLDEST_SECONDS <= time <= now.timestamp() + emf.NEWEST_SECONDS:
            # AWS refuses both; only its words for the past are known.
            reason = f"The parameter {member}.Timestamp must specify a time within the past two weeks."
            raise AwsError("InvalidParameterValue", reason)
        dimensions = datum.get("Dimensions") or []
        if len(dimensions) > emf.MOST_DIMENSIONS:
            reason = f"The collection {member}.Dimensions must not have a size greater than {emf.MOST_DIMENSIONS}."
            raise AwsError("InvalidParameterValue", reason)
        pairs = [(dimension["Name"], dimension["Value"]) for dimension in dimensions]
        points = list(_points(datum, time))
        if not all(point.samples > 0 for point in points):
            raise AwsError("InvalidParameterValue", f"The sample counts of {member} must be greater than 0.")
        published += [(Metric.of(namespace, datum["MetricName"], pairs), point) for point in points]
    # The whole request is read before anything of it counts.
    for metric, point in published:
        record(self.region, metric, point)
    return EmptyResult()


def _points(datum: Mapping[str, Any], time: float) -> Iterator[Point]:
    unit = datum.get("Unit") or "None"
    if values := datum.get("Values"):
        for value, count in zip(values, datum.get("Counts") or [1] * len(values), strict=True):
            yield Point(time, float(value) * float(count), float(count), float(value), float(value), unit)
    elif given := datum.get("StatisticValues"):
        total, samples = float(given["Sum"]), float(given["SampleCount"])
        yield Point(time, total, samples, float(given["Minimum"]), float(given["Maximum"]), unit)
    else:
        yield Point.single(time, float(datum.get("Value", 0)), unit)


def _put_log_events(self: Any, log_group_name: str, log_stream_name: str, log_events: list[dict[str, Any]]) -> Any:
    answer = moto_put_log_events(self, log_group_name, log_stream_name, log_events)
    now = clock.now().timestamp()
    for event in log_events:
        for metric, point in emf.datapoints(event["message"], now):
            record(self.region_name, metric, point)
    return answer
