"""Any expression of the pointwise kind gives what a plain loop over its datapoints gives."""

import math
import operator
from collections.abc import Callable, Mapping

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from metric_math import Expression, Program, parse
from metric_math.expression import Array, Call, Id, Negation, Number, Operation, Word

Number_ = float | None
OPERATORS: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "==": operator.eq,
    "<": operator.lt, ">=": operator.ge, "AND": lambda a, b: bool(a) and bool(b), "OR": lambda a, b: bool(a) or bool(b),
}  # fmt: skip
METRICS = ("m1", "m2", "m3")

values = st.one_of(st.none(), st.integers(-4, 4).map(float))
metrics = st.integers(1, 12).flatmap(
    lambda length: st.fixed_dictionaries({name: st.lists(values, min_size=length, max_size=length) for name in METRICS})
)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    number = st.integers(0, 4).map(str)
    operators = st.sampled_from(sorted(OPERATORS))
    return st.one_of(
        st.builds("({} {} {})".format, inner, operators, st.one_of(inner, number)),
        st.builds("(-{})".format, inner),
        st.builds("FILL({}, {})".format, inner, st.one_of(inner, number, st.just("REPEAT"))),
        st.builds("{}([{}, {}])".format, st.sampled_from(["MAX", "MIN", "SUM", "AVG"]), inner, inner),
        st.builds("IF({}, {}, {})".format, inner, inner, st.one_of(inner, number)),
        st.builds("{}({})".format, st.sampled_from(["ABS", "FLOOR", "DIFF", "RUNNING_SUM"]), inner),
    )


expressions = st.recursive(st.sampled_from(METRICS), _grown, max_leaves=8)


@given(expression=expressions, given_=metrics)
def test_an_expression_has_the_values_of_a_loop(expression: str, given_: Mapping[str, list[Number_]]) -> None:
    arrays = {name: np.array([math.nan if value is None else value for value in row]) for name, row in given_.items()}
    program = Program.compile({"result": expression}, METRICS)
    result = program.evaluate("result", arrays, period=60)
    expected = _loop(parse(expression), given_, len(arrays["m1"]))
    np.testing.assert_allclose(result, [math.nan if value is None else value for value in expected], rtol=1e-9)


def _loop(node: Expression, metrics: Mapping[str, list[Number_]], length: int) -> list[Number_]:
    def row(inner: Expression) -> list[Number_]:
        return _loop(inner, metrics, length)

    match node:
        case Number(value):
            return [value] * length
        case Id(name):
            return metrics[name]
        case Negation(operand):
            return [None if value is None else -value for value in row(operand)]
        case Operation(sign, left, right):
            against_scalar = isinstance(right, Number)
            return [_operate(sign, a, b, against_scalar) for a, b in zip(row(left), row(right), strict=True)]
        case Call("FILL", (inner, Word("REPEAT"))):
            return _repeated(row(inner))
        case Call("FILL", (inner, filler)):
            return [b if a is None else a for a, b in zip(row(inner), row(filler), strict=True)]
        case Call("IF", (condition, true, false)):
            return [
                None if c is None else b if c == 0 else 0.0 if a is None else a
                for c, a, b in zip(row(condition), row(true), row(false), strict=True)
            ]
        case Call("ABS", (inner,)):
            return [None if value is None else abs(value) for value in row(inner)]
        case Call("FLOOR", (inner,)):
            return [None if value is None else float(math.floor(value)) for value in row(inner)]
        case Call("DIFF", (inner,)):
            return _differences(row(inner))
        case Call("RUNNING_SUM", (inner,)):
            return _sums(row(inner))
        case Call(function, (Array((first, second)),)):
            return [_reduce(function, pair) for pair in zip(row(first), row(second), strict=True)]
    raise AssertionError(node)


def _operate(sign: str, left: Number_, right: Number_, against_scalar: bool) -> Number_:
    if left is None and (right is None or against_scalar):
        return None
    left, right = left or 0.0, right or 0.0
    return None if sign == "/" and right == 0 else float(OPERATORS[sign](left, right))


def _reduce(function: str, pair: tuple[Number_, Number_]) -> Number_:
    present = [value for value in pair if value is not None]
    if not present:
        return None
    return {"MAX": max(present), "MIN": min(present), "SUM": sum(present), "AVG": sum(present) / 2}[function]


def _repeated(row: list[Number_]) -> list[Number_]:
    repeated: list[Number_] = []
    for value in row:
        repeated.append(value if value is not None or not repeated else repeated[-1])
    return repeated


def _differences(row: list[Number_]) -> list[Number_]:
    differences: list[Number_] = []
    before: Number_ = None
    for value in row:
        differences.append(None if value is None or before is None else value - before)
        before = before if value is None else value
    return differences


def _sums(row: list[Number_]) -> list[Number_]:
    total, sums = 0.0, []
    for value in row:
        total += value or 0.0
        sums.append(None if value is None else total)
    return sums
