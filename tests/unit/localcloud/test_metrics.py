"""Statistics per period, against sums taken the long way round."""

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.cloudwatch.metrics import RETENTION_SECONDS, STATISTICS, Metric, Metrics, Point

DRIFT = Metric.of("Groundcrew", "drift", [("service", "sync"), ("cluster", "one")])
START = 1_790_000_100
VALUES = st.lists(st.tuples(st.integers(START - 300, START + 1200), st.integers(-9, 9)), max_size=30)


def test_dimensions_have_no_order() -> None:
    assert Metric.of("Groundcrew", "drift", [("cluster", "one"), ("service", "sync")]) == DRIFT


@given(VALUES)
def test_statistics_are_those_of_the_points_in_each_period(values: list[tuple[int, int]]) -> None:
    metrics = Metrics()
    for time, value in values:
        metrics.add(DRIFT, Point.single(time, value))
    expected: dict[int, list[int]] = {}
    for time, value in values:
        if START <= time < START + 900:
            expected.setdefault(START + (time - START) // 300 * 300, []).append(value)
    found = metrics.periods(DRIFT, START, START + 900, 300)
    assert found.keys() == expected.keys()
    for begin, inside in expected.items():
        statistics = {
            "Sum": sum(inside),
            "Average": sum(inside) / len(inside),
            "Minimum": min(inside),
            "Maximum": max(inside),
            "SampleCount": len(inside),
        }
        assert {name: found[begin].statistic(name) for name in statistics} == statistics


def test_the_order_of_arrival_does_not_matter() -> None:
    points = [Point.single(START + offset, offset) for offset in (0, 10, 310, 620)]
    answers = []
    for order in permutations(points):
        metrics = Metrics()
        for point in order:
            metrics.add(DRIFT, point)
        answers.append(metrics.periods(DRIFT, START, START + 900, 300))
    assert all(answer == answers[0] for answer in answers)
    assert list(answers[0]) == [START, START + 300, START + 600]


def test_statistics_published_as_such_are_merged() -> None:
    metrics = Metrics()
    metrics.add(DRIFT, Point(START, total=30, samples=3, minimum=5, maximum=20))
    metrics.add(DRIFT, Point.single(START + 1, 2))
    (point,) = metrics.periods(DRIFT, START, START + 60, 60).values()
    assert [point.statistic(name) for name in ("Sum", "SampleCount", "Average", "Minimum", "Maximum")] == [
        32, 4, 8, 2, 20,
    ]  # fmt: skip


def test_a_unit_selects() -> None:
    metrics = Metrics()
    for unit in (None, "Count", "Seconds"):
        metrics.add(DRIFT, Point.single(START, 1, unit))
    assert metrics.periods(DRIFT, START, START + 60, 60)[START].samples == 3
    assert metrics.periods(DRIFT, START, START + 60, 60, "Count")[START].samples == 1


def test_a_period_has_the_unit_of_its_first_datapoint() -> None:
    metrics = Metrics()
    for offset, unit in ((0, "Count"), (10, "Seconds"), (70, "Seconds"), (130, None)):
        metrics.add(DRIFT, Point.single(START + offset, 1, unit))
    assert [point.unit for point in metrics.periods(DRIFT, START, START + 180, 60).values()] == [
        "Count", "Seconds", None,
    ]  # fmt: skip


def test_metrics_are_apart() -> None:
    metrics = Metrics()
    metrics.add(DRIFT, Point.single(START, 1))
    other = DRIFT._replace(dimensions=())
    assert DRIFT in metrics
    assert other not in metrics
    assert metrics.periods(other, START, START + 60, 60) == {}
    assert metrics.latest(other) is None


def test_what_is_fifteen_days_older_is_forgotten() -> None:
    metrics = Metrics()
    for time in (START, START + 1, START + 1 + RETENTION_SECONDS):
        metrics.add(DRIFT, Point.single(time, 1))
    days = metrics.periods(DRIFT, START, START + 2 * RETENTION_SECONDS, 86400)
    assert sum(point.samples for point in days.values()) == 2


def test_a_gauge_keeps_its_level_until_it_changes() -> None:
    metrics = Metrics()
    metrics.add_level(DRIFT, Point.single(START + 400, 3))
    metrics.add_level(DRIFT, Point.single(START + 1000, 0))
    maxima = {b - START: p.maximum for b, p in metrics.periods(DRIFT, START, START + 1800, 300).items()}
    assert maxima == {300: 3, 600: 3, 900: 3, 1200: 0, 1500: 0}
    assert metrics.is_gauge(DRIFT)
    np.testing.assert_array_equal(metrics.series(DRIFT, "Maximum", START, START + 1800, 300), [math.nan, 3, 3, 3, 0, 0])


@given(VALUES, st.sampled_from(STATISTICS))
def test_a_series_has_the_statistic_of_every_period(values: list[tuple[int, int]], statistic: str) -> None:
    metrics = Metrics()
    for time, value in values:
        metrics.add(DRIFT, Point.single(time, value))
    found = metrics.periods(DRIFT, START, START + 900, 300)
    expected = [found[at].statistic(statistic) if at in found else math.nan for at in range(START, START + 900, 300)]
    np.testing.assert_array_equal(metrics.series(DRIFT, statistic, START, START + 900, 300), expected)


def test_a_metric_without_datapoints_has_an_empty_series() -> None:
    np.testing.assert_array_equal(Metrics().series(DRIFT, "Sum", START, START + 600, 300), [math.nan, math.nan])


def test_a_percentile_is_refused_by_name() -> None:
    with pytest.raises(NotImplementedError, match="p99"):
        Point.single(START, 1).statistic("p99")
