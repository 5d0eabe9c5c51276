"""Values for the driver's placeholders, exactly: the driver's own way for times and decimals goes through floats."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from athena_connectors.dialects.statement import Bind

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UTC_OFFSET = 1440
"""How the wire says an offset of 0 minutes."""

Bound = None | bool | int | float | str | bytes | tuple[str, str] | object


def bound(binds: Iterable[Bind]) -> list[Bound]:
    """The values as `cursor.execute` takes them; a pair is a type of the wire and its text."""
    return [_value(bind) for bind in binds]


def _value(bind: Bind) -> Bound:
    match bind.value:
        case Decimal() as decimal:
            return "FIXED", f"{decimal:f}"
        case datetime(tzinfo=None) as clock:
            return "TIMESTAMP_NTZ", str(_nanoseconds(clock.replace(tzinfo=UTC)))
        case datetime() as moment:
            return "TIMESTAMP_TZ", f"{_nanoseconds(moment)} {UTC_OFFSET}"
        case other:
            return other


def _nanoseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1) * 1_000
