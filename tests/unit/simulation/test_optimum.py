"""The optimum against every schedule there is, where they can be counted."""

from itertools import pairwise, product

import numpy as np
import pytest

from simulation.optimum import FULL, SLOT_MINUTES, optimal_shard_hours


def demanding(*counts: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    """Ten minutes each for which so many shards are needed."""
    return np.repeat(np.array(counts, dtype=float) * FULL, SLOT_MINUTES)


def best_of_all(counts: tuple[int, ...]) -> float:
    most = max(counts)
    schedules = (
        schedule
        for schedule in product(range(1, most + 1), repeat=len(counts))
        if all(have >= need for have, need in zip(schedule, counts, strict=True))
        and all(after <= 2 * before and before <= 2 * after for before, after in pairwise(schedule))
    )
    return min(map(sum, schedules)) * SLOT_MINUTES / 60


@pytest.mark.parametrize(
    "counts", [(1, 1, 5, 1, 1), (5, 1, 1, 1, 5), (3, 1, 6, 2, 1), (1, 2, 4, 4, 1), (4, 4, 4, 4, 4), (1, 1, 1, 1, 6)]
)
def test_no_schedule_is_cheaper(counts: tuple[int, ...]) -> None:
    assert optimal_shard_hours(demanding(*counts)) == pytest.approx(best_of_all(counts))


def test_the_eleventh_change_of_a_day_waits_for_the_next() -> None:
    """Six lulls of one shard between peaks of two: five can be used, which takes ten calls."""
    day = [2, 1] * 6 + [2] * 132
    assert optimal_shard_hours(demanding(*day)) == pytest.approx((2 * 144 - 5) * SLOT_MINUTES / 60)


def test_the_busiest_minute_of_ten_counts() -> None:
    demand = demanding(2, 2, 2)
    demand[14] = 4 * FULL
    assert optimal_shard_hours(demand) == pytest.approx((2 + 4 + 2) * SLOT_MINUTES / 60)
