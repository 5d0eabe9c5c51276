"""What operators and functions do to values: a scalar, a series (periods,), an array of series (series, periods).

NaN is a missing value, of a scalar too. The user guide: "Missing values in a time series are treated as 0", by
arithmetic and by comparisons of two series. That shows where one of them has a value; where neither has one the result
is missing, and so it is where a series without a value meets a scalar. A division by zero drops the datapoint, and so
does here any other result that is no finite number.

NumPy's warnings about such results are the caller's to switch off.
"""

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Value = Any
"""np.float64, or NDArray[np.float64] of one or two dimensions; numpy's own functions take them alike."""
Series = NDArray[np.float64]
Operator = Callable[[Value, Value], Value]


def _arithmetic(operate: Operator) -> Operator:
    def compute(left: Value, right: Value) -> Value:
        result = operate(left, right)
        finite = np.isfinite(result)
        return result if finite.all() else np.where(finite, result, np.nan)[()]

    return compute


def _condition(operate: Operator) -> Operator:
    """1 where `operate` says so and 0 elsewhere; missing where a value is."""

    def compare(left: Value, right: Value) -> Value:
        return np.where(np.isnan(left) | np.isnan(right), np.nan, operate(left, right))[()]

    return compare


OPERATORS: Mapping[str, Operator] = {
    "+": _arithmetic(operator.add),
    "-": _arithmetic(operator.sub),
    "*": _arithmetic(operator.mul),
    "/": _arithmetic(operator.truediv),
    "^": _arithmetic(operator.pow),
    "==": _condition(operator.eq),
    "!=": _condition(operator.ne),
    "<": _condition(operator.lt),
    "<=": _condition(operator.le),
    ">": _condition(operator.gt),
    ">=": _condition(operator.ge),
    "AND": _condition(np.logical_and),
    "OR": _condition(np.logical_or),
}
"""Each operator where at least one side is a scalar."""
ARITHMETIC = frozenset("+-*/^")


def between_series(operate: Operator) -> Operator:
    """One of OPERATORS where no side is a scalar: a missing value counts as 0 beside one that is not missing."""

    def compute(left: Value, right: Value) -> Value:
        left_missing, right_missing = np.isnan(left), np.isnan(right)
        if not (left_missing.any() or right_missing.any()):
            return operate(left, right)
        result = operate(np.where(left_missing, 0.0, left), np.where(right_missing, 0.0, right))
        return np.where(left_missing & right_missing, np.nan, result)

    return compute


def total(values: Value, axis: int) -> Value:
    """The sum of what has a value along an axis; missing where nothing has one."""
    return _unless_empty(values, axis, np.nansum(values, axis=axis))


def average(values: Value, axis: int) -> Value:
    """The mean along an axis, where a missing value counts as 0; missing where nothing has a value."""
    return _unless_empty(values, axis, np.nansum(values, axis=axis) / values.shape[axis])


def maximum(values: Value, axis: int) -> Value:
    """The greatest of what has a value along an axis; missing where nothing has one."""
    return np.fmax.reduce(values, axis=axis)


def minimum(values: Value, axis: int) -> Value:
    """The least of what has a value along an axis; missing where nothing has one."""
    return np.fmin.reduce(values, axis=axis)


def _unless_empty(values: Value, axis: int, result: Value) -> Value:
    return np.where(np.isnan(values).all(axis=axis), np.nan, result)[()]


REDUCTIONS: Mapping[str, Callable[[Value, int], Value]] = {
    "AVG": average,
    "MAX": maximum,
    "MIN": minimum,
    "SUM": total,
}
"""Functions that make one value of many: of a series over time a scalar, of an array at each moment a series."""


def fill(values: Value, filler: Value) -> Value:
    """FILL with a scalar or a series; a moment that the filler lacks too stays missing.

    A series without a single datapoint is filled as well: what AWS's service team recommends for a metric that is not
    published while nothing happens (github.com/aws/aws-sdk-js-v3/issues/6873); the user guide does not speak of it.
    """
    return np.where(np.isnan(values), filler, values)


def repeat(values: Value) -> Value:
    """FILL with REPEAT: the most recent value; before the first there is nothing to repeat."""
    return _at(values, _latest(values))


def interpolate(values: Value) -> Value:
    """FILL with LINEAR: between the values at both ends of a gap; a gap without two ends stays."""
    filled = values.copy()
    for row in filled.reshape(-1, values.shape[-1]):
        known = np.flatnonzero(~np.isnan(row))
        if len(known):
            inner = np.arange(known[0], known[-1] + 1)
            row[inner] = np.interp(inner, known, row[known])
    return filled


def choose(condition: Value, where_true: Value, where_false: Value) -> Value:
    """IF over a series as condition: no datapoint without a condition, 0 for a true one whose value is missing."""
    chosen = np.where(condition != 0, np.where(np.isnan(where_true), 0.0, where_true), where_false)
    return np.where(np.isnan(condition), np.nan, chosen)


def choose_one(condition: Value, where_true: Value, where_false: Value) -> Value:
    """IF over a scalar as condition: the one series or the other, whole; `where_false` may be a missing scalar."""
    missing = np.full_like(where_true, np.nan)
    return missing if np.isnan(condition) else where_true if condition != 0 else np.where(True, where_false, missing)


def difference(values: Value, period: float) -> Value:
    """DIFF: what each datapoint has more than the one before it, however long ago that was."""
    return values - _at(values, _previous(values))


def rate(values: Value, period: float) -> Value:
    """RATE: DIFF per second that lies between the two datapoints."""
    previous = _previous(values)
    seconds = (np.arange(values.shape[-1]) - previous) * period
    return (values - _at(values, previous)) / seconds


def running_sum(values: Value, period: float) -> Value:
    """RUNNING_SUM: all datapoints so far, at each datapoint."""
    missing = np.isnan(values)
    return np.where(missing, np.nan, np.cumsum(np.where(missing, 0.0, values), axis=-1))


TRANSFORMATIONS: Mapping[str, Callable[[Value, float], Value]] = {
    "ABS": lambda values, period: np.abs(values),
    "CEIL": lambda values, period: np.ceil(values),
    "DIFF": difference,
    "FLOOR": lambda values, period: np.floor(values),
    "RATE": rate,
    "RUNNING_SUM": running_sum,
}
"""Functions that make a series of a series, and an array of an array; the period is in seconds."""


def _latest(values: Value) -> NDArray[np.intp]:
    """Where the last datapoint at or before each moment is; -1: nowhere."""
    return np.maximum.accumulate(np.where(np.isnan(values), -1, np.arange(values.shape[-1])), axis=-1)


def _previous(values: Value) -> NDArray[np.intp]:
    latest = np.roll(_latest(values), 1, axis=-1)
    latest[..., 0] = -1
    return latest


def _at(values: Value, positions: NDArray[np.intp]) -> Value:
    return np.where(positions < 0, np.nan, np.take_along_axis(values, np.maximum(positions, 0), axis=-1))
