"""Oracle's types as Athena is told them, each with room for every value of its kind or said to be refused."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from athena_connectors.connections.model import Numbers
from athena_connectors.dialects.operand import Column as Selected
from athena_connectors.dialects.oracle import carried_as_text
from athena_connectors.federation.errors import NotSupported

if TYPE_CHECKING:
    import oracledb

LONGEST_INTEGER, LONGEST_BIGINT, LONGEST_DECIMAL = 9, 18, 38
"""Digits that always fit INTEGER, BIGINT and Athena's DECIMAL."""
MILLISECONDS = 3
"""Digits of a second that Athena's timestamp has."""
FLOATING = -127
"""The scale of a NUMBER that has none."""
NAMES = {
    "DB_TYPE_BINARY_DOUBLE": "BINARY_DOUBLE",
    "DB_TYPE_BINARY_FLOAT": "BINARY_FLOAT",
    "DB_TYPE_BLOB": "BLOB",
    "DB_TYPE_BOOLEAN": "BOOLEAN",
    "DB_TYPE_CHAR": "CHAR",
    "DB_TYPE_CLOB": "CLOB",
    "DB_TYPE_DATE": "DATE",
    "DB_TYPE_INTERVAL_DS": "INTERVAL DAY TO SECOND",
    "DB_TYPE_INTERVAL_YM": "INTERVAL YEAR TO MONTH",
    "DB_TYPE_JSON": "JSON",
    "DB_TYPE_LONG": "LONG",
    "DB_TYPE_LONG_RAW": "LONG RAW",
    "DB_TYPE_NCHAR": "NCHAR",
    "DB_TYPE_NCLOB": "NCLOB",
    "DB_TYPE_NUMBER": "NUMBER",
    "DB_TYPE_NVARCHAR": "NVARCHAR2",
    "DB_TYPE_RAW": "RAW",
    "DB_TYPE_ROWID": "ROWID",
    "DB_TYPE_TIMESTAMP": "TIMESTAMP",
    "DB_TYPE_TIMESTAMP_LTZ": "TIMESTAMP WITH LOCAL TIME ZONE",
    "DB_TYPE_TIMESTAMP_TZ": "TIMESTAMP WITH TIME ZONE",
    "DB_TYPE_UROWID": "UROWID",
    "DB_TYPE_VARCHAR": "VARCHAR2",
    "DB_TYPE_VECTOR": "VECTOR",
    "DB_TYPE_XMLTYPE": "XMLTYPE",
}
"""Oracle's types by the driver's names of them; others are refused."""
SAME = {
    "BINARY_DOUBLE": pa.float64(),
    "BINARY_FLOAT": pa.float32(),
    "BLOB": pa.binary(),
    "BOOLEAN": pa.bool_(),
    "CHAR": pa.string(),
    "CLOB": pa.string(),
    "DATE": pa.date64(),
    "FLOAT": pa.float64(),
    "LONG": pa.string(),
    "LONG RAW": pa.binary(),
    "NCHAR": pa.string(),
    "NCLOB": pa.string(),
    "NVARCHAR2": pa.string(),
    "RAW": pa.binary(),
    "VARCHAR2": pa.string(),
}
AS_TEXT = frozenset(
    {"INTERVAL DAY TO SECOND", "INTERVAL YEAR TO MONTH", "JSON", "ROWID", "UROWID", "VECTOR", "XMLTYPE"}
)
"""What Athena has no type for, as Oracle writes it."""
TIMESTAMPS = frozenset({"TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIMESTAMP WITH LOCAL TIME ZONE"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column as Oracle describes it: of a NUMBER or FLOAT `precision` and `scale`, of a timestamp its `scale`."""

    name: str
    kind: str
    precision: int = 0
    scale: int = 0

    @classmethod
    def of(cls, described: "oracledb.FetchInfo") -> "Column":
        """The driver's description of a column."""
        kind = NAMES.get(described.type.name, described.type.name)
        precision, scale = described.precision or 0, described.scale or 0
        if kind == "NUMBER" and precision and scale == FLOATING:
            kind = "FLOAT"
        return cls(described.name, kind, precision, scale)

    @property
    def source_type(self) -> str:
        """Oracle's own name of the type: `NUMBER(12,2)`, `NUMBER`, `TIMESTAMP(6) WITH TIME ZONE`."""
        if self.kind == "NUMBER":
            return "NUMBER" if self.scale == FLOATING else f"NUMBER({self.precision},{self.scale})"
        if self.kind in TIMESTAMPS:
            return self.kind.replace("TIMESTAMP", f"TIMESTAMP({self.scale})", 1)
        return self.kind


@dataclass(frozen=True, slots=True)
class Choices:
    """What becomes of a NUMBER that is declared without precision: a decimal of so many digits after the point, …

    `exact_text` declares as text what may be inexact: such numbers, and timestamps of more than milliseconds.
    """

    numbers: Numbers = Numbers.DECIMAL
    number_scale: int = 10
    exact_text: bool = False


def declared(column: Column, choices: Choices) -> pa.DataType:
    """The type that Athena is told. Raises NotSupported for a type that is not known here."""
    kind = column.kind
    if kind == "NUMBER":
        return _number(column, choices)
    if kind in TIMESTAMPS:
        return pa.string() if choices.exact_text and column.scale > MILLISECONDS else pa.date64()
    if kind in SAME:
        return SAME[kind]
    if kind in AS_TEXT:
        return pa.string()
    raise NotSupported(
        f"Column {column.name} is of Oracle's type {kind}, which is not known here: leave it out in a view, "
        "or convert it there or in a query passed through."
    )


def _number(column: Column, choices: Choices) -> pa.DataType:
    precision, scale = column.precision, column.scale
    # NUMBER(3,-2) has two digits more before its point, NUMBER(2,5) three zeros after it.
    digits = precision - scale if scale < 0 else max(precision, scale)
    if scale == FLOATING or not 0 < digits <= LONGEST_DECIMAL:
        if choices.exact_text or choices.numbers is Numbers.TEXT:
            return pa.string()
        if choices.numbers is Numbers.DOUBLE:
            return pa.float64()
        return pa.decimal128(LONGEST_DECIMAL, choices.number_scale)
    if scale <= 0 and digits <= LONGEST_BIGINT:
        return pa.int32() if digits <= LONGEST_INTEGER else pa.int64()
    return pa.decimal128(digits, max(scale, 0))


def fetched(column: Selected) -> pa.DataType:
    """The Arrow type in which the driver is asked for a column that the dialect selects."""
    if pa.types.is_string(column.type) or carried_as_text(column):
        return pa.large_string()
    if pa.types.is_binary(column.type):
        return pa.large_binary()
    if pa.types.is_date64(column.type):
        return pa.timestamp("s" if column.kind == "DATE" else "us")
    return pa.int64() if pa.types.is_integer(column.type) else column.type
