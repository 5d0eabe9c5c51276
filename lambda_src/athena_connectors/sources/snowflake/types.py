"""Snowflake's types as Athena is told them, each with room for every value of its kind or said to be refused."""

from dataclasses import dataclass

import pyarrow as pa

from athena_connectors.federation.errors import NotSupported

LONGEST_BIGINT = 18
"""Digits that always fit BIGINT."""
MILLISECONDS = 3
"""Digits of a second that Athena's timestamp has."""
SAME = {"BOOLEAN": pa.bool_(), "DATE": pa.date32(), "FLOAT": pa.float64(), "BINARY": pa.binary(), "TEXT": pa.string()}
TIMESTAMPS = frozenset({"TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP_TZ"})
AS_TEXT = frozenset(
    {
        "ARRAY",
        "DECFLOAT",  # 38 digits and an exponent: no number of Athena's holds that
        "GEOGRAPHY",
        "GEOMETRY",
        "INTERVAL DAY TO SECOND",
        "INTERVAL YEAR TO MONTH",
        "MAP",
        "OBJECT",
        "TIME",
        "UUID",
        "VARIANT",
        "VECTOR",
    }
)
"""What Athena has no type for: semi-structured and spatial values as JSON, the rest as Snowflake writes it."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column as INFORMATION_SCHEMA.COLUMNS describes it; what does not apply to its type is None."""

    name: str
    data_type: str
    precision: int | None
    scale: int | None
    fraction_digits: int | None
    collation: str | None = None

    @property
    def source_type(self) -> str:
        """Snowflake's own name of the type: `NUMBER(12,2)`, `TIMESTAMP_TZ(9)`, `TEXT COLLATE 'en-ci'`."""
        if self.collation:
            return f"{self.data_type} COLLATE '{self.collation}'"
        if self.data_type == "NUMBER":
            return f"NUMBER({self.precision},{self.scale})"
        return self.data_type if self.fraction_digits is None else f"{self.data_type}({self.fraction_digits})"


def declared(column: Column, *, exact_text: bool) -> pa.DataType:
    """The type that Athena is told.

    `exact_text` declares timestamps of more than milliseconds as text; else such a value is refused or rounded when it
    is read. Raises NotSupported for a type that is not known here.
    """
    kind = column.data_type
    if kind == "NUMBER":
        precision, scale = column.precision or 38, column.scale or 0
        return pa.int64() if scale == 0 and precision <= LONGEST_BIGINT else pa.decimal128(precision, scale)
    if kind in TIMESTAMPS:
        digits = 9 if column.fraction_digits is None else column.fraction_digits
        return pa.string() if exact_text and digits > MILLISECONDS else pa.date64()
    if kind in SAME:
        return SAME[kind]
    if kind in AS_TEXT:
        return pa.string()
    raise NotSupported(
        f"Column {column.name} is of Snowflake's type {kind}, which is not known here: leave it out in a view, "
        "or convert it there or in a query passed through."
    )
