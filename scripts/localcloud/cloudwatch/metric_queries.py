"""GetMetricStatistics and GetMetricData from the datapoints of `metric_data`.

moto aligns periods with the first datapoint, mixes up metrics that share some dimensions, and answers a metric math
expression with nothing. Sources: API_GetMetricStatistics, API_GetMetricData.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from localcloud import ACCOUNT_ID
from localcloud.cloudwatch.metric_data import store
from localcloud.cloudwatch.metrics import Metric, Metrics, Point
from localcloud.extensions import AwsError, corrects

MOST_DATAPOINTS = 1440
COMPUTED_BY_MOTO = "AWS/S3"


@corrects(CloudWatchResponse, "GetMetricStatistics")
def get_metric_statistics(self: Any) -> ActionResult:
    """GetMetricStatistics: the five plain statistics; percentiles are refused by name."""
    if extended := self._get_param("ExtendedStatistics"):
        raise NotImplementedError(f"the statistics {', '.join(extended)}")
    statistics = self._get_param("Statistics", [])
    if not statistics:
        raise AwsError("InvalidParameterCombination", "Must specify either Statistics or ExtendedStatistics")
    start, end = self._get_param("StartTime"), self._get_param("EndTime")
    if start >= end:
        reason = "The parameter StartTime must be less than the parameter EndTime."
        raise AwsError("InvalidParameterValue", reason)
    period, unit = int(self._get_param("Period")), self._get_param("Unit")
    wanted = -((start - end) // timedelta(seconds=period))
    if wanted > MOST_DATAPOINTS:
        reason = (
            f"You have requested up to {wanted} datapoints, which exceeds the limit of {MOST_DATAPOINTS}. You may "
            "reduce the datapoints requested by increasing Period, or decreasing the time range."
        )
        raise AwsError("InvalidParameterCombination", reason)
    metric = _metric(self._get_param("Namespace"), self._get_param("MetricName"), self._get_param("Dimensions", []))
    datapoints = [
        {"Timestamp": _moment(begin), "Unit": point.unit or "None"}
        | {statistic: point.statistic(statistic) for statistic in statistics}
        for begin, point in sorted(_periods(self.region, metric, start, end, period, unit).items())
    ]
    return ActionResult({"Label": metric.name, "Datapoints": datapoints})


@corrects(CloudWatchResponse, "GetMetricData")
def get_metric_data(self: Any) -> ActionResult:
    """GetMetricData: metrics by their plain statistics; an expression other than the id of a metric is refused."""
    parameters = self._get_params()
    start, end = parameters["StartTime"], parameters["EndTime"]
    if start >= end:
        word = "not equal" if start == end else "be less than"
        raise AwsError("ValidationError", f"The parameter StartTime must {word} parameter EndTime.")
    newest_first = (parameters.get("ScanBy") or "TimestampDescending") == "TimestampDescending"
    queries = parameters.get("MetricDataQueries", [])
    series: dict[str, dict[int, float]] = {}
    for number, query in enumerate(queries, 1):
        if stat := query.get("MetricStat"):
            series[query["Id"]] = _series(self.region, stat, start, end)
        elif "Expression" not in query:
            reason = f"The parameter MetricDataQueries.member.{number}.MetricStat is required.\n"
            raise AwsError("ValidationError", reason)
    results = []
    for query in queries:
        if "Expression" in query and query["Expression"] not in series:
            raise NotImplementedError(f"the expression {query['Expression']}")
        values = series[query.get("Expression", query["Id"])]
        if query.get("ReturnData", True):
            begins = sorted(values, reverse=newest_first)
            name = query["MetricStat"]["Metric"]["MetricName"] if "MetricStat" in query else query["Id"]
            results.append(
                {
                    "Id": query["Id"],
                    "Label": query.get("Label") or name,
                    "Timestamps": [_moment(begin) for begin in begins],
                    "Values": [values[begin] for begin in begins],
                    "StatusCode": "Complete",
                }
            )
    return ActionResult({"MetricDataResults": results})


def _series(region: str, stat: Mapping[str, Any], start: datetime, end: datetime) -> dict[int, float]:
    given = stat["Metric"]
    metric = _metric(given["Namespace"], given["MetricName"], given.get("Dimensions") or [])
    found = _periods(region, metric, start, end, int(stat["Period"]), stat.get("Unit"))
    return {begin: point.statistic(stat["Stat"]) for begin, point in found.items()}


def _periods(
    region: str, metric: Metric, start: datetime, end: datetime, period: int, unit: str | None
) -> dict[int, Point]:
    """Periods from the whole minute in which `start` lies; both moments are moto's, naive UTC."""
    first = int(start.replace(tzinfo=UTC, second=0, microsecond=0).timestamp())
    last = int(end.replace(tzinfo=UTC).timestamp())
    metrics = _moto_metrics(region) if metric.namespace == COMPUTED_BY_MOTO else store(region)
    return metrics.periods(metric, first, last, period, unit)


def _moto_metrics(region: str) -> Metrics:
    metrics = Metrics()
    for datum in cloudwatch_backends[ACCOUNT_ID][region].aws_metric_data:
        metric = Metric.of(datum.namespace, datum.name, ((item.name, item.value) for item in datum.dimensions))
        stamp = datum.timestamp if datum.timestamp.tzinfo else datum.timestamp.replace(tzinfo=UTC)
        metrics.add(metric, Point.single(stamp.timestamp(), datum.value, datum.unit))
    return metrics


def _metric(namespace: str, name: str, dimensions: Iterable[Mapping[str, str]]) -> Metric:
    return Metric.of(namespace, name, ((item["Name"], item["Value"]) for item in dimensions))


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
