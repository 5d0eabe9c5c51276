"""What Athena means by its conditions, as SQL: value sets, comparisons and the 21 functions.

A row that Athena's own evaluation keeps is kept, every other one is dropped, for nothing says that Athena looks again:
where a source means something else by a word, its dialect overrides that word. Where Athena would fail the query
(overflow, division by zero), the source may give the exact result or fail in words of its own, never give a wrong one.
Text is compared by code points, which takes a binary collation: see `Dialect.session`. A column with more digits or
decimal places than its declared type is compared with all of them, whatever is then done about reading them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, assert_never

import pyarrow as pa

from athena_connectors.dialects.fragment import FALSE, MARK, NULL, TRUE, UNKNOWN, Fragment, joined, sql
from athena_connectors.dialects.operand import Column, Operand, is_float, is_nan, is_numeric
from athena_connectors.dialects.statement import Bind
from athena_connectors.federation.errors import EntityNotFound, InvalidInput, NotSupported
from athena_connectors.federation.model import (
    AllOrNoneValueSet,
    Bound,
    Call,
    Constant,
    EquatableValueSet,
    Expression,
    Function,
    Range,
    SortedRangeSet,
    Value,
    ValueSet,
    Variable,
)
from athena_connectors.federation.source import Table

COMPARISONS = {
    Function.EQUAL: "=",
    Function.NOT_EQUAL: "<>",
    Function.LESS_THAN: "<",
    Function.LESS_THAN_OR_EQUAL: "<=",
    Function.GREATER_THAN: ">",
    Function.GREATER_THAN_OR_EQUAL: ">=",
}
ARITHMETIC = {Function.ADD: "+", Function.SUBTRACT: "-", Function.MULTIPLY: "*"}
ARITY = {
    Function.NOT: (1,),
    Function.IS_NULL: (1,),
    Function.NEGATE: (1,),
    Function.LIKE_PATTERN: (2, 3),
    Function.AND: range(1, 1_000_000),
    Function.OR: range(1, 1_000_000),
    Function.ARRAY: range(1_000_000),
}
"""How many arguments a function takes; the others take two. The third of $like_pattern is the escape character."""

MIRRORED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


class Conditions:
    """Renders conditions as most sources mean them."""

    name: ClassVar[str]
    """The source, as its users know it."""

    withheld: ClassVar[Mapping[Function, str]] = {}
    """Functions that the source cannot do as Athena means them, with the reason. They are not advertised."""

    most_listed: ClassVar[int] = 1_000
    """How many values one IN list takes."""

    nan: ClassVar[str | None] = None
    """NaN as the source writes it, when it has one: equal to itself there, and greater than every other number."""

    has_booleans: ClassVar[bool] = True
    """Whether a comparison is a value, which can be compared in turn."""

    @property
    def functions(self) -> frozenset[Function]:
        """The functions to advertise."""
        return frozenset(Function) - self.withheld.keys()

    def quote(self, identifier: str) -> str:
        """An identifier, exactly as spelled. Raises InvalidInput for one that cannot be."""
        if not identifier or MARK in identifier:
            raise InvalidInput("A name is empty or holds a NUL character: no source has such a thing")
        return '"' + identifier.replace('"', '""') + '"'

    def read(self, column: Column) -> str:
        """The column as Athena sees it: the expression that is computed and compared with."""
        return self.quote(column.name)

    def padded(self, column: Column) -> bool:
        """Whether it is a CHAR: compared as the source does, blanks at its end aside, and read without them."""
        return False

    def facing(self, column: Column, value: Value, type_: pa.DataType) -> tuple[Fragment, Fragment]:
        """A column and the constant it is compared with: here a conversion can move from the column to the constant."""
        return Fragment(self.read(column)), self.bound(value, type_)

    def bound(self, value: Value, type_: pa.DataType) -> Fragment:
        """A constant. Datetimes are bound without a zone, in UTC."""
        if isinstance(value, datetime) and value.tzinfo:
            value = value.astimezone(UTC).replace(tzinfo=None)
        return Fragment(MARK, (Bind(value, type_),))

    def value_set(self, operand: Operand, values: ValueSet) -> Fragment:
        """The condition that the operand is in the set."""
        match values:
            case SortedRangeSet():
                found = self._in_ranges(operand, values)
            case EquatableValueSet(white_list=True):
                found = self.contained(operand, values.values, values.type)
            case EquatableValueSet():
                found = self._excluded(operand, values)
            case AllOrNoneValueSet():
                found = self._all(operand, values.null_allowed) if values.all else FALSE
            case _:
                assert_never(values)
        if not values.null_allowed or found == TRUE:
            return found
        absent = sql("{0} IS NULL", self._absence(operand))
        return absent if found == FALSE else sql("({0} OR {1})", absent, found)

    def _all(self, operand: Operand, null_allowed: bool) -> Fragment:
        return TRUE if null_allowed else sql("{0} IS NOT NULL", self._absence(operand))

    def _absence(self, operand: Operand) -> Fragment:
        """What is asked whether it is NULL: a column itself, whatever it is read as."""
        return Fragment(self.quote(operand.column.name)) if operand.column else operand.sql

    def _in_ranges(self, operand: Operand, values: SortedRangeSet) -> Fragment:
        single: list[Value] = []
        conditions: list[Fragment] = []
        for range_ in values.ranges:
            low, high = range_.low, range_.high
            if low.value is None and high.value is None:
                return self._all(operand, values.null_allowed)
            if low.value is not None and low.value == high.value and low.bound is high.bound is Bound.EXACTLY:
                single.append(low.value)
            else:
                conditions.append(self._in_range(operand, range_, values.type))
        if single:
            conditions.append(self.contained(operand, single, values.type))
        return self._any(conditions)

    def _in_range(self, operand: Operand, range_: Range, type_: pa.DataType) -> Fragment:
        ends = []
        if range_.low.value is not None:
            operator = ">=" if range_.low.bound is Bound.EXACTLY else ">"
            ends.append(self.compare(operator, operand, self.constant(range_.low.value, type_)))
        if range_.high.value is not None:
            operator = "<=" if range_.high.bound is Bound.EXACTLY else "<"
            ends.append(self.compare(operator, operand, self.constant(range_.high.value, type_)))
        return ends[0] if len(ends) == 1 else sql("({0} AND {1})", *ends)

    def _any(self, conditions: Sequence[Fragment]) -> Fragment:
        kept = [condition for condition in conditions if condition != FALSE]
        if len(kept) > 1:
            return sql("({0})", joined(" OR ", kept))
        return kept[0] if kept else FALSE

    def _excluded(self, operand: Operand, values: EquatableValueSet) -> Fragment:
        found = self.contained(operand, values.values, values.type)
        return self._all(operand, values.null_allowed) if found == FALSE else sql("NOT {0}", found)

    def contained(self, operand: Operand, values: Sequence[Value | None], type_: pa.DataType) -> Fragment:
        """`operand IN (values)`, NULL among them or not; FALSE for no value at all."""
        present = [value for value in values if value is not None]
        pairs = [self._pair(operand, value, type_) for value in present if self.may_equal(operand, value)]
        lists = []
        for start in range(0, len(pairs), self.most_listed):
            chunk = pairs[start : start + self.most_listed]
            lists.append(sql("{0} IN ({1})", chunk[0][0], joined(", ", (value for _, value in chunk))))
        return self._any(lists if len(present) == len(values) else [*lists, UNKNOWN])

    def may_equal(self, operand: Operand, value: Value) -> bool:
        """Whether any value of the operand is equal to the constant."""
        return not is_nan(value) and not (operand.padded and isinstance(value, str) and value.endswith(" "))

    def _pair(self, operand: Operand, value: Value, type_: pa.DataType) -> tuple[Fragment, Fragment]:
        return self.facing(operand.column, value, type_) if operand.column else (operand.sql, self.bound(value, type_))

    def compare(self, operator: str, left: Operand, right: Operand) -> Fragment:
        """A comparison as Athena means it: NULL when either is NULL, and nothing is equal to NaN or ordered with it."""
        if NULL in (left.sql, right.sql):
            return UNKNOWN
        if left.constant is not None and right.constant is None:
            return self.compared(MIRRORED[operator], right, left)
        return self.compared(operator, left, right)

    def compared(self, operator: str, left: Operand, right: Operand) -> Fragment:
        """A comparison of what is not NULL at sight, a constant to the right."""
        value = right.constant
        if self.nan is None and is_nan(value):
            return self.always(left) if operator == "<>" else self.never(left)
        if isinstance(value, str) and value.endswith(" ") and left.padded:
            if operator in ("=", "<>"):
                return self.never(left) if operator == "=" else self.always(left)
            operator, right = "<=" if operator in ("<", "<=") else ">", self.constant(value.rstrip(" "), right.type)
        pair = left.sql, right.sql
        if left.column and right.constant is not None:
            pair = self.facing(left.column, right.constant, right.type)
        return self._without_nan(operator, left, right, sql(f"{{0}} {operator} {{1}}", *pair))

    def _without_nan(self, operator: str, left: Operand, right: Operand, plain: Fragment) -> Fragment:
        """Corrects a comparison that takes NaN as the greatest number, where an operand may be NaN."""
        greater, other = (right, left) if operator in ("<", "<=") else (left, right)
        if not self.may_be_nan(greater) or (operator in ("=", "<>") and not self.may_be_nan(other)):
            return plain
        nan = Fragment(str(self.nan))
        if operator == "<>":
            return sql("({0} OR ({1} = {2} AND {3} IS NOT NULL))", plain, greater.sql, nan, other.sql)
        if other.constant is not None:
            return sql("({0} AND {1} <> {2})", plain, greater.sql, nan)
        return sql("({0} AND ({1} <> {2} OR {3} IS NULL))", plain, greater.sql, nan, other.sql)

    def may_be_nan(self, operand: Operand) -> bool:
        """Whether the operand can be NaN."""
        if self.nan is None or not is_float(operand):
            return False
        return operand.constant is None or is_nan(operand.constant)

    # Expressions.

    def constant(self, value: Value | None, type_: pa.DataType) -> Operand:
        """A constant, or NULL."""
        if value is None:
            return Operand(NULL, type_)
        if isinstance(value, bool) and not self.has_booleans:
            return Operand(self.bound(int(value), pa.int8()), type_, constant=value)
        return Operand(self.bound(value, type_), type_, constant=value)

    def predicate(self, expression: Expression, scope: "Scope") -> Fragment:
        """An expression where a condition is due."""
        match expression:
            case Variable():
                return scope.operand(expression.column, expression.type).sql
            case Constant(values=(None,)):
                return UNKNOWN
            case Constant(values=(bool() as value,)):
                return TRUE if value else FALSE
            case Call(function=Function.NULLIF):
                return sql("{0}" if self.has_booleans else "{0} = 1", self._computed(expression, scope))
            case Call():
                return self._condition(expression, scope)
        raise InvalidInput("A condition is neither a column, a call nor a boolean")

    def operand(self, expression: Expression, scope: "Scope") -> Operand:
        """An expression where a value is due."""
        match expression:
            case Variable():
                return scope.operand(expression.column, expression.type)
            case Constant(values=(value,)):
                return self.constant(value, expression.type)
            case Constant():
                raise InvalidInput(f"A constant holds {len(expression.values)} values where one is due")
            case Call() if pa.types.is_boolean(expression.type) and expression.function is not Function.NULLIF:
                return Operand(self._truth_value(self._condition(expression, scope)), expression.type)
            case Call():
                padded = expression.function is Function.NULLIF and self.operand(expression.arguments[0], scope).padded
                return Operand(self._computed(expression, scope), expression.type, padded=padded)
            case _:
                assert_never(expression)

    def _truth_value(self, condition: Fragment) -> Fragment:
        if self.has_booleans:
            return sql("({0})", condition)
        return sql("CASE WHEN {0} THEN 1 WHEN NOT ({0}) THEN 0 END", condition)

    def _condition(self, call: Call, scope: "Scope") -> Fragment:
        self._check(call)
        match call.function:
            case Function.AND | Function.OR:
                word = " AND " if call.function is Function.AND else " OR "
                return sql("({0})", joined(word, (self.predicate(argument, scope) for argument in call.arguments)))
            case Function.NOT:
                return sql("NOT ({0})", self.predicate(call.arguments[0], scope))
            case Function.IS_NULL:
                return sql("{0} IS NULL", self._absence(self.operand(call.arguments[0], scope)))
            case Function.IS_DISTINCT_FROM:
                return self.distinct(*self._operands(call, scope))
            case Function.LIKE_PATTERN:
                operands = self._operands(call, scope)
                return UNKNOWN if any(operand.sql == NULL for operand in operands) else self.like(*operands)
            case Function.IN:
                return self._in(call, scope)
            case function if function in COMPARISONS:
                return self.compare(COMPARISONS[function], *self._operands(call, scope))
        raise InvalidInput(f"{call.function} gives no condition")

    def _computed(self, call: Call, scope: "Scope") -> Fragment:
        self._check(call)
        operands = self._operands(call, scope)
        if call.function is Function.NULLIF:
            return sql("CASE WHEN {0} THEN NULL ELSE {1} END", self.compare("=", *operands), operands[0].sql)
        for operand in operands:
            if not is_numeric(operand.type):
                raise NotSupported(f"{call.function} of {operand.type}: it is done for numbers only")
        match call.function:
            case Function.NEGATE:
                return sql("(-({0}))", operands[0].sql)
            case Function.DIVIDE:
                return self.divide(call.type, *operands)
            case Function.MODULUS:
                return self.modulus(*operands)
            case function if function in ARITHMETIC:
                return self.compute(ARITHMETIC[function], call.type, *operands)
        raise InvalidInput(f"{call.function} gives no value")

    def _check(self, call: Call) -> None:
        if call.function in self.withheld:
            raise NotSupported(f"{call.function} is not done by {self.name}: {self.withheld[call.function]}")
        if len(call.arguments) not in ARITY.get(call.function, (2,)):
            raise InvalidInput(f"{call.function} does not take {len(call.arguments)} arguments")

    def _operands(self, call: Call, scope: "Scope") -> list[Operand]:
        return [self.operand(argument, scope) for argument in call.arguments]

    def _in(self, call: Call, scope: "Scope") -> Fragment:
        """`$in` of a value and an `$array`, or of a constant that holds the array's values."""
        left, (_, listed) = self.operand(call.arguments[0], scope), call.arguments
        elements: Sequence[Expression] = (listed,)
        if isinstance(listed, Call):
            self._check(listed)
            elements = listed.arguments
        values: list[Value | None] = []
        conditions: list[Fragment] = []
        for element in elements:
            if isinstance(element, Constant):
                values += element.values
            else:
                conditions.append(self.compare("=", left, self.operand(element, scope)))
        conditions.append(self.contained(left, values, left.type))
        found = self._any(conditions)
        return self.never(left) if found == FALSE else found

    def never(self, operand: Operand) -> Fragment:
        """Unknown when the operand is NULL, else false: a comparison that no value satisfies."""
        return sql("{0} <> {0}", operand.sql)

    def always(self, operand: Operand) -> Fragment:
        """Unknown when the operand is NULL, else true."""
        return sql("{0} = {0}", operand.sql)

    def distinct(self, left: Operand, right: Operand) -> Fragment:
        """`left IS DISTINCT FROM right`: NaN is not distinct from NaN, nor NULL from NULL."""
        if left.sql == NULL or right.sql == NULL:
            return sql("{0} IS NOT NULL", self._absence(right if left.sql == NULL else left))
        if self.nan is None and (is_nan(left.constant) or is_nan(right.constant)):
            return TRUE
        same = sql("{0} = {1}", left.sql, right.sql) if self.nan and is_float(left) else self.compare("=", left, right)
        both = sql("{0} IS NULL AND {1} IS NULL", left.sql, right.sql)
        return sql("CASE WHEN {0} OR ({1}) THEN 0 ELSE 1 END = 1", same, both)

    def like(self, value: Operand, pattern: Operand, escape: Operand | None = None) -> Fragment:
        """`value LIKE pattern`, by case; without `escape` no character escapes."""
        found = sql("{0} LIKE {1}", value.sql, pattern.sql)
        return sql("{0} ESCAPE {1}", found, escape.sql) if escape else found

    def compute(self, operator: str, type_: pa.DataType, left: Operand, right: Operand) -> Fragment:
        """A sum, a difference or a product."""
        return sql(f"({{0}} {operator} {{1}})", left.sql, right.sql)

    def divide(self, type_: pa.DataType, left: Operand, right: Operand) -> Fragment:
        """A quotient: of integers truncated, of decimals rounded half away from zero to the scale of `type_`.

        Both are made of the remainder, which every source computes exactly, where a source's own quotient has more or
        fewer digits than Athena's. Sources: Trino's BigintOperators and DecimalOperators.
        """
        if pa.types.is_integer(type_):
            return sql("(({0} - {2}) / {1})", left.sql, right.sql, self.modulus(left, right))
        if not pa.types.is_decimal(type_):
            return sql("({0} / {1})", left.sql, right.sql)
        power = Fragment(str(10**type_.scale))
        shifted = Operand(sql("({0} * {1})", left.sql, power), left.type) if type_.scale else left
        return sql(
            "((({0} - {2}) / {1} + CASE WHEN 2 * ABS({2}) >= ABS({1}) THEN SIGN({0}) * SIGN({1}) ELSE 0 END) / {3})",
            shifted.sql,
            right.sql,
            self.modulus(shifted, right),
            power,
        )

    def modulus(self, left: Operand, right: Operand) -> Fragment:
        """The remainder, with the sign of `left`."""
        return sql("MOD({0}, {1})", left.sql, right.sql)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which columns there are."""

    dialect: Conditions
    table: Table | None
    projection: pa.Schema

    def column(self, name: str, type_: pa.DataType | None = None) -> Column:
        """The column, spelled as the source spells it: exactly so, or the only one when case is ignored.

        Of a query that is passed through only the projection is known; another column is of `type_`.
        """
        schema = self.table.schema if self.table else self.projection
        if name in schema.names:
            spelled = name
        else:
            alike = [other for other in schema.names if other.lower() == name.lower()]
            if not self.table and type_ is not None and not alike:
                return Column(name, type_, "")
            if len(alike) != 1:
                raise EntityNotFound(f"There is no column {name!r}, or more than one: it may have been renamed")
            spelled = alike[0]
        source_type = self.table.source_types.get(spelled, "") if self.table else ""
        return Column(spelled, schema.field(spelled).type, source_type)

    def operand(self, name: str, type_: pa.DataType) -> Operand:
        """The column as an operand."""
        column = self.column(name, type_)
        return Operand(Fragment(self.dialect.read(column)), column.type, column, padded=self.dialect.padded(column))
