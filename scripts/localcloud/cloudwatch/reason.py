"""Why an alarm has its state, in AWS's words and as the JSON that goes with them (StateReason, StateReasonData)."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from localcloud.cloudwatch.evaluation import COMPARISONS, Threshold, Verdict
from localcloud.cloudwatch.metrics import Point
from localcloud.cloudwatch.watched import Statistic

TREATED = {"breaching": "Breaching", "notBreaching": "NonBreaching"}


def stamp(moment: datetime) -> str:
    """A moment as alarms write it: `2026-11-24T06:05:00.000+0000`."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}+0000"


def reason(threshold: Threshold, verdict: Verdict) -> str:
    """The sentence for a verdict that has a state."""
    missing = verdict.missing
    if verdict.state == "INSUFFICIENT_DATA":
        return f"Insufficient Data: {_counted(missing, 'datapoint')} {_were(missing)} unknown."
    treated = TREATED.get(threshold.missing_data)
    filled = f"{_counted(missing, 'missing datapoint')} {_were(missing)} treated as [{treated}]"
    if not verdict.datapoints:
        periods = _counted(missing, "period")
        return f"Threshold Crossed: no datapoints were received for {periods} and {filled}."
    total, needed = threshold.evaluation_periods, threshold.datapoints_to_alarm
    alarming = verdict.state == "ALARM"
    shown = [(begin, value) for begin, value in verdict.datapoints if threshold.breached(value) is alarming]
    # What made up for missing data decides where too few datapoints speak for the state.
    shown = shown or list(verdict.datapoints)
    values = ", ".join(f"{value} ({datetime.fromtimestamp(begin, UTC):%d/%m/%y %H:%M:%S})" for begin, value in shown)
    breached = threshold.breached(shown[0][1])
    compared = f"{_were(len(shown))} {'' if breached else 'not '}{COMPARISONS[threshold.comparison][1]}"
    crossed = f"{len(shown)} out of the last {total} datapoints [{values}] {compared} the threshold ({threshold.value})"
    least = needed if alarming else total - needed + 1
    change = "OK -> ALARM" if alarming else "ALARM -> OK"
    minimum = f"(minimum {_counted(least, 'datapoint')} for {change} transition)"
    return f"Threshold Crossed: {crossed}{f' and {filled}' if missing and treated else ''} {minimum}."


def reason_data(
    threshold: Threshold,
    verdict: Verdict,
    moment: int,
    single: Statistic | None = None,
    points: Mapping[int, Point] | None = None,
) -> str:
    """The JSON: what was asked for at `moment`, and what came back.

    An alarm on one metric names it: `single` is what it watches, `points` its datapoints by second.
    """
    latest = moment // threshold.period * threshold.period
    begins = [latest - threshold.period * (number + 1) for number in range(threshold.evaluation_periods)]
    begins = [begin for begin, _ in verdict.datapoints] or begins
    data: dict[str, Any] = {"version": "1.0", "queryDate": stamp(datetime.fromtimestamp(moment, UTC))}
    if verdict.datapoints:
        data["startDate"] = stamp(datetime.fromtimestamp(begins[-1], UTC))
    if single and single.unit:
        data["unit"] = single.unit
    if single:
        data["statistic"] = single.name
    values, points = dict(verdict.datapoints), points or {}
    data |= {
        "period": threshold.period,
        "recentDatapoints": [value for _, value in reversed(verdict.datapoints)],
        "threshold": threshold.value,
        "evaluatedDatapoints": [_evaluated(begin, values.get(begin), points.get(begin)) for begin in begins],
    }
    return json.dumps(data, separators=(",", ":"))


def _evaluated(begin: int, value: float | None, point: Point | None) -> dict[str, Any]:
    shown: dict[str, Any] = {"timestamp": stamp(datetime.fromtimestamp(begin, UTC))}
    if point is not None:
        shown["sampleCount"] = point.samples
    return shown if value is None else shown | {"value": value}


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"
