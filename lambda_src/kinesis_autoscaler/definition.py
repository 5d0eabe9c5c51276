"""The definition of an alarm, in the words of PutMetricAlarm: made from alarms.json, read back, and rewritten.

One template serves Terraform and the function. Once an alarm exists, its definition is only ever rewritten: the shard
count it computes with and its threshold change, and nothing else, so that Terraform finds all it wrote.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from common.errors import ConfigurationError, TransientError
from kinesis_autoscaler import description
from kinesis_autoscaler.description import Description
from kinesis_autoscaler.model import (
    PARKED,
    Alarm,
    AlarmSettings,
    AlarmState,
    Direction,
    Policy,
    StreamSettings,
)

TEMPLATES = Path(__file__).with_name("alarms.json")
NAMESPACE = "AWS/Kinesis"
SHARDS = "s1"
"""The expression that holds the shard count."""

COMPARISONS = {Direction.UP: "GreaterThanOrEqualToThreshold", Direction.DOWN: "LessThanThreshold"}

Definition = Mapping[str, Any]
"""The arguments of PutMetricAlarm; of DescribeAlarms' answer, also what only AWS writes."""


@dataclass(frozen=True, slots=True)
class Described:
    """An alarm of ours as DescribeAlarms shows it: by its name ours, its definition yet to be read."""

    name: str
    stream: str
    direction: Direction
    state: AlarmState
    state_since: datetime
    definition: Definition


def alarm_name(deployment: str, stream: str, direction: Direction) -> str:
    """The name of an alarm; `deployment` is the function's name."""
    return f"{deployment}-{stream}-{direction}"


def stream_of(deployment: str, name: str) -> tuple[str, Direction] | None:
    """The stream and the direction that an alarm's name holds; None for an alarm that is not this deployment's."""
    for direction in Direction:
        prefix, suffix = f"{deployment}-", f"-{direction}"
        if name.startswith(prefix) and name.endswith(suffix) and len(name) > len(prefix) + len(suffix):
            return name.removeprefix(prefix).removesuffix(suffix), direction
    return None


def make(
    deployment: str,
    settings: StreamSettings,
    direction: Direction,
    shards: int,
    topic_arn: str,
    *,
    park: bool = False,
    discovered: bool = False,
) -> dict[str, Any]:
    """A new alarm that computes with `shards` and tells `topic_arn`; `park`: it is kept from firing."""
    alarm = settings.alarm(direction)
    words = Description(
        settings.bounds, settings.policy, alarm.threshold, settings.block_minutes, discovered, settings.consumer
    )
    return {
        "AlarmName": alarm_name(deployment, settings.name, direction),
        "AlarmDescription": description.write(settings.name, direction, deployment, words),
        "ActionsEnabled": True,
        "AlarmActions": [topic_arn],
        "Metrics": _queries(settings, direction, shards),
        "EvaluationPeriods": alarm.evaluation_periods,
        "DatapointsToAlarm": alarm.datapoints_to_alarm,
        "ComparisonOperator": COMPARISONS[direction],
        "Threshold": PARKED if park else alarm.threshold,
        "TreatMissingData": "missing",
    }


def rewrite(described: Described, shards: int, *, park: bool) -> dict[str, Any]:
    """The definition of `described` with that shard count, and the threshold that its description names or PARKED.

    Raises ConfigurationError when the description cannot be read.
    """
    threshold = PARKED if park else _read_description(described).threshold
    queries = [
        {**query, "Expression": str(shards)} if query["Id"] == SHARDS else query
        for query in described.definition["Metrics"]
    ]
    return {**described.definition, "Metrics": queries, "Threshold": threshold}


def read_alarm(described: Described) -> Alarm:
    """Raises ConfigurationError when somebody has given it another definition."""
    expressions = {query["Id"]: query.get("Expression", "") for query in described.definition.get("Metrics", [])}
    shards = expressions.get(SHARDS, "")
    if not (shards.isascii() and shards.isdigit() and int(shards) > 0):
        raise _foreign(described, f"its expression {SHARDS} is {shards!r}, not a shard count")
    stream, _ = _stream_and_period(described)
    if stream != described.stream:
        raise _foreign(described, f"it watches the stream {stream}")
    threshold = float(described.definition["Threshold"])
    return Alarm(
        described.name,
        described.direction,
        int(shards),
        threshold,
        described.state,
        described.state_since.astimezone(UTC),
    )


def read_settings(pair: Mapping[Direction, Described]) -> tuple[StreamSettings, bool]:
    """The settings of a stream that its two alarms carry, and whether the function made them.

    Raises ConfigurationError when one is missing or cannot be read, and TransientError when the two contradict each
    other, as they do for a moment while Terraform changes them.
    """
    missing = sorted(set(Direction) - pair.keys())
    if missing:
        (there,) = pair.values()
        name = there.name.removesuffix(there.direction) + missing[0]
        raise ConfigurationError(f"the alarm {name} is missing: apply the module, or remove the other alarm")
    up, down = (_read_description(pair[direction]) for direction in Direction)
    shared = [(item.bounds, item.policy, item.block_minutes, item.consumer, item.discovered) for item in (up, down)]
    if shared[0] != shared[1]:
        raise TransientError("its two alarms disagree on its settings: apply the module if this lasts")
    settings = StreamSettings(
        pair[Direction.UP].stream,
        up.bounds,
        up.policy,
        _alarm_settings(pair[Direction.UP], up),
        _alarm_settings(pair[Direction.DOWN], down),
        up.block_minutes,
        up.consumer,
    )
    return settings, up.discovered


def _alarm_settings(described: Described, words: Description) -> AlarmSettings:
    definition = described.definition
    _, period = _stream_and_period(described)
    periods = definition["EvaluationPeriods"]
    return AlarmSettings(words.threshold, period, periods, definition.get("DatapointsToAlarm", periods))


def _read_description(described: Described) -> Description:
    try:
        return description.parse(described.definition.get("AlarmDescription", ""))
    except ConfigurationError as error:
        raise _foreign(described, str(error)) from error


def _stream_and_period(described: Described) -> tuple[str, int]:
    for query in described.definition.get("Metrics", []):
        if stat := query.get("MetricStat"):
            dimensions = {item["Name"]: item["Value"] for item in stat["Metric"].get("Dimensions", [])}
            return dimensions.get("StreamName", ""), stat["Period"]
    raise _foreign(described, "it watches no metric of a stream")


def _foreign(described: Described, why: str) -> ConfigurationError:
    remedy = "Apply the module, or delete both alarms where the stream is discovered by its tag"
    return ConfigurationError(f"the alarm {described.name} is not as it was made: {why.rstrip('.')}. {remedy}")


@cache
def _templates() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = json.loads(TEMPLATES.read_text())
    return found


def _queries(settings: StreamSettings, direction: Direction, shards: int) -> list[dict[str, Any]]:
    alarm = settings.alarm(direction)
    values = {
        "{shards}": str(shards),
        "{period_seconds}": str(alarm.period_seconds),
        "{threshold}": f"{alarm.threshold:g}",
        "{block_minutes}": str(settings.block_minutes),
    }
    name = "target-up" if (settings.policy, direction) == (Policy.TARGET, Direction.UP) else direction.value
    return [_query(item, settings.name, alarm.period_seconds, values) for item in _templates()[name]]


def _query(item: dict[str, Any], stream: str, period_seconds: int, values: dict[str, str]) -> dict[str, Any]:
    returned = item.get("returned", False)
    if "metric" in item:
        metric = {
            "Namespace": NAMESPACE,
            "MetricName": item["metric"],
            "Dimensions": [{"Name": "StreamName", "Value": stream}],
        }
        stat = {"Metric": metric, "Period": period_seconds, "Stat": item["stat"]}
        return {"Id": item["id"], "MetricStat": stat, "ReturnData": returned}
    expression = item["expression"]
    for placeholder, value in values.items():
        expression = expression.replace(placeholder, value)
    return {"Id": item["id"], "Expression": expression, "Label": item["label"], "ReturnData": returned}
