"""The figures of a run, as they are written in the embedded metric format."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aws_lambda_powertools import Metrics

from redshift_maintenance_sync.measure import add_to
from redshift_maintenance_sync.model import Cluster, Decision, Outcome, Place, State

HOME = Place("123456789012", "us-east-1")
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


def written(results: list[Decision], states: dict[str, State], failed_places: int = 0) -> dict[str, Any]:
    metrics = Metrics(namespace="Groundcrew/redshift_maintenance_sync", service="data-redshift-maintenance-sync")
    metrics.clear_metrics()
    add_to(metrics, NOW, results, {HOME: states}, failed_places)
    line: dict[str, Any] = metrics.serialize_metric_set()
    json.dumps(line)
    return line


@pytest.fixture
def result(make_cluster: Callable[..., Cluster]) -> Callable[..., Decision]:
    def make(name: str, outcome: Outcome = Outcome.UNCHANGED, **more: Any) -> Decision:
        return Decision(make_cluster(name), outcome, "reason", **more)

    return make


def test_writes_every_figure_under_the_deployed_name(result: Callable[..., Decision]) -> None:
    def state(days: int) -> State:
        return State(NOW, None, "1", NOW, NOW - timedelta(days=days), version=1)

    line = written(
        [
            result("a", announced=NOW + timedelta(days=25, hours=12)),
            result("b", Outcome.CHANGED, state=state(0), announced=NOW + timedelta(days=4), unexpected=2),
            result("c", Outcome.FAILED, drifted=True),
            result("d", Outcome.SKIPPED, announced=NOW - timedelta(hours=1), drifted=True),
            result("e", Outcome.SKIPPED, managed=False),
        ],
        {"a": state(20), "b": state(90), "d": state(35), "e": state(300), "gone": state(400)},
        failed_places=2,
    )
    figures = {
        "ManagedClusters": [4.0],
        "DriftedClusters": [2.0],
        "FailedClusters": [1.0],
        "SkippedClusters": [1.0],
        "FailedPlaces": [2.0],
        "UnexpectedMaintenance": [2.0],
        "DaysToNextMaintenance": [4.0],
        "StateAgeDays": [35.0],
    }
    assert {name: line[name] for name in figures} == figures
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Groundcrew/redshift_maintenance_sync"
    assert directive["Dimensions"] == [["service"]]
    assert line["service"] == "data-redshift-maintenance-sync"
    assert {metric["Name"] for metric in directive["Metrics"]} == figures.keys()


def test_what_is_not_known_is_not_written(result: Callable[..., Decision]) -> None:
    line = written([result("a")], {})
    assert line["ManagedClusters"] == [1.0]
    assert not {"DaysToNextMaintenance", "StateAgeDays"} & line.keys()
    assert written([], {})["ManagedClusters"] == [0.0]
