"""Which log lines publish metrics, and which ones."""

import json
from typing import Any

import pytest

from localcloud.cloudwatch.emf import datapoints
from localcloud.cloudwatch.metrics import Metric, Point

NOW = 1_790_000_000.0


def line(**changes: Any) -> dict[str, Any]:
    """A valid document with two dimension sets and one metric; `changes` replace members of its directive or root."""
    directive = {
        "Namespace": "Groundcrew",
        "Dimensions": [["service"], ["service", "cluster"]],
        "Metrics": [{"Name": "drift", "Unit": "Count"}],
    }
    root: dict[str, Any] = {"service": "sync", "cluster": "one", "drift": 2}
    for name, value in changes.items():
        (directive if name in directive else root)[name] = value
    return {**root, "_aws": {"Timestamp": NOW * 1000, "CloudWatchMetrics": [directive]}}


def published(document: dict[str, Any]) -> list[tuple[Metric, Point]]:
    return datapoints(json.dumps(document), NOW)


def test_every_dimension_set_is_a_metric_of_its_own() -> None:
    point = Point.single(NOW, 2.0, "Count")
    assert published(line()) == [
        (Metric("Groundcrew", "drift", (("service", "sync"),)), point),
        (Metric("Groundcrew", "drift", (("cluster", "one"), ("service", "sync"))), point),
    ]


def test_an_array_is_several_values_and_an_empty_set_a_metric_without_dimensions() -> None:
    found = published(line(drift=[1, 2.5], Dimensions=[[]], Metrics=[{"Name": "drift", "StorageResolution": 1}]))
    metric = Metric("Groundcrew", "drift")
    assert found == [(metric, Point.single(NOW, value, "None")) for value in (1.0, 2.5)]


def test_every_directive_publishes() -> None:
    document = line(age=7)
    document["_aws"]["CloudWatchMetrics"].append(
        {"Namespace": "Other", "Dimensions": [[]], "Metrics": [{"Name": "age"}, {"Name": "drift"}]}
    )
    assert [(metric.namespace, metric.name) for metric, _ in published(document)] == [
        ("Groundcrew", "drift"),
        ("Groundcrew", "drift"),
        ("Other", "age"),
        ("Other", "drift"),
    ]


@pytest.mark.parametrize(
    "text",
    ["", "plain", '{"_aws": ', '"_aws"', '["_aws"]', '{"_aws": null}', f"x {json.dumps(line())}", json.dumps({"a": 1})],
)
def test_other_lines_publish_nothing(text: str) -> None:
    assert datapoints(text, NOW) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"Namespace": ""},
        {"Namespace": 1},
        {"Dimensions": None},
        {"Dimensions": ["service"]},
        {"Dimensions": [["service", "absent"]]},
        {"Dimensions": [[{"service": "sync"}]]},
        {"Metrics": {"Name": "drift"}},
        {"Metrics": [{"Unit": "Count"}]},
        {"Metrics": [{"Name": "drift", "Unit": "Parsecs"}]},
        {"Metrics": [{"Name": "drift", "StorageResolution": 5}]},
        {"Metrics": [{"Name": "drift"}, {"Name": "absent"}]},
        {"service": 4},
        {"service": ""},
        {"service": "x" * 1025},
        {"drift": "2"},
        {"drift": True},
        {"drift": float("nan")},
        {"drift": [1, float("inf")]},
        {"drift": None},
        {"drift": [1, "2"]},
        {"drift": [1] * 101},
        {"Metrics": [{"Name": "drift"}] * 101},
        {"Dimensions": [["service"] * 31]},
    ],
    ids=str,
)
def test_a_line_that_breaks_the_specification_publishes_nothing(changes: dict[str, Any]) -> None:
    assert published(line(**changes)) == []


def test_the_limits_themselves_are_accepted() -> None:
    assert len(published(line(drift=[1] * 100, Dimensions=[[]]))) == 100
    assert len(published(line(Metrics=[{"Name": "drift"}] * 100, Dimensions=[[]]))) == 100
    names = {f"d{number}": "x" for number in range(30)}
    assert len(published(line(**names, Dimensions=[list(names)]))) == 1


@pytest.mark.parametrize(
    ("offset", "accepted"),
    [(-14 * 86400, True), (-14 * 86400 - 1, False), (7200, True), (7201, False)],
)
def test_a_timestamp_may_be_two_weeks_old_or_two_hours_ahead(offset: int, accepted: bool) -> None:
    document = line()
    document["_aws"]["Timestamp"] = (NOW + offset) * 1000
    found = published(document)
    assert {point.time for _, point in found} == ({NOW + offset} if accepted else set())


@pytest.mark.parametrize("timestamp", [None, "1790000000000", True, NOW])
def test_a_timestamp_is_milliseconds(timestamp: object) -> None:
    document = line()
    document["_aws"]["Timestamp"] = timestamp
    assert published(document) == []
