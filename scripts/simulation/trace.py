"""Traffic over time: read from a file, and made to fill a stream."""

import csv
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import isfinite
from pathlib import Path

import numpy as np

from simulation.metrics import Floats

HEADER = ["timestamp", "value"]
PEAK_QUANTILE = 0.999
SMALL_COUNT = 400
"""A count of so many is one twentieth off by chance alone (its standard deviation is the root); scaled to a stream that
takes millions of records, chance would be taken for traffic."""


class TraceError(Exception):
    """A file that is no trace; the text names the file, the line, and what is expected there."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Demand per minute in full shards (before `scaled`: in the file's own unit); `start` in UTC, a whole minute."""

    name: str
    start: datetime
    demand: Floats

    @property
    def days(self) -> float:
        return self.demand.size / (24 * 60)

    def scaled(self, peak_shards: float) -> "Trace":
        """The same curve, only a thousandth of whose minutes ask for more than `peak_shards`."""
        peak = float(np.quantile(self.demand, PEAK_QUANTILE))
        return replace(self, demand=self.demand * (peak_shards / peak))


def read_trace(path: Path) -> Trace:
    """Read a CSV file of `timestamp,value` at any regular step; raises TraceError.

    A timestamp is ISO 8601, in UTC unless it says otherwise. Values are rates in any unit. Between two of them demand
    changes evenly. Small counts are averaged over three neighbours first.
    """
    times, values = _read_rows(path)
    step = times[1] - times[0]
    counts = np.array(values)
    if (counts == counts.round()).all() and np.median(counts) < SMALL_COUNT and len(values) >= 3:
        counts = np.convolve(np.pad(counts, 1, mode="edge"), np.ones(3) / 3, mode="valid")
    minutes = np.arange(0, step / timedelta(minutes=1) * (len(values) - 1) + 1)
    at = np.arange(len(values)) * (step / timedelta(minutes=1))
    start = times[0].replace(second=0, microsecond=0)
    return Trace(path.stem, start, np.interp(minutes, at, counts))


def _read_rows(path: Path) -> tuple[list[datetime], list[float]]:
    times: list[datetime] = []
    values: list[float] = []
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise TraceError(f"{path}: expected a text file in UTF-8.") from None
    reader = csv.reader(text.splitlines())
    if next(reader, None) != HEADER:
        raise TraceError(f"{path}:1: expected the header 'timestamp,value'.")
    for row in reader:
        place = f"{path}:{reader.line_num}"
        if len(row) != len(HEADER):
            raise TraceError(f"{place}: expected two columns, timestamp and value, not {len(row)}.")
        times.append(_time(place, row[0]))
        values.append(_value(place, row[1]))
        if len(times) > 1 and times[-1] <= times[-2]:
            raise TraceError(f"{place}: expected a time after {times[-2]:%Y-%m-%d %H:%M:%S}, not {row[0]!r}.")
        if len(times) > 2 and times[-1] - times[-2] != times[1] - times[0]:
            expected = times[-2] + (times[1] - times[0])
            raise TraceError(f"{place}: expected {expected:%Y-%m-%d %H:%M:%S}, one step on, not {row[0]!r}: a gap.")
    if len(times) < 2:
        raise TraceError(f"{path}:{reader.line_num}: expected at least two rows of values below the header.")
    if not any(values):
        raise TraceError(f"{path}: expected a value above 0 somewhere.")
    return times, values


def _time(place: str, text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError:
        raise TraceError(f"{place}: expected a time such as 2026-11-24T06:00:00, not {text!r}.") from None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def _value(place: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not isfinite(value) or value < 0:
        raise TraceError(f"{place}: expected a number of 0 or more, not {text!r}.")
    return value
