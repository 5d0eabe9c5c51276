"""Values as the driver binds them, without the rounding that fakesnow's own conversion does by way of floats."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - TIMESTAMP_NTZ has no zone


def values(bindings: dict[str, dict[str, Any]] | None) -> list[Any]:
    """The values of `{"1": {"type": "FIXED", "value": "10"}, …}` in their order."""
    bindings = bindings or {}
    return [_value(bindings[str(place)]) for place in range(1, len(bindings) + 1)]


def _value(binding: dict[str, Any]) -> Any:
    value = binding["value"]
    if value is None:
        return None
    match binding["type"]:
        case "FIXED":
            return int(value) if value.lstrip("-").isdigit() else Decimal(value)
        case "REAL":
            return float(value)
        case "BOOLEAN":
            return value == "true"
        case "BINARY":
            return bytes.fromhex(value)
        case "DATE":
            return date(1970, 1, 1) + timedelta(milliseconds=int(value))
        case "TIME":
            return (EPOCH + timedelta(microseconds=int(value) // 1000)).time()
        case "TIMESTAMP_NTZ":
            return EPOCH + timedelta(microseconds=int(value) // 1000)
        case "TIMESTAMP_LTZ":
            return (EPOCH + timedelta(microseconds=int(value) // 1000)).replace(tzinfo=UTC)
        case "TIMESTAMP_TZ":
            nanoseconds, _, minutes = value.partition(" ")
            zone = timezone(timedelta(minutes=int(minutes or 1440) - 1440))
            return (EPOCH + timedelta(microseconds=int(nanoseconds) // 1000)).replace(tzinfo=UTC).astimezone(zone)
        case "TEXT" | "ANY":
            return value
        case other:
            raise NotImplementedError(f"The stand-in binds no {other}.")


def shown(values: list[Any]) -> list[str]:
    """The values as the record of queries shows them."""
    return [value.isoformat() if isinstance(value, date | datetime | time) else str(value) for value in values]
