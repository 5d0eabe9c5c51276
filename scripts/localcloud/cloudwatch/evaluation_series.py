"""The states of an alarm over a whole history at once: what `evaluation.evaluate` says at each moment of it.

For who replays an alarm over months: 30 days by the minute take milliseconds where no datapoint is missing. An alarm on
metric math has no memory of what its expression was, so a history is computed anew when the expression changes, and the
states from then on are those of the new history.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from localcloud.cloudwatch.evaluation import COMPARISONS, Threshold

STATES = (None, "OK", "ALARM", "INSUFFICIENT_DATA")
"""What the numbers of `states` mean; None keeps the state that the alarm has."""
_KEPT, _OK, _ALARM, _INSUFFICIENT = range(4)


def states(threshold: Threshold, values: NDArray[np.float64]) -> NDArray[np.int8]:
    """The verdict at the end of each period, as indices into STATES; the history before the first period is missing.

    `values`: one per period of the threshold, oldest first, of shape (periods,), NaN for a missing datapoint. Of one
    verdict only the last `threshold.evaluation_range` values count: give that many from before the first of interest.
    """
    total, missing = threshold.evaluation_periods, np.isnan(values)
    recent_missing = _of_the_last(total, missing)
    recent_missing[: total - 1] = total  # the periods before the first
    breaching = _of_the_last(total, COMPARISONS[threshold.comparison][0](values, threshold.value))
    found = np.where(breaching >= threshold.datapoints_to_alarm, _ALARM, _OK).astype(np.int8)
    sparse = np.flatnonzero(recent_missing)
    if len(sparse):
        padding = np.full(threshold.evaluation_range - 1, np.nan)
        padded = np.concatenate([padding, values])
        windows = np.lib.stride_tricks.sliding_window_view(padded, threshold.evaluation_range)
        found[sparse] = _sparse_states(threshold, windows[sparse, ::-1])
    return found


def _of_the_last(number: int, marks: Any) -> NDArray[np.int64]:
    """How many of the last `number` marks are set, at each of them."""
    counted = np.cumsum(marks)
    counted[number:] = counted[number:] - counted[:-number]
    return counted


def _sparse_states(threshold: Threshold, windows: NDArray[np.float64]) -> NDArray[np.int8]:
    """By the rules for missing data; each row is an evaluation range, newest first."""
    present = ~np.isnan(windows)
    real = present & (np.cumsum(present, axis=1) <= threshold.evaluation_periods)
    count = real.sum(axis=1)
    missing, needed = threshold.evaluation_periods - count, threshold.datapoints_to_alarm
    breaching = (real & COMPARISONS[threshold.comparison][0](windows, threshold.value)).sum(axis=1)
    every_one_breaches = breaching == count
    if threshold.missing_data == "breaching":
        breaching = breaching + missing
    oldest_age = windows.shape[1] - np.argmax(real[:, ::-1], axis=1)
    verdict = np.where(count == 0, _INSUFFICIENT, np.where(oldest_age >= needed, _ALARM, _KEPT))
    if threshold.missing_data == "ignore":
        verdict = np.full_like(verdict, _KEPT)
    settled = (missing == 0) | ~every_one_breaches
    if threshold.missing_data in ("breaching", "notBreaching"):
        settled = np.full_like(settled, True)
    verdict = np.where(settled, _OK, verdict)
    return np.where(breaching >= needed, _ALARM, verdict).astype(np.int8)
