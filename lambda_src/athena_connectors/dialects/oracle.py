"""Oracle's differences, 12.2 and later. The connection binds by position, datetimes as TIMESTAMP and floats as
BINARY_DOUBLE, and trims the blanks at the end of a CHAR itself, for RTRIM makes NULL of blanks."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

import pyarrow as pa

from athena_connectors.dialects.conditions import Scope
from athena_connectors.dialects.dialect import Dialect
from athena_connectors.dialects.fragment import TRUE, Fragment, joined, sql
from athena_connectors.dialects.operand import Column, Operand
from athena_connectors.dialects.ranges import COLUMN, ColumnRange, whole_number
from athena_connectors.federation.errors import InvalidInput, NotSupported
from athena_connectors.federation.model import Value
from athena_connectors.federation.source import Table

PARTITION, SUBPARTITION = "partition", "subpartition"
"""The property of a split that names the one it reads."""
FIRST_ROWID, NEXT_ROWID = "first_rowid", "next_rowid"
"""The properties of a split that is a range of addresses: its first, and the first of the next. Without the one it
begins with the table, without the other it ends with it."""
BUCKET, BUCKETS = "bucket", "buckets"
"""The properties of a split that is one of so many buckets, from 0, over which the rows are spread by address."""
SCN = "scn"
"""The property of a split that says as of which system change number it reads."""
SAMPLE = "sample"
"""The property of what reads a sample: so many percent of the table's blocks."""

ZONED = frozenset({"TIMESTAMP WITH TIME ZONE", "TIMESTAMP WITH LOCAL TIME ZONE"})
CHARACTER = frozenset({"CHAR", "NCHAR"})
LARGE = frozenset({"CLOB", "NCLOB", "BLOB", "XMLTYPE", "JSON", "VECTOR"})
LONG = frozenset({"LONG", "LONG RAW"})
EMPTY: tuple[Value, ...] = ("", b"")
MAYBE_NAN = frozenset({"BINARY_FLOAT", "BINARY_DOUBLE"})

MOST_DIGITS, MICROSECONDS = 38, 6
"""Of a decimal of Arrow's, and of a second as the driver keeps it."""

DIGITS = "REGEXP_REPLACE(TO_CHAR({}, 'TM9', 'NLS_NUMERIC_CHARACTERS=''.,'''), '^(-?)\\.', '\\10.')"
AS_TEXT = {
    "DATE": "LTRIM(TO_CHAR({}, 'SYYYY-MM-DD HH24:MI:SS'))",
    "TIMESTAMP": "LTRIM(TO_CHAR({}, 'SYYYY-MM-DD HH24:MI:SS.FF9'))",
    "TIMESTAMP WITH TIME ZONE": "LTRIM(TO_CHAR({}, 'SYYYY-MM-DD HH24:MI:SS.FF9 TZH:TZM'))",
    "TIMESTAMP WITH LOCAL TIME ZONE": "LTRIM(TO_CHAR(SYS_EXTRACT_UTC({}), 'SYYYY-MM-DD HH24:MI:SS.FF9')) || ' +00:00'",
    "NUMBER": DIGITS,
    "FLOAT": DIGITS,
    "INTERVAL YEAR TO MONTH": "TO_CHAR({})",
    "INTERVAL DAY TO SECOND": "TO_CHAR({})",
    "ROWID": "ROWIDTOCHAR({})",
    "UROWID": "CAST({} AS VARCHAR2(4000))",
    "XMLTYPE": "XMLSERIALIZE(CONTENT {} AS CLOB)",
    "JSON": "JSON_SERIALIZE({} RETURNING CLOB)",
    "VECTOR": "FROM_VECTOR({} RETURNING CLOB)",
}
"""How what is not text becomes text. Years are signed only before our era; numbers have a digit before the point."""


class Oracle(Dialect):
    """'' is NULL, so no text is ever '' unless it is a LOB or a CHAR of blanks; a comparison is no value."""

    name = "Oracle"
    session: ClassVar[Sequence[str]] = (
        "ALTER SESSION SET NLS_COMP = BINARY NLS_SORT = BINARY NLS_CALENDAR = GREGORIAN",
    )
    most_binds: ClassVar[int] = 65_535
    nan = "BINARY_DOUBLE_NAN"
    has_booleans: ClassVar[bool] = False

    def placeholder(self, number: int) -> str:
        """By position."""
        return f":{number}"

    def quote(self, identifier: str) -> str:
        """An identifier: Oracle has no way to write a quotation mark in one."""
        if '"' in identifier:
            raise InvalidInput("A name holds a quotation mark: Oracle has no such names")
        return super().quote(identifier)

    def relation(self, table: Table, properties: Mapping[str, str]) -> Fragment:
        """The table or the split's partition of it, as of the split's SCN."""
        relation = Fragment(self.table_name(table.name))
        for word, part in (("PARTITION", PARTITION), ("SUBPARTITION", SUBPARTITION)):
            if part in properties:
                relation = sql(f"{{0}} {word} ({{1}})", relation, Fragment(self.quote(properties[part])))
        if SAMPLE in properties:
            relation = sql(f"{{0}} SAMPLE BLOCK ({float(properties[SAMPLE]):.6f})", relation)
        return sql("{0} AS OF SCN {1}", relation, whole_number(properties, SCN)) if SCN in properties else relation

    def split_predicate(self, scope: Scope, properties: Mapping[str, str]) -> Fragment:
        """A range of addresses, a bucket, or a range of a column; a partition is no condition."""
        ends = [
            sql(f"ROWID {operator} CHARTOROWID({{0}})", self.bound(properties[end], pa.string()))
            for end, operator in ((FIRST_ROWID, ">="), (NEXT_ROWID, "<"))
            if end in properties
        ]
        if ends:
            return joined(" AND ", ends)
        if BUCKET in properties:
            last = whole_number(properties, BUCKETS, less=1)
            return sql("ORA_HASH(ROWID, {0}) = {1}", last, whole_number(properties, BUCKET))
        if COLUMN in properties:
            column = scope.column(properties[COLUMN])
            return self.in_split(column, ColumnRange.parse(properties, column.type))
        return TRUE

    def limited(self, columns: Fragment, body: Fragment, order: Fragment, limit: int) -> Fragment:
        """FETCH FIRST."""
        ordered = sql(" ORDER BY {0}", order) if order.text else order
        return sql("SELECT {0}{1}{2} FETCH FIRST {3} ROWS ONLY", columns, body, ordered, Fragment(str(limit)))

    def sortable(self, column: Column) -> bool:
        """Neither LOB nor LONG."""
        return column.kind not in LARGE | LONG

    def read(self, column: Column) -> str:
        """Timestamps with a zone as UTC without one; numbers that Athena sees as doubles as such; the rest as text."""
        name, kind = self.quote(column.name), column.kind
        if pa.types.is_string(column.type):
            return AS_TEXT.get(kind, "{}").format(name)
        if kind == "TIMESTAMP WITH LOCAL TIME ZONE":
            return f"SYS_EXTRACT_UTC(CAST({name} AS TIMESTAMP(9) WITH TIME ZONE))"
        if kind in ZONED:
            return f"SYS_EXTRACT_UTC({name})"
        if kind in ("NUMBER", "FLOAT") and pa.types.is_floating(column.type):
            return f"TO_BINARY_DOUBLE({name})"
        return f"TO_NUMBER({name})" if kind == "BOOLEAN" else name

    def fetched(self, column: Column) -> str:
        """Booleans as they are, and as text what `carried_as_text` says."""
        if column.kind == "BOOLEAN":
            return self.quote(column.name)
        if not carried_as_text(column):
            return self.read(column)
        return (DIGITS if pa.types.is_decimal(column.type) else AS_TEXT["TIMESTAMP"]).format(self.read(column))

    def facing(self, column: Column, value: Value, type_: pa.DataType) -> tuple[Fragment, Fragment]:
        """What lets Oracle use the column's index: the column bare, and the constant of the very same type."""
        name, bound = Fragment(self.quote(column.name)), self.bound(value, type_)
        if column.kind in CHARACTER and isinstance(value, str):
            return name, _as_char(self.bound(value or " ", type_))
        if isinstance(value, datetime) and not pa.types.is_string(column.type):
            if column.kind in ZONED:
                return name, sql("FROM_TZ(CAST({0} AS TIMESTAMP), 'UTC')", bound)
            if column.kind == "DATE" and not value.microsecond:
                return name, sql("CAST({0} AS DATE)", bound)
        if column.kind in ("NUMBER", "FLOAT") and pa.types.is_floating(column.type):
            return name, bound
        return super().facing(column, value, type_)

    def padded(self, column: Column) -> bool:
        """CHAR and NCHAR."""
        return column.kind in CHARACTER

    def may_be_nan(self, operand: Operand) -> bool:
        """A column only when it is binary."""
        return super().may_be_nan(operand) and (operand.column is None or operand.column.kind in MAYBE_NAN)

    def compared(self, operator: str, left: Operand, right: Operand) -> Fragment:
        """Knows that text is never '' and bytes never empty, and compares LOBs."""
        if _is_large(left) or _is_large(right):
            return self._compare_large(operator, left, right)
        if right.constant in EMPTY and not left.padded:
            return self.always(left) if operator in ("<>", ">", ">=") else self.never(left)
        if left.padded != right.padded and not (left.column and right.constant is not None):
            left, right = (Operand(_ended(side), side.type) for side in (left, right))
        return super().compared(operator, left, right)

    def contained(self, operand: Operand, values: Sequence[Value | None], type_: pa.DataType) -> Fragment:
        """LOBs are compared one by one."""
        if _is_large(operand):
            return self._any([self.compare("=", operand, self.constant(value, type_)) for value in values])
        return super().contained(operand, values, type_)

    def may_equal(self, operand: Operand, value: Value) -> bool:
        """No value is empty."""
        return super().may_equal(operand, value) and (value not in EMPTY or operand.padded)

    def _compare_large(self, operator: str, left: Operand, right: Operand) -> Fragment:
        for operand in (left, right):
            if operand.column and operand.column.kind in LONG:
                raise NotSupported(
                    f"Oracle compares no {operand.column.kind}: take the condition on it out of the query"
                )
        if right.constant in EMPTY:
            return sql(f"DBMS_LOB.GETLENGTH({{0}}) {operator} 0", left.sql)
        word = "TO_BLOB" if pa.types.is_binary(left.type) else "TO_CLOB"
        sides = [operand.sql if _is_large(operand) else sql(f"{word}({{0}})", operand.sql) for operand in (left, right)]
        return sql(f"DBMS_LOB.COMPARE({{0}}, {{1}}) {operator} 0", *sides)

    def distinct(self, left: Operand, right: Operand) -> Fragment:
        """Everything is distinct from ''."""
        if right.constant in EMPTY and not left.padded and not _is_large(left):
            return TRUE
        return super().distinct(left, right)

    def like(self, value: Operand, pattern: Operand, escape: Operand | None = None) -> Fragment:
        """Only '' is like ''. A CHAR is matched without its blanks; full stops keep what is left from being NULL."""
        if value.column and value.column.kind in LONG:
            raise NotSupported("Oracle compares no LONG: take the condition on it out of the query")
        if value.padded:
            trimmed = sql("CASE WHEN {0} IS NOT NULL THEN RTRIM({0}) || '.' END", value.sql)
            stopped = sql("{0} || '.'", pattern.sql)
            return super().like(Operand(trimmed, value.type), Operand(stopped, pattern.type), escape)
        if pattern.constant == "":
            return self._compare_large("=", value, pattern) if _is_large(value) else self.never(value)
        return super().like(value, pattern, escape)

    def modulus(self, left: Operand, right: Operand) -> Fragment:
        """Fails for 0, of which Oracle's MOD makes the dividend."""
        remainder = super().modulus(left, right)
        return remainder if right.constant else sql("({0} + 0 / {1})", remainder, right.sql)


def carried_as_text(column: Column) -> bool:
    """Whether a column that is no text is fetched as such, since the driver would lose digits of it without a word.

    It keeps microseconds of a timestamp, and places a decimal's point by the scale of the column, which a NUMBER
    without precision has not.
    """
    numbers = [int(number) for number in re.findall(r"-?\d+", column.source_type)]
    if pa.types.is_decimal(column.type):
        return column.kind == "NUMBER" and (not numbers or max(numbers[0], numbers[0] - numbers[1]) > MOST_DIGITS)
    return bool(pa.types.is_date64(column.type)) and column.kind != "DATE" and numbers[:1] > [MICROSECONDS]


def _as_char(text: Fragment) -> Fragment:
    """Text as a CHAR of the greatest length: two CHARs are compared as if padded to one length."""
    return sql("CAST({0} AS CHAR(2000))", text)


def _ended(operand: Operand) -> Fragment:
    """Text with the lowest character behind it, by which no comparison changes and nothing is '', that is NULL."""
    if operand.constant is not None:
        return sql("{0} || CHR(0)", operand.sql)
    return sql(
        f"CASE WHEN {{0}} IS NOT NULL THEN {'RTRIM({0})' if operand.padded else '{0}'} || CHR(0) END", operand.sql
    )


def _is_large(operand: Operand) -> bool:
    return operand.column is not None and operand.column.kind in LARGE | LONG
