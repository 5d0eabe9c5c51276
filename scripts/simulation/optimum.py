"""The fewest shard-hours that carry a trace for who knows it beforehand: what policies are held against."""

from math import ceil, inf

import numpy as np

from kinesis_autoscaler.model import CALLS_PER_DAY
from simulation.metrics import Floats

SLOT_MINUTES = 10
SLOTS_PER_DAY = 24 * 60 // SLOT_MINUTES
FULL = 0.8
"""How full the optimum may run a stream at its busiest minute: at 80 % half a percent is rejected."""


def optimal_shard_hours(demand: Floats) -> float:
    """The least shard-hours for `demand` (per minute, in full shards), resized every ten minutes at most.

    Found by dynamic programming over the shard count and the calls spent: N >= demand / 0.8 in every slot, at most
    double and at least half at once, ten calls a day. The day is the calendar's, where AWS counts the last 24 hours:
    the optimum is a little better than AWS allows, and so never too high.
    """
    slots = np.pad(demand, (0, -demand.size % SLOT_MINUTES), mode="edge").reshape(-1, SLOT_MINUTES).max(axis=1)
    needed = np.maximum(1, np.ceil(np.round(slots / FULL, 9))).astype(int)
    most = int(needed.max())
    counts = np.arange(1, most + 1)
    windows = _Windows(counts)
    cost = np.full((CALLS_PER_DAY + 1, most), inf)
    cost[0] = 0
    for slot, fewest in enumerate(needed):
        if slot % SLOTS_PER_DAY == 0:
            cost[0] = cost.min(axis=0)
            cost[1:] = inf
        changed = windows.least(cost[:-1])
        np.minimum(cost[1:], changed, out=cost[1:])
        cost += counts
        cost[:, : fewest - 1] = inf
    return float(cost.min()) * SLOT_MINUTES / 60


class _Windows:
    """The least value among those counts from which each count is reached at once."""

    def __init__(self, counts: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> None:
        most = int(counts[-1])
        first = (counts + 1) // 2 - 1  # N <= 2M
        last = np.minimum(2 * counts, most) - 1  # 2N >= M
        length = last - first + 1
        self.levels = max(1, ceil(np.log2(most + 1)))
        level = np.floor(np.log2(length)).astype(int)
        self.left = level * most + first
        self.right = level * most + last - 2**level + 1

    def least(self, values: Floats) -> Floats:
        """`values` of shape (calls, counts); the result is of the same shape."""
        table = [values]
        for level in range(self.levels - 1):
            reach = 2**level
            below = table[-1].copy()
            np.minimum(below[:, :-reach], table[-1][:, reach:], out=below[:, :-reach])
            table.append(below)
        flat = np.concatenate(table, axis=1)
        return np.minimum(flat[:, self.left], flat[:, self.right])
