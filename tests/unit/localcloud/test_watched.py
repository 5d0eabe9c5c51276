"""What an alarm watches, and what it sees there at one moment."""

from types import SimpleNamespace
from typing import Any

import pytest

from localcloud.cloudwatch.evaluation import Threshold
from localcloud.cloudwatch.metrics import Metric, Metrics, Point
from localcloud.cloudwatch.watched import Statistic, Watched

NOW = 1_790_000_100
ALARM = Threshold(300, 3, 3, "GreaterThanThreshold", 0.0)
BARE = {"namespace": None, "metric_name": None, "statistic": None, "period": None, "dimensions": []}
BYTES, RECORDS = (Metric("Groundcrew", name, (("cluster", "one"),)) for name in ("bytes", "records"))


def moto_alarm(**changes: Any) -> SimpleNamespace:
    dimension = SimpleNamespace(name="cluster", value="one")
    plain = {
        "metric_data_queries": [],
        "namespace": "Groundcrew",
        "metric_name": "drift",
        "dimensions": [dimension],
        "statistic": "Sum",
        "unit": None,
        "period": 300,
        "evaluation_periods": 3,
        "datapoints_to_alarm": None,
        "comparison_operator": "GreaterThanThreshold",
        "threshold": 0,
        "treat_missing_data": None,
    }
    return SimpleNamespace(**{**plain, **changes})


def query(name: str = "m1", **changes: Any) -> SimpleNamespace:
    metric = SimpleNamespace(namespace="Groundcrew", metric_name=changes.pop("metric", "drift"), dimensions=[])
    metric.dimensions = moto_alarm().dimensions
    stat = SimpleNamespace(metric=metric, stat=changes.pop("stat", "Sum"), unit=None, period="300")
    plain = {"id": name, "metric_stat": stat, "expression": None, "period": None, "return_data": None}
    return SimpleNamespace(**{**plain, **changes})


def expression(name: str, text: str, **changes: Any) -> SimpleNamespace:
    return query(name, metric_stat=None, expression=text, **changes)


def watched_by(alarm: SimpleNamespace) -> Watched:
    watched = Watched.of(alarm)
    assert watched is not None
    return watched


def test_both_forms_of_an_alarm_on_one_metric_are_read() -> None:
    drift = Statistic(Metric("Groundcrew", "drift", (("cluster", "one"),)), "Sum", None)
    for alarm in (moto_alarm(), moto_alarm(metric_data_queries=[query()], **BARE)):
        watched = watched_by(alarm)
        assert (watched.threshold, watched.single, watched.metrics) == (ALARM, drift, {drift.metric})


def test_missing_data_of_dynamodb_are_ignored_whatever_the_alarm_says() -> None:
    watched = watched_by(moto_alarm(namespace="AWS/DynamoDB", treat_missing_data="breaching"))
    assert watched.threshold.missing_data == "ignore"


@pytest.mark.parametrize(
    "changes",
    [
        {"statistic": None},
        {"comparison_operator": "LessThanLowerOrGreaterThanUpperThreshold"},
        {"comparison_operator": None},
        {"threshold": None},
        {"metric_data_queries": [query(), query()]},
        {"metric_data_queries": [query(stat="p99")]},
        {"metric_data_queries": [query(return_data=False), expression("e1", "SEARCH('x')")]},
    ],
    ids=str,
)
def test_other_alarms_are_not_evaluated(changes: dict[str, Any]) -> None:
    assert Watched.of(moto_alarm(**changes)) is None


def usage(**changes: Any) -> Watched:
    """The greater of bytes and records, which are missing as long as nothing arrives."""
    hidden = {"return_data": False}
    queries = [
        query("m1", metric="bytes", **hidden),
        query("m2", metric="records", stat="Maximum", **hidden),
        expression("s1", "2", **hidden),
        expression("e1", "FILL(m1, 0) / s1", **hidden),
        expression("e2", "MAX([e1, FILL(m2, 0) / s1])"),
    ]
    return watched_by(moto_alarm(metric_data_queries=queries, **BARE, **changes))


def test_an_expression_is_seen_over_the_whole_evaluation_range() -> None:
    watched, metrics = usage(), Metrics()
    metrics.add(BYTES, Point.single(NOW - 10, 6))
    metrics.add(BYTES, Point.single(NOW - 20, 2))
    metrics.add(RECORDS, Point.single(NOW - 900, 10))
    metrics.add(RECORDS, Point.single(NOW, 50))
    sight = watched.look(metrics, NOW)
    assert watched.single is None
    assert watched.metrics == {BYTES, RECORDS}
    assert sight.values == {NOW - 1500: 0, NOW - 1200: 0, NOW - 900: 5, NOW - 600: 0, NOW - 300: 4}
    assert sight.points == {}


def test_an_expression_is_looked_at_again_as_long_as_a_datapoint_moves_through_its_range() -> None:
    watched, metrics = usage(), Metrics()
    assert watched.look(metrics, NOW).next_change is None
    metrics.add(BYTES, Point.single(NOW, 6))
    changes = [watched.look(metrics, boundary).next_change for boundary in (NOW, NOW + 1500, NOW + 1800)]
    assert changes == [NOW + 300, NOW + 1800, None]
    after = [watched.look(metrics, NOW + 1800 + 300 * later).values for later in range(3)]
    assert [list(values.values()) for values in after] == [[0] * 5] * 3


def test_a_missing_value_of_an_expression_is_missing_to_the_alarm() -> None:
    queries = [query("m1", metric="bytes", return_data=False), expression("e1", "1 / m1")]
    watched, metrics = watched_by(moto_alarm(metric_data_queries=queries, **BARE)), Metrics()
    metrics.add(BYTES, Point.single(NOW - 300, 0))
    metrics.add(BYTES, Point.single(NOW - 600, 4))
    assert watched.look(metrics, NOW).values == {NOW - 600: 0.25}
