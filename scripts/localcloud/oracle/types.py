"""Oracle's types as tables declare them, as the driver describes them, and as DuckDB keeps them."""

import re
from dataclasses import dataclass

DECLARED = re.compile(r"([A-Z0-9_ ]+?)\s*(?:\((\*|\d+)(?:,\s*(-?\d+))?\))?( WITH (?:LOCAL )?TIME ZONE)?")
FLOATING = -127
DRIVER = {
    "BINARY_DOUBLE": "DB_TYPE_BINARY_DOUBLE",
    "BINARY_FLOAT": "DB_TYPE_BINARY_FLOAT",
    "BLOB": "DB_TYPE_BLOB",
    "BFILE": "DB_TYPE_BFILE",
    "CHAR": "DB_TYPE_CHAR",
    "CLOB": "DB_TYPE_CLOB",
    "DATE": "DB_TYPE_DATE",
    "FLOAT": "DB_TYPE_NUMBER",
    "NCHAR": "DB_TYPE_NCHAR",
    "NUMBER": "DB_TYPE_NUMBER",
    "NVARCHAR2": "DB_TYPE_NVARCHAR",
    "RAW": "DB_TYPE_RAW",
    "TIMESTAMP": "DB_TYPE_TIMESTAMP",
    "TIMESTAMP WITH LOCAL TIME ZONE": "DB_TYPE_TIMESTAMP_LTZ",
    "TIMESTAMP WITH TIME ZONE": "DB_TYPE_TIMESTAMP_TZ",
    "VARCHAR2": "DB_TYPE_VARCHAR",
}
DUCKDB = {
    "BINARY_DOUBLE": "DOUBLE",
    "BINARY_FLOAT": "FLOAT",
    "BLOB": "BLOB",
    "BFILE": "BLOB",
    "DATE": "TIMESTAMP",
    "FLOAT": "DOUBLE",
    "RAW": "BLOB",
    "TIMESTAMP WITH LOCAL TIME ZONE": "TIMESTAMPTZ",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ",
}
"""Where it is not VARCHAR; numbers and timestamps by their digits."""


@dataclass(frozen=True, slots=True)
class OracleType:
    """`NUMBER(12,2)`: kind NUMBER, precision 12, scale 2; `CHAR(3)`: precision 3; `TIMESTAMP(9)`: scale 9."""

    kind: str
    precision: int = 0
    scale: int = 0

    @classmethod
    def parse(cls, text: str) -> "OracleType":
        """As a CREATE TABLE says it."""
        found = DECLARED.fullmatch(text.upper().strip())
        if found is None or (found[1] + (found[4] or "")) not in DRIVER:
            raise NotImplementedError(f"Oracle's stand-in has no type {text}.")
        kind, first, second = found[1] + (found[4] or ""), found[2], found[3]
        if kind.startswith("TIMESTAMP"):
            return cls(kind, 0, int(first or 6))
        if kind == "FLOAT":
            return cls(kind, int(first or 126), FLOATING)
        if kind == "NUMBER":
            if first is None:
                return cls(kind, 0, FLOATING)
            return cls(kind, 38 if first == "*" else int(first), int(second or 0))
        return cls(kind, int(first or 1), 0)

    def described(self, name: str) -> dict[str, object]:
        """As the driver describes a column of it."""
        numeric = self.kind in ("NUMBER", "FLOAT") or self.kind.startswith("TIMESTAMP")
        precision, scale = (self.precision, self.scale) if numeric else (0, 0)
        return {"name": name, "type": DRIVER[self.kind], "precision": precision, "scale": scale}

    @property
    def duckdb(self) -> str:
        """What DuckDB keeps it as; numbers without precision with 18 digits after the point."""
        if self.kind == "NUMBER":
            if self.scale == FLOATING:
                return "DECIMAL(38,18)"
            scale = max(self.scale, 0)
            return f"DECIMAL({max(self.precision - min(self.scale, 0), scale)},{scale})"
        if self.kind == "TIMESTAMP":
            return "TIMESTAMP_NS" if self.scale > 6 else "TIMESTAMP"
        return DUCKDB.get(self.kind, "VARCHAR")


def inferred(duckdb_type: str) -> OracleType:
    """Of an expression, as Oracle would describe it."""
    if duckdb_type.startswith(("DECIMAL", "HUGEINT", "BIGINT", "INTEGER", "SMALLINT", "TINYINT", "UBIGINT")):
        return OracleType("NUMBER", 0, FLOATING)
    simple = {
        "DOUBLE": "BINARY_DOUBLE",
        "FLOAT": "BINARY_FLOAT",
        "VARCHAR": "VARCHAR2",
        "BLOB": "RAW",
        "TIMESTAMP WITH TIME ZONE": "TIMESTAMP WITH TIME ZONE",
    }
    if duckdb_type in simple:
        return OracleType(simple[duckdb_type])
    if duckdb_type in ("TIMESTAMP", "TIMESTAMP_NS"):
        return OracleType("TIMESTAMP", 0, 9 if duckdb_type == "TIMESTAMP_NS" else 6)
    if duckdb_type == '"NULL"':
        return OracleType("VARCHAR2")
    raise NotImplementedError(f"Oracle's stand-in does not describe DuckDB's {duckdb_type}.")
