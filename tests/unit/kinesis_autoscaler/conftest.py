"""Builders with defaults, so that a test states only what it is about."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from busy_account import Account, Shards

from kinesis_autoscaler.definition import Described, make
from kinesis_autoscaler.gateway import connect
from kinesis_autoscaler.model import AlarmSettings, AlarmState, Bounds, Direction, Policy, StreamSettings
from kinesis_autoscaler.run import Run
from kinesis_autoscaler.settings import Settings

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


@pytest.fixture
def account() -> Account:
    """An account without streams, on a clock of its own."""
    return Account(DEPLOYMENT)


@pytest.fixture
def make_function_settings() -> Callable[..., Settings]:
    """The settings of the function: the published alarms, nothing discovered."""

    def made(**more: Any) -> Settings:
        alarms = {
            "scale-up": AlarmSettings(0.75, 300, 5, 5),
            "target-up": AlarmSettings(0.75, 60, 3, 2),
            "scale-down": AlarmSettings(0.25, 300, 60, 57),
            "target-down": AlarmSettings(0.45, 300, 12, 12),
        }
        return replace(Settings(TOPIC, "https://sqs.test/work", "memories", False, alarms), **more)

    return made


@pytest.fixture
def add_stream(account: Account, make_stream_settings: Callable[..., StreamSettings]) -> Callable[..., None]:
    """Put a stream and its two alarms into the account; `states` of the alarms are OK unless said otherwise."""

    def add(
        name: str = "orders",
        shards: int = 4,
        states: dict[Direction, AlarmState] | None = None,
        alarm_shards: int | None = None,
        load: float = 0.0,
        discovered: bool = False,
        tags: dict[str, str] | None = None,
        **more: Any,
    ) -> None:
        account.streams[name] = Shards(shards, load, tags=tags or {})
        settings = make_stream_settings(name=name, **more)
        for direction in Direction:
            count = alarm_shards or shards
            park = direction is Direction.DOWN and count <= settings.bounds.minimum
            definition = make(DEPLOYMENT, settings, direction, count, TOPIC, park=park, discovered=discovered)
            state = (states or {}).get(direction, AlarmState.OK).value
            account.alarms[definition["AlarmName"]] = {
                **definition,
                "StateValue": state,
                "StateUpdatedTimestamp": account.clock.now,
            }

    return add


@pytest.fixture
def make_run(account: Account, make_function_settings: Callable[..., Settings]) -> Callable[..., Run]:
    """A run at the account's time, as a new worker would do it; `in_time` says there is time unless said otherwise."""

    def made(in_time: Callable[[], bool] = lambda: True, **more: Any) -> Run:
        settings = make_function_settings(**more)
        aws = connect(settings, DEPLOYMENT, account, account.clock, account.clock.sleep)
        return Run(aws, settings, DEPLOYMENT, account.clock.now, in_time)

    return made
