"""What an alarm with a plain threshold makes of its datapoints. Pure: no clock, no account, no moto.

"Configuring how CloudWatch alarms treat missing data" in the CloudWatch User Guide. AWS does not say how many
datapoints beyond the evaluation periods it looks at; its examples show two more, so that is what there is here.
It evaluates every minute over a window that slides, unless an alarm asks for a wall clock window; here every alarm has
the latter: periods begin at multiples of their length since 1970, and an alarm is evaluated when one ends.
`evaluate` judges one moment, `evaluation_series.states` every moment of a history, by the same rules.
"""

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

EXTRA_PERIODS = 2
COMPARISONS: Mapping[str, tuple[Callable[[Any, float], Any], str]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}
"""Each comparison with the words that AWS has for it in the reason of a state."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """When an alarm is breached, whatever it watches. `period` in seconds, `missing_data` is TreatMissingData."""

    period: int
    evaluation_periods: int
    datapoints_to_alarm: int
    comparison: str
    value: float
    missing_data: str = "missing"

    @property
    def evaluation_range(self) -> int:
        """How many periods are looked at."""
        return self.evaluation_periods + EXTRA_PERIODS

    def breached(self, value: float) -> bool:
        """Whether a datapoint of that value breaches the threshold."""
        return bool(COMPARISONS[self.comparison][0](value, self.value))


@dataclass(frozen=True, slots=True)
class Verdict:
    """`state` is OK, ALARM or INSUFFICIENT_DATA, None to keep the present one.

    `datapoints`: the values that were evaluated, newest first, with the second at which their period begins.
    `missing`: how many datapoints had to be filled.
    """

    state: str | None
    datapoints: tuple[tuple[int, float], ...]
    missing: int


def boundary_after(moment: float, period: int) -> int:
    """The first end of a period later than `moment`, in seconds since 1970."""
    return (int(moment // period) + 1) * period


def evaluate(threshold: Threshold, values: Mapping[int, float], boundary: int) -> Verdict:
    """Judge the periods that end at or before `boundary`; `values` is keyed by the second at which each begins."""
    latest = boundary - threshold.period
    begins = range(latest, latest - threshold.evaluation_range * threshold.period, -threshold.period)
    # Real datapoints come first, from as far back as the range allows; missing ones only make up the rest.
    real = tuple((begin, values[begin]) for begin in begins if begin in values)[: threshold.evaluation_periods]
    missing = threshold.evaluation_periods - len(real)
    breaching = sum(threshold.breached(value) for _, value in real)
    needed = threshold.datapoints_to_alarm
    return Verdict(_state(threshold, real, breaching, missing, needed, boundary), real, missing)


def _state(
    threshold: Threshold, real: tuple[tuple[int, float], ...], breaching: int, missing: int, needed: int, boundary: int
) -> str | None:
    if threshold.missing_data == "breaching":
        breaching += missing
    if breaching >= needed:
        return "ALARM"
    if missing == 0 or threshold.missing_data in ("breaching", "notBreaching") or breaching < len(real):
        return "OK"
    # Fewer datapoints than needed, and every one breaches.
    if threshold.missing_data == "ignore":
        return None
    if not real:
        return "INSUFFICIENT_DATA"
    age = (boundary - real[-1][0]) // threshold.period
    # AWS alarms once the oldest of them is as old as DatapointsToAlarm, and not before ("premature transitions"); what
    # it shows until then it does not say.
    return "ALARM" if age >= needed else None


def next_change(threshold: Threshold, boundary: int, begins: Iterable[int]) -> int | None:
    """The first boundary after `boundary` at which the verdict can differ though no datapoint arrives; None: never.

    `begins`: when the periods with data begin. One changes the verdict when it ends, when it is as old as
    DatapointsToAlarm, and when it leaves the evaluation range.
    """
    ages = (1, threshold.datapoints_to_alarm, threshold.evaluation_range + 1)
    moments = (begin + age * threshold.period for begin in begins for age in ages)
    return min((moment for moment in moments if moment > boundary), default=None)
