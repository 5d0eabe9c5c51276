"""Metrics and their datapoints: what was published, and its statistics per period, computed from the raw points."""

import threading
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

RETENTION_SECONDS = 15 * 86400
"""CloudWatch keeps one-minute datapoints for 15 days and coarser ones for up to 15 months; here all end with these."""
STATISTICS = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")


class Metric(NamedTuple):
    """What identifies a metric of one Region. `dimensions`: pairs of name and value, sorted."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, namespace: str, name: str, dimensions: Iterable[tuple[str, str]]) -> "Metric":
        """The metric with these dimensions, in whatever order they come."""
        return cls(namespace, name, tuple(sorted(dimensions)))


class Point(NamedTuple):
    """One value, or the statistics of several, at `time` (seconds since 1970)."""

    time: float
    total: float
    samples: float
    minimum: float
    maximum: float
    unit: str | None = None

    @classmethod
    def single(cls, time: float, value: float, unit: str | None = None) -> "Point":
        """A datapoint of one value."""
        return cls(time, value, 1.0, value, value, unit)

    def statistic(self, name: str) -> float:
        """One of STATISTICS."""
        match name:
            case "SampleCount":
                return self.samples
            case "Average":
                return self.total / self.samples
            case "Sum":
                return self.total
            case "Minimum":
                return self.minimum
            case "Maximum":
                return self.maximum
            case _:
                raise NotImplementedError(f"the statistic {name}")


class _Periods(NamedTuple):
    """Statistics of the periods that have data, one item each; `numbers` count the periods from the start."""

    numbers: NDArray[np.int64]
    total: NDArray[np.float64]
    samples: NDArray[np.float64]
    minimum: NDArray[np.float64]
    maximum: NDArray[np.float64]

    def statistic(self, name: str) -> NDArray[np.float64]:
        match name:
            case "SampleCount":
                return self.samples
            case "Average":
                return self.total / self.samples
            case "Sum":
                return self.total
            case "Minimum":
                return self.minimum
            case "Maximum":
                return self.maximum
            case _:
                raise NotImplementedError(f"the statistic {name}")


class _Points:
    """The datapoints of one metric by time, column by column: weeks by the minute of thousands of them fit a laptop."""

    __slots__ = ("maximum", "minimum", "samples", "time", "total", "unit")

    def __init__(self) -> None:
        self.time, self.total, self.samples = array("d"), array("d"), array("d")
        self.minimum, self.maximum = array("d"), array("d")
        self.unit: list[str | None] = []

    def add(self, point: Point) -> None:
        at = bisect_right(self.time, point.time)
        for name, value in zip(Point._fields, point, strict=True):
            getattr(self, name).insert(at, value)

    def forget(self, before: float) -> None:
        if (old := bisect_left(self.time, before)) > 0:
            for name in Point._fields:
                del getattr(self, name)[:old]

    def last(self) -> Point:
        return Point(*(getattr(self, name)[-1] for name in Point._fields))

    def unit_within(self, start: float, end: float) -> str | None:
        """The unit of the first datapoint in [start, end), or of the level that a gauge has there."""
        at = bisect_left(self.time, start)
        return self.unit[at if at < len(self.time) and self.time[at] < end else at - 1]

    def columns(self, start: float, end: float, unit: str | None) -> NDArray[np.float64]:
        """Time, total, samples, minimum and maximum of the datapoints in [start, end), of shape (5, points)."""
        span = slice(bisect_left(self.time, start), bisect_left(self.time, end))
        found = np.array([getattr(self, name)[span] for name in Point._fields[:5]], np.float64).reshape(5, -1)
        return found if unit is None else found[:, [other == unit for other in self.unit[span]]]


class Metrics:
    """The datapoints of one Region, by metric.

    A gauge has a level that lasts until its next datapoint (the depth of a queue); any other metric has no value where
    it has no datapoint.
    """

    def __init__(self) -> None:
        self._points: dict[Metric, _Points] = {}
        self._gauges: set[Metric] = set()
        self._lock = threading.RLock()

    def __contains__(self, metric: Metric) -> bool:
        return metric in self._points

    def add(self, metric: Metric, point: Point) -> None:
        """Keep a datapoint, and forget those of the metric that are 15 days older than it."""
        with self._lock:
            points = self._points.setdefault(metric, _Points())
            points.add(point)
            points.forget(points.time[-1] - RETENTION_SECONDS)

    def add_level(self, metric: Metric, point: Point) -> None:
        """Keep the level that a gauge has from now on."""
        self._gauges.add(metric)
        self.add(metric, point)

    def latest(self, metric: Metric) -> Point | None:
        """The last datapoint in time; None when there is none."""
        points = self._points.get(metric)
        return points.last() if points else None

    def latest_time(self, metric: Metric) -> float:
        """When the last datapoint in time is, in seconds since 1970; minus infinity when there is none."""
        points = self._points.get(metric)
        return points.time[-1] if points else float("-inf")

    def is_gauge(self, metric: Metric) -> bool:
        """Whether the metric has a level between its datapoints."""
        return metric in self._gauges

    def periods(self, metric: Metric, start: int, end: int, period: int, unit: str | None = None) -> dict[int, Point]:
        """The statistics of each period of [start, end) that has data, by the second at which the period begins.

        Periods are counted from `start`. With a `unit`, datapoints of other units do not count.
        """
        with self._lock:
            found = self._periods(metric, start, end, period, unit)
            begins = (start + found.numbers * period).tolist()
            units = [unit or self._points[metric].unit_within(begin, begin + period) for begin in begins]
        statistics = (found.total, found.samples, found.minimum, found.maximum)
        rows = zip(begins, *(column.tolist() for column in statistics), units, strict=True)
        return {begin: Point(begin, *rest) for begin, *rest in rows}

    def series(
        self, metric: Metric, statistic: str, start: int, end: int, period: int, unit: str | None = None
    ) -> NDArray[np.float64]:
        """One of STATISTICS of each period of [start, end), of shape (periods,); NaN where there is no data."""
        found = self._periods(metric, start, end, period, unit)
        values = np.full(-((start - end) // period), np.nan)
        values[found.numbers] = found.statistic(statistic)
        return values

    def _periods(self, metric: Metric, start: int, end: int, period: int, unit: str | None) -> _Periods:
        with self._lock:
            points = self._points.get(metric)
            found = points.columns(start, end, unit) if points else np.empty((5, 0))
            if points and metric in self._gauges:
                found = np.hstack([_levels(points, start, end, period, unit), found])
        numbers = ((found[0] - start) // period).astype(np.int64)
        if metric in self._gauges:
            order = np.argsort(numbers, kind="stable")
            numbers, found = numbers[order], found[:, order]
        if not len(numbers):
            return _Periods(numbers, *found[1:])
        firsts = np.flatnonzero(np.diff(numbers, prepend=-1))
        return _Periods(
            numbers[firsts],
            np.add.reduceat(found[1], firsts),
            np.add.reduceat(found[2], firsts),
            np.minimum.reduceat(found[3], firsts),
            np.maximum.reduceat(found[4], firsts),
        )


def _levels(points: _Points, start: int, end: int, period: int, unit: str | None) -> NDArray[np.float64]:
    """The level with which each period begins, as columns; there is none before the first datapoint."""
    before = [(begin, bisect_left(points.time, begin) - 1) for begin in range(start, end, period)]
    levels = [
        (begin, *(getattr(points, name)[at] for name in Point._fields[1:5]))
        for begin, at in before
        if at >= 0 and unit in (None, points.unit[at])
    ]
    return np.array(levels, np.float64).reshape(-1, 5).T
