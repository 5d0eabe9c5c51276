"""Sizes a stream to its demand. Shard counts are those wanted, before any limit of AWS's or of the settings."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil

from kinesis_autoscaler.model import Peak

AIM = 0.6
"""The usage that a new count is to have at the demand it is made for."""

LEAD_MINUTES = 8
"""How far a rise is carried on: about what the alarm, the resize and the metrics' delay take together."""

MOST_RISE = 2.0
RECENT_MINUTES = 3
"""The demand is the highest of these: one minute may be a dip."""

LOOK_BACK_MINUTES = 60
COOLDOWN = timedelta(minutes=45)
SAVING = 0.2
"""What a scale-down must save to be worth one of ten calls a day."""

SEASONS = (timedelta(days=1), timedelta(days=7))
AHEAD = timedelta(hours=1)
PEAK_AIM = 0.8
SEASON_AIM = 0.8
"""The usage that is allowed for what was seen a day or a week ago: it need not come again."""


def wanted_now(asked: Sequence[float]) -> int:
    """The count for the demand of the last minutes, a rise carried on; `asked` per minute in full shards."""
    demand = max(asked[-RECENT_MINUTES:])
    before = asked[-LEAD_MINUTES - 1 :][0]
    risen = max(0.0, asked[-1] - before)
    return ceil(round(min(demand + risen, demand * MOST_RISE) / AIM, 6))


def on_grid(wanted: int, shards: int) -> int:
    """The fewest quarters of `shards`, rounded up, that are at least `wanted`: AWS reaches them faster."""
    quarters = 4 * (wanted - 1) // shards + 1
    return -(-quarters * shards // 4)


def wanted_later(asked: Sequence[float], peaks: Sequence[Peak], now: datetime) -> int:
    """The count below which a scale-down must not go: for the last hour, and for this hour a day and a week ago."""
    highest = max(asked[-LOOK_BACK_MINUTES:])
    seen = seasonal(asked, peaks, now)
    return max(1, ceil(round(max(highest / AIM, seen / SEASON_AIM), 6)))


def seasonal(asked: Sequence[float], peaks: Sequence[Peak], now: datetime) -> float:
    """The demand to expect within the next hour, from the same hours a day and a week ago, whichever was less."""
    by_hour = {peak.hour: peak.shards for peak in peaks}
    this = now.replace(minute=0, second=0, microsecond=0)
    expected = []
    for season in SEASONS:
        hours = [by_hour[hour] for hour in (this - season, this - season + AHEAD) if hour in by_hour]
        if hours:
            expected.append(max(hours))
    return min(expected, default=0.0)
