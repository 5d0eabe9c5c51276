"""What a stream's traffic asks for, minute by minute, in shards that it would fill."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
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


@dataclass(frozen=True, slots=True)
class Demand:
    """Minutes up to `until`, oldest first, in full shards: what was `taken` and what was `asked` for.

    Rejected records count as asked for, producers' retries included, unless the stream had room: then a shard was hot,
    and more shards do not help. `hot`: the minutes, of the last fifteen, that rejected records although there was room.
    """

    until: datetime
    taken: Sequence[float]
    asked: Sequence[float]
    hot: int

    @classmethod
    def read(cls, traffic: Traffic, open_shards: int, memory: Memory, minutes: int) -> "Demand":
        """What the last `minutes` asked for, of a stream that has `open_shards` at present; `traffic` is not empty."""
        accepted, rejected = traffic.accepted_records[-minutes:], traffic.rejected[-minutes:]
        taken = [
            max(size / (60 * BYTES_PER_SECOND), records / (60 * RECORDS_PER_SECOND))
            for size, records in zip(traffic.accepted_bytes[-minutes:], accepted, strict=True)
        ]
        if not any(rejected):
            return cls(traffic.until, taken, taken, 0)
        counts = shards_at(traffic.until, len(taken), open_shards, memory)
        roomy = [load < ROOM * shards for load, shards in zip(taken, counts, strict=True)]
        asked = [
            load if room or not kept else load * (kept + lost) / kept
            for load, room, kept, lost in zip(taken, roomy, accepted, rejected, strict=True)
        ]
        last = zip(roomy[-HOT_WINDOW:], accepted[-HOT_WINDOW:], rejected[-HOT_WINDOW:], strict=True)
        hot = sum(room and lost > THROTTLED_SHARE * (kept + lost) for room, kept, lost in last)
        return cls(traffic.until, taken, asked, hot)


def shards_at(until: datetime, minutes: int, open_shards: int, memory: Memory) -> list[int]:
    """How many shards took the traffic of each minute; while they were being changed, the fewer of both counts."""
    counts = [open_shards] * minutes
    start = until - MINUTE * minutes
    for resize in reversed(memory.resizes):
        begun = min(minutes, max(0, (resize.at - start) // MINUTE))
        over = resize.at + reshard_time(resize.before, resize.after)
        ended = min(minutes, max(begun, -((start - over) // MINUTE)))
        counts[begun:ended] = [min(resize.before, resize.after)] * (ended - begun)
        counts[:begun] = [resize.before] * begun
    return counts


def with_peaks(traffic: Traffic, open_shards: int, memory: Memory) -> Memory:
    """The memory with the peaks of those hours that lie whole within the traffic.

    It is the same memory until another hour is over, so that it need not be written more often.
    """
    minutes = len(traffic.rejected)
    start = traffic.until - MINUTE * minutes
    hour = start.replace(minute=0, second=0, microsecond=0)
    hours = [hour + HOUR * index for index in range(minutes // 60 + 1)]
    known = {peak.hour for peak in memory.peaks[-len(hours) - 1 :]}
    missing = [hour for hour in hours if start <= hour <= traffic.until - HOUR and hour not in known]
    if not missing:
        return memory
    asked = Demand.read(traffic, open_shards, memory, minutes).asked
    firsts = [(hour - start) // MINUTE for hour in missing]
    added = [Peak(hour, round(max(asked[first : first + 60]), 3)) for hour, first in zip(missing, firsts, strict=True)]
    kept = [peak for peak in memory.peaks if traffic.until - peak.hour < PEAKS_KEPT]
    return replace(memory, peaks=tuple(sorted([*kept, *added], key=lambda peak: peak.hour)))
