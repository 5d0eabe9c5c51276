"""An alarm of the simulation: its definition is what the autoscaler's alarms are made of, its metrics are arrays."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import as_strided

from kinesis_autoscaler.model import AlarmSettings, AlarmState, Direction
from metric_math import Program
from simulation.metrics import Bools, Floats, Metrics

TEMPLATES = json.loads((Path(__file__).parents[2] / "lambda_src" / "kinesis_autoscaler" / "alarms.json").read_text())
METRIC_DELAY = 1
"""Minutes until a minute's metrics can be read."""


@dataclass(slots=True)
class Alarm:
    """One alarm. At each whole minute its usage of all past periods is computed with the present `shards`.

    `state_since` is the minute of the last change. CloudWatch's periods end at whichever minute it evaluates.
    """

    template: str
    direction: Direction
    settings: AlarmSettings
    shards: int
    threshold: float
    minutes: int
    inclusive: bool = False
    state: AlarmState = AlarmState.OK
    state_since: int = 0
    _program: Program = field(init=False)
    _metrics: list[str] = field(init=False)
    _result: str = field(init=False)
    _breaching: Bools = field(init=False)
    _computed_with: tuple[int, float] = (0, 0.0)
    _computed_to: int = 0

    def __post_init__(self) -> None:
        entries = TEMPLATES[self.template]
        texts = {
            entry["id"]: entry["expression"]
            .replace("{period_seconds}", str(self.settings.period_seconds))
            .replace("{threshold}", str(self.settings.threshold))
            .replace("{block_minutes}", "30")
            for entry in entries
            if "expression" in entry and entry["id"] != "s1"
        }
        self._metrics = [entry["id"] for entry in entries if "metric" in entry]
        self._program = Program.compile(texts, self._metrics, scalars=["s1"])
        self._result = next(entry["id"] for entry in entries if entry.get("returned"))
        self._breaching = np.zeros(self.minutes + 1, dtype=bool)

    def rewrite(self, shards: int, threshold: float) -> None:
        """PutMetricAlarm: another definition, in the same state."""
        self.shards, self.threshold = shards, threshold

    def set_state(self, state: AlarmState, minute: int) -> None:
        """SetAlarmState, which lasts until the next evaluation."""
        self.state, self.state_since = state, minute

    def forget_after(self, minute: int) -> None:
        """Compute anew what depends on the metrics of `minute` and later: they have changed."""
        self._computed_to = min(self._computed_to, minute + 1)

    def first_firing(self, metrics: Metrics, start: int, end: int) -> int | None:
        """The first of the minutes in (start, end] at which the alarm goes to ALARM, None if at none of them."""
        breaching = self._evaluate(metrics, start + 1, end + 1)
        if self.state is AlarmState.ALARM:
            calm = np.flatnonzero(~breaching)
            if not calm.size:
                return None
            fires = np.flatnonzero(breaching[calm[0] :])
            return start + 1 + int(calm[0] + fires[0]) if fires.size else None
        fires = np.flatnonzero(breaching)
        return start + 1 + int(fires[0]) if fires.size else None

    def advance(self, metrics: Metrics, start: int, end: int) -> None:
        """Be in the state that the evaluations at the minutes in (start, end] lead to."""
        breaching = self._evaluate(metrics, start + 1, end + 1)
        now = AlarmState.ALARM if breaching[-1] else AlarmState.OK
        other = np.flatnonzero(breaching != breaching[-1])
        if other.size:
            self.state_since = start + 2 + int(other[-1])
        elif now is not self.state:
            self.state_since = start + 1
        self.state = now

    def _evaluate(self, metrics: Metrics, start: int, end: int) -> Bools:
        """Whether the alarm is on at each of the minutes from `start` to before `end`."""
        period = self.settings.period_seconds // 60
        periods = self.settings.evaluation_periods
        first = start - METRIC_DELAY - period * (periods - 1)
        last = end - METRIC_DELAY
        if self._computed_with != (self.shards, self.threshold):
            self._computed_with, self._computed_to = (self.shards, self.threshold), first
        begin = max(first, self._computed_to)
        if begin < last:
            usage = self.usage(metrics, begin, last)
            below = usage <= self.threshold if self.inclusive else usage < self.threshold
            self._breaching[begin:last] = usage >= self.threshold if self.direction is Direction.UP else below
            self._computed_to = last
        (stride,) = self._breaching.strides
        looked_at = as_strided(
            self._breaching[first:], (end - start, periods), (stride, stride * period), writeable=False
        )
        return np.asarray(looked_at.sum(axis=1) >= self.settings.datapoints_to_alarm)

    def usage(self, metrics: Metrics, start: int, end: int) -> Floats:
        """The usage of the periods that end at each of the minutes from `start` to before `end`."""
        period = self.settings.period_seconds
        known = metrics.sums(start, end, period // 60)
        series = {name: known[name] for name in self._metrics}
        return self._program.evaluate(self._result, series, period=period, scalars={"s1": self.shards})
