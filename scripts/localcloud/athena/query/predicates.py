"""A conjunct of a WHERE clause as what a connector may be told: the values of one column, or an expression."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
from sqlglot import exp

from athena_connectors.federation.model import Call, Constant, Expression, Function, Value, Variable
from localcloud.athena.query.constants import Fold, is_constant, to_value
from localcloud.athena.query.domain import HIGHEST, LOWEST, NOT_NULL, ONLY_NULL, Cut, Domain, Span

_SWAPPED: Mapping[type[exp.Expr], type[exp.Expr]] = {
    exp.LT: exp.GT,
    exp.LTE: exp.GTE,
    exp.GT: exp.LT,
    exp.GTE: exp.LTE,
    exp.EQ: exp.EQ,
    exp.NEQ: exp.NEQ,
}
_COMPARISONS: Mapping[type[exp.Expr], Function] = {
    exp.EQ: Function.EQUAL,
    exp.NEQ: Function.NOT_EQUAL,
    exp.LT: Function.LESS_THAN,
    exp.LTE: Function.LESS_THAN_OR_EQUAL,
    exp.GT: Function.GREATER_THAN,
    exp.GTE: Function.GREATER_THAN_OR_EQUAL,
    exp.NullSafeNEQ: Function.IS_DISTINCT_FROM,
}
_ARITHMETIC: Mapping[type[exp.Expr], Function] = {
    exp.Add: Function.ADD,
    exp.Sub: Function.SUBTRACT,
    exp.Mul: Function.MULTIPLY,
    exp.Div: Function.DIVIDE,
    exp.Mod: Function.MODULUS,
}
_BOOLEAN = pa.bool_()
_MOST_DIGITS = 38


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one reference to a table: by the name that the statement has, the source's name and type."""

    alias: str
    by_name: Mapping[str, tuple[str, pa.DataType]]

    def of(self, node: exp.Expr) -> str | None:
        """The name of the column that `node` is, None when it is something else."""
        if isinstance(node, exp.Column) and node.table == self.alias and node.name in self.by_name:
            return node.name
        return None


class Reader:
    """Reads predicates over the columns of one table. `fold` computes what is constant in them."""

    def __init__(self, columns: Columns, fold: Fold) -> None:
        self._columns = columns
        self._fold = fold

    def domain(self, node: exp.Expr, *, negated: bool = False) -> tuple[str, Domain] | None:
        """The column and the values of it for which the predicate is true (`negated`: false).

        None when it is about more than one column, or not about values of it.
        """
        node = node.unnest()
        match node:
            case exp.Not():
                return self.domain(node.this, negated=not negated)
            case exp.And() | exp.Or():
                return self._both(node, negated=negated)
            case exp.Between():
                low = self.domain(exp.GTE(this=node.this.copy(), expression=node.args["low"].copy()))
                high = self.domain(exp.LTE(this=node.this.copy(), expression=node.args["high"].copy()))
                if low is None or high is None:
                    return None
                return self._signed(low[0], low[1] & high[1], negated=negated)
            case exp.In():
                return self._in(node, negated=negated)
            case exp.Is():
                return self._is_null(node, negated=negated)
            case exp.EQ() | exp.NEQ() | exp.LT() | exp.LTE() | exp.GT() | exp.GTE():
                return self._comparison(node, negated=negated)
            case exp.Column():
                name = self._columns.of(node)
                if name is None or not pa.types.is_boolean(self._type(name)):
                    return None
                return name, Domain.values([not negated])
            case _:
                return None

    def expression(self, node: exp.Expr) -> Call | None:
        """The predicate as a call; None when the protocol has no words for it."""
        try:
            call, of = self._expression(node)
        except _Unsayable:
            return None
        if isinstance(call, Call):
            return call if pa.types.is_boolean(of) else None
        return None

    def _type(self, name: str) -> pa.DataType:
        return self._columns.by_name[name][1]

    def _both(self, node: exp.And | exp.Or, *, negated: bool) -> tuple[str, Domain] | None:
        left, right = self.domain(node.left, negated=negated), self.domain(node.right, negated=negated)
        if left is None or right is None or left[0] != right[0]:
            return None
        both = isinstance(node, exp.And) is not negated
        return left[0], left[1] & right[1] if both else left[1] | right[1]

    def _signed(self, name: str, domain: Domain, *, negated: bool) -> tuple[str, Domain] | None:
        """The domain of a comparison, or of its opposite.

        A float is NaN besides being less, equal or greater: its opposites are no ranges.
        """
        if not negated:
            return name, domain
        return None if pa.types.is_floating(self._type(name)) else (name, domain.others())

    def _in(self, node: exp.In, *, negated: bool) -> tuple[str, Domain] | None:
        name = self._columns.of(node.this)
        if name is None or not node.expressions:
            return None
        values = [self._constant(each, self._type(name)) for each in node.expressions]
        if any(value is None for value in values):
            return None
        return self._signed(name, Domain.values(value for value in values if value is not None), negated=negated)

    def _is_null(self, node: exp.Is, *, negated: bool) -> tuple[str, Domain] | None:
        name = self._columns.of(node.this)
        if name is None or not isinstance(node.expression, exp.Null):
            return None
        return name, NOT_NULL if negated else ONLY_NULL

    def _comparison(self, node: exp.Expr, *, negated: bool) -> tuple[str, Domain] | None:
        kind, column, other = type(node), node.this.unnest(), node.expression.unnest()
        if self._columns.of(column) is None:
            kind, column, other = _SWAPPED[kind], other, column
        name = self._columns.of(column)
        value = None if name is None else self._constant(other, self._type(name))
        if name is None or value is None or value != value:  # nothing is ordered beside NaN
            return None
        below, above = Cut(value, False), Cut(value, True)
        spans: Mapping[type[exp.Expr], list[Span]] = {
            exp.LT: [(LOWEST, below)],
            exp.LTE: [(LOWEST, above)],
            exp.GT: [(above, HIGHEST)],
            exp.GTE: [(below, HIGHEST)],
            exp.EQ: [(below, above)],
            exp.NEQ: [(below, above)],
        }
        return self._signed(name, Domain.of(spans[kind]), negated=negated is not (kind is exp.NEQ))

    def _constant(self, node: exp.Expr, of: pa.DataType) -> Value | None:
        if not is_constant(node) or not _is_scalar(of):
            return None
        try:
            return to_value(self._fold(node), of)
        except duckdb.Error:
            return None

    def _expression(self, node: exp.Expr) -> tuple[Expression, pa.DataType]:
        node = node.unnest()
        kind = type(node)
        if (name := self._columns.of(node)) is not None:
            return Variable(*self._columns.by_name[name]), self._type(name)
        if isinstance(node, exp.And | exp.Or):
            function = Function.AND if isinstance(node, exp.And) else Function.OR
            return self._call(function, [self._boolean(each) for each in node.flatten()])
        if isinstance(node, exp.Not):
            return self._call(Function.NOT, [self._boolean(node.this)])
        if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
            return self._call(Function.IS_NULL, [self._expression(node.this)[0]])
        if isinstance(node, exp.NullSafeEQ):
            distinct = Call(Function.IS_DISTINCT_FROM, _BOOLEAN, self._pair(node.this, node.expression)[0])
            return self._call(Function.NOT, [distinct])
        if kind in _COMPARISONS:
            return self._call(_COMPARISONS[kind], self._pair(node.this, node.expression)[0])
        if isinstance(node, exp.Between):
            low = Call(Function.GREATER_THAN_OR_EQUAL, _BOOLEAN, self._pair(node.this, node.args["low"])[0])
            high = Call(Function.LESS_THAN_OR_EQUAL, _BOOLEAN, self._pair(node.this, node.args["high"])[0])
            return self._call(Function.AND, [low, high])
        if isinstance(node, exp.In) and node.expressions:
            return self._membership(node)
        if isinstance(node, exp.Like):
            value, of = self._expression(node.this)
            if not pa.types.is_string(of):
                raise _Unsayable
            return self._call(Function.LIKE_PATTERN, [value, self._literal(node.expression, of)])
        if isinstance(node, exp.Neg) and not is_constant(node):
            value, of = self._expression(node.this)
            return Call(Function.NEGATE, of, (value,)), of
        if isinstance(node, exp.Nullif):
            arguments, of = self._pair(node.this, node.expression)
            return Call(Function.NULLIF, of, arguments), of
        if kind in _ARITHMETIC and not is_constant(node):
            arguments, of = self._pair(node.this, node.expression)
            result = _result(_ARITHMETIC[kind], of)
            return Call(_ARITHMETIC[kind], result, arguments), result
        raise _Unsayable

    def _call(self, function: Function, arguments: Any) -> tuple[Call, pa.DataType]:
        return Call(function, _BOOLEAN, tuple(arguments)), _BOOLEAN

    def _boolean(self, node: exp.Expr) -> Expression:
        inner, of = self._expression(node)
        if not pa.types.is_boolean(of):
            raise _Unsayable
        return inner

    def _pair(self, left: exp.Expr, right: exp.Expr) -> tuple[tuple[Expression, Expression], pa.DataType]:
        """Two operands of one type, and that: the protocol has no cast. A constant takes the type of the other one."""
        if is_constant(left):
            second, of = self._expression(right)
            return (self._literal(left, of), second), of
        first, of = self._expression(left)
        if is_constant(right):
            return (first, self._literal(right, of)), of
        second, other = self._expression(right)
        if other != of:
            raise _Unsayable
        return (first, second), of

    def _literal(self, node: exp.Expr, of: pa.DataType) -> Constant:
        value = self._constant(node, of)
        if value is None:
            raise _Unsayable
        return Constant((value,), of)

    def _membership(self, node: exp.In) -> tuple[Call, pa.DataType]:
        value, of = self._expression(node.this)
        members = tuple(member for each in node.expressions for member in self._literal(each, of).values)
        array = Call(Function.ARRAY, pa.list_(of), (Constant(members, of),))
        return self._call(Function.IN, [value, array])


class _Unsayable(Exception):  # noqa: N818 - never leaves this file
    """The protocol has no words for it."""


def functions(expression: Expression) -> frozenset[Function]:
    """Every function within an expression."""
    if not isinstance(expression, Call):
        return frozenset()
    return frozenset({expression.function}).union(*map(functions, expression.arguments))


def _is_scalar(of: pa.DataType) -> bool:
    return not pa.types.is_nested(of) and not pa.types.is_timestamp(of)


def _result(function: Function, of: pa.DataType) -> pa.DataType:
    """The type of arithmetic on two operands of one type, as Trino has it: decimals grow, the others stay."""
    if not pa.types.is_decimal(of):
        if pa.types.is_integer(of) or pa.types.is_floating(of):
            return of
        raise _Unsayable
    if function is Function.DIVIDE:
        raise _Unsayable
    if function is Function.MULTIPLY:
        return pa.decimal128(min(2 * of.precision, _MOST_DIGITS), min(2 * of.scale, _MOST_DIGITS))
    if function is Function.MODULUS:
        return of
    return pa.decimal128(min(of.precision + 1, _MOST_DIGITS), of.scale)
