"""Rows of a driver that knows no Arrow as Arrow, by columns: what is dear to convert comes as whole numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import pyarrow as pa

from athena_connectors.federation.errors import InternalError, InvalidInput

ROWS = 20_000
"""In one batch: enough for columns to be worth their making, and few enough for the tuples to stay in the caches."""
WHOLE_DIGITS = 19
"""Of an integer of 64 bits."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A column as the driver gives it.

    `whole`: a decimal or a timestamp whose values come as integers of 64 bits, without their point or as time since
    1970 in its unit. Arrow takes these ten times as fast as Python's own decimals and datetimes. None: as they are.
    """

    name: str
    whole: pa.DataType | None = None


def batch_of(rows: Sequence[Sequence[Any]], arrivals: Sequence[Arrival]) -> pa.RecordBatch:
    """The rows, at least one, as a batch.

    Raises InvalidInput for a column of values of several types, InternalError for a wrong number of columns.
    """
    width = len(arrivals)
    values = list(chain.from_iterable(rows))  # `zip(*rows)` would make an iterator of every row
    if len(values) != width * len(rows):
        raise InternalError(f"The source sent rows of other than the {width} columns that were asked for.")
    arrays = [_array(values[place::width], arrival) for place, arrival in enumerate(arrivals)]
    return pa.RecordBatch.from_arrays(arrays, names=[arrival.name for arrival in arrivals])


def _array(values: Sequence[Any], arrival: Arrival) -> pa.Array:
    try:
        array = pa.array(values)  # told a type, Arrow cuts off what does not fit it
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        raise InvalidInput(_unfit(arrival)) from None  # the error has the value in it
    whole = arrival.whole
    if whole is None or pa.types.is_null(array.type):
        return array
    if not pa.types.is_int64(array.type):
        raise InvalidInput(_unfit(arrival))
    if not pa.types.is_decimal(whole):
        return array.view(whole)
    return array.cast(pa.decimal128(WHOLE_DIGITS, 0)).view(pa.decimal128(WHOLE_DIGITS, whole.scale))


def _unfit(arrival: Arrival) -> str:
    of = "one type" if arrival.whole is None else f"the whole numbers of {arrival.whole}"
    return (
        f"The values of column {arrival.name} are not of {of}. Where the table was altered since Athena saw it, run "
        "the query again."
    )
