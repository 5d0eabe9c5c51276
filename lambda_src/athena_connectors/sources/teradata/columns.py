"""The driver's rows as Arrow, column by column: whole numbers are reinterpreted, text is parsed by Arrow.

No value of a decimal, a date or a timestamp ever is an object of Python's, which is what such rows cost most.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from athena_connectors.dialects.teradata import Carriage

BIGINT = pa.decimal128(19, 0)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A column of the select list: how it arrives, and what it is declared as. `padded`: blanks at its end are none."""

    name: str
    carriage: Carriage
    declared: pa.DataType
    padded: bool = False


def batch(rows: Sequence[Sequence[object]], columns: Sequence[Fetched]) -> pa.RecordBatch:
    """A batch of at least one row; decimals of more digits than a BIGINT has are large text."""
    values = zip(*rows, strict=True)
    arrays = [_array(found, column) for found, column in zip(values, columns, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, names=[column.name for column in columns])


def _array(values: Sequence[object], column: Fetched) -> pa.Array:
    match column.carriage:
        case Carriage.SCALED:
            return pa.array(values, pa.int64()).cast(BIGINT).view(column.declared)
        case Carriage.MILLISECONDS:
            return pa.array(values, pa.int64()).view(pa.timestamp("ms"))
        case Carriage.MICROSECONDS:
            return pa.array(values, pa.int64()).view(pa.timestamp("us"))
    if pa.types.is_decimal(column.declared):
        return pa.array(values, pa.large_string())  # text that is to be read, not kept: see `read.conversion`
    if pa.types.is_date32(column.declared):
        return pa.array(values, pa.string()).cast(pa.date32())
    if column.padded:
        return pc.utf8_rtrim(pa.array(values, pa.string()), " ")
    return pa.array(values, column.declared)
