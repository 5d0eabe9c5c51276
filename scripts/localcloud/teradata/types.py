"""Teradata's types as tables declare them, as its dictionary and its driver describe them, as DuckDB keeps them."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

DECLARED = re.compile(r"([A-Z][A-Z ]*?)\s*(?:\((\*|\d+)(?:,\s*(\d+))?\))?( WITH TIME ZONE| TO [A-Z]+(?:\(\d\))?)?")
FLOATING = -128
CODES = {
    "BIGINT": "I8",
    "BLOB": "BO",
    "BYTE": "BF",
    "BYTEINT": "I1",
    "CHAR": "CF",
    "CLOB": "CO",
    "DATE": "DA",
    "DECIMAL": "D",
    "FLOAT": "F",
    "INTEGER": "I",
    "INTERVAL DAY TO SECOND": "DS",
    "INTERVAL YEAR TO MONTH": "YM",
    "JSON": "JN",
    "NUMBER": "N",
    "PERIOD(DATE)": "PD",
    "SMALLINT": "I2",
    "ST_GEOMETRY": "UT",
    "TIME": "AT",
    "TIMESTAMP": "TS",
    "TIMESTAMP WITH TIME ZONE": "SZ",
    "VARBYTE": "BV",
    "VARCHAR": "CV",
    "XML": "XM",
}
"""As DBC.ColumnsV has them."""
DUCKDB = {
    "BIGINT": "BIGINT",
    "BLOB": "BLOB",
    "BYTE": "BLOB",
    "BYTEINT": "TINYINT",
    "DATE": "DATE",
    "FLOAT": "DOUBLE",
    "INTEGER": "INTEGER",
    "SMALLINT": "SMALLINT",
    "TIME": "TIME",
    "TIMESTAMP": "TIMESTAMP",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ",
    "VARBYTE": "BLOB",
}
"""Where it is not VARCHAR or a decimal."""
OF_DUCKDB = {
    "BIGINT": "BIGINT",
    "BLOB": "VARBYTE",
    "BOOLEAN": "BYTEINT",
    "DATE": "DATE",
    "DOUBLE": "FLOAT",
    "FLOAT": "FLOAT",
    "INTEGER": "INTEGER",
    "SMALLINT": "SMALLINT",
    "TIME": "TIME",
    "TIMESTAMP": "TIMESTAMP",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMP WITH TIME ZONE",
    "TINYINT": "BYTEINT",
    "VARCHAR": "VARCHAR",
    '"NULL"': "INTEGER",
}
TEXT = frozenset({"CHAR", "CLOB", "VARCHAR"})
EXPORTED = 3
"""So many characters of a CHAR of UNICODE are sent for each, in the character set that the driver has."""


@dataclass(frozen=True, slots=True)
class TeradataType:
    """`DECIMAL(12,2)`: digits 12, scale 2; a bare NUMBER: both FLOATING; `CHAR(3)`: length 3; `TIME(3)`: scale 3."""

    kind: str
    digits: int | None = None
    scale: int | None = None
    length: int | None = None

    @classmethod
    def parse(cls, text: str) -> "TeradataType":
        """As a CREATE TABLE says it."""
        text = re.sub(r" (NOT NULL|CHARACTER SET \w+|(NOT )?CASESPECIFIC)\b", "", text.upper().strip())
        if text in CODES:
            return cls(text).completed()
        found = DECLARED.fullmatch(text)
        kind = found[1] + re.sub(r"\(\d\)", "", found[4] or "") if found else ""
        if found is None or kind not in CODES:
            raise NotImplementedError(f"Teradata's stand-in has no type {text}.")
        first, second = found[2], found[3]
        if kind in ("DECIMAL", "NUMBER"):
            digits = FLOATING if first == "*" else int(first)
            return cls(kind, digits, int(second or 0))
        if kind.startswith("TIME"):
            return cls(kind, scale=int(first))
        return cls(kind, length=int(first))

    def completed(self) -> "TeradataType":
        """With what it has where nothing is said."""
        match self.kind:
            case "DECIMAL":
                return TeradataType(self.kind, 5, 0)
            case "NUMBER":
                return TeradataType(self.kind, FLOATING, FLOATING)
            case "TIME" | "TIMESTAMP" | "TIMESTAMP WITH TIME ZONE":
                return TeradataType(self.kind, scale=6)
            case "CHAR" | "BYTE":
                return TeradataType(self.kind, length=1)
        return self

    @classmethod
    def inferred(cls, duckdb_type: str) -> "TeradataType":
        """Of an expression, as Teradata would describe it."""
        if found := re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", duckdb_type):
            return cls("DECIMAL", int(found[1]), int(found[2]))
        if duckdb_type in ("HUGEINT", "UBIGINT"):
            return cls("DECIMAL", 38, 0)
        if duckdb_type not in OF_DUCKDB:
            raise NotImplementedError(f"Teradata's stand-in does not describe DuckDB's {duckdb_type}.")
        return cls(OF_DUCKDB[duckdb_type]).completed()

    @property
    def duckdb(self) -> str:
        """What DuckDB keeps it as; numbers without digits of their own with 18 after the point."""
        if self.kind in ("DECIMAL", "NUMBER"):
            digits = 38 if self.digits in (None, FLOATING) else self.digits
            return f"DECIMAL({digits},{18 if self.scale == FLOATING else self.scale})"
        return DUCKDB.get(self.kind, "VARCHAR")

    def dictionary(self) -> tuple[str, int | None, int | None]:
        """ColumnType, DecimalTotalDigits and DecimalFractionalDigits of DBC.ColumnsV."""
        return f"{CODES[self.kind]:2}", self.digits, self.scale

    def described(self, name: str) -> dict[str, Any]:
        """As the driver describes a column of a prepared request."""
        return {
            "Title": name,
            "ObjectName": name,
            "AsClauseName": "",
            "TypeName": self.kind,
            "Precision": 40 if self.digits == FLOATING else self.digits or 0,
            "Scale": self.scale or 0 if self.scale != FLOATING else FLOATING,
            "MaxCharacterCount": self.length or 0,
            "Nullable": True,
        }

    def sent(self, value: Any) -> Any:
        """A value as the driver receives it: whole numbers, floats, text and bytes; the rest as text."""
        match value:
            case bool():
                return int(value)
            case int() if self.kind in ("DECIMAL", "NUMBER"):
                return str(value)
            case None | int() | float() | bytes():
                return value
            case Decimal():
                return f"{value.normalize() if self.kind == 'NUMBER' else value:f}"
            case datetime() if value.tzinfo:
                return value.isoformat(" ", "microseconds")
            case datetime():
                return value.isoformat(" ", "microseconds")
            case date():
                return value.isoformat()
            case time():
                return value.isoformat("microseconds")
            case str() if self.kind == "CHAR":
                return value.ljust(EXPORTED * (self.length or 1))
            case str():
                return value
        raise NotImplementedError(f"Teradata's stand-in does not send {type(value).__name__}.")
