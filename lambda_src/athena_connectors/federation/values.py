"""What a column of a constraint's block holds, as Python compares it."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from athena_connectors.federation.errors import InvalidInput, NotSupported
from athena_connectors.federation.model import Value

ZONE_BITS = 12
"""Trino packs a moment with its zone into one number: milliseconds above, the zone's key in the lower bits."""

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a timestamp of Athena's is a wall clock
MILLISECONDS = range(-62_135_596_800_000, 253_402_300_800_000)
"""Since 1970, what the years 1 to 9999 have."""


def read_values(column: pa.Array) -> tuple[Value | None, ...]:
    """The values, None for NULL. Raises InvalidInput for moments that no calendar has, NotSupported for other types."""
    kind = column.type
    if pa.types.is_date64(kind):
        # Not by way of Python's `date`, which would cut off the time of day.
        return tuple(None if number is None else _wall_clock(number) for number in column.view(pa.int64()).to_pylist())
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        numbers = column.view(pa.int64()).to_pylist()
        return tuple(None if number is None else _moment(number, kind.unit) for number in numbers)
    if pa.types.is_nested(kind) or (pa.types.is_temporal(kind) and not pa.types.is_date32(kind)):
        raise NotSupported(f"A constraint compares with a value of type {kind}, which cannot be sent to the source.")
    try:
        return tuple(column.to_pylist())
    except (OverflowError, ValueError) as error:
        raise InvalidInput("A constraint compares with a date that is not within the years 1 to 9999.") from error


def _wall_clock(number: int) -> datetime:
    """DATEMILLI: milliseconds since 1970.

    Athena has sent microseconds for predicates on timestamps (aws-athena-query-federation issue 831). What would lie
    beyond the year 9999 is that; microseconds of 1970 to 1977 look like later milliseconds and cannot be told apart.
    """
    if number not in MILLISECONDS:
        return _after_epoch(timedelta(microseconds=number))
    return _after_epoch(timedelta(milliseconds=number))


def _moment(number: int, unit: str) -> datetime:
    """TIMESTAMPMILLITZ is packed; TIMESTAMPMICROTZ cannot be, and counts from 1970."""
    if unit == "ms":
        return _after_epoch(timedelta(milliseconds=number >> ZONE_BITS)).replace(tzinfo=UTC)
    if unit == "us":
        return _after_epoch(timedelta(microseconds=number)).replace(tzinfo=UTC)
    raise NotSupported(f"A constraint compares with a moment in units of {unit}; Athena has milliseconds.")


def _after_epoch(passed: timedelta) -> datetime:
    try:
        return EPOCH + passed
    except OverflowError as error:
        raise InvalidInput("A constraint compares with a time that is not within the years 1 to 9999.") from error
