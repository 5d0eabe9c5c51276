"""What a stream's traffic asks for, minute by minute, in shards that it would fill."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from kinesis_autoscaler.model import BYTES_PER_SECOND, RECORDS_PER_SECOND, Memory, Peak, Traffic
from kinesis_autoscaler.reshard import reshard_time

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
PEAKS_KEPT = timedelta(days=8)
"""A week back, and the hours around it."""

ROOM = 0.6
"""Below this usage evenly spread traffic is not rejected: seconds that are half as busy again as their minute fit."""

THROTTLED_SHARE = 0.005
"""The share of a minute's records that counts as throttling, as in the alarm's expression."""

HOT_WINDOW = 15
HOT_MINUTES = 2
"""Minutes of the window that must throttle in spite of room: a single one may be a burst of seconds."""


def loads(traffic: Traffic) -> list[float]:
    """What was accepted in each minute, in full shards: by bytes or by records, whichever fills more."""
    return [
        max(size / (60 * BYTES_PER_SECOND), records / (60 * RECORDS_PER_SECOND))
        for size, records in zip(traffic.accepted_bytes, traffic.accepted_records, strict=True)
    ]


def shards_at(traffic: Traffic, open_shards: int, memory: Memory) -> list[int]:
    """How many shards took the traffic of each minute; while they were being changed, the fewer of both counts."""
    counts = [open_shards] * len(traffic.rejected)
    start = traffic.until - MINUTE * len(counts)
    for resize in reversed(memory.resizes):
        begun = (resize.at - start) // MINUTE
        ended = -((start - resize.at - reshard_time(resize.before, resize.after)) // MINUTE)
        for index in range(max(0, begun), min(len(counts), ended)):
            counts[index] = min(resize.before, resize.after)
        for index in range(min(len(counts), max(0, begun))):
            counts[index] = resize.before
    return counts


def demands(traffic: Traffic, open_shards: int, memory: Memory) -> list[float]:
    """What was asked for in each minute, in full shards.

    Rejected records count as asked for, producers' retries included, unless the stream had room: then a shard was
    hot, and more shards do not help. A rejected record is taken to be as large as an accepted one.
    """
    asked = []
    for load, shards, accepted, rejected in zip(
        loads(traffic),
        shards_at(traffic, open_shards, memory),
        traffic.accepted_records,
        traffic.rejected,
        strict=True,
    ):
        if rejected and load >= ROOM * shards and accepted:
            asked.append(load * (accepted + rejected) / accepted)
        else:
            asked.append(load)
    return asked


def hot_minutes(traffic: Traffic, open_shards: int, memory: Memory) -> int:
    """In how many of the last minutes records were rejected although the stream had room."""
    counted = zip(
        loads(traffic)[-HOT_WINDOW:],
        shards_at(traffic, open_shards, memory)[-HOT_WINDOW:],
        traffic.accepted_records[-HOT_WINDOW:],
        traffic.rejected[-HOT_WINDOW:],
        strict=True,
    )
    return sum(
        load < ROOM * shards and rejected > THROTTLED_SHARE * (accepted + rejected)
        for load, shards, accepted, rejected in counted
    )


def with_peaks(memory_peaks: tuple[Peak, ...], until: datetime, asked: Sequence[float]) -> tuple[Peak, ...]:
    """The peaks with those of the hours that lie whole within the minutes `asked` up to `until`.

    Nothing is added for hours that are there: the result is the same until another hour is over.
    """
    start = until - MINUTE * len(asked)
    hour = start.replace(minute=0, second=0, microsecond=0)
    if hour < start:
        hour += HOUR
    known = {peak.hour for peak in memory_peaks[-8:]}
    added = []
    while hour + HOUR <= until:
        if hour not in known:
            first = (hour - start) // MINUTE
            added.append(Peak(hour, round(max(asked[first : first + 60]), 3)))
        hour += HOUR
    if not added:
        return memory_peaks
    kept = [peak for peak in memory_peaks if until - peak.hour < PEAKS_KEPT]
    return tuple(sorted([*kept, *added], key=lambda peak: peak.hour))
