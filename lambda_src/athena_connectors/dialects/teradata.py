"""Teradata's differences, from 16.0 on. The connection binds by `?`, aware datetimes as TIMESTAMP WITH TIME ZONE."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from enum import Enum
from typing import ClassVar

import pyarrow as pa

from athena_connectors.dialects.conditions import Scope
from athena_connectors.dialects.dialect import Dialect, passed_through
from athena_connectors.dialects.fragment import FALSE, MARK, TRUE, Fragment, joined, sql
from athena_connectors.dialects.operand import Column, Operand
from athena_connectors.dialects.ranges import COLUMN, ColumnRange, whole_number
from athena_connectors.dialects.statement import Bind, Statement
from athena_connectors.federation.errors import InvalidInput, NotSupported
from athena_connectors.federation.model import Constraints, Direction, Value
from athena_connectors.federation.source import Table

HASHED = "hashed"
"""The property of a split by hash that lists the columns it is of, as JSON: those of the primary index."""
BUCKET, BUCKETS = "bucket", "buckets"
"""The properties of a split that is one of so many buckets, from 0, over which the rows are spread by hash."""
FIRST_PARTITION, LAST_PARTITION = "first_partition", "last_partition"
"""The properties of a split that is a range of row partitions, ends included."""

TEXT = frozenset({"", "CHAR", "VARCHAR", "LONG VARCHAR"})
LARGE = frozenset({"CLOB", "JSON", "XML"})
EXACT = frozenset({"DECIMAL", "NUMERIC", "NUMBER"})
FLOATS = frozenset({"", "FLOAT", "REAL", "DOUBLE PRECISION"})
ZONED = "TIMESTAMP WITH TIME ZONE"
TIMESTAMP = "TIMESTAMP"
LONGEST = 32_000
"""The characters that one VARCHAR of UNICODE holds."""
SCALED_DIGITS = 18
"""The digits that a BIGINT surely holds."""
IN_UTC = "({} AT TIME ZONE INTERVAL '00:00' HOUR TO MINUTE)"

AS_TEXT = {
    "DATE": "CAST(CAST({} AS DATE FORMAT 'YYYY-MM-DD') AS VARCHAR(10))",
    "TIME": "CAST(CAST({} AS TIME(6) FORMAT 'HH:MI:SS.S(6)') AS VARCHAR(15))",
    "TIME WITH TIME ZONE": "CAST(CAST({} AS TIME(6) WITH TIME ZONE FORMAT 'HH:MI:SS.S(6)Z') AS VARCHAR(21))",
    TIMESTAMP: "CAST(CAST({} AS TIMESTAMP(6) FORMAT 'YYYY-MM-DDBHH:MI:SS.S(6)') AS VARCHAR(26))",
    ZONED: "CAST(CAST({} AS TIMESTAMP(6) WITH TIME ZONE FORMAT 'YYYY-MM-DDBHH:MI:SS.S(6)BZ') AS VARCHAR(33))",
    "JSON": "CAST({} AS CLOB)",
    "XML": "XMLSERIALIZE(CONTENT {} AS CLOB)",
    "CLOB": "{}",
}
"""How what is not text becomes text; what is not here is cast to VARCHAR. A column may have a format of its own."""


class Carriage(Enum):
    """In which form a column of the select list arrives. All but PLAIN are BIGINT, which Arrow takes as they are."""

    PLAIN = "as the driver gives it"
    SCALED = "a decimal without its point"
    MILLISECONDS = "milliseconds since 1970"
    MICROSECONDS = "microseconds since 1970"


PER_SECOND = {Carriage.MILLISECONDS: 1_000, Carriage.MICROSECONDS: 1_000_000}


class Teradata(Dialect):
    """Text is compared by case, and with the blanks at the end of a VARCHAR, neither of which Teradata does by itself.

    What that takes is written at the constants, so that columns stay bare and their indexes serve.
    """

    name = "Teradata"
    session: ClassVar[Sequence[str]] = ("SET SESSION COLLATION ASCII",)
    count: ClassVar[str] = "CAST(COUNT(*) AS BIGINT)"
    most_binds: ClassVar[int] = 2_536  # variables of a USING modifier, docs.teradata.com B035-1146
    has_booleans: ClassVar[bool] = False

    def select(
        self, table: Table | None, schema: pa.Schema, constraints: Constraints, properties: Mapping[str, str]
    ) -> Statement:
        """See `Dialect.select`.

        A query that is passed through without a condition runs as it is, for Teradata takes no ORDER BY within another
        query: the source takes the columns of `schema` from it by their names, and maybe more rows than the limit.
        """
        if self.runs_as_it_is(schema, constraints):
            return Statement(passed_through(constraints), ())
        return super().select(table, schema, constraints, properties)

    def runs_as_it_is(self, schema: pa.Schema, constraints: Constraints) -> bool:
        """Whether what is passed through is the whole statement."""
        conditions = constraints.summary or constraints.expressions
        return bool(constraints.passthrough and schema.names and not conditions)

    def carriage(self, column: Column) -> Carriage:
        """How a column arrives. Decimals and timestamps cost most to convert one by one, so they come as numbers."""
        parameters = _parameters(column)
        if column.kind in EXACT and (pa.types.is_decimal(column.type) or pa.types.is_integer(column.type)):
            return Carriage.SCALED if parameters and parameters[0] <= SCALED_DIGITS else Carriage.PLAIN
        if column.kind in (TIMESTAMP, ZONED) and not pa.types.is_string(column.type):
            return Carriage.MILLISECONDS if parameters and parameters[0] <= 3 else Carriage.MICROSECONDS
        return Carriage.PLAIN

    def fetched(self, column: Column) -> str:
        """The column in its carriage."""
        name, carriage = self.quote(column.name), self.carriage(column)
        match carriage:
            case Carriage.PLAIN:
                return self.read(column)
            case Carriage.SCALED:
                scale = [*_parameters(column), 0][1]
                return f"CAST(CAST({name} AS DECIMAL(38,{scale})) * {10**scale} AS BIGINT)" if scale else _bigint(name)
        moment = IN_UTC.format(name) if column.kind == ZONED else name
        hour, minute, second = (f"EXTRACT({part} FROM {moment})" for part in ("HOUR", "MINUTE", "SECOND"))
        days = _bigint(f"{_date(moment, column)} - DATE '1970-01-01'")
        per_second = PER_SECOND[carriage]
        seconds = f"{days} * 86400 + {hour} * 3600 + {minute} * 60"
        return f"({seconds}) * {per_second} + {_bigint(f'{second} * {per_second}')}"

    def read(self, column: Column) -> str:
        """Timestamps with a zone as UTC without one; numbers that Athena sees as doubles as such; the rest as text."""
        name, kind = self.quote(column.name), column.kind
        if pa.types.is_string(column.type):
            return name if kind in TEXT else AS_TEXT.get(kind, "CAST({} AS VARCHAR(100))").format(name)
        if kind == ZONED:
            return f"CAST({IN_UTC.format(name)} AS TIMESTAMP(6))"
        return f"CAST({name} AS FLOAT)" if pa.types.is_floating(column.type) and kind not in FLOATS else name

    def padded(self, column: Column) -> bool:
        """CHAR; the source trims it."""
        return column.kind == "CHAR"

    def sortable(self, column: Column) -> bool:
        """No LOB."""
        return column.kind not in LARGE | {"BLOB"}

    def sort_key(self, column: Column, direction: Direction) -> Fragment:
        """NULL is the lowest value, where Athena wants it elsewhere a key before says so; text sorts by case."""
        key, way = self.read(column), direction.split("_")[0]
        keys = [f"{key} {way}"]
        if pa.types.is_string(column.type):
            keys = [f"{key} (CASESPECIFIC) {way}", f"CHARACTER_LENGTH({key}) {way}"]
        if direction in (Direction.ASC_NULLS_LAST, Direction.DESC_NULLS_FIRST):
            keys.insert(0, f"CASE WHEN {key} IS NULL THEN 1 ELSE 0 END {way}")
        return Fragment(", ".join(keys))

    def limited(self, columns: Fragment, body: Fragment, order: Fragment, limit: int) -> Fragment:
        """TOP, which takes no 0: then a condition that nothing satisfies is among the others."""
        ordered = sql(" ORDER BY {0}", order) if order.text else order
        return sql("SELECT TOP {0} {1}{2}{3}", Fragment(str(limit or 1)), columns, body, ordered)

    def split_predicate(self, scope: Scope, properties: Mapping[str, str]) -> Fragment:
        """A bucket of hashes, a range of row partitions, or a range of a column."""
        if BUCKET in properties:
            names = [Fragment(self.quote(scope.column(name).name)) for name in json.loads(properties[HASHED])]
            numbers = [whole_number(properties, name) for name in (BUCKETS, BUCKET)]
            return sql("HASHBUCKET(HASHROW({0})) MOD {1} = {2}", joined(", ", names), *numbers)
        if FIRST_PARTITION in properties:
            numbers = [whole_number(properties, name) for name in (FIRST_PARTITION, LAST_PARTITION)]
            return sql("PARTITION BETWEEN {0} AND {1}", *numbers)
        if COLUMN in properties:
            column = scope.column(properties[COLUMN])
            return self.in_split(column, ColumnRange.parse(properties, column.type))
        return TRUE

    # Text and bytes.

    def bound(self, value: Value, type_: pa.DataType) -> Fragment:
        """A constant; a comparison is by case when either side is."""
        bound = super().bound(value, type_)
        return sql("{0} (CASESPECIFIC)", bound) if isinstance(value, str) else bound

    def facing(self, column: Column, value: Value, type_: pa.DataType) -> tuple[Fragment, Fragment]:
        """A timestamp with a zone faces one in UTC, as it is."""
        if column.kind != ZONED or not isinstance(value, datetime):
            return super().facing(column, value, type_)
        moment = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        return Fragment(self.quote(column.name)), Fragment(MARK, (Bind(moment, pa.timestamp("ms", "UTC")),))

    def compared(self, operator: str, left: Operand, right: Operand) -> Fragment:
        """Teradata fills up the shorter text with blanks, the shorter byte string with zeros: then length decides."""
        if not _is_filled(left):
            return super().compared(operator, left, right)
        left, right = self._comparable(left, right), self._comparable(right, left)
        lengths = _length(left), _length(right)
        if pa.types.is_string(left.type) and not isinstance(right.constant, str):
            right = replace(right, sql=_by_case(right))
        plain = super().compared(operator, left, right)
        if left.padded and (right.padded or right.constant is not None):
            return plain
        if operator in ("=", "<>"):
            word = "AND" if operator == "=" else "OR"
            return sql(f"({{0}} {word} {{1}} {operator} {{2}})", plain, *lengths)
        strict, equal = super().compared(operator[0], left, right), super().compared("=", left, right)
        return sql(f"({{0}} OR ({{1}} AND {{2}} {operator} {{3}}))", strict, equal, *lengths)

    def _comparable(self, operand: Operand, other: Operand) -> Operand:
        """The beginning of a LOB, which is compared with what is shorter."""
        kind = operand.column.kind if operand.column else ""
        if kind not in LARGE | {"BLOB"}:
            return operand
        if kind == "BLOB" or not isinstance(other.constant, str) or len(other.constant) >= LONGEST:
            raise NotSupported(f"Teradata compares a {kind} with short text only: take the condition out of the query")
        begin = sql(f"CAST(SUBSTRING({{0}} FROM 1 FOR {LONGEST}) AS VARCHAR({LONGEST}))", operand.sql)
        return Operand(begin, operand.type)

    def contained(self, operand: Operand, values: Sequence[Value | None], type_: pa.DataType) -> Fragment:
        """A list cannot compare lengths: text in it has no blank at its end, and neither may the column's."""
        if not _is_filled(operand):
            return super().contained(operand, values, type_)
        listed = [value for value in values if _in_list(operand, value)]
        found = super().contained(operand, listed, type_)
        if found != FALSE and not operand.padded:
            found = sql("({0} AND {1} NOT LIKE '% ')", found, operand.sql)
        single = [value for value in values if value is None or self.may_equal(operand, value)]
        single = [value for value in single if not _in_list(operand, value)]
        return self._any([found, *(self.compare("=", operand, self.constant(value, type_)) for value in single)])

    def like(self, value: Operand, pattern: Operand, escape: Operand | None = None) -> Fragment:
        """By case; a CHAR without its blanks. The escape character is part of the syntax, not a value."""
        text = sql("TRIM(TRAILING FROM {0})", value.sql) if value.padded else value.sql
        found = sql(
            "{0} LIKE {1}" if pattern.constant is not None else "{0} LIKE {1} (CASESPECIFIC)", text, pattern.sql
        )
        if escape is None:
            return found
        if not isinstance(escape.constant, str) or len(escape.constant) != 1:
            raise InvalidInput("LIKE escapes by one character")
        character = escape.constant.replace("'", "''")
        return Fragment(f"{found.text} ESCAPE '{character}'", found.binds)

    def modulus(self, left: Operand, right: Operand) -> Fragment:
        """An operator."""
        return sql("({0} MOD {1})", left.sql, right.sql)


def _is_filled(operand: Operand) -> bool:
    return bool(pa.types.is_string(operand.type) or pa.types.is_binary(operand.type))


def _in_list(operand: Operand, value: Value | None) -> bool:
    large = operand.column is not None and operand.column.kind in LARGE
    return isinstance(value, str) and not value.endswith(" ") and not large


def _by_case(operand: Operand) -> Fragment:
    return sql("{0} (CASESPECIFIC)" if operand.column else "({0}) (CASESPECIFIC)", operand.sql)


def _length(operand: Operand) -> Fragment:
    """In characters, or bytes: of a constant, known already."""
    if isinstance(operand.constant, str | bytes):
        return Fragment(MARK, (Bind(len(operand.constant), pa.int32()),))
    if pa.types.is_binary(operand.type):
        return sql("BYTES({0})", operand.sql)
    text = sql("TRIM(TRAILING FROM {0})", operand.sql) if operand.padded else operand.sql
    return sql("CHARACTER_LENGTH({0})", text)


def _parameters(column: Column) -> list[int]:
    """The numbers in the first brackets of a source type: 10 and 2 of `DECIMAL(10,2)`."""
    found = re.match(r"[A-Z ]+\((\d+)(?:,\s*(\d+))?\)", column.source_type.upper())
    return [int(number) for number in found.groups() if number] if found else []


def _bigint(expression: str) -> str:
    return f"CAST({expression} AS BIGINT)"


def _date(moment: str, column: Column) -> str:
    """The date of a moment; of one with a zone part by part, for a cast would turn it into the session's zone."""
    if column.kind == TIMESTAMP:
        return f"CAST({moment} AS DATE)"
    year, month, day = (f"EXTRACT({part} FROM {moment})" for part in ("YEAR", "MONTH", "DAY"))
    return f"CAST(({year} - 1900) * 10000 + {month} * 100 + {day} AS DATE)"
