"""What an alarm watches: one metric, or a metric math expression over several; and the values that it sees there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from localcloud.cloudwatch import emf
from localcloud.cloudwatch.evaluation import COMPARISONS, Threshold, boundary_after, next_change
from localcloud.cloudwatch.metrics import STATISTICS, Metric, Metrics, Point
from metric_math import MetricMathError, Program


@dataclass(frozen=True, slots=True)
class Statistic:
    """One of STATISTICS of a metric; with a `unit`, datapoints of other units do not count."""

    metric: Metric
    name: str
    unit: str | None


@dataclass(frozen=True, slots=True)
class Watched:
    """What an alarm watches. `statistics` by the id of their query; `result` is the id of the one that is judged."""

    threshold: Threshold
    statistics: Mapping[str, Statistic]
    result: str
    program: Program

    @classmethod
    def of(cls, alarm: Any) -> "Watched | None":
        """What moto's `alarm` watches; None for one that is not evaluated here.

        Not evaluated: anomaly detection, percentiles, composite alarms, and metric math that `metric_math` lacks.
        """
        if alarm.comparison_operator not in COMPARISONS or alarm.threshold is None:
            return None
        if alarm.metric_data_queries:
            return _on_queries(alarm)
        identity = (alarm.namespace, alarm.metric_name, alarm.dimensions)
        return _watched(alarm, alarm.period, {"m1": _statistic(*identity, alarm.statistic, alarm.unit)}, {}, "m1")

    @property
    def single(self) -> Statistic | None:
        """The statistic, where no expression is watched."""
        return self.statistics.get(self.result)

    @property
    def metrics(self) -> set[Metric]:
        """Every metric on whose datapoints the state depends."""
        return {statistic.metric for statistic in self.statistics.values()}

    def look(self, metrics: Metrics, boundary: int) -> "Sight":
        """What there is to be judged at `boundary`, the end of a period."""
        if self.single:
            return self._look_at_one(self.single, metrics, boundary)
        period = self.threshold.period
        start = boundary - self.threshold.evaluation_range * period
        series = {
            name: metrics.series(statistic.metric, statistic.name, start, boundary, period, statistic.unit)
            for name, statistic in self.statistics.items()
        }
        values = self.program.evaluate(self.result, series, period=period)
        present = np.flatnonzero(~np.isnan(values))
        found = dict(zip((start + present * period).tolist(), values[present].tolist(), strict=True))
        # An expression can make a value of a missing one: any datapoint changes it as it moves through the range.
        moving = any(metrics.latest_time(metric) >= start for metric in self.metrics)
        return Sight(found, {}, boundary + period if moving else None)

    def _look_at_one(self, single: Statistic, metrics: Metrics, boundary: int) -> "Sight":
        threshold = self.threshold
        start = boundary - threshold.evaluation_range * threshold.period
        # As far as datapoints may lie ahead: they decide when to look again.
        end = boundary_after(boundary + emf.NEWEST_SECONDS, threshold.period)
        periods = metrics.periods(single.metric, start, end, threshold.period, single.unit)
        if metrics.is_gauge(single.metric):
            # Once every evaluated period has the present level, only another level can change anything.
            level_fills = metrics.latest_time(single.metric) + (threshold.evaluation_periods + 1) * threshold.period
            change = boundary + threshold.period if boundary < level_fills else None
        else:
            change = next_change(threshold, boundary, periods)
        return Sight({begin: point.statistic(single.name) for begin, point in periods.items()}, periods, change)


@dataclass(frozen=True, slots=True)
class Sight:
    """The `values` by the second at which each period begins, and of one metric the `points` behind them.

    `next_change`: the next boundary at which the verdict can differ though no datapoint arrives; None: it stays.
    """

    values: Mapping[int, float]
    points: Mapping[int, Point]
    next_change: int | None


def _on_queries(alarm: Any) -> Watched | None:
    queries = alarm.metric_data_queries
    statistics = {
        query.id: _statistic(
            stat.metric.namespace, stat.metric.metric_name, stat.metric.dimensions, stat.stat, stat.unit
        )
        for query in queries
        if (stat := query.metric_stat)
    }
    expressions = {query.id: query.expression for query in queries if query.expression}
    periods = {int(query.metric_stat.period if query.metric_stat else query.period or 0) for query in queries} - {0}
    judged = [query.id for query in queries if query.return_data is not False]
    if len(periods) != 1 or len(judged) != 1:
        return None
    return _watched(alarm, periods.pop(), statistics, expressions, judged[0])


def _watched(
    alarm: Any, period: Any, statistics: Mapping[str, Statistic], expressions: Mapping[str, str], result: str
) -> Watched | None:
    if any(statistic.name not in STATISTICS for statistic in statistics.values()):
        return None
    try:
        program = Program.compile(expressions, list(statistics))
    except MetricMathError:
        return None
    # API_PutMetricAlarm: on DynamoDB's metrics missing data are always ignored.
    dynamodb = any(statistic.metric.namespace == "AWS/DynamoDB" for statistic in statistics.values())
    threshold = Threshold(
        int(period),
        int(alarm.evaluation_periods),
        int(alarm.datapoints_to_alarm or alarm.evaluation_periods),
        alarm.comparison_operator,
        float(alarm.threshold),
        "ignore" if dynamodb else alarm.treat_missing_data or "missing",
    )
    return Watched(threshold, statistics, result, program)


def _statistic(namespace: str, name: str, dimensions: Any, statistic: str, unit: str | None) -> Statistic:
    return Statistic(Metric.of(namespace, name, ((item.name, item.value) for item in dimensions)), statistic, unit)
