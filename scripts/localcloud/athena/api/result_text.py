"""Results as Athena writes them: GetQueryResults, and the CSV in S3.

https://docs.aws.amazon.com/athena/latest/APIReference/API_ColumnInfo.html; the text of each type is Trino's.
"""

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from localcloud.athena.engine.run import Result
from localcloud.athena.query.resolution import sql_type

_TYPE_NAMES = {"real": "float"}
_PRECISIONS = {
    "boolean": 0,
    "tinyint": 3,
    "smallint": 5,
    "integer": 10,
    "bigint": 19,
    "float": 17,
    "double": 17,
    "varchar": 2147483647,
    "varbinary": 1073741824,
    "date": 0,
    "timestamp": 3,
    "timestamp with time zone": 3,
}
_LOW, _HIGH = Decimal("0.001"), Decimal(10_000_000)
"""Between them Java writes a number without an exponent: Double.toString."""


def column_info(result: Result) -> list[dict[str, Any]]:
    """The columns as GetQueryResults describes them."""
    return [_column(name, of) for name, of in zip(result.names, result.table.schema.types, strict=True)]


def texts(result: Result, begin: int = 0, rows: int | None = None) -> Iterator[list[str | None]]:
    """Rows from `begin` on, every value as text; None is NULL."""
    types = result.table.schema.types
    for batch in result.table.slice(begin, rows).to_batches(max_chunksize=10_000):
        columns = [
            [_text(value, of) for value in _values(column, of)] for column, of in zip(batch.columns, types, strict=True)
        ]
        yield from map(list, zip(*columns, strict=True))


def csv(result: Result) -> bytes:
    """The object that Athena leaves in the result location: everything in quotes, NULL as nothing at all."""
    lines = [result.names, *texts(result)]
    quoted = (",".join("" if text is None else '"' + text.replace('"', '""') + '"' for text in line) for line in lines)
    return "".join(f"{line}\n" for line in quoted).encode()


def _column(name: str, of: pa.DataType) -> dict[str, Any]:
    described = sql_type(of)
    kind = described.partition("(")[0]
    kind = _TYPE_NAMES.get(kind, kind)
    precision, scale = (of.precision, of.scale) if pa.types.is_decimal(of) else (_PRECISIONS.get(kind, 0), 0)
    return {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": name,
        "Label": name,
        "Type": kind,
        "Precision": precision,
        "Scale": scale,
        "Nullable": "UNKNOWN",
        "CaseSensitive": kind == "varchar",
    }


def _values(column: pa.Array, of: pa.DataType) -> list[Any]:
    if pa.types.is_timestamp(of):
        column = column.cast(pa.timestamp("ms", of.tz), safe=False)
    values: list[Any] = column.to_pylist()
    return values


def _text(value: Any, of: pa.DataType) -> str | None:
    if value is None:
        return None
    if pa.types.is_float32(of):
        return _number(value, single=True)
    if pa.types.is_list(of):
        return f"[{', '.join(_inner(item, of.value_type) for item in value)}]"
    if pa.types.is_struct(of):
        return "{" + ", ".join(f"{field.name}={_inner(value[field.name], field.type)}" for field in of) + "}"
    if pa.types.is_map(of):
        return "{" + ", ".join(f"{_inner(key, of.key_type)}={_inner(held, of.item_type)}" for key, held in value) + "}"
    match value:
        case bool():
            return str(value).lower()
        case float():
            return _number(value, single=False)
        case Decimal():
            return f"{value:f}"
        case bytes():
            return value.hex(" ")
        case datetime():
            zone = " UTC" if value.tzinfo else ""
            moment = value.astimezone(UTC) if value.tzinfo else value
            return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03}{zone}"
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _inner(value: Any, of: pa.DataType) -> str:
    text = _text(value, of)
    return "null" if text is None else text


def _number(value: float, *, single: bool) -> str:
    """As Java writes it: the fewest digits that tell it apart, at least one of them after the point."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    digits = _shortest(value) if single else repr(value)
    exact = Decimal(digits)
    if exact == 0 or _LOW <= abs(exact) < _HIGH:
        plain = f"{exact:f}"
        return plain if "." in plain else f"{plain}.0"
    sign, figures, exponent = exact.normalize().as_tuple()
    rest = "".join(map(str, figures[1:])) or "0"
    return f"{'-' * sign}{figures[0]}.{rest}E{int(exponent) + len(figures) - 1}"


def _shortest(value: float) -> str:
    """The fewest digits that are this single-precision number and no other."""
    for figures in range(1, 10):
        text = f"{value:.{figures}g}"
        if pa.scalar(float(text), pa.float32()).as_py() == value:
            return text
    return repr(value)
