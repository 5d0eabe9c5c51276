"""Sizes a stream to its demand. Shard counts are those wanted, before any limit of AWS's or of the settings."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil

from kinesis_autoscaler.model import Peak

AIM = 0.6
"""The usage that a new count is to have at the demand it is made for.

How the figures of this file were found: by replaying three public traces (tweets about two companies, taxi rides),
scaled to 32 shards, one figure varied at a time. What costs less throttles more, and the other way about: an aim of
0.65 costs 3 % less and throttles a quarter more.
"""

GOAL_AIM = 0.7
"""The same for the further steps of a surge, in which nothing is guessed any more: 0.6 costs 3 % more for nothing."""

LEAD_MINUTES = 8
MOST_RISE = 1.6
"""How far a rise is carried on: about what the alarm, the resize and the metrics' delay take together, but never to
more than 1.6 times the demand: at 1.3 a tenth more is throttled, 2 changes nothing."""

RECENT_MINUTES = 3
"""The demand is the highest of these: one minute may be a dip."""

LOOK_BACK_MINUTES = 60
COOLDOWN = timedelta(minutes=45)
"""Looking back for two hours costs more for the same calls; for half an hour throttles twice as much."""

SAVINGS = ((8, 0.2), (5, 0.35), (0, 0.45))
"""With so many calls left, what a scale-down must save at least: the fewer there are, the more each has to bring.
A quarter whatever is left spends a call a day more, and runs out of them on days of many bursts."""

LAST_CALLS = 4
"""With so few left, a stream grows at once to what the day's peak needs: there may be no call for a second step.
Anything from 2 to 6 costs the same on the traces; it is for those days on which calls run out."""

PEAK_AIM = 1.0
"""The usage at which the way back to the day's peak ends: the last step needs no room to spare."""

SEASONS = (timedelta(days=1), timedelta(days=7))
AHEAD = timedelta(hours=1)
SEASON_AIM = 0.8
"""The usage that is allowed for what was seen a day or a week ago: it need not come again."""


def wanted_now(asked: Sequence[float], follow_up: bool) -> int:
    """The count for the demand of the last minutes, a rise carried on; `asked` per minute in full shards.

    `follow_up`: the stream has just grown towards a goal; what is asked for now is all that counts.
    """
    demand = max(asked[-RECENT_MINUTES:])
    if follow_up:
        return ceil(round(demand / GOAL_AIM, 6))
    risen = max(0.0, asked[-1] - asked[-LEAD_MINUTES - 1 :][0])
    return ceil(round(min(demand + risen, demand * MOST_RISE) / AIM, 6))


def least_saving(calls_left: int) -> float:
    """The share of its shards that a stream must save to be made smaller."""
    return next(saving for calls, saving in SAVINGS if calls_left >= calls)


def on_grid(wanted: int, shards: int) -> int:
    """The fewest quarters of `shards`, rounded up, that are at least `wanted`: AWS reaches them faster."""
    quarters = 4 * (wanted - 1) // shards + 1
    return -(-quarters * shards // 4)


def wanted_later(asked: Sequence[float], peaks: Sequence[Peak], now: datetime) -> int:
    """The count below which a scale-down must not go: for the last hour, and for this hour a day and a week ago."""
    highest = max(asked[-LOOK_BACK_MINUTES:])
    return max(1, ceil(round(highest / AIM, 6)), expected_soon(peaks, now))


def expected_soon(peaks: Sequence[Peak], now: datetime) -> int:
    """The count for what to expect within an hour: the same hours a day and a week ago, whichever asked for less."""
    by_hour = {peak.hour: peak.shards for peak in peaks}
    this = now.replace(minute=0, second=0, microsecond=0)
    expected = []
    for season in SEASONS:
        hours = [by_hour[hour] for hour in (this - season, this - season + AHEAD) if hour in by_hour]
        if hours:
            expected.append(max(hours))
    return for_peak(min(expected, default=0.0))


def for_peak(demand: float) -> int:
    """The count for a demand that was seen once and need not come again."""
    return ceil(round(demand / SEASON_AIM, 6))
