"""What UpdateShardCount allows and how it gets there, as AWS documents it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.kinesis.resharding import (
    HASH_KEYS,
    Account,
    Merge,
    Refusal,
    Split,
    calls_left,
    require_possible,
    seconds_needed,
    smallest_target,
    steps,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ACCOUNT = Account("123456789012", "us-east-1", shard_limit=20_000, open_shards=100)


def code(open_shards: int, target: int, calls: list[datetime] | None = None, account: Account = ACCOUNT) -> str | None:
    try:
        require_possible("orders", open_shards, target, calls or [], NOW, account)
    except Refusal as refusal:
        return refusal.code
    return None


@pytest.mark.parametrize(
    ("open_shards", "target"), [(1, 2), (4, 8), (4, 2), (5, 3), (3, 2), (2, 1), (7, 13), (9_000, 10_000)]
)
def test_allows_up_to_double_and_down_to_half_rounded_up(open_shards: int, target: int) -> None:
    assert code(open_shards, target) is None


@pytest.mark.parametrize(
    ("open_shards", "target"), [(1, 3), (4, 9), (4, 1), (5, 2), (3, 1), (9_000, 10_001), (12_000, 10_000)]
)
def test_refuses_more_than_double_less_than_half_and_over_ten_thousand(open_shards: int, target: int) -> None:
    assert code(open_shards, target) == "LimitExceededException"


def test_a_stream_over_ten_thousand_may_come_down_below_them() -> None:
    assert code(12_000, 9_999) is None


def test_refuses_the_count_that_a_stream_has() -> None:
    assert code(4, 4) == "InvalidArgumentException"


def test_names_both_counts() -> None:
    with pytest.raises(Refusal, match=r"over double .* Current open shard count: 1 Target shard count: 4"):
        require_possible("orders", 1, 4, [], NOW, ACCOUNT)


def test_ten_calls_are_allowed_in_any_24_hours() -> None:
    calls = [NOW - timedelta(hours=hours) for hours in (30, 24, 23, 20, 16, 12, 8, 6, 4, 2, 1)]
    assert calls_left(calls, NOW) == 1
    assert code(4, 8, calls) is None
    assert code(4, 8, [*calls, NOW]) == "LimitExceededException"
    assert code(4, 8, [*calls, NOW - timedelta(days=2)]) is None


def test_the_shards_of_the_account_are_limited() -> None:
    crowded = Account("123456789012", "eu-west-2", shard_limit=102, open_shards=100)
    assert code(4, 6, account=crowded) is None
    assert code(4, 7, account=crowded) == "LimitExceededException"
    assert code(4, 2, account=crowded) is None


@pytest.mark.parametrize(
    ("open_shards", "target", "seconds"),
    [(1, 2, 123.6), (4, 5, 129.0), (100, 50, 300.0), (3, 4, 190.8), (100, 101, 452.7)],
)
def test_takes_longer_for_more_shards_and_off_the_grid(open_shards: int, target: int, seconds: float) -> None:
    assert seconds_needed(open_shards, target) == pytest.approx(seconds)


def test_doubling_only_splits_and_halving_only_merges() -> None:
    half, quarter = HASH_KEYS // 2, HASH_KEYS // 4
    assert steps([0, half], 4) == [Split(quarter), Split(3 * quarter)]
    assert steps([0, quarter, half, 3 * quarter], 2) == [Merge(quarter), Merge(3 * quarter)]


@given(st.integers(1, 200), st.data())
def test_steps_end_with_equal_shards_and_pass_through_no_more_than_both_counts(
    open_shards: int, data: st.DataObject
) -> None:
    target = data.draw(st.integers(smallest_target(open_shards), 2 * open_shards))
    starts = {number * HASH_KEYS // open_shards for number in range(open_shards)}
    for step in steps(sorted(starts), target):
        match step:
            case Split(at):
                assert at not in starts
                starts.add(at)
            case Merge(at):
                starts.remove(at)
        assert len(starts) < open_shards + target
    assert starts == {number * HASH_KEYS // target for number in range(target)}
