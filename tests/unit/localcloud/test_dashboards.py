from typing import Any

import pytest

from localcloud.cloudwatch.dashboards import problems_of

GRAPH = {"metrics": [["AWS/Lambda", "Errors", "FunctionName", "sync", {"stat": "Sum"}]], "region": "us-east-1"}


def graph(**changed: Any) -> dict[str, Any]:
    return {"type": "metric", "properties": {**GRAPH, **changed}}


def of(*widgets: Any) -> list[tuple[str, str]]:
    return list(problems_of({"widgets": list(widgets)}))


def test_what_aws_documents_passes() -> None:
    widgets = [
        {"type": "text", "x": 0, "y": 0, "width": 24, "height": 1000, "properties": {"markdown": "# Title"}},
        graph(period=3600, view="singleValue", metrics=[["AWS/EC2", "CPUUtilization"], [".", ".", "InstanceId", "i"]]),
        graph(metrics=[[{"expression": "SUM(METRICS())", "id": "e1"}]]),
        {"type": "metric", "properties": {"annotations": {"alarms": ["arn:…:alarm:x"]}, "region": "us-east-1"}},
        {"type": "log", "properties": {"region": "us-east-1", "query": "SOURCE 'group' | fields @message"}},
        {"type": "alarm", "properties": {"alarms": ["arn:aws:cloudwatch:us-east-1:123456789012:alarm:x"]}},
        {"type": "explorer", "properties": {}},
    ]
    assert of(*widgets) == []


@pytest.mark.parametrize("body", [[], {}, {"widgets": {}}, "widgets"])
def test_a_body_without_widgets_is_refused(body: Any) -> None:
    assert list(problems_of(body)) == [("", "Should have required property 'widgets', an array")]


@pytest.mark.parametrize(
    ("widget", "where"),
    [
        ("a text", "/type"),
        ({"type": "picture", "properties": {}}, "/type"),
        ({"type": "text"}, ""),
        ({"type": "text", "properties": {}}, "/properties"),
        ({"type": "text", "x": 24, "y": 0, "properties": {"markdown": "x"}}, "/x"),
        ({"type": "text", "x": 0, "y": -1, "properties": {"markdown": "x"}}, "/y"),
        ({"type": "text", "width": 25, "properties": {"markdown": "x"}}, "/width"),
        ({"type": "text", "height": 1.5, "properties": {"markdown": "x"}}, "/height"),
        ({"type": "text", "x": 0, "properties": {"markdown": "x"}}, ""),
        ({"type": "metric", "properties": {"metrics": GRAPH["metrics"]}}, "/properties"),
        ({"type": "metric", "properties": {"region": "us-east-1"}}, "/properties"),
        (graph(period=90), "/properties/period"),
        (graph(view="graph"), "/properties/view"),
        (graph(metrics=[["AWS/Lambda", "Errors", "FunctionName"]]), "/properties/metrics/0"),
        (graph(metrics=[["AWS/Lambda"]]), "/properties/metrics/0"),
        (graph(metrics=[["AWS/Lambda", "Errors", {"FunctionName": "sync"}, "x"]]), "/properties/metrics/0/2"),
        (graph(metrics=["AWS/Lambda"]), "/properties/metrics/0"),
        ({"type": "log", "properties": {"query": "SOURCE 'group'"}}, "/properties"),
        ({"type": "log", "properties": {"query": "fields @message", "region": "us-east-1"}}, "/properties/query"),
        ({"type": "alarm", "properties": {"alarms": ["x"]}}, "/properties/alarms/0"),
        ({"type": "alarm", "properties": {"alarms": ["arn:…:alarm:x"] * 101}}, "/properties/alarms"),
    ],
)
def test_what_aws_refuses_is_refused_by_its_path(widget: Any, where: str) -> None:
    good = {"type": "text", "properties": {"markdown": "x"}}
    assert [path for path, _ in of(good, widget)] == [f"/widgets/1{where}"]


def test_too_many_widgets_and_an_unknown_period_override_are_refused() -> None:
    widgets = [{"type": "text", "properties": {"markdown": "x"}}] * 501
    problems = list(problems_of({"widgets": widgets, "periodOverride": "none"}))
    assert [path for path, _ in problems] == ["/widgets", "/periodOverride"]
