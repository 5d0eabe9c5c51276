"""What constraints mean to Athena, evaluated on one row in plain Python: what a source's SQL is held against.

None is NULL and unknown. Semantics: Trino's, which Athena's engine is.
"""

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

import pyarrow as pa

from athena_connectors.federation.model import (
    AllOrNoneValueSet,
    Bound,
    Call,
    Constant,
    Constraints,
    EquatableValueSet,
    Expression,
    Function,
    Range,
    SortedRangeSet,
    Value,
    ValueSet,
    Variable,
)

Row = Mapping[str, Value | None]

COMPARISONS: dict[Function, Callable[[Any, Any], bool]] = {
    Function.EQUAL: operator.eq,
    Function.NOT_EQUAL: operator.ne,
    Function.LESS_THAN: operator.lt,
    Function.LESS_THAN_OR_EQUAL: operator.le,
    Function.GREATER_THAN: operator.gt,
    Function.GREATER_THAN_OR_EQUAL: operator.ge,
}
ARITHMETIC: dict[Function, Callable[[Any, Any], Any]] = {
    Function.ADD: operator.add,
    Function.SUBTRACT: operator.sub,
    Function.MULTIPLY: operator.mul,
}


def keeps(constraints: Constraints, row: Row) -> bool:
    """Whether the row is among those that Athena asks for. Raises ZeroDivisionError where Athena fails the query."""
    return all(contains(values, row[column]) for column, values in constraints.summary.items()) and all(
        evaluate(expression, row) is True for expression in constraints.expressions
    )


def contains(values: ValueSet, value: Value | None) -> bool:
    """Whether the set has the value."""
    if value is None:
        return values.null_allowed
    match values:
        case SortedRangeSet():
            return any(_within(range_, value) for range_ in values.ranges)
        case EquatableValueSet():
            return (value in values.values) is values.white_list
        case AllOrNoneValueSet():
            return values.all


def _within(range_: Range, value: Any) -> bool:
    low, high = range_.low, range_.high
    above = low.value is None or (value >= low.value if low.bound is Bound.EXACTLY else value > low.value)
    below = high.value is None or (value <= high.value if high.bound is Bound.EXACTLY else value < high.value)
    return bool(above and below)


def evaluate(expression: Expression, row: Row) -> Any:
    """The value of an expression."""
    match expression:
        case Variable():
            return row[expression.column]
        case Constant(values=(value,)):
            return value
        case Call():
            return _call(expression, row)
    raise AssertionError(expression)


def _call(call: Call, row: Row) -> Any:
    match call.function:
        case Function.AND | Function.OR:
            return _junction(call.function is Function.OR, [evaluate(argument, row) for argument in call.arguments])
        case Function.IS_NULL:
            return evaluate(call.arguments[0], row) is None
        case Function.IS_DISTINCT_FROM:
            return _distinct(*(evaluate(argument, row) for argument in call.arguments))
        case Function.NULLIF:
            value, other = (evaluate(argument, row) for argument in call.arguments)
            return None if value is not None and value == other else value
        case Function.IN:
            return _in(evaluate(call.arguments[0], row), _listed(call.arguments[1], row))
    arguments = [evaluate(argument, row) for argument in call.arguments]
    if None in arguments:
        return None
    return _strict(call.function, call.type, arguments)


def _strict(function: Function, type_: pa.DataType, arguments: Sequence[Any]) -> Any:
    """A function that makes NULL of NULL."""
    match function:
        case Function.NOT:
            return not arguments[0]
        case Function.NEGATE:
            return -arguments[0]
        case Function.LIKE_PATTERN:
            return _like(*arguments)
        case Function.DIVIDE:
            return _quotient(type_, *arguments)
        case Function.MODULUS:
            return _remainder(*arguments)
    if function in COMPARISONS:
        return COMPARISONS[function](*arguments)
    with localcontext(prec=80):
        return ARITHMETIC[function](*arguments)


def _junction(decisive: bool, values: Sequence[bool | None]) -> bool | None:
    if decisive in values:
        return decisive
    return None if None in values else not decisive


def _distinct(left: Any, right: Any) -> bool:
    if left is None or right is None:
        return (left is None) is not (right is None)
    if isinstance(left, float) and math.isnan(left):
        return not math.isnan(right)
    return bool(left != right)


def _listed(expression: Expression, row: Row) -> list[Any]:
    if isinstance(expression, Constant):
        return list(expression.values)
    assert isinstance(expression, Call)
    assert expression.function is Function.ARRAY
    listed: list[Any] = []
    for element in expression.arguments:
        listed += element.values if isinstance(element, Constant) else [evaluate(element, row)]
    return listed


def _in(value: Any, listed: Sequence[Any]) -> bool | None:
    if value is None:
        return None
    if any(element is not None and element == value for element in listed):
        return True
    return None if None in listed else False


def _like(value: str, pattern: str, escape: str = "") -> bool:
    expression, characters = "", iter(pattern)
    for character in characters:
        if character == escape:
            expression += re.escape(next(characters))
        else:
            expression += {"%": ".*", "_": "."}.get(character, re.escape(character))
    return re.fullmatch(expression, value, re.DOTALL) is not None


def _quotient(type_: pa.DataType, left: Any, right: Any) -> Any:
    if pa.types.is_integer(type_):
        return (left - _remainder(left, right)) // right
    if pa.types.is_floating(type_):
        return left / right
    with localcontext(prec=80):
        if right == 0:
            raise ZeroDivisionError
        return (Decimal(left) / Decimal(right)).quantize(Decimal(1).scaleb(-type_.scale), ROUND_HALF_UP)


def _remainder(left: Any, right: Any) -> Any:
    """With the sign of the dividend."""
    if isinstance(left, float):
        return math.fmod(left, right)
    if right == 0:
        raise ZeroDivisionError
    if isinstance(left, int) and isinstance(right, int):
        return int(math.copysign(1, left)) * (abs(left) % abs(right))
    with localcontext(prec=80):
        return Decimal(left) % Decimal(right)
