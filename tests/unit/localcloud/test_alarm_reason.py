"""The sentences of AWS, as its alarms were seen to write them, and the JSON beside them."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from localcloud.cloudwatch.evaluation import Threshold, evaluate
from localcloud.cloudwatch.metrics import Metric, Point
from localcloud.cloudwatch.reason import reason, reason_data, stamp
from localcloud.cloudwatch.watched import Statistic

NOW = int(datetime(2026, 11, 24, 6, 30, tzinfo=UTC).timestamp())
ONE = Threshold(300, 1, 1, "GreaterThanThreshold", 0.0)
THREE = replace(ONE, evaluation_periods=3, datapoints_to_alarm=2, comparison="LessThanOrEqualToThreshold", value=1.0)


@pytest.mark.parametrize(
    ("threshold", "values", "expected"),
    [
        (
            ONE,
            [2.5],
            "Threshold Crossed: 1 out of the last 1 datapoints [2.5 (24/11/26 06:25:00)] was greater than the "
            "threshold (0.0) (minimum 1 datapoint for OK -> ALARM transition).",
        ),
        (
            ONE,
            [0.0],
            "Threshold Crossed: 1 out of the last 1 datapoints [0.0 (24/11/26 06:25:00)] was not greater than the "
            "threshold (0.0) (minimum 1 datapoint for ALARM -> OK transition).",
        ),
        (
            THREE,
            [1.0, 5.0, 0.0],
            "Threshold Crossed: 2 out of the last 3 datapoints [1.0 (24/11/26 06:25:00), 0.0 (24/11/26 06:15:00)] were "
            "less than or equal to the threshold (1.0) (minimum 2 datapoints for OK -> ALARM transition).",
        ),
        (
            replace(THREE, datapoints_to_alarm=1, missing_data="notBreaching"),
            [0.0],
            "Threshold Crossed: 1 out of the last 3 datapoints [0.0 (24/11/26 06:25:00)] was less than or equal to the "
            "threshold (1.0) and 2 missing datapoints were treated as [NonBreaching] (minimum 1 datapoint for OK -> "
            "ALARM transition).",
        ),
        (
            replace(THREE, missing_data="breaching"),
            [],
            "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as "
            "[Breaching].",
        ),
        (
            THREE,
            [5.0],
            "Threshold Crossed: 1 out of the last 3 datapoints [5.0 (24/11/26 06:25:00)] was not less than or equal to "
            "the threshold (1.0) (minimum 2 datapoints for ALARM -> OK transition).",
        ),
        (THREE, [], "Insufficient Data: 3 datapoints were unknown."),
        (ONE, [], "Insufficient Data: 1 datapoint was unknown."),
        (
            # The state is decided by what fills the gaps: the one datapoint there is speaks against it.
            replace(THREE, missing_data="breaching"),
            [5.0],
            "Threshold Crossed: 1 out of the last 3 datapoints [5.0 (24/11/26 06:25:00)] was not less than or equal to "
            "the threshold (1.0) and 2 missing datapoints were treated as [Breaching] (minimum 2 datapoints for OK -> "
            "ALARM transition).",
        ),
    ],
)
def test_reasons(threshold: Threshold, values: list[float], expected: str) -> None:
    by_begin = {NOW - 300 * (number + 1): value for number, value in enumerate(values)}
    assert reason(threshold, evaluate(threshold, by_begin, NOW)) == expected


def test_the_data_of_a_reason() -> None:
    points = {NOW - 300: Point(NOW - 300, 4.0, 2.0, 1.0, 3.0), NOW - 900: Point.single(NOW - 900, 1.0)}
    verdict = evaluate(THREE, {begin: point.total for begin, point in points.items()}, NOW)
    assert json.loads(
        reason_data(THREE, verdict, NOW, Statistic(Metric("Groundcrew", "drift"), "Sum", "Count"), points)
    ) == {
        "version": "1.0",
        "queryDate": "2026-11-24T06:30:00.000+0000",
        "startDate": "2026-11-24T06:15:00.000+0000",
        "unit": "Count",
        "statistic": "Sum",
        "period": 300,
        "recentDatapoints": [1.0, 4.0],
        "threshold": 1.0,
        "evaluatedDatapoints": [
            {"timestamp": "2026-11-24T06:25:00.000+0000", "sampleCount": 2.0, "value": 4.0},
            {"timestamp": "2026-11-24T06:15:00.000+0000", "sampleCount": 1.0, "value": 1.0},
        ],
    }


def test_the_data_of_a_reason_without_data_name_the_periods() -> None:
    verdict = evaluate(THREE, {}, NOW)
    data = json.loads(reason_data(THREE, verdict, NOW))
    assert data["recentDatapoints"] == []
    assert [item["timestamp"][11:16] for item in data["evaluatedDatapoints"]] == ["06:25", "06:20", "06:15"]


def test_the_data_of_a_reason_between_two_boundaries() -> None:
    verdict = evaluate(THREE, {NOW - 300: 1.0, NOW - 600: 2.0}, NOW)
    assert json.loads(reason_data(THREE, verdict, NOW + 60)) == {
        "version": "1.0",
        "queryDate": "2026-11-24T06:31:00.000+0000",
        "startDate": "2026-11-24T06:20:00.000+0000",
        "period": 300,
        "recentDatapoints": [2.0, 1.0],
        "threshold": 1.0,
        "evaluatedDatapoints": [
            {"timestamp": "2026-11-24T06:25:00.000+0000", "value": 1.0},
            {"timestamp": "2026-11-24T06:20:00.000+0000", "value": 2.0},
        ],
    }


def test_a_stamp_has_milliseconds() -> None:
    assert stamp(datetime(2026, 11, 24, 6, 5, 1, 2999, tzinfo=UTC)) == "2026-11-24T06:05:01.002+0000"
