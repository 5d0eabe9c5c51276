"""The shards of moto's streams: what splits and merges them, and which take records.

"Resharding a stream" in the Kinesis Data Streams Developer Guide: a shard that was split or merged is closed. It keeps
its records and stays listed until their retention ends; its children take what is written from then on.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from moto.kinesis.exceptions import InvalidArgumentError
from moto.kinesis.models import Shard, Stream
from moto.utilities.utils import md5_hash

from localcloud.kinesis.resharding import HASH_KEYS, Merge, Split

LONGEST_KEY = 256


def install() -> None:
    """Put our shards in place of moto's; harmless when repeated."""
    Stream.init_shards = _begin
    Stream.get_shard_for_key = _for_key


def open_shards(stream: Any) -> list[Any]:
    """The open shards of moto's `stream`, by their hash keys."""
    return sorted((shard for shard in stream.shards.values() if shard.is_open), key=lambda shard: shard.starting_hash)


def apply(stream: Any, steps: Iterable[Split | Merge], moment: datetime) -> None:
    """Split and merge, each closing its shards at `moment`."""
    present = open_shards(stream)
    by_start = {shard.starting_hash: shard for shard in present}
    by_end = {shard.ending_hash: shard for shard in present}
    for step in steps:
        match step:
            case Split(at):
                parent = next(shard for shard in by_start.values() if shard.starting_hash < at <= shard.ending_hash)
                parents = [parent]
                ranges = [(parent.starting_hash, at - 1), (at, parent.ending_hash)]
            case Merge(at):
                parents = [by_end[at - 1], by_start[at]]
                ranges = [(parents[0].starting_hash, parents[1].ending_hash)]
        for parent in parents:
            del by_start[parent.starting_hash], by_end[parent.ending_hash]
        for child in _replace(stream, parents, ranges, moment):
            by_start[child.starting_hash] = by_end[child.ending_hash] = child
    stream.shard_count = len(by_start)


def forget_expired(stream: Any, now: datetime) -> None:
    """Forget shards that were closed so long ago that no record of theirs is kept any more."""
    oldest = now - timedelta(hours=stream.retention_period_hours)
    for name, shard in list(stream.shards.items()):
        if not shard.is_open and shard.closed_at <= oldest:
            del stream.shards[name]


def children(stream: Any, shard: Any) -> list[dict[str, Any]]:
    """What a reader that has come to the end of a closed shard is told to go on with."""
    return [
        {
            "ShardId": child.shard_id,
            "ParentShards": [name for name in (child.parent, child.adjacent_parent) if name],
            "HashKeyRange": {"StartingHashKey": str(child.starting_hash), "EndingHashKey": str(child.ending_hash)},
        }
        for child in stream.shards.values()
        if shard.shard_id in (child.parent, child.adjacent_parent)
    ]


def _replace(stream: Any, parents: list[Any], ranges: list[tuple[int, int]], moment: datetime) -> list[Any]:
    """Close `parents` and open shards for `ranges` of hash keys in their place."""
    for parent in parents:
        parent.is_open = False
        parent.closed_at = moment
    names = [parent.shard_id for parent in parents]
    number = next(reversed(stream.shards.values()))._shard_id  # the newest is the last
    opened = []
    for start, end in ranges:
        number += 1
        shard = Shard(number, start, end, parent=names[0], adjacent_parent=names[1] if len(names) > 1 else None)
        stream.shards[shard.shard_id] = shard
        opened.append(shard)
    return opened


def _begin(self: Any, shard_count: int) -> None:
    self.shard_count = shard_count
    starts = [number * HASH_KEYS // shard_count for number in range(shard_count)]
    for number, (start, following) in enumerate(zip(starts, [*starts[1:], HASH_KEYS], strict=True)):
        shard = Shard(number, start, following - 1)
        self.shards[shard.shard_id] = shard


def _for_key(self: Any, partition_key: str, explicit_hash_key: str | None) -> Any:
    """The open shard that takes a record; moto's own also names closed ones."""
    if not isinstance(partition_key, str) or not 1 <= len(partition_key) <= LONGEST_KEY:
        raise InvalidArgumentError("partition_key")
    if explicit_hash_key:
        key = int(explicit_hash_key)
        if key >= HASH_KEYS:
            raise InvalidArgumentError("explicit_hash_key")
    else:
        key = int(md5_hash(partition_key.encode()).hexdigest(), 16)
    return next(
        shard for shard in self.shards.values() if shard.is_open and shard.starting_hash <= key <= shard.ending_hash
    )
