"""The settings of the function and the tags of streams: defaults, and every refusal by name."""

import json
from typing import Any

import pytest

from common.errors import ConfigurationError
from kinesis_autoscaler.model import AlarmSettings, Bounds, Direction, Policy, StreamSettings
from kinesis_autoscaler.settings import Settings, read_settings
from kinesis_autoscaler.tags import TAG, read_tags

ALARM = {"threshold": 0.75, "period_seconds": 300, "evaluation_periods": 5, "datapoints_to_alarm": 5}
DOCUMENT: dict[str, Any] = {
    "topic_arn": "arn:aws:sns:us-east-1:123456789012:acme-kinesis-autoscaler",
    "queue_url": "https://sqs.us-east-1.amazonaws.com/123456789012/acme-kinesis-autoscaler",
    "state_table": "acme-kinesis-autoscaler",
    "dry_run": False,
    "alarms": {
        "scale-up": ALARM,
        "target-up": {**ALARM, "period_seconds": 60, "evaluation_periods": 3, "datapoints_to_alarm": 2},
        "scale-down": {**ALARM, "threshold": 0.25, "evaluation_periods": 60, "datapoints_to_alarm": 57},
        "target-down": {**ALARM, "threshold": 0.45, "evaluation_periods": 12, "datapoints_to_alarm": 12},
    },
    "discovery": {"bounds": {"minimum": 1, "maximum": 16}, "policy": "step", "block_minutes": 30},
}


def document(**more: Any) -> dict[str, Any]:
    """The settings with the values that the dotted paths `more` name ("/" for ".")."""
    copy: dict[str, Any] = json.loads(json.dumps(DOCUMENT))
    for path, value in more.items():
        *parents, last = path.split("/")
        place = copy
        for parent in parents:
            place = place[parent]
        place[last] = value
    return copy


def read(**more: Any) -> Settings:
    return read_settings({"SETTINGS": json.dumps(document(**more))})


@pytest.mark.parametrize("discovery", [{}, {"discovery": None}])
def test_reads_what_terraform_writes(discovery: dict[str, Any]) -> None:
    settings = read(**discovery)
    assert settings.alarm(Policy.TARGET, Direction.UP) == AlarmSettings(0.75, 60, 3, 2)
    assert settings.alarm(Policy.STEP, Direction.DOWN) == AlarmSettings(0.25, 300, 60, 57)
    assert (settings.discovery is None) == bool(discovery)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dry_run": "perhaps"}, "dry_run is 'perhaps', true or false is accepted"),
        ({"topic_arn": ""}, "topic_arn is '', a text that is not empty is accepted"),
        ({"regions": []}, "regions is not known"),
        ({"alarms": {"scale-up": ALARM}}, "alarms.scale-down is missing; alarms.target-down is missing"),
        ({"alarms/sideways": ALARM}, "alarms.sideways is not known"),
        ({"alarms/scale-up/threshold": 75}, "alarms.scale-up.threshold is 75, a number above 0 and at most 1"),
        ({"alarms/scale-up/period_seconds": 90}, "alarms.scale-up.period_seconds must be a multiple of 60"),
        ({"alarms/scale-up/datapoints_to_alarm": 6}, "datapoints_to_alarm must not exceed evaluation_periods"),
        (
            {"alarms/scale-up": {**ALARM, "period_seconds": 3600, "evaluation_periods": 169}},
            "or a week with periods of",
        ),
        ({"alarms/scale-up/evaluation_periods": 300}, "evaluation_periods must not reach back further than a day"),
        ({"discovery/bounds/minimum": 17}, "discovery.bounds.minimum must not exceed discovery.bounds.maximum"),
        ({"discovery/bounds/maximum": "many"}, "discovery.bounds.maximum is 'many', a whole number from 1 to 10000"),
        ({"discovery/policy": "guess"}, "discovery.policy is 'guess', one of step, target is accepted"),
    ],
)
def test_names_what_is_wrong(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        read(**change)


@pytest.mark.parametrize(
    ("variables", "message"),
    [({}, "SETTINGS is missing"), ({"SETTINGS": "{"}, "SETTINGS is no JSON .* apply the module again")],
)
def test_settings_that_are_not_there_are_named(variables: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        read_settings(variables)


# Tags


def tagged(tags: dict[str, str]) -> StreamSettings | None:
    settings = read()
    assert settings.discovery is not None
    return read_tags("orders", {"team": "blue", **tags}, settings, settings.discovery)


def test_a_tag_alone_takes_the_defaults() -> None:
    expected = StreamSettings(
        "orders", Bounds(1, 16), Policy.STEP, AlarmSettings(0.75, 300, 5, 5), AlarmSettings(0.25, 300, 60, 57), 30
    )
    assert tagged({TAG: "on"}) == expected


def test_tags_say_how() -> None:
    more = {f"{TAG}:minimum": "2", f"{TAG}:maximum": "64", f"{TAG}:policy": "target", f"{TAG}:block-minutes": "-1"}
    expected = StreamSettings(
        "orders", Bounds(2, 64), Policy.TARGET, AlarmSettings(0.75, 60, 3, 2), AlarmSettings(0.45, 300, 12, 12), -1
    )
    assert tagged({TAG: "on", **more}) == expected


@pytest.mark.parametrize("tags", [{}, {TAG: "off"}, {TAG: "off", f"{TAG}:minimum": "two"}, {f"{TAG}:minimum": "2"}])
def test_without_its_tag_a_stream_is_left_alone(tags: dict[str, str]) -> None:
    assert tagged(tags) is None


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ({TAG: "yes"}, f"its tag {TAG} is 'yes', on or off is accepted"),
        ({f"{TAG}:minimum": "two"}, f"its tag {TAG}:minimum is 'two', a whole number from 1 to 10000 is accepted"),
        ({f"{TAG}:maximum": "0", f"{TAG}:policy": "up"}, f"{TAG}:maximum is '0', .*; its tag {TAG}:policy is 'up'"),
        ({f"{TAG}:minimum": "17"}, f"the minimum 17 exceed the maximum 16: correct {TAG}:minimum or {TAG}:maximum"),
        ({f"{TAG}:block-minutes": "-5"}, f"{TAG}:block-minutes is '-5', -1 for off or a whole number"),
        ({f"{TAG}:min": "2"}, f"its tag {TAG}:min is not known"),
    ],
)
def test_a_wrong_tag_is_named(tags: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        tagged({TAG: "on", **tags})
