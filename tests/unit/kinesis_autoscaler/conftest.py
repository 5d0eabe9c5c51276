"""Builders with defaults, so that a test states only what it is about."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from kinesis_autoscaler.definition import Described, make
from kinesis_autoscaler.model import AlarmSettings, AlarmState, Bounds, Direction, Policy, StreamSettings

DEPLOYMENT = "acme-kinesis-autoscaler"
TOPIC = "arn:aws:sns:us-east-1:123456789012:acme-kinesis-autoscaler"
SINCE = datetime(2026, 11, 24, 5, 55, tzinfo=UTC)
UP = AlarmSettings(0.75, 300, 5, 5)
DOWN = AlarmSettings(0.25, 300, 60, 57)


@pytest.fixture(scope="session")
def make_stream_settings() -> Callable[..., StreamSettings]:
    """A stream `orders`, 1 to 16 shards, policy step, the published alarms, an iterator age of 30 minutes."""

    def made(**more: Any) -> StreamSettings:
        defaults = StreamSettings("orders", Bounds(1, 16), Policy.STEP, UP, DOWN, 30)
        return replace(defaults, **more)

    return made


@pytest.fixture(scope="session")
def make_pair(make_stream_settings: Callable[..., StreamSettings]) -> Callable[..., dict[Direction, Described]]:
    """The two alarms of a stream with 4 shards, both OK, as DescribeAlarms shows them."""

    def made(
        shards: int = 4,
        states: dict[Direction, AlarmState] | None = None,
        discovered: bool = False,
        park: bool = False,
        **more: Any,
    ) -> dict[Direction, Described]:
        settings = make_stream_settings(**more)
        pair = {}
        for direction in Direction:
            parked = park and direction is Direction.DOWN
            definition = make(DEPLOYMENT, settings, direction, shards, TOPIC, park=parked, discovered=discovered)
            state = (states or {}).get(direction, AlarmState.OK)
            written = {
                **definition,
                "AlarmArn": f"arn:aws:cloudwatch:us-east-1:123456789012:alarm:{definition['AlarmName']}",
                "OKActions": [],
                "InsufficientDataActions": [],
                "StateValue": state.value,
                "StateReason": "Unchecked: Initial alarm creation",
                "StateUpdatedTimestamp": SINCE,
                "AlarmConfigurationUpdatedTimestamp": SINCE,
            }
            pair[direction] = Described(definition["AlarmName"], settings.name, direction, state, SINCE, written)
        return pair

    return made
