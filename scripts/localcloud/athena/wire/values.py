"""Single values and columns of them, between Python and Arrow as Athena understands it.

A DATEMILLI is milliseconds without a zone. A TIMESTAMPMILLITZ is packed: the milliseconds in UTC, shifted by twelve
bits, and the number of a zone (DateTimeFormatterUtil.java); that of UTC is 0.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from athena_connectors.federation.model import Value

ZONE_BITS = 12
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a DATEMILLI has no zone
_MILLISECOND = timedelta(milliseconds=1)


def to_array(values: Iterable[Value | None], of: pa.DataType) -> pa.Array:
    """A column of values as it travels. Raises pa.ArrowInvalid for one that the type cannot hold."""
    if pa.types.is_date64(of):
        return pa.array([None if value is None else _milliseconds(value) for value in values], pa.int64()).view(of)
    if is_zoned(of):
        packed = [None if value is None else _milliseconds(value) << ZONE_BITS for value in values]
        return pa.array(packed, pa.int64()).view(of)
    return pa.array(list(values), of)


def unpacked(array: pa.Array) -> pa.Array:
    """A column that travelled, as timestamps that mean what they say: milliseconds in UTC, in place of packed ones.

    Raises NotImplementedError for a zone other than UTC.
    """
    if not is_zoned(array.type):
        return array
    whole = array.view(pa.int64()).to_pylist()
    if any(value is not None and value & ((1 << ZONE_BITS) - 1) for value in whole):
        raise NotImplementedError("a timestamp with time zone in a zone other than UTC")
    return pa.array([None if value is None else value >> ZONE_BITS for value in whole], pa.int64()).view(array.type)


def is_zoned(of: pa.DataType) -> bool:
    """Whether it is TIMESTAMPMILLITZ, whose values are packed."""
    return bool(pa.types.is_timestamp(of) and of.unit == "ms" and of.tz is not None)


def _milliseconds(value: Value) -> int:
    assert isinstance(value, datetime)  # noqa: S101 - model.Value says so of both types
    naive = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    whole, rest = divmod(naive - _EPOCH, _MILLISECOND)
    if rest:
        raise pa.ArrowInvalid(f"{value} has a part of a millisecond, which the type cannot hold")
    return whole
