"""Alarms against the tables of "Configuring how CloudWatch alarms treat missing data"."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.cloudwatch.evaluation import COMPARISONS, Threshold, Verdict, boundary_after, evaluate, next_change
from localcloud.cloudwatch.evaluation_series import STATES, states
from localcloud.cloudwatch.metrics import Metric, Metrics, Point

METRIC = Metric("Groundcrew", "drift")
NOW = 1_790_000_100
ALARM = Threshold(300, 3, 3, "GreaterThanThreshold", 0.0)
TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")
INSUFFICIENT = "INSUFFICIENT_DATA"
VALUE_OF = {"-": None, "0": 0.0, "X": 1.0}


def series(text: str) -> dict[int, float]:
    """`0 - X` as values by period, the last of which ends at NOW: 0 is fine, X breaches, - is missing."""
    marks = text.split()
    begins = [NOW - 300 * (len(marks) - index) for index in range(len(marks))]
    return {begin: value for begin, mark in zip(begins, marks, strict=True) if (value := VALUE_OF[mark]) is not None}


# (datapoints, missing, ignore, breaching, notBreaching); None keeps the state.
THREE_OF_THREE = [
    ("0 - X - X", "OK", "OK", "OK", "OK"),
    ("0 - - - -", "OK", "OK", "OK", "OK"),
    ("- - - - -", INSUFFICIENT, None, "ALARM", "OK"),
    ("0 X X - X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("- - X - -", "ALARM", None, "ALARM", "OK"),
]
TWO_OF_THREE = [
    ("0 - X - X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("0 0 X 0 X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("0 - X - -", "OK", "OK", "ALARM", "OK"),
    ("- - - - 0", "OK", "OK", "ALARM", "OK"),
    ("- - - X -", "ALARM", None, "ALARM", "OK"),
]


@pytest.mark.parametrize(
    ("needed", "row"), [(3, row) for row in THREE_OF_THREE] + [(2, row) for row in TWO_OF_THREE], ids=str
)
def test_missing_data_as_in_the_tables_of_aws(needed: int, row: Sequence[str]) -> None:
    text, *expected = row
    states = [
        evaluate(replace(ALARM, datapoints_to_alarm=needed, missing_data=treatment), series(text), NOW).state
        for treatment in TREATMENTS
    ]
    assert states == expected


@pytest.mark.parametrize("text", ["- - - - X", "- - - X -", "- - - X X"])
def test_an_alarm_is_not_raised_prematurely(text: str) -> None:
    assert evaluate(ALARM, series(text), NOW).state is None


def test_a_verdict_may_change_when_a_datapoint_is_old_enough_and_when_it_leaves_the_range() -> None:
    values = series("- - - - X")
    assert evaluate(ALARM, values, NOW).state is None
    assert next_change(ALARM, NOW, values) == NOW + 600
    assert evaluate(ALARM, values, NOW + 600).state == "ALARM"
    assert next_change(ALARM, NOW + 600, values) == NOW + 1500
    assert evaluate(ALARM, values, NOW + 1500).state == INSUFFICIENT
    assert next_change(ALARM, NOW + 1500, values) is None


def test_the_verdict_says_what_was_evaluated() -> None:
    verdict = evaluate(replace(ALARM, missing_data="notBreaching"), series("- 0 - - X"), NOW)
    assert verdict == Verdict("OK", ((NOW - 300, 1.0), (NOW - 1200, 0.0)), missing=1)


def test_datapoints_beyond_the_range_or_in_an_unfinished_period_do_not_count() -> None:
    values = {NOW - 6 * 300: 1.0, NOW: 1.0}
    assert evaluate(ALARM, values, NOW).state == INSUFFICIENT


@pytest.mark.parametrize(
    ("comparison", "breaching"),
    [
        ("GreaterThanOrEqualToThreshold", {2.0, 3.0}),
        ("GreaterThanThreshold", {3.0}),
        ("LessThanThreshold", {1.0}),
        ("LessThanOrEqualToThreshold", {1.0, 2.0}),
    ],
)
def test_every_comparison(comparison: str, breaching: set[float]) -> None:
    threshold = replace(ALARM, comparison=comparison, value=2.0)
    assert {value for value in (1.0, 2.0, 3.0) if threshold.breached(value)} == breaching
    assert comparison in COMPARISONS


def test_a_boundary_is_a_multiple_of_the_period_and_later() -> None:
    assert boundary_after(NOW, 300) == NOW + 300
    assert boundary_after(NOW - 0.5, 300) == NOW


MARKS = st.sampled_from("-0X")
ALARMS = st.builds(
    lambda total, needed, treatment: replace(
        ALARM, evaluation_periods=total, datapoints_to_alarm=min(needed, total), missing_data=treatment
    ),
    st.integers(1, 5),
    st.integers(1, 5),
    st.sampled_from(TREATMENTS),
)


@given(ALARMS, st.sampled_from(sorted(COMPARISONS)), st.lists(MARKS, min_size=1, max_size=40))
def test_a_history_has_the_verdict_of_each_moment(threshold: Threshold, comparison: str, marks: list[str]) -> None:
    threshold = replace(threshold, comparison=comparison, value=0.5)
    values = series(" ".join(marks))
    begins = range(NOW - 300 * len(marks), NOW, 300)
    history = np.array([values.get(begin, np.nan) for begin in begins])
    expected = [evaluate(threshold, values, begin + 300).state for begin in begins]
    assert [STATES[state] for state in states(threshold, history)] == expected


@given(ALARMS, st.lists(MARKS, max_size=12))
def test_a_verdict_changes_only_when_it_may(threshold: Threshold, marks: list[str]) -> None:
    values = series(" ".join(marks)) if marks else {}
    boundary = NOW - 300 * len(marks)
    while (change := next_change(threshold, boundary, values)) is not None:
        state = _settled(threshold, values, boundary)
        for between in range(boundary + 300, change, 300):
            assert evaluate(threshold, values, between).state in (state, None)
        boundary = change
    settled = evaluate(threshold, values, boundary).state
    assert all(evaluate(threshold, values, boundary + 300 * later).state == settled for later in range(1, 20))


def _settled(threshold: Threshold, values: Mapping[int, float], boundary: int) -> str | None:
    return evaluate(threshold, values, boundary).state


@given(ALARMS, st.lists(st.tuples(st.integers(NOW - 3000, NOW - 1), st.integers(-3, 3)), max_size=12), st.randoms())
def test_the_order_of_arrival_does_not_matter(
    threshold: Threshold, published: list[tuple[int, int]], random: Any
) -> None:
    verdicts = []
    for _ in range(3):
        random.shuffle(published)
        metrics = Metrics()
        for time, value in published:
            metrics.add(METRIC, Point.single(time, value))
        periods = metrics.periods(METRIC, NOW - 300 * threshold.evaluation_range, NOW, 300)
        verdicts.append(evaluate(threshold, {begin: point.total for begin, point in periods.items()}, NOW))
    assert verdicts[0] == verdicts[1] == verdicts[2]


@given(ALARMS, st.lists(st.sampled_from("0X"), min_size=7, max_size=7))
def test_without_missing_data_their_treatment_does_not_matter(threshold: Threshold, marks: list[str]) -> None:
    states = {
        evaluate(replace(threshold, missing_data=treatment), series(" ".join(marks)), NOW).state
        for treatment in TREATMENTS
    }
    breaching = marks[-threshold.evaluation_periods :].count("X")
    assert states == {"ALARM" if breaching >= threshold.datapoints_to_alarm else "OK"}
