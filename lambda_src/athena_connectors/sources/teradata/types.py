"""Teradata's types as Athena is told them, each with room for every value of its kind or said to be refused."""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from athena_connectors.connections.model import Numbers
from athena_connectors.federation.errors import NotSupported

CODES = {
    "AN": "ARRAY",
    "AT": "TIME",
    "A1": "ARRAY",
    "BF": "BYTE",
    "BO": "BLOB",
    "BV": "VARBYTE",
    "CF": "CHAR",
    "CO": "CLOB",
    "CV": "VARCHAR",
    "D": "DECIMAL",
    "DA": "DATE",
    "DH": "INTERVAL DAY TO HOUR",
    "DM": "INTERVAL DAY TO MINUTE",
    "DS": "INTERVAL DAY TO SECOND",
    "DT": "DATASET",
    "DY": "INTERVAL DAY",
    "F": "FLOAT",
    "HM": "INTERVAL HOUR TO MINUTE",
    "HR": "INTERVAL HOUR",
    "HS": "INTERVAL HOUR TO SECOND",
    "I": "INTEGER",
    "I1": "BYTEINT",
    "I2": "SMALLINT",
    "I8": "BIGINT",
    "JN": "JSON",
    "MI": "INTERVAL MINUTE",
    "MO": "INTERVAL MONTH",
    "MS": "INTERVAL MINUTE TO SECOND",
    "N": "NUMBER",
    "PD": "PERIOD(DATE)",
    "PM": "PERIOD(TIMESTAMP WITH TIME ZONE)",
    "PS": "PERIOD(TIMESTAMP)",
    "PT": "PERIOD(TIME)",
    "PZ": "PERIOD(TIME WITH TIME ZONE)",
    "SC": "INTERVAL SECOND",
    "SZ": "TIMESTAMP WITH TIME ZONE",
    "TS": "TIMESTAMP",
    "TZ": "TIME WITH TIME ZONE",
    "XM": "XML",
    "YM": "INTERVAL YEAR TO MONTH",
    "YR": "INTERVAL YEAR",
}
"""Types by the codes of DBC.ColumnsV. Source: Teradata Data Dictionary B035-1092, "ColumnType"."""
MOST_DIGITS = 38
MILLISECONDS = 3
"""Digits of a second that Athena's timestamp has."""
SAME = {
    "BIGINT": pa.int64(),
    "BLOB": pa.binary(),
    "BYTE": pa.binary(),
    "BYTEINT": pa.int8(),
    "CHAR": pa.string(),
    "CLOB": pa.string(),
    "DATE": pa.date32(),
    "FLOAT": pa.float64(),
    "INTEGER": pa.int32(),
    "SMALLINT": pa.int16(),
    "VARBYTE": pa.binary(),
    "VARCHAR": pa.string(),
}
TIMESTAMPS = frozenset({"TIMESTAMP", "TIMESTAMP WITH TIME ZONE"})
CLOCKS = frozenset({"TIME", "TIME WITH TIME ZONE"})
AS_TEXT = frozenset({"JSON", "XML"}) | CLOCKS
"""What Athena has no type for, as are intervals and periods: as Teradata writes it."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `digits` and `scale` are None where they do not apply or are not fixed, as for a bare NUMBER."""

    name: str
    kind: str
    digits: int | None = None
    scale: int | None = None

    @classmethod
    def of_dictionary(cls, name: str, code: str, digits: int | None, scale: int | None) -> "Column":
        """A row of DBC.ColumnsV, which pads its codes with blanks and writes -128 for what is not fixed."""
        return cls(name, CODES.get(code.strip(), f"code {code.strip()}"), _fixed(digits), _fixed(scale))

    @classmethod
    def of_prepared(cls, described: Mapping[str, object]) -> "Column":
        """A column of the statement's description that the driver gives when a request is prepared."""
        name = described.get("AsClauseName") or described.get("ObjectName") or described.get("Title")
        kind = str(described["TypeName"]).upper()
        digits, scale = (described.get(field) for field in ("Precision", "Scale"))
        return cls(
            str(name),
            kind,
            digits if isinstance(digits, int) else None,
            _fixed(scale if isinstance(scale, int) else None),
        )

    @property
    def source_type(self) -> str:
        """Teradata's own name of the type: `DECIMAL(12,2)`, `NUMBER(*,2)`, `TIMESTAMP(6) WITH TIME ZONE`, `CHAR`."""
        if self.kind == "DECIMAL":
            return f"DECIMAL({self.digits},{self.scale or 0})"
        if self.kind == "NUMBER":
            return "NUMBER" if self.scale is None else f"NUMBER({self.fixed_digits or '*'},{self.scale})"
        if self.kind in TIMESTAMPS | CLOCKS:
            name, _, zone = self.kind.partition(" ")
            return f"{name}({self.fraction_digits}) {zone}".rstrip()
        return self.kind

    @property
    def fixed_digits(self) -> int | None:
        """None where they are as many as there may be."""
        return self.digits if self.digits is not None and self.digits <= MOST_DIGITS else None

    @property
    def fraction_digits(self) -> int:
        """Of a second."""
        return 6 if self.scale is None else self.scale


@dataclass(frozen=True, slots=True)
class Choices:
    """What becomes of a NUMBER that is declared without precision: a decimal of so many digits after the point, …

    `exact_text` declares as text what may be inexact: such numbers, and timestamps of more than milliseconds; else
    such a value is refused or rounded when it is read.
    """

    numbers: Numbers = Numbers.DECIMAL
    number_scale: int = 10
    exact_text: bool = False


def declared(column: Column, choices: Choices) -> pa.DataType:
    """The type that Athena is told. Raises NotSupported for a type that is not known here."""
    kind = column.kind
    if kind == "DECIMAL" and column.digits is not None:
        return pa.decimal128(column.digits, column.scale or 0)
    if kind == "NUMBER":
        return _number(column, choices)
    if kind in TIMESTAMPS:
        return pa.string() if choices.exact_text and column.fraction_digits > MILLISECONDS else pa.date64()
    if kind in SAME:
        return SAME[kind]
    if kind in AS_TEXT or kind.startswith(("INTERVAL ", "PERIOD(")):
        return pa.string()
    raise NotSupported(
        f"Column {column.name} is of Teradata's type {kind}, which is not known here: leave it out in a view, "
        "or convert it there or in a query passed through."
    )


def _number(column: Column, choices: Choices) -> pa.DataType:
    if column.scale is not None:
        return pa.decimal128(column.fixed_digits or MOST_DIGITS, column.scale)
    if choices.exact_text or choices.numbers is Numbers.TEXT:
        return pa.string()
    if choices.numbers is Numbers.DOUBLE:
        return pa.float64()
    return pa.decimal128(MOST_DIGITS, choices.number_scale)


def _fixed(number: int | None) -> int | None:
    return number if number is not None and 0 <= number <= MOST_DIGITS else None
