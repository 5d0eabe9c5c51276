"""What an alarm's description holds: the words, there and back, and everything that is no settings."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import ConfigurationError
from kinesis_autoscaler.description import Description, parse, write
from kinesis_autoscaler.model import Bounds, Consumer, Direction, Policy

PLAIN = Description(Bounds(1, 16), Policy.STEP, 0.75, 30, False, Consumer("ship-orders", 5))
TEXT = (
    "Kinesis stream orders: scale-up by acme-kinesis-autoscaler. "
    '{"block_minutes":30,"bounds":{"maximum":16,"minimum":1},"consumer":{"function_name":"ship-orders","per_shard":5},'
    '"discovered":false,"policy":"step","threshold":0.75}'
)


def test_the_text_is_the_one_that_terraform_writes() -> None:
    assert write("orders", Direction.UP, "acme-kinesis-autoscaler", PLAIN) == TEXT


@given(
    st.builds(
        Description,
        st.integers(1, 10_000).map(lambda maximum: Bounds(1, maximum)),
        st.sampled_from(Policy),
        st.floats(0.01, 1),
        st.just(-1) | st.integers(1, 525_600),
        st.booleans(),
        st.none() | st.builds(Consumer, st.sampled_from(["f", "ship{orders}"]), st.integers(1, 1000)),
    )
)
def test_what_is_written_is_read(description: Description) -> None:
    assert parse(write("orders", Direction.DOWN, "acme-kinesis-autoscaler", description)) == description


def test_terraform_writes_whole_numbers_without_decimals() -> None:
    assert parse(TEXT.replace("0.75", "1")).threshold == 1.0


def test_a_description_that_aws_would_not_take_names_the_way_out() -> None:
    long = Description(Bounds(1, 16), Policy.STEP, 0.75, 30, False, Consumer("f" * 1000, 5))
    with pytest.raises(ConfigurationError, match=r"takes 12\d\d characters, 1024 are possible: give the consumer"):
        write("orders", Direction.UP, "acme-kinesis-autoscaler", long)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bounds": {"minimum": 8, "maximum": 2}}, r"bounds.minimum 8 exceeds bounds.maximum 2"),
        ({"bounds": {"minimum": "two", "maximum": 2}}, r"bounds.minimum is 'two', a whole number from 1 to 10000"),
        ({"policy": "guess"}, r"policy is 'guess', one of step, target is accepted"),
        ({"threshold": 75}, r"threshold is 75, a number above 0 and at most 1 is accepted"),
        ({"threshold": True}, r"threshold is True"),
        ({"block_minutes": -2}, r"block_minutes is -2, -1 for off or a whole number from 1 to 525600 is accepted"),
        ({"consumer": {"function_name": "", "per_shard": 0}}, r"function_name is ''.*per_shard is 0"),
        ({"speed": 1}, r"speed is not known"),
    ],
)
def test_names_what_is_wrong(change: dict[str, Any], message: str) -> None:
    document = {**json.loads(TEXT[TEXT.index("{") :]), **change}
    with pytest.raises(ConfigurationError, match=message):
        parse(f"edited by hand {json.dumps(document)}")


@pytest.mark.parametrize("text", ["", "Too many orders", "{", "[]", "x {]"])
def test_a_description_of_others_holds_no_settings(text: str) -> None:
    with pytest.raises(ConfigurationError, match="holds no settings"):
        parse(text)
