"""CloudWatch dashboards: refuses a body that AWS refuses, of which moto asks only that it be JSON.

The rules: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
What AWS only warns of (properties that it does not know) passes here. Of explorer, custom and chart widgets only the
place on the grid is judged.
"""

import json
from collections.abc import Iterator
from typing import Any

from moto.cloudwatch.responses import CloudWatchResponse

from localcloud.extensions import AwsError, corrects

Problem = tuple[str, str]
"""The path to what is wrong, such as `/widgets/0/properties`, and a sentence."""

MAXIMUM_WIDGETS = 500
MAXIMUM_ALARMS = 100
GRID = {"x": (0, 23), "y": (0, None), "width": (1, 24), "height": (1, 1000)}
TYPES = ("metric", "text", "log", "alarm", "explorer", "custom", "chart")
REQUIRED = {"metric": ["region"], "text": ["markdown"], "log": ["query", "region"], "alarm": ["alarms"]}
VIEWS = ("timeSeries", "singleValue", "gauge", "bar", "pie", "table")

moto_put_dashboard = CloudWatchResponse.put_dashboard


@corrects(CloudWatchResponse, "PutDashboard")
def put_dashboard(self: Any) -> Any:
    """PutDashboard: judges the body before moto keeps it."""
    try:
        body = json.loads(self._get_param("DashboardBody"))
    except ValueError as error:
        raise AwsError("InvalidParameterInput", "The field DashboardBody must be a valid JSON object") from error
    if problems := list(problems_of(body)):
        listed = json.dumps([{"dataPath": path, "message": message} for path, message in problems], indent=2)
        count = len(problems)
        raise AwsError(
            "InvalidParameterInput", f"The dashboard body is invalid, there are {count} validation errors:\n{listed}"
        )
    return moto_put_dashboard(self)


def problems_of(body: Any) -> Iterator[Problem]:
    """What AWS would refuse in the body of a dashboard, from the outside in."""
    if not isinstance(body, dict) or not isinstance(body.get("widgets"), list):
        yield "", "Should have required property 'widgets', an array"
        return
    if len(body["widgets"]) > MAXIMUM_WIDGETS:
        yield "/widgets", f"Should NOT have more than {MAXIMUM_WIDGETS} items"
    if body.get("periodOverride", "auto") not in ("auto", "inherit"):
        yield "/periodOverride", "Should be equal to one of the allowed values"
    for index, widget in enumerate(body["widgets"]):
        yield from _of_widget(f"/widgets/{index}", widget)


def _of_widget(path: str, widget: Any) -> Iterator[Problem]:
    if not isinstance(widget, dict) or widget.get("type") not in TYPES:
        yield f"{path}/type", "Should be equal to one of the allowed values"
        return
    for name, (least, most) in GRID.items():
        if name in widget and not _is_whole(widget[name], least, most):
            yield f"{path}/{name}", f"Should be a whole number >= {least}" + (f" and <= {most}" if most else "")
    if ("x" in widget) is not ("y" in widget):
        yield path, "Should have both of the properties 'x' and 'y', or neither"
    properties = widget.get("properties")
    if not isinstance(properties, dict):
        yield path, "Should have required property 'properties'"
        return
    path = f"{path}/properties"
    for name in REQUIRED.get(widget["type"], []):
        if not properties.get(name):
            yield path, f"Should have required property '{name}'"
    match widget["type"]:
        case "metric":
            yield from _of_graph(path, properties)
        case "log" if not str(properties.get("query", "SOURCE")).startswith("SOURCE"):
            yield f"{path}/query", "Should begin with SOURCE and a log group"
        case "alarm":
            yield from _of_alarms(f"{path}/alarms", properties.get("alarms", []))


def _of_graph(path: str, properties: dict[str, Any]) -> Iterator[Problem]:
    annotations = properties.get("annotations", {})
    if "metrics" not in properties and "alarms" not in annotations:
        yield path, "The metric widget should have specified a region and a data source or an alarm annotation"
    period = properties.get("period", 300)
    if not _is_whole(period, 60) or period % 60:
        yield f"{path}/period", "Should be a multiple of 60"
    if properties.get("view", "timeSeries") not in VIEWS:
        yield f"{path}/view", "Should be equal to one of the allowed values"
    for index, line in enumerate(properties.get("metrics", [])):
        yield from _of_line(f"{path}/metrics/{index}", line)


def _of_line(path: str, line: Any) -> Iterator[Problem]:
    """A line is `[namespace, metric, (dimension, value)…, {rendering}?]`, or `[{expression}]` alone."""
    if not isinstance(line, list) or not line:
        yield path, "Should be an array"
        return
    *names, last = line
    if isinstance(last, str):
        names = line
    elif not isinstance(last, dict):
        yield f"{path}/{len(names)}", "Invalid metric field type, only 'String' type is allowed"
    elif not names and "expression" in last:
        return
    for index, name in enumerate(names):
        if not isinstance(name, str):
            yield f"{path}/{index}", "Invalid metric field type, only 'String' type is allowed"
    if len(names) < 2 or len(names) % 2:
        yield path, "Should have a namespace, a metric, and a value for each dimension"


def _of_alarms(path: str, alarms: Any) -> Iterator[Problem]:
    if not isinstance(alarms, list) or not 1 <= len(alarms) <= MAXIMUM_ALARMS:
        yield path, f"Should have from 1 to {MAXIMUM_ALARMS} items"
        return
    for index, arn in enumerate(alarms):
        if not str(arn).startswith("arn:") or ":alarm:" not in str(arn):
            yield f"{path}/{index}", "Should be the ARN of an alarm"


def _is_whole(value: Any, least: int, most: int | None = None) -> bool:
    return type(value) is int and value >= least and (most is None or value <= most)
