"""Constraints as JSON: value sets with their marker blocks, expressions, top-N, limit, passthrough."""

from typing import Any, assert_never

import pyarrow as pa

from athena_connectors.federation.model import (
    AllOrNoneValueSet,
    Call,
    Constant,
    Constraints,
    EquatableValueSet,
    Expression,
    Marker,
    SortedRangeSet,
    ValueSet,
    Variable,
)
from localcloud.athena.wire.arrow_types import type_json
from localcloud.athena.wire.blocks import values_json

NO_LIMIT = -1


def constraints_json(constraints: Constraints, serde: int) -> dict[str, Any]:
    """All that the version of the wire format knows of; what it does not know must not be there.

    Raises ValueError when something is: whoever plans a query asks for the version first.
    """
    legacy = serde == 2
    summary = {column: value_set_json(held, legacy=legacy) for column, held in constraints.summary.items()}
    content: dict[str, Any] = {"summary": summary}
    if serde >= 4:
        content["expression"] = [expression_json(call, legacy=legacy) for call in constraints.expressions]
        content["orderByClause"] = [
            {"columnName": key.column, "direction": key.direction.value} for key in constraints.order_by
        ]
        content["limit"] = NO_LIMIT if constraints.limit is None else constraints.limit
    elif constraints.expressions or constraints.order_by or constraints.limit is not None:
        raise ValueError(f"serde {serde} has neither expressions nor top-N nor limit")
    if serde >= 5:
        content["queryPassthroughArguments"] = dict(constraints.passthrough)
    elif constraints.passthrough:
        raise ValueError(f"serde {serde} has no query passthrough")
    if serde >= 6:
        content["queryPlan"] = None
    return content


def value_set_json(held: ValueSet, *, legacy: bool) -> dict[str, Any]:
    """A value set, by its kind."""
    match held:
        case SortedRangeSet():
            ranges = [
                {
                    "low": _marker_json(each.low, held.type, legacy=legacy),
                    "high": _marker_json(each.high, held.type, legacy=legacy),
                }
                for each in held.ranges
            ]
            return {
                "@type": "SortedRangeSet",
                "type": type_json(held.type),
                "ranges": ranges,
                "nullAllowed": held.null_allowed,
            }
        case EquatableValueSet():
            return {
                "@type": "EquatableValueSet",
                "valueBlock": values_json(held.values, held.type, legacy=legacy),
                "whiteList": held.white_list,
                "nullAllowed": held.null_allowed,
            }
        case AllOrNoneValueSet():
            return {
                "@type": "AllOrNoneValueSet",
                "type": type_json(held.type),
                "all": held.all,
                "nullAllowed": held.null_allowed,
            }
        case _:
            assert_never(held)


def expression_json(expression: Expression, *, legacy: bool) -> dict[str, Any]:
    """An expression, by its kind."""
    match expression:
        case Call():
            return {
                "@type": "FunctionCallExpression",
                "type": type_json(expression.type),
                "functionName": {"functionName": expression.function.value},
                "arguments": [expression_json(argument, legacy=legacy) for argument in expression.arguments],
            }
        case Variable():
            return {
                "@type": "VariableExpression",
                "columnName": expression.column,
                "type": type_json(expression.type),
            }
        case Constant():
            return {
                "@type": "ConstantExpression",
                "valueBlock": values_json(expression.values, expression.type, legacy=legacy),
                "type": type_json(expression.type),
            }
        case _:
            assert_never(expression)


def _marker_json(marker: Marker, of: pa.DataType, *, legacy: bool) -> dict[str, Any]:
    unbounded = marker.value is None
    block = values_json([] if unbounded else [marker.value], of, legacy=legacy)
    return {"valueBlock": block, "bound": marker.bound.value, "nullValue": unbounded}
