"""Alarm definitions: from the template, back to settings, and rewritten without touching anything else."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from common.errors import ConfigurationError, TransientError
from kinesis_autoscaler.definition import (
    Described,
    alarm_name,
    make,
    read_alarm,
    read_settings,
    rewrite,
    stream_of,
)
from kinesis_autoscaler.model import AlarmSettings, AlarmState, Bounds, Consumer, Direction, Policy, StreamSettings

DEPLOYMENT = "acme-kinesis-autoscaler"
TOPIC = "arn:aws:sns:us-east-1:123456789012:acme-kinesis-autoscaler"
Pairs = Callable[..., dict[Direction, Described]]


def expressions(definition: Any) -> dict[str, str]:
    return {query["Id"]: query["Expression"] for query in definition["Metrics"] if "Expression" in query}


def test_the_scale_down_alarm_as_published_with_its_defects_repaired(
    make_stream_settings: Callable[..., StreamSettings],
) -> None:
    definition = make(DEPLOYMENT, make_stream_settings(), Direction.DOWN, 4, TOPIC)
    queries = definition.pop("Metrics")
    assert definition == {
        "AlarmName": "acme-kinesis-autoscaler-orders-scale-down",
        "AlarmDescription": "Kinesis stream orders: scale-down by acme-kinesis-autoscaler. "
        '{"block_minutes":30,"bounds":{"maximum":16,"minimum":1},"consumer":null,"discovered":false,"policy":"step",'
        '"threshold":0.25}',
        "ActionsEnabled": True,
        "AlarmActions": [TOPIC],
        "EvaluationPeriods": 60,
        "DatapointsToAlarm": 57,
        "ComparisonOperator": "LessThanThreshold",
        "Threshold": 0.25,
        "TreatMissingData": "missing",
    }
    assert queries[2] == {
        "Id": "m3",
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/Kinesis",
                "MetricName": "GetRecords.IteratorAgeMilliseconds",
                "Dimensions": [{"Name": "StreamName", "Value": "orders"}],
            },
            "Period": 300,
            "Stat": "Maximum",
        },
        "ReturnData": False,
    }
    assert [(query["Id"], query.get("Expression")) for query in queries[3:]] == [
        ("s1", "4"),
        ("s2", "30"),
        ("e1", "FILL(m1,0)"),
        ("e2", "FILL(m2,0)"),
        ("e3", "e1/(1024*1024*300*s1)"),
        ("e4", "e2/(1000*300*s1)"),
        ("e5", "(FILL(m3,0)/1000/60)*(0.25/s2)"),
        ("e6", "MAX([e3,e4,e5])"),
    ]
    assert [query["Id"] for query in queries if query["ReturnData"]] == ["e6"]


def test_each_policy_has_its_scale_up_alarm_and_both_share_the_scale_down_alarm(
    make_stream_settings: Callable[..., StreamSettings],
) -> None:
    step, target = make_stream_settings(), make_stream_settings(policy=Policy.TARGET)
    assert expressions(make(DEPLOYMENT, step, Direction.UP, 4, TOPIC))["e5"] == "MAX([e3,e4])"
    up = make(DEPLOYMENT, target, Direction.UP, 4, TOPIC)
    assert expressions(up)["e7"] == "MAX([e3,e4,e6])"
    assert up["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    downs = [make(DEPLOYMENT, settings, Direction.DOWN, 4, TOPIC)["Metrics"] for settings in (step, target)]
    assert downs[0] == downs[1]


@pytest.mark.parametrize("policy", Policy)
@pytest.mark.parametrize("discovered", [False, True])
def test_settings_are_read_back_from_the_alarms(make_pair: Pairs, policy: Policy, discovered: bool) -> None:
    more = {
        "bounds": Bounds(2, 8),
        "policy": policy,
        "scale_up": AlarmSettings(0.8, 60, 3, 2),
        "block_minutes": -1,
        "consumer": Consumer("ship-orders", 5),
    }
    pair = make_pair(discovered=discovered, **more)
    expected = StreamSettings("orders", scale_down=AlarmSettings(0.25, 300, 60, 57), **more)  # type: ignore[arg-type]
    assert read_settings(pair) == (expected, discovered)


def test_aws_leaves_datapoints_out_where_they_are_all_periods(make_pair: Pairs) -> None:
    pair = make_pair()
    up = pair[Direction.UP]
    fewer = {key: value for key, value in up.definition.items() if key != "DatapointsToAlarm"}
    settings, _ = read_settings({**pair, Direction.UP: replace(up, definition=fewer)})
    assert settings.scale_up == AlarmSettings(0.75, 300, 5, 5)


def test_an_alarm_is_read(make_pair: Pairs) -> None:
    pair = make_pair(7, {Direction.UP: AlarmState.ALARM}, park=True)
    up, down = (read_alarm(pair[direction]) for direction in Direction)
    assert (up.shards, up.state, up.threshold, up.parked) == (7, AlarmState.ALARM, 0.75, False)
    assert (down.state, down.parked) == (AlarmState.OK, True)


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("park", [False, True])
@pytest.mark.parametrize("parked_before", [False, True])
def test_a_rewrite_changes_the_count_and_the_threshold_and_nothing_else(
    make_pair: Pairs, direction: Direction, park: bool, parked_before: bool
) -> None:
    described = make_pair(park=parked_before)[direction]
    described = replace(described, definition={**described.definition, "OKActions": ["arn:aws:sns:of:others:own"]})
    written = rewrite(described, 8, park=park)
    assert expressions(written).pop("s1") == "8"
    assert written["Threshold"] == (-1 if park else {Direction.UP: 0.75, Direction.DOWN: 0.25}[direction])
    before = dict(described.definition)
    queries = zip(before.pop("Metrics"), written.pop("Metrics"), strict=True)
    assert [after["Id"] for query, after in queries if query != after] == ["s1"]
    assert {key for key in before if before[key] != written[key]} <= {"Threshold"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Metrics": []}, "its expression s1 is '', not a shard count"),
        ({"Metrics": [{"Id": "s1", "Expression": "m9/2"}]}, "its expression s1 is 'm9/2', not a shard count"),
        ({"Metrics": [{"Id": "s1", "Expression": "0"}]}, "its expression s1 is '0', not a shard count"),
        ({"Metrics": [{"Id": "s1", "Expression": "4"}]}, "it watches no metric of a stream"),
    ],
)
def test_an_alarm_with_another_definition_is_not_believed(
    make_pair: Pairs, change: dict[str, Any], message: str
) -> None:
    up = make_pair()[Direction.UP]
    with pytest.raises(ConfigurationError, match=message) as caught:
        read_alarm(replace(up, definition={**up.definition, **change}))
    assert up.name in str(caught.value)
    assert "Apply the module" in str(caught.value)


def test_an_alarm_that_watches_another_stream_is_not_believed(make_pair: Pairs) -> None:
    clicks, orders = make_pair(name="clicks")[Direction.UP], make_pair()[Direction.UP]
    with pytest.raises(ConfigurationError, match="it watches the stream clicks"):
        read_alarm(replace(orders, definition=clicks.definition))


def test_a_missing_alarm_is_named(make_pair: Pairs) -> None:
    pair = make_pair()
    del pair[Direction.DOWN]
    with pytest.raises(ConfigurationError, match="the alarm acme-kinesis-autoscaler-orders-scale-down is missing"):
        read_settings(pair)


def test_while_terraform_changes_one_alarm_and_then_the_other_the_stream_waits(make_pair: Pairs) -> None:
    half = {**make_pair(), Direction.UP: make_pair(bounds=Bounds(2, 16))[Direction.UP]}
    with pytest.raises(TransientError, match="its two alarms disagree"):
        read_settings(half)


@pytest.mark.parametrize("stream", ["orders", "a-scale-up", "scale-down", "x.y_z-1", "kinesis-autoscaler-"])
@pytest.mark.parametrize("direction", Direction)
def test_a_name_holds_stream_and_direction(stream: str, direction: Direction) -> None:
    assert stream_of(DEPLOYMENT, alarm_name(DEPLOYMENT, stream, direction)) == (stream, direction)


@pytest.mark.parametrize(
    "name",
    [
        "orders-scale-up",
        "acme-kinesis-autoscaler-failed-streams",
        "acme-kinesis-autoscaler-scale-up",
        "acme-kinesis-autoscaler--scale-up",
        "other-acme-kinesis-autoscaler-orders-scale-up",
        "acme-kinesis-autoscaler-orders-scale-sideways",
        "",
    ],
)
def test_other_alarms_are_not_ours(name: str) -> None:
    assert stream_of(DEPLOYMENT, name) is None
