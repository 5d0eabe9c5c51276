"""GetMetricStatistics and GetMetricData from the datapoints of `metric_data`.

moto aligns periods with the first datapoint, mixes up metrics that share some dimensions, and answers a metric math
expression with nothing. Sources: API_GetMetricStatistics, API_GetMetricData.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from localcloud import ACCOUNT_ID
from localcloud.cloudwatch.math_queries import compiled
from localcloud.cloudwatch.metric_data import store
from localcloud.cloudwatch.metrics import Metric, Metrics, Point
from localcloud.extensions import AwsError, corrects
from metric_math import Kind, MetricMathError

MOST_DATAPOINTS = 1440
COMPUTED_BY_MOTO = "AWS/S3"

Query = Mapping[str, Any]


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
    """GetMetricData: metrics by their plain statistics, and metric math over metrics of one period."""
    parameters = self._get_params()
    start, end = parameters["StartTime"], parameters["EndTime"]
    if start >= end:
        word = "not equal" if start == end else "be less than"
        raise AwsError("ValidationError", f"The parameter StartTime must {word} parameter EndTime.")
    queries = parameters.get("MetricDataQueries", [])
    for number, query in enumerate(queries, 1):
        if "MetricStat" not in query and "Expression" not in query:
            reason = f"The parameter MetricDataQueries.member.{number}.MetricStat is required.\n"
            raise AwsError("ValidationError", reason)
    newest_first = (parameters.get("ScanBy") or "TimestampDescending") == "TimestampDescending"
    results = [
        {
            "Id": query["Id"],
            "Label": query.get("Label") or _label(query),
            "Timestamps": [_moment(begin) for begin in sorted(values, reverse=newest_first)],
            "Values": [values[begin] for begin in sorted(values, reverse=newest_first)],
            "StatusCode": "Complete",
        }
        for query, values in _results(self.region, queries, start, end)
    ]
    return ActionResult({"MetricDataResults": results})


def _label(query: Query) -> str:
    return str(query["MetricStat"]["Metric"]["MetricName"] if "MetricStat" in query else query["Id"])


def _results(
    region: str, queries: Sequence[Query], start: datetime, end: datetime
) -> Iterator[tuple[Query, Mapping[int, float]]]:
    """The queries whose data are to be returned, and their values by the second at which each period begins."""
    program = compiled(queries)
    returned = [query for query in queries if query.get("ReturnData", True)]
    stats = {query["Id"]: query["MetricStat"] for query in queries if "MetricStat" in query}
    if all(query["Id"] in stats for query in returned):
        for query in returned:
            yield query, _values(region, stats[query["Id"]], start, end)
        return
    periods = {int(item["Period"]) for item in (*stats.values(), *queries) if item.get("Period")}
    if len(periods) != 1:
        raise NotImplementedError("metric math over metrics of different periods, or without a period")
    period, first, last = periods.pop(), _whole_minute(start), _second(end)
    series = {
        name: _store(region, metric).series(metric, stat["Stat"], first, last, period, stat.get("Unit"))
        for name, stat in stats.items()
        if (metric := _metric_of(stat))
    }
    for query in returned:
        if program.kinds[query["Id"]] is Kind.ARRAY:
            raise NotImplementedError("metric math that results in several time series")
        try:
            values = program.evaluate(query["Id"], series, period=period)
        except MetricMathError as error:
            raise AwsError("ValidationError", str(error)) from error
        yield query, {first + at * period: float(value) for at, value in enumerate(values) if not math.isnan(value)}


def _values(region: str, stat: Mapping[str, Any], start: datetime, end: datetime) -> dict[int, float]:
    found = _periods(region, _metric_of(stat), start, end, int(stat["Period"]), stat.get("Unit"))
    return {begin: point.statistic(stat["Stat"]) for begin, point in found.items()}


def _metric_of(stat: Mapping[str, Any]) -> Metric:
    given = stat["Metric"]
    return _metric(given["Namespace"], given["MetricName"], given.get("Dimensions") or [])


def _periods(
    region: str, metric: Metric, start: datetime, end: datetime, period: int, unit: str | None
) -> dict[int, Point]:
    """Periods from the whole minute in which `start` lies; both moments are moto's, naive UTC."""
    return _store(region, metric).periods(metric, _whole_minute(start), _second(end), period, unit)


def _whole_minute(moment: datetime) -> int:
    return _second(moment.replace(second=0, microsecond=0))


def _second(moment: datetime) -> int:
    return int(moment.replace(tzinfo=UTC).timestamp())


def _store(region: str, metric: Metric) -> Metrics:
    return _moto_metrics(region) if metric.namespace == COMPUTED_BY_MOTO else store(region)


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
