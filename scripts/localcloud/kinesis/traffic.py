"""Traffic that a stream is offered, minute by minute, and the metrics of what it takes.

Nobody sends gigabytes to a laptop. Traffic is announced instead: at the beginning of each minute the stream takes what
its open shards can, by the model of `kinesis_traffic`, and rejects the rest, which nobody sends again. Records that are
really put count into the same metrics. "Monitoring with CloudWatch" in the Kinesis Data Streams Developer Guide.
"""

import heapq
import math
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

from moto.kinesis.models import KinesisBackend, kinesis_backends

from kinesis_traffic import stream_rejected_share
from localcloud import ACCOUNT_ID, clock, timeline
from localcloud.cloudwatch import metric_data
from localcloud.cloudwatch.metrics import Metric, Point
from localcloud.kinesis import lifecycle, quota, shards
from localcloud.refusal import RefusalError

MINUTE = 60
PUBLISHED_AFTER = 2 * MINUTE
"""From the beginning of a minute until its metrics appear: it ends, and a minute passes."""
ITERATOR_AGE = "GetRecords.IteratorAgeMilliseconds"
UNITS = {"IncomingBytes": "Bytes", "PutRecords.Bytes": "Bytes", ITERATOR_AGE: "Milliseconds"}


@dataclass(frozen=True, slots=True)
class Offer:
    """What a stream is offered from `start` (seconds since 1970, a full minute) on; each point lasts some minutes."""

    start: int
    minutes_per_point: int
    bytes_: Sequence[float]
    records: Sequence[float]
    iterator_age_ms: Sequence[float | None]
    hot_share: float

    @property
    def end(self) -> int:
        """The first minute without traffic."""
        return self.start + len(self.bytes_) * self.minutes_per_point * MINUTE

    def point(self, minute: int) -> int | None:
        """The index of the point that `minute` is part of."""
        return (minute - self.start) // (self.minutes_per_point * MINUTE) if self.start <= minute < self.end else None


_lock = threading.RLock()
_numbers = count()
_offered: list[tuple[int, int, Any]] = []
"""When streams are offered traffic next; an entry counts while its stream exists and expects that very minute."""
_unpublished: dict[int, dict[tuple[str, str], dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
"""By minute, Region and stream: the metrics that will appear."""


def install() -> None:
    """Count what is really put; harmless when repeated."""
    KinesisBackend._send_stream_metrics = _count_put


def offer(name: str, body: Mapping[str, Any], *, region: str) -> Mapping[str, str]:
    """Offer traffic to a stream, in place of any that it has not been offered yet; README.md describes `body`.

    Returns when it begins and ends. Raises RefusalError: 404 for an unknown stream, 400 for a body that says nothing
    sensible, 409 for an on-demand stream and for traffic in the past.
    """
    if region not in kinesis_backends[ACCOUNT_ID] or name not in kinesis_backends[ACCOUNT_ID][region].streams:
        raise RefusalError(404, f"There is no stream {name!r} in {region}.")
    stream = kinesis_backends[ACCOUNT_ID][region].streams[name]
    if quota.is_on_demand(stream):
        raise RefusalError(409, f"What the on-demand stream {name} takes is not emulated.")
    with _lock:
        offered = _parse(body, clock.now().timestamp())
        stream.localcloud_offer = offered
        stream.localcloud_minute = offered.start
        if offered.start < offered.end:
            heapq.heappush(_offered, (offered.start, next(_numbers), stream))
    return {"from": _text(offered.start), "until": _text(offered.end)}


def _parse(body: Mapping[str, Any], now: float) -> Offer:
    known = {"start", "seconds_per_point", "bytes", "records", "iterator_age_ms", "hot_share"}
    if not isinstance(body, Mapping) or set(body) - known:
        raise RefusalError(400, f"The body must be an object of {', '.join(sorted(known))}.")
    start = _start(body.get("start"), now)
    seconds = body.get("seconds_per_point", MINUTE)
    if not isinstance(seconds, int) or seconds < MINUTE or seconds % MINUTE:
        raise RefusalError(400, f"seconds_per_point must be a multiple of {MINUTE}, not {seconds!r}.")
    hot_share = body.get("hot_share", 0.0)
    if not _is_number(hot_share) or hot_share > 1:
        raise RefusalError(400, f"hot_share must be between 0 and 1, not {hot_share!r}.")
    series, records = _numbers_of(body, "bytes"), _numbers_of(body, "records")
    ages = body.get("iterator_age_ms")
    if ages is None:
        ages = [None] * len(series)
    if not isinstance(ages, list) or not all(age is None or _is_number(age) for age in ages):
        raise RefusalError(400, "iterator_age_ms must be a list of numbers that are not negative, or null.")
    if not len(series) == len(records) == len(ages):
        raise RefusalError(400, "bytes, records and iterator_age_ms must have the same length.")
    return Offer(start, seconds // MINUTE, series, records, ages, float(hot_share))


def _numbers_of(body: Mapping[str, Any], key: str) -> list[float]:
    values = body.get(key)
    if not isinstance(values, list) or not all(_is_number(value) for value in values):
        raise RefusalError(400, f"{key} must be a list of numbers that are not negative, one for each point.")
    return values


def _start(text: Any, now: float) -> int:
    """The minute at which traffic begins: the next one by default."""
    following = math.ceil(now / MINUTE) * MINUTE
    if text is None:
        return following
    try:
        start = datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise RefusalError(400, f"start must be a time in ISO 8601, not {text!r}.") from error
    if start.tzinfo is None or start.timestamp() % MINUTE:
        raise RefusalError(400, f"start must be a full minute with an offset from UTC, not {text}.")
    if start.timestamp() < following:
        raise RefusalError(409, f"Traffic cannot begin in the past: {text} is before {_text(following)}.")
    return int(start.timestamp())


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0


def _text(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _first() -> tuple[int, Any] | None:
    while _offered:
        minute, _, stream = _offered[0]
        streams = kinesis_backends[ACCOUNT_ID][stream.region].streams
        if streams.get(stream.stream_name) is stream and stream.localcloud_minute == minute:
            return minute, stream
        heapq.heappop(_offered)
    return None


def _next_due() -> datetime | None:
    with _lock:
        first = _first()
        moments = [first[0]] if first else []
        if _unpublished:
            moments.append(min(_unpublished) + PUBLISHED_AFTER)
    return datetime.fromtimestamp(min(moments), UTC) if moments else None


def _run_due(until: datetime) -> None:
    with _lock:
        while (first := _first()) and first[0] <= until.timestamp():
            minute, stream = first
            heapq.heappop(_offered)
            _play(stream, minute)
        for minute in sorted(_unpublished):
            if minute + PUBLISHED_AFTER <= until.timestamp():
                _publish(minute)


def _play(stream: Any, minute: int) -> None:
    """Let a stream take what it can of one minute's traffic, and expect the next one."""
    offered: Offer = stream.localcloud_offer
    point = offered.point(minute)
    if point is None:
        return
    lifecycle.settle(stream, datetime.fromtimestamp(minute, UTC))
    size, records = (values[point] / offered.minutes_per_point for values in (offered.bytes_, offered.records))
    if size or records:
        open_shards = len(shards.open_shards(stream))
        # Where AWS chooses the shards, they are enough.
        share = 0.0 if quota.is_on_demand(stream) else _rejected(size, records, open_shards, offered.hot_share)
        rejected = round(records * share)
        taken = round(records) - rejected
        _add(
            _metrics(stream, minute),
            {
                "IncomingBytes": round(size * (1 - share)),
                "IncomingRecords": taken,
                "WriteProvisionedThroughputExceeded": rejected,
                "PutRecords.Bytes": round(size * (1 - share)),
                "PutRecords.TotalRecords": round(records),
                "PutRecords.SuccessfulRecords": taken,
                "PutRecords.FailedRecords": 0,
                "PutRecords.ThrottledRecords": rejected,
            },
        )
    if (age := offered.iterator_age_ms[point]) is not None:
        _metrics(stream, minute)[ITERATOR_AGE] = age
    stream.localcloud_minute = minute + MINUTE
    heapq.heappush(_offered, (minute + MINUTE, next(_numbers), stream))


def _rejected(size: float, records: float, open_shards: int, hot_share: float) -> float:
    return float(stream_rejected_share(size, records, open_shards, hot_share=hot_share))


def _metrics(stream: Any, minute: int) -> dict[str, float]:
    return _unpublished[minute][stream.region, stream.stream_name]


def _count_put(self: Any, stream_name: str, incoming_bytes: int, incoming_records: int) -> None:
    """Records that were really put, in the account that has metrics."""
    if self.account_id != ACCOUNT_ID:
        return
    minute = int(clock.now().timestamp() // MINUTE) * MINUTE
    values = {
        "IncomingBytes": incoming_bytes,
        "IncomingRecords": incoming_records,
        "WriteProvisionedThroughputExceeded": 0,
    }
    with _lock:
        _add(_unpublished[minute][self.region_name, stream_name], values)


def _add(metrics: dict[str, float], values: Mapping[str, float]) -> None:
    for name, value in values.items():
        metrics[name] = metrics.get(name, 0) + value


def _publish(minute: int) -> None:
    for (region, stream_name), metrics in _unpublished.pop(minute).items():
        for name, value in metrics.items():
            metric = Metric("AWS/Kinesis", name, (("StreamName", stream_name),))
            metric_data.record(region, metric, Point.single(minute, float(value), UNITS.get(name, "Count")))


TRAFFIC = timeline.Source("kinesis traffic", _next_due, _run_due)
"""The traffic of every stream on the timeline."""
