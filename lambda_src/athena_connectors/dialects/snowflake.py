"""Snowflake's differences. The connection binds by `?`, on the server, and an aware datetime as TIMESTAMP_TZ."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import ClassVar

import pyarrow as pa

from athena_connectors.dialects.conditions import Scope
from athena_connectors.dialects.dialect import Dialect
from athena_connectors.dialects.fragment import MARK, TRUE, Fragment, sql
from athena_connectors.dialects.operand import Column, Operand
from athena_connectors.dialects.ranges import COLUMN, ColumnRange
from athena_connectors.dialects.statement import Bind
from athena_connectors.federation.errors import InvalidInput, NotSupported
from athena_connectors.federation.model import Value
from athena_connectors.federation.source import Table

AT = "at"
"""The property of a split that says which moment of the table it reads: a MOMENT."""
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,9})? ?(Z|[+-]\d\d:?\d\d)", re.ASCII)
"""ISO 8601 with an offset, as `CURRENT_TIMESTAMP()` gives it."""

ZONED = frozenset({"TIMESTAMP_TZ", "TIMESTAMP_LTZ"})
TEXT = frozenset({"", "VARCHAR", "TEXT", "STRING", "CHAR", "CHARACTER", "NCHAR", "NVARCHAR", "NVARCHAR2"})
AS_TEXT = {
    "DATE": "TO_VARCHAR({}, 'YYYY-MM-DD')",
    "TIME": "TO_VARCHAR({}, 'HH24:MI:SS.FF9')",
    "TIMESTAMP_NTZ": "TO_VARCHAR({}, 'YYYY-MM-DD HH24:MI:SS.FF9')",
    "TIMESTAMP_LTZ": "TO_VARCHAR(CONVERT_TIMEZONE('UTC', {}), 'YYYY-MM-DD HH24:MI:SS.FF9 TZH:TZM')",
    "TIMESTAMP_TZ": "TO_VARCHAR({}, 'YYYY-MM-DD HH24:MI:SS.FF9 TZH:TZM')",
    "VARIANT": "TO_JSON({})",
    "OBJECT": "TO_JSON({})",
    "ARRAY": "TO_JSON({})",
    "MAP": "TO_JSON({}::VARIANT)",
    "VECTOR": "TO_JSON({}::ARRAY)",
    "GEOGRAPHY": "TO_JSON(ST_ASGEOJSON({}))",
    "GEOMETRY": "TO_JSON(ST_ASGEOJSON({}))",
}
"""How what is not text becomes text; what is not here is written by TO_VARCHAR. Timestamps are as Athena casts them."""

PRODUCT_SCALE = 12
"""A product has no more decimal places than this, or than either factor (docs.snowflake.com, arithmetic operators)."""


class Snowflake(Dialect):
    """Undoes the collation that a column's type names (`VARCHAR(9) COLLATE 'en-ci'`): Athena compares code points."""

    name = "Snowflake"
    most_listed: ClassVar[int] = 10_000  # it takes 16,384
    most_binds: ClassVar[int] = 100_000  # keeps the SQL below the 1 MB it takes
    nan = "'NaN'::FLOAT"

    def relation(self, table: Table, properties: Mapping[str, str]) -> Fragment:
        """The table, at the moment that the split names: a literal, for AT is not documented to take a bind."""
        if AT not in properties:
            return Fragment(self.table_name(table.name))
        if not MOMENT.fullmatch(properties[AT]):
            raise InvalidInput("A split's moment is no timestamp with an offset: plan the query again")
        return Fragment(f"{self.table_name(table.name)} AT(TIMESTAMP => '{properties[AT]}'::TIMESTAMP_TZ)")

    def split_predicate(self, scope: Scope, properties: Mapping[str, str]) -> Fragment:
        """A range of a column, see `ColumnRange`."""
        if COLUMN not in properties:
            return TRUE
        column = scope.column(properties[COLUMN])
        return self.in_split(column, ColumnRange.parse(properties, column.type))

    def read(self, column: Column) -> str:
        """Timestamps with a zone as UTC without one; what Athena has no type for as text."""
        name, (kind, collated, _) = self.quote(column.name), column.kind.partition(" COLLATE ")
        if pa.types.is_string(column.type):
            text = "{}" if kind in TEXT else AS_TEXT.get(kind, "TO_VARCHAR({})")
            return (f"COLLATE({text}, '')" if collated else text).format(name)
        return f"CONVERT_TIMEZONE('UTC', {name})::TIMESTAMP_NTZ" if kind in ZONED else name

    def facing(self, column: Column, value: Value, type_: pa.DataType) -> tuple[Fragment, Fragment]:
        """A timestamp with a zone faces one in UTC, as it is, so that Snowflake can prune by it."""
        if column.kind not in ZONED or not isinstance(value, datetime):
            return super().facing(column, value, type_)
        moment = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        return Fragment(self.quote(column.name)), Fragment(MARK, (Bind(moment, pa.timestamp("ms", "UTC")),))

    def distinct(self, left: Operand, right: Operand) -> Fragment:
        """Snowflake has it, and NaN is equal to itself."""
        return sql("{0} IS DISTINCT FROM {1}", left.sql, right.sql)

    def compute(self, operator: str, type_: pa.DataType, left: Operand, right: Operand) -> Fragment:
        """Refuses the product of decimals that Snowflake would round."""
        if operator == "*" and pa.types.is_decimal(type_):
            scales = [operand.type.scale if pa.types.is_decimal(operand.type) else 0 for operand in (left, right)]
            if sum(scales) > max(PRODUCT_SCALE, *scales):
                raise NotSupported(
                    f"Snowflake rounds a product of decimals with {scales[0]} and {scales[1]} places: "
                    "pass the query through, or cast a factor to fewer places"
                )
        return super().compute(operator, type_, left, right)
