"""Queries and their values: the examples of "Using math expressions with CloudWatch metrics", and what is refused."""

import math
from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from metric_math import MetricMathError, Program, UnsupportedFunctionError


def series(text: str) -> NDArray[np.float64]:
    """`30 20 - 0` as values, - for a missing one."""
    return np.array([math.nan if mark == "-" else float(mark) for mark in text.split()])


def evaluate(expression: str, metrics: Mapping[str, str], period: float = 60) -> NDArray[np.float64]:
    given = {name: series(text) for name, text in metrics.items()}
    return Program.compile({"result": expression}, list(metrics)).evaluate("result", given, period=period)


@pytest.mark.parametrize(
    ("expression", "m1", "m2", "expected"),
    [
        # The guide's examples, of comparisons and of IF.
        ("m1 < m2", "30 20 0 0", "20 - 20 -", "0 0 1 0"),
        ("m1 >= 30", "30 20 0 0", "- - - -", "1 0 0 0"),
        ("m1 > 15 AND m2 > 15", "30 20 0 0", "20 - 20 -", "1 0 0 0"),
        ("IF(m1, 5, m2)", "1 1 0 0 -", "0 0 20 - 20", "5 5 20 - -"),
        ("IF(m1, m2, 5)", "1 1 0 0 -", "30 - 0 0 30", "30 0 5 5 -"),
        ("IF(m1, m2)", "1 -2 0 0 -", "30 - 7 - 30", "30 0 - - -"),
        ("IF(m1 < 400, m1)", "300 400 -", "1 1 1", "300 - -"),
        ("IF(m1 < 400, 10, 2)", "300 400 -", "1 1 1", "10 2 -"),
        ("IF(2 > 1, m1, m2)", "1 -", "3 4", "1 -"),
        ("IF(2 < 1, m1, m2)", "1 -", "3 4", "3 4"),
        ("IF(2 < 1, m1)", "1 2", "3 4", "- -"),
        ("IF(1 / 0, m1, m2)", "1 2", "3 4", "- -"),
        # "Missing values in a time series are treated as 0", "the data point is dropped".
        ("m1 + m2", "1 2 - -", "5 - 6 -", "6 2 6 -"),
        ("m1 / m2", "1 2 - - 3", "5 - 6 - 0", "0.2 - 0 - -"),
        ("m1 + 5", "1 - 2", "0 0 0", "6 - 7"),
        ("m1 / 0", "1 0 -", "0 0 0", "- - -"),
        ("-m1", "1 - -2", "0 0 0", "-1 - 2"),
        ("m1 ^ m2", "2 0 - -4", "3 -1 2 0.5", "8 - 0 -"),
        ("m1 == m2", "1 - 2 -", "1 0 - -", "1 1 0 -"),
        ("m1 OR m2", "1 0 - -", "0 - 1 -", "1 0 1 -"),
        ("SUM([m1, m2] / m1)", "2 - 4", "4 5 -", "3 - 1"),
        # One moment of several series, and one series over time.
        ("MAX([m1, m2])", "1 2 - -", "5 - 6 -", "5 2 6 -"),
        ("MIN([m1, m2])", "1 2 - -", "5 - 6 -", "1 2 6 -"),
        ("SUM([m1, m2])", "1 2 - -", "5 - 6 -", "6 2 6 -"),
        ("AVG([m1, m2])", "1 2 - -", "5 - 6 -", "3 1 3 -"),
        ("m1 - MAX(m1)", "1 2 -", "0 0 0", "-1 0 -"),
        ("m1 - AVG(m1)", "1 2 -", "0 0 0", "0 1 -"),
        ("m2 + SUM(m1)", "- - -", "0 1 2", "- - -"),
        ("MAX(METRICS())", "1 2 -", "2 1 -", "2 2 -"),
        ('SUM(METRICS("2"))', "1 2 3", "5 6 7", "5 6 7"),
        ("SUM([METRICS('1'), METRICS('2')])", "1 2 3", "5 6 7", "6 8 10"),
        # Gaps.
        ("FILL(m1, 10)", "- 1 - -", "0 0 0 0", "10 1 10 10"),
        ("FILL(m1, m2)", "- 1 - -", "5 6 - 7", "5 1 - 7"),
        ("FILL(m1, MIN(m1))", "- 1 3 -", "0 0 0 0", "1 1 3 1"),
        ("FILL(m1, REPEAT)", "- 1 - 3 -", "0 0 0 0 0", "- 1 1 3 3"),
        ("FILL(m1, LINEAR)", "- 1 - - 4 -", "0 0 0 0 0 0", "- 1 2 3 4 -"),
        ("SUM(FILL(METRICS(), 0))", "- 1 -", "2 - -", "2 1 0"),
        # A metric without a single datapoint.
        ("FILL(m1, 0)", "- - -", "1 1 1", "0 0 0"),
        ("FILL(m1, REPEAT)", "- - -", "1 1 1", "- - -"),
        ("FILL(m1, LINEAR)", "- - -", "1 1 1", "- - -"),
        # Transformations.
        ("ABS(m1 - m2)", "1 - -", "4 2 -", "3 2 -"),
        ("CEIL(m1)", "1.2 -1.2 -", "0 0 0", "2 -1 -"),
        ("FLOOR(m1)", "1.2 -1.2 -", "0 0 0", "1 -2 -"),
        ("DIFF(m1)", "- 1 - 4 6", "0 0 0 0 0", "- - - 3 2"),
        ("RATE(m1)", "- 60 - 180 120", "0 0 0 0 0", "- - - 1 -1"),
        ("RUNNING_SUM(m1)", "1 - 2 3", "0 0 0 0", "1 - 3 6"),
        ("MAX(DIFF([m1, m2]))", "1 2 -", "1 5 6", "- 4 1"),
    ],
)  # fmt: skip
def test_values(expression: str, m1: str, m2: str, expected: str) -> None:
    np.testing.assert_array_equal(evaluate(expression, {"m1": m1, "m2": m2}), series(expected))


def test_if_between_three_metrics() -> None:
    metrics = {"metric1": "1 1 0 0 -", "metric2": "30 - 0 0 30", "metric3": "0 0 20 - 20"}
    np.testing.assert_array_equal(evaluate("IF(metric1, metric2, metric3)", metrics), series("30 0 20 - -"))


def test_queries_are_evaluated_in_the_order_in_which_they_need_each_other() -> None:
    queries = {"e3": "MAX([e1, e2])", "e1": "m1 / (60 * s1)", "e2": "FILL(m2, 0) / s1", "s1": "2", "unused": "m1 / 0"}
    program = Program.compile(queries, ["m1", "m2"])
    metrics = {"m1": series("120 - 360"), "m2": series("- 4 -")}
    np.testing.assert_array_equal(program.evaluate("e3", metrics, period=60), series("1 2 3"))
    np.testing.assert_array_equal(program.evaluate("e1", metrics, period=60), series("1 - 3"))
    assert program.evaluate("m1", metrics, period=60) is metrics["m1"]


def test_a_number_can_change_from_one_evaluation_to_the_next() -> None:
    program = Program.compile({"e1": "m1 / s1"}, ["m1"], scalars=["s1"])
    metrics = {"m1": series("2 4")}
    values = [program.evaluate("e1", metrics, period=60, scalars={"s1": shards}).tolist() for shards in (1, 2)]
    assert values == [[2, 4], [1, 2]]


def test_an_evaluation_leaves_its_input_alone() -> None:
    metrics = {"m1": series("- 1 - 3")}
    Program.compile({"e1": "FILL(m1, LINEAR)"}, ["m1"]).evaluate("e1", metrics, period=60)
    np.testing.assert_array_equal(metrics["m1"], series("- 1 - 3"))


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("m9 + 1", "the id 'm9' is unknown"),
        ("result + 1", "the id 'result' refers to itself: result -> result"),
        ("FOO(m1)", "Function 'FOO' not found"),
        ("m1 +", "where a value should be"),
        ("REPEAT", "'REPEAT' is neither an id nor a function"),
        ("'m1'", "the string 'm1' is no value"),
        ("MAX(5)", "MAX takes a time series or an array of them, not a scalar"),
        ("MAX(m1, m2)", "MAX takes 1 argument, not 2"),
        ("ABS(5)", "ABS takes a time series or an array of them, not a scalar"),
        ("MAX([m1, 0])", "an array holds time series, and at least one"),
        ("MAX([])", "an array holds time series, and at least one"),
        ("METRICS(m1)", "METRICS takes nothing, or a string"),
        ("METRICS('x')", "METRICS finds no metric"),
        ("[m1] + [m2]", "'+' does not take an array of time series and an array of time series"),
        ("[m1, m2] > 1", "'>' does not take an array of time series and a scalar"),
        ("FILL(m1)", "FILL takes 2 arguments, not 1"),
        ("FILL(1, 0)", "FILL takes a time series or an array of them, not a scalar"),
        ("FILL(m1, [m2])", "FILL fills with a scalar, a time series, REPEAT or LINEAR"),
        ("IF(m1)", "IF takes 2 or 3 arguments, not 1"),
        ("IF(1, 2, 3)", "IF with a scalar as condition chooses between time series"),
        ("IF([m1], 1, 2)", "IF takes scalars and single time series"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_with_its_id(expression: str, words: str) -> None:
    with pytest.raises(MetricMathError) as refused:
        Program.compile({"result": expression}, ["m1", "m2"])
    assert type(refused.value) is MetricMathError
    assert words in str(refused.value)
    assert str(refused.value).startswith("Error in expression 'result': ")
    assert refused.value.expression == expression


@pytest.mark.parametrize(
    "expression", ["SEARCH('x')", "m1 / PERIOD(m1)", "SORT(METRICS(), AVG, DESC)", "SELECT x FROM y"]
)
def test_functions_that_only_cloudwatch_has_are_told_from_nonsense(expression: str) -> None:
    with pytest.raises(UnsupportedFunctionError, match=r"expression 'e1'.* not evaluated here"):
        Program.compile({"e1": expression}, ["m1"])


def test_a_cycle_is_named() -> None:
    with pytest.raises(MetricMathError, match="the id 'e1' refers to itself: e1 -> e2 -> e1"):
        Program.compile({"e1": "e2 + m1", "e2": "e1 * 2"}, ["m1"])


@pytest.mark.parametrize("name", ["M1", "1m", "m-1", "_m", ""])
def test_a_malformed_id_is_refused(name: str) -> None:
    with pytest.raises(MetricMathError, match="an id begins with a lower-case letter"):
        Program.compile({}, [name])


def test_an_id_taken_twice_is_refused() -> None:
    with pytest.raises(MetricMathError, match="'m1': the id is not unique"):
        Program.compile({"m1": "2"}, ["m1"])


@pytest.mark.parametrize(
    ("result", "words"),
    [("s1", "is a scalar"), ("all", "is an array of time series"), ("zz", "is nothing: no query has this id")],
)
def test_a_result_is_one_time_series(result: str, words: str) -> None:
    program = Program.compile({"s1": "2", "all": "METRICS() * 2"}, ["m1"])
    with pytest.raises(MetricMathError, match=words):
        program.evaluate(result, {"m1": series("1")}, period=60)


def test_series_other_than_compiled_are_refused() -> None:
    program = Program.compile({"e1": "m1 + m2"}, ["m1", "m2"])
    with pytest.raises(ValueError, match="Compiled for series"):
        program.evaluate("e1", {"m1": series("1")}, period=60)
    with pytest.raises(ValueError, match="their lengths differ"):
        program.evaluate("e1", {"m1": series("1"), "m2": series("1 2")}, period=60)
