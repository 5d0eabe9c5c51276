"""What in a statement is the same for every row, as a value of a column's type."""

import struct
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
from sqlglot import exp

from athena_connectors.federation.model import Value

Fold = Callable[[exp.Expr], Any]
"""Computes a constant expression; raises duckdb.Error for one that cannot be computed."""
_VARIES = (exp.Column, exp.Query, exp.AggFunc, exp.Window, exp.Rand, exp.Uuid, exp.Anonymous)


def is_constant(node: exp.Expr) -> bool:
    """Whether it says the same for every row; NULL is no constant here, for nothing compares with it."""
    return node.find(*_VARIES) is None and not isinstance(node, exp.Null)


def fold_with(connection: duckdb.DuckDBPyConnection) -> Fold:
    """Let DuckDB compute constants: what CURRENT_DATE - INTERVAL '7' DAY is, for one."""

    def fold(node: exp.Expr) -> Any:
        ((value,),) = connection.execute(f"SELECT {node.sql('duckdb')}").fetchall()
        return value

    return fold


def to_value(held: Any, of: pa.DataType) -> Value | None:
    """The same value in the type of a column; None where the column cannot hold exactly that.

    A comparison with what a column cannot hold is left to the engine, as Trino does that unwraps no cast.
    """
    if held is None:
        return None
    if pa.types.is_boolean(of):
        return held if isinstance(held, bool) else None
    if pa.types.is_string(of):
        return held if isinstance(held, str) else None
    if pa.types.is_binary(of):
        return bytes(held) if isinstance(held, bytes | bytearray) else None
    if pa.types.is_date(of):
        return _moment(held, of)
    if isinstance(held, bool) or not isinstance(held, int | float | Decimal):
        return None
    return _number(held, of)


def _number(held: int | float | Decimal, of: pa.DataType) -> Value | None:
    if pa.types.is_integer(of):
        half = 1 << (of.bit_width - 1)
        return int(held) if not isinstance(held, float) and held == int(held) and -half <= held < half else None
    if pa.types.is_float64(of):
        return float(held)
    if pa.types.is_float32(of):
        narrow: float = struct.unpack("f", struct.pack("f", held))[0]
        return narrow if narrow == held else None
    if pa.types.is_decimal(of) and not isinstance(held, float):
        exact = Decimal(held)
        _, digits, exponent = exact.normalize().as_tuple()
        scale = max(-int(exponent), 0)
        whole = max(len(digits) + int(exponent), 0)
        return exact if scale <= of.scale and whole <= of.precision - of.scale else None
    return None


def _moment(held: Any, of: pa.DataType) -> Value | None:
    if pa.types.is_date32(of):
        if isinstance(held, datetime):  # what DuckDB makes of a date and an interval
            return held.date() if held.tzinfo is None and held.time() == time() else None
        return held if isinstance(held, date) else None
    if isinstance(held, datetime):
        return held if held.tzinfo is None and held.microsecond % 1000 == 0 else None
    return datetime.combine(held, time()) if isinstance(held, date) else None
