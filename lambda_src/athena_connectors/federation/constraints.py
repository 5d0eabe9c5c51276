"""Reads what Athena pushes down: value sets, expressions, order, limit and a query to be passed through."""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

import pyarrow as pa

from athena_connectors.federation.arrow import read_batch, read_schema
from athena_connectors.federation.arrow_types import read_type
from athena_connectors.federation.errors import InvalidInput, NotSupported
from athena_connectors.federation.fields import Fields
from athena_connectors.federation.model import (
    AllOrNoneValueSet,
    Bound,
    Call,
    Constant,
    Constraints,
    Direction,
    EquatableValueSet,
    Expression,
    Function,
    Marker,
    OrderBy,
    Range,
    SortedRangeSet,
    Value,
    ValueSet,
    Variable,
)
from athena_connectors.federation.values import read_values

Choice = TypeVar("Choice", bound=StrEnum)


def read_constraints(found: Fields) -> Constraints:
    """The constraints of any version of the wire format. Raises InvalidInput and NotSupported."""
    limit = found.number("limit", -1)
    constraints = Constraints(
        summary={column: read_value_set(values) for column, values in found.within("summary").members()},
        expressions=tuple(_call(item) for item in found.each_of("expression")) if "expression" in found else (),
        order_by=tuple(_order(item) for item in found.each_of("orderByClause")) if "orderByClause" in found else (),
        limit=None if limit < 0 else limit,
        passthrough=read_passthrough(found),
    )
    # Substrait: it says again what the rest says, which is sent with it.
    found.skip("queryPlan")
    found.end()
    return constraints


def read_passthrough(found: Fields) -> dict[str, str]:
    """The arguments of `system.query`; empty where nothing is passed through, or the version has no such thing."""
    return found.mapping("queryPassthroughArguments") if "queryPassthroughArguments" in found else {}


def read_value_set(found: Fields) -> ValueSet:
    """A set of values of a column. Raises InvalidInput and NotSupported."""
    kind = found.text("@type")
    read = VALUE_SETS.get(kind)
    if read is None:
        raise NotSupported(f"{found.path} is a {kind}; this connector knows {', '.join(VALUE_SETS)}.")
    values = read(found)
    found.end()
    return values


def _sorted_range_set(found: Fields) -> SortedRangeSet:
    return SortedRangeSet(
        type=read_type(found.within("type")),
        ranges=tuple(_range(item) for item in found.each_of("ranges")),
        null_allowed=found.truth("nullAllowed"),
    )


def _equatable_value_set(found: Fields) -> EquatableValueSet:
    kind, values = _block(found.within("valueBlock"))
    if None in values:
        raise InvalidInput(f"{found.path} has NULL among its values; `nullAllowed` is where that is said.")
    return EquatableValueSet(
        type=kind,
        values=tuple(value for value in values if value is not None),
        white_list=found.truth("whiteList"),
        null_allowed=found.truth("nullAllowed"),
    )


def _all_or_none(found: Fields) -> AllOrNoneValueSet:
    return AllOrNoneValueSet(
        type=read_type(found.within("type")), all=found.truth("all"), null_allowed=found.truth("nullAllowed")
    )


VALUE_SETS: dict[str, Callable[[Fields], ValueSet]] = {
    "SortedRangeSet": _sorted_range_set,
    "EquatableValueSet": _equatable_value_set,
    "AllOrNoneValueSet": _all_or_none,
}


def _range(found: Fields) -> Range:
    low, high = found.within("low"), found.within("high")
    read = Range(_marker(low, Bound.ABOVE), _marker(high, Bound.BELOW))
    found.end()
    return read


def _marker(found: Fields, unbounded: Bound) -> Marker:
    """One end of a range, where `unbounded` is how an end without a value is written."""
    block, bound = found.within("valueBlock"), _choice(Bound, found.text("bound"), found.path)
    value = None
    if not found.truth("nullValue"):
        _, values = _block(block)
        if len(values) != 1 or values[0] is None:
            raise InvalidInput(f"{found.path} has {len(values)} values, not one.")
        (value,) = values
    if bound not in (unbounded, Bound.EXACTLY) or (value is None and bound is not unbounded):
        raise InvalidInput(f"{found.path} is {bound}, which this end of a range cannot be.")
    found.end()
    return Marker(value, bound)


def _call(found: Fields) -> Call:
    expression = _expression(found)
    if not isinstance(expression, Call):
        raise InvalidInput(f"{found.path} is no function call; a condition is one.")
    return expression


def _expression(found: Fields) -> Expression:
    kind = found.text("@type")
    read = EXPRESSIONS.get(kind)
    if read is None:
        raise NotSupported(f"{found.path} is a {kind}; this connector knows {', '.join(EXPRESSIONS)}.")
    expression = read(found)
    found.end()
    return expression


def _function_call(found: Fields) -> Call:
    named = found.within("functionName")
    function = _choice(Function, named.text("functionName"), named.path)
    named.end()
    arguments = tuple(_expression(item) for item in found.each_of("arguments"))
    return Call(function, read_type(found.within("type")), arguments)


def _variable(found: Fields) -> Variable:
    return Variable(found.text("columnName"), read_type(found.within("type")))


def _constant(found: Fields) -> Constant:
    kind, values = _block(found.within("valueBlock"))
    read_type(found.within("type"))  # the block's own says the same, and the whole of it
    return Constant(values, kind)


EXPRESSIONS: dict[str, Callable[[Fields], Expression]] = {
    "FunctionCallExpression": _function_call,
    "VariableExpression": _variable,
    "ConstantExpression": _constant,
}


def _order(found: Fields) -> OrderBy:
    order = OrderBy(found.text("columnName"), _choice(Direction, found.text("direction"), found.path))
    found.end()
    return order


def _block(found: Fields) -> tuple[pa.DataType, tuple[Value | None, ...]]:
    """The type and the values of a block's one column."""
    found.skip("aId")
    schema = read_schema(found.text("schema"))
    batch = read_batch(found.text("records"), schema)
    found.end()
    if batch.num_columns != 1:
        raise InvalidInput(f"{found.path} has {batch.num_columns} columns, not one.")
    return schema.types[0], read_values(batch.column(0))


def _choice(choices: type[Choice], name: str, path: str) -> Choice:
    try:
        return choices(name)
    except ValueError as error:
        raise NotSupported(f"{path} says {name}; this connector knows {', '.join(choices)}.") from error
