"""What UpdateShardCount allows, how long it takes and which shards it splits and merges. No clock, no moto.

Source: API_UpdateShardCount. It names the limits and not their errors; the codes and words are those that users of
AWS report. How long it takes is documented as "a few minutes": the figures here are an assumption.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

MOST_CALLS = 10
CALLS_WINDOW = timedelta(hours=24)
MOST_SHARDS = 10_000
BASE_SECONDS = 120.0
SECONDS_PER_SHARD = 1.8
OFF_GRID_FACTOR = 1.5
HASH_KEYS = 2**128
"""Hash keys are 0 to one less than this."""


class Refusal(Exception):  # noqa: N818 - the answer that AWS gives, not a failure of ours
    """A call that AWS refuses with the error `code`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Account:
    """The account and Region that a stream is in, with its `shard_limit` and the shards that are open now."""

    account_id: str
    region: str
    shard_limit: int
    open_shards: int

    def require_room(self, more: int) -> None:
        """Raise Refusal where `more` open shards would exceed the limit."""
        if self.open_shards + more > self.shard_limit:
            raise Refusal(
                "LimitExceededException",
                f"This request would exceed the shard limit for the account {self.account_id} in {self.region}. "
                f"Current shard count for the account: {self.open_shards}. Limit: {self.shard_limit}. "
                f"Number of additional shards that would have resulted from this request: {more}.",
            )


def smallest_target(open_shards: int) -> int:
    """The fewest shards that one call may leave of `open_shards`: half, rounded up."""
    return math.ceil(open_shards / 2)


def require_possible(
    stream: str, open_shards: int, target: int, calls: Iterable[datetime], now: datetime, account: Account
) -> None:
    """Raise Refusal unless an active, provisioned `stream` may go from `open_shards` to `target` now.

    `calls`: when UpdateShardCount was called with success. AWS does not say what a target does that is the present
    count; here it is refused.
    """
    counts = f"Current open shard count: {open_shards} Target shard count: {target}"
    if target == open_shards:
        raise Refusal("InvalidArgumentException", f"The target is the current open shard count. {counts}")
    if target > 2 * open_shards:
        message = f"UpdateShardCount cannot scale up over double your current open shard count. {counts}"
        raise Refusal("LimitExceededException", message)
    if target < smallest_target(open_shards):
        message = f"UpdateShardCount cannot scale down below half your current open shard count. {counts}"
        raise Refusal("LimitExceededException", message)
    if target > MOST_SHARDS or (open_shards > MOST_SHARDS and target == MOST_SHARDS):
        raise Refusal("LimitExceededException", f"UpdateShardCount cannot scale to over {MOST_SHARDS} shards. {counts}")
    account.require_room(target - open_shards)
    if calls_left(calls, now) == 0:
        raise Refusal(
            "LimitExceededException", f"Rate exceeded for stream {stream} under account {account.account_id}."
        )


def calls_left(calls: Iterable[datetime], now: datetime) -> int:
    """How many of the ten calls of any 24 hours a stream has left at `now`."""
    return max(MOST_CALLS - sum(now - call < CALLS_WINDOW for call in calls), 0)


def seconds_needed(open_shards: int, target: int) -> float:
    """How long a stream is UPDATING: two minutes, 1.8 s per shard of the larger count, and half as long again where
    the target is no multiple of 25 % of the count, which AWS calls slower.
    """
    seconds = BASE_SECONDS + SECONDS_PER_SHARD * max(open_shards, target)
    return seconds * (1 if 4 * target % open_shards == 0 else OFF_GRID_FACTOR)


@dataclass(frozen=True, slots=True)
class Split:
    """The open shard over hash key `at` becomes two, of which the second begins there."""

    at: int


@dataclass(frozen=True, slots=True)
class Merge:
    """The open shards that end before and begin at hash key `at` become one."""

    at: int


def steps(starts: Sequence[int], target: int) -> list[Split | Merge]:
    """What makes `target` equal shards of open shards that begin at `starts` (hash keys, the first 0), in order.

    All splits come first, as on AWS: from four to five shards there are eight for a while.
    """
    wanted = {number * HASH_KEYS // target for number in range(target)}
    present = set(starts)
    splits = [Split(at) for at in sorted(wanted - present)]
    return [*splits, *(Merge(at) for at in sorted(present - wanted))]
