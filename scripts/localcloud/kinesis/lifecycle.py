"""What state a stream is in as time passes: a resharding goes on shard by shard until the stream is active again.

Whoever looks at a stream does so through moto's `describe_stream`, which settles it first.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from moto.kinesis.models import KinesisBackend

from localcloud import clock
from localcloud.extensions import AwsError
from localcloud.kinesis import quota, resharding, shards
from localcloud.kinesis.resharding import Merge, Refusal, Split

ACTIVE, UPDATING = "ACTIVE", "UPDATING"

_lock = threading.RLock()
moto_describe_stream = KinesisBackend.describe_stream
moto_find_stream_by_arn = KinesisBackend._find_stream_by_arn
moto_list_streams = KinesisBackend.list_streams


@dataclass(slots=True)
class Resharding:
    """A change of shards that is going on: its steps are spread evenly between the two moments."""

    steps: Sequence[Split | Merge]
    started: datetime
    ends: datetime
    done: int = 0

    def due(self, now: datetime) -> Sequence[Split | Merge]:
        """The steps that have been taken by `now` and were not before."""
        passed = min((now - self.started) / (self.ends - self.started), 1.0)
        reached = int(passed * len(self.steps))
        steps = self.steps[self.done : reached]
        self.done = reached
        return steps


def install() -> None:
    """Let every look at a stream see what time has made of it; harmless when repeated."""
    KinesisBackend.describe_stream = _describe_stream
    KinesisBackend._find_stream_by_arn = _find_stream_by_arn
    KinesisBackend.list_streams = _list_streams


@contextmanager
def held(backend: Any) -> Iterator[datetime]:
    """Keep the streams of moto's `backend` as they are now, all settled. A Refusal becomes the answer."""
    with _lock:
        now = clock.now()
        for stream in list(backend.streams.values()):
            settle(stream, now)
        try:
            yield now
        except Refusal as refusal:
            raise AwsError(refusal.code, refusal.message) from refusal


def settle(stream: Any, now: datetime) -> None:
    """Let the time until `now` pass for moto's `stream`."""
    with _lock:
        change: Resharding | None = stream.__dict__.get("localcloud_resharding")
        if change is not None:
            shards.apply(stream, change.due(now), now)
            if now >= change.ends:
                del stream.localcloud_resharding
                stream.status = ACTIVE
        shards.forget_expired(stream, now)


def begin(stream: Any, steps: Sequence[Split | Merge], now: datetime, seconds: float) -> None:
    """Start a resharding that takes so many seconds."""
    stream.status = UPDATING
    stream.localcloud_resharding = Resharding(steps, now, now + timedelta(seconds=seconds))


def require_active(stream: Any) -> None:
    """Raise Refusal unless the stream is active."""
    if stream.status != ACTIVE:
        raise Refusal(
            "ResourceInUseException",
            f"Stream {stream.stream_name} under account {stream.account_id} not ACTIVE, "
            f"instead in state {stream.status}",
        )


def require_provisioned(stream: Any) -> None:
    """Raise Refusal for an on-demand stream, whose shards are AWS's business."""
    if quota.is_on_demand(stream):
        raise Refusal(
            "ValidationException",
            f"Request is invalid. Stream {stream.stream_name} under account {stream.account_id} is in On-Demand mode.",
        )


def update_shard_count(backend: Any, stream: Any, target: int, now: datetime) -> int:
    """Begin to reshard to `target` open shards; returns how many there are. Raises Refusal."""
    require_active(stream)
    require_provisioned(stream)
    present = shards.open_shards(stream)
    calls: list[datetime] = stream.__dict__.setdefault("localcloud_calls", [])
    resharding.require_possible(stream.stream_name, len(present), target, calls, now, quota.account(backend))
    calls.append(now)
    starts = [shard.starting_hash for shard in present]
    begin(stream, resharding.steps(starts, target), now, resharding.seconds_needed(len(present), target))
    return len(present)


def _describe_stream(self: Any, stream_arn: str | None, stream_name: str | None) -> Any:
    stream = moto_describe_stream(self, stream_arn, stream_name)
    settle(stream, clock.now())
    return stream


def _find_stream_by_arn(self: Any, stream_arn: str) -> Any:
    return self.describe_stream(stream_arn, None)


def _list_streams(self: Any) -> list[Any]:
    found = sorted(moto_list_streams(self), key=lambda stream: str(stream.stream_name))
    for stream in found:
        settle(stream, clock.now())
    return found
