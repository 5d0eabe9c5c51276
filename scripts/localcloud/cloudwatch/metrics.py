"""Metrics and their datapoints: what was published, and its statistics per period, computed from the raw points."""

import threading
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import NamedTuple

RETENTION_SECONDS = 15 * 86400
"""CloudWatch keeps one-minute datapoints for 15 days and coarser ones for up to 15 months; here all end with these."""
STATISTICS = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
_time = attrgetter("time")


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

    def merge(self, other: "Point") -> "Point":
        """The statistics of both, at this one's time."""
        return self._replace(
            total=self.total + other.total,
            samples=self.samples + other.samples,
            minimum=min(self.minimum, other.minimum),
            maximum=max(self.maximum, other.maximum),
        )

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


class Metrics:
    """The datapoints of one Region, by metric.

    A gauge has a level that lasts until its next datapoint (the depth of a queue); any other metric has no value where
    it has no datapoint.
    """

    def __init__(self) -> None:
        self._points: dict[Metric, list[Point]] = {}
        self._gauges: set[Metric] = set()
        self._lock = threading.Lock()

    def __contains__(self, metric: Metric) -> bool:
        return metric in self._points

    def add(self, metric: Metric, point: Point) -> None:
        """Keep a datapoint, and forget those of the metric that are 15 days older than it."""
        with self._lock:
            points = self._points.setdefault(metric, [])
            insort(points, point, key=_time)
            del points[: bisect_left(points, points[-1].time - RETENTION_SECONDS, key=_time)]

    def add_level(self, metric: Metric, point: Point) -> None:
        """Keep the level that a gauge has from now on."""
        self._gauges.add(metric)
        self.add(metric, point)

    def latest(self, metric: Metric) -> Point | None:
        """The last datapoint in time; None when there is none."""
        points = self._points.get(metric)
        return points[-1] if points else None

    def is_gauge(self, metric: Metric) -> bool:
        """Whether the metric has a level between its datapoints."""
        return metric in self._gauges

    def periods(self, metric: Metric, start: int, end: int, period: int, unit: str | None = None) -> dict[int, Point]:
        """The statistics of each period of [start, end) that has data, by the second at which the period begins.

        Periods are counted from `start`. With a `unit`, datapoints of other units do not count.
        """
        with self._lock:
            points = self._points.get(metric, [])
            window = points[bisect_left(points, start, key=_time) : bisect_left(points, end, key=_time)]
            if metric in self._gauges:
                window = [*_levels(points, start, end, period), *window]
        found: dict[int, Point] = {}
        for point in window:
            if unit is None or point.unit == unit:
                begin = start + int((point.time - start) // period) * period
                found[begin] = found[begin].merge(point) if begin in found else point._replace(time=begin)
        return found


def _levels(points: list[Point], start: int, end: int, period: int) -> Iterator[Point]:
    for begin in range(start, end, period):
        if before := bisect_left(points, begin, key=_time):
            yield points[before - 1]._replace(time=begin)
