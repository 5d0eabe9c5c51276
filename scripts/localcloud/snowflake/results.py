"""Rows as Snowflake sends them: NUMBER in the least integers that hold the values, whatever its scale."""

import base64
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from fakesnow.arrow import to_ipc, to_sf
from fakesnow.rowtype import ColumnInfo

INTEGERS = (pa.int8(), pa.int16(), pa.int32(), pa.int64())
INLINE_ROWS = 2_000
CHUNK_ROWS = 50_000
"""Rows of the answer itself, and of each chunk that it names; Snowflake cuts by bytes."""


def inline(table: pa.Table, rowtype: list[ColumnInfo]) -> str:
    """The first rows, as base64 of an Arrow stream."""
    return base64.b64encode(_stream(table.slice(0, INLINE_ROWS), rowtype)).decode()


def chunk(table: pa.Table, rowtype: list[ColumnInfo], number: int) -> bytes:
    """The rows of one chunk, as an Arrow stream."""
    return _stream(table.slice(INLINE_ROWS + number * CHUNK_ROWS, CHUNK_ROWS), rowtype)


def chunks(table: pa.Table, address: str) -> list[dict[str, Any]]:
    """What the answer says of the rows that it does not hold; chunk n is at `address`/n."""
    left = table.num_rows - INLINE_ROWS
    per_row = max(1, table.nbytes // max(1, table.num_rows))
    return [
        {
            "url": f"{address}/{number}",
            "rowCount": min(CHUNK_ROWS, left - start),
            "uncompressedSize": min(CHUNK_ROWS, left - start) * per_row,
            "compressedSize": min(CHUNK_ROWS, left - start) * per_row,
        }
        for number, start in enumerate(range(0, max(0, left), CHUNK_ROWS))
    ]


def _stream(table: pa.Table, rowtype: list[ColumnInfo]) -> bytes:
    columns = [_sent(column, info) for column, info in zip(table.columns, rowtype, strict=True)]
    narrow = pa.Table.from_arrays(columns, names=table.column_names)
    found: bytes = to_ipc(to_sf(narrow, rowtype)).to_pybytes()
    return found


def _sent(column: pa.ChunkedArray, info: ColumnInfo) -> pa.Array:
    whole = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    if info["type"] == "fixed":
        return _narrow(whole)
    return _time(whole) if pa.types.is_timestamp(whole.type) else whole


def _time(column: pa.Array) -> pa.Array:
    """Seconds since 1970, nanoseconds, and for one with a zone its offset from UTC in minutes, plus 1440."""
    microseconds = column.view(pa.timestamp("us")).cast(pa.int64()).fill_null(0)
    truncated = pc.divide(microseconds, 1_000_000)
    rest = pc.subtract(microseconds, pc.multiply(truncated, 1_000_000))
    below = pc.less(rest, 0).cast(pa.int64())
    parts = {
        "epoch": pc.subtract(truncated, below),
        "fraction": pc.multiply(pc.add(rest, pc.multiply(below, 1_000_000)), 1_000).cast(pa.int32()),
    }
    if column.type.tz is not None:
        parts["timezone"] = pa.array([1440] * len(column), pa.int32())
    return pa.StructArray.from_arrays(list(parts.values()), names=list(parts), mask=column.is_null())


def _narrow(column: pa.Array) -> pa.Array:
    if pa.types.is_decimal128(column.type):
        low = _low_half(column)
        # What an int64 does not hold is sent as it is.
        widened = low.cast(pa.decimal128(38, 0)).view(pa.decimal128(38, column.type.scale))
        if not pc.all(pc.equal(widened, column.cast(pa.decimal128(38, column.type.scale)))).as_py():
            return column if pc.any(pc.is_valid(column)).as_py() else low.cast(pa.int8())
        column = low
    if not pa.types.is_integer(column.type):
        return column
    for kind in INTEGERS:
        try:
            return column.cast(kind)
        except pa.ArrowInvalid:
            continue
    return column


def _low_half(column: pa.Array) -> pa.Array:
    """The lower 64 bits of each unscaled decimal."""
    validity, data = column.buffers()
    halves = pa.Array.from_buffers(pa.int64(), 2 * (len(column) + column.offset), [None, data])
    even = halves.take(pa.array(range(2 * column.offset, len(halves), 2), pa.int64()))
    return pc.if_else(column.is_valid(), even, None) if validity is not None else even
