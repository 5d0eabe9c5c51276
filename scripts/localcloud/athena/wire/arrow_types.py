"""Arrow types as JSON, in value sets and expressions, and the ones that Athena takes at all."""

from typing import Any

import pyarrow as pa

_UNITS = {"s": "SECOND", "ms": "MILLISECOND", "us": "MICROSECOND", "ns": "NANOSECOND"}


def type_json(of: pa.DataType) -> dict[str, Any]:
    """The type as Jackson writes an ArrowType: its kind and parameters, children left out."""
    if pa.types.is_integer(of):
        return {"@type": "Int", "bitWidth": of.bit_width, "isSigned": pa.types.is_signed_integer(of)}
    if pa.types.is_floating(of):
        precision = {16: "HALF", 32: "SINGLE", 64: "DOUBLE"}[of.bit_width]
        return {"@type": "FloatingPoint", "precision": precision}
    if pa.types.is_decimal(of):
        return {"@type": "Decimal", "precision": of.precision, "scale": of.scale}
    if pa.types.is_date(of):
        return {"@type": "Date", "unit": "DAY" if pa.types.is_date32(of) else "MILLISECOND"}
    if pa.types.is_timestamp(of):
        return {"@type": "Timestamp", "unit": _UNITS[of.unit], "timezone": of.tz}
    for known, name in (
        (pa.types.is_string, "Utf8"),
        (pa.types.is_binary, "Binary"),
        (pa.types.is_boolean, "Bool"),
        (pa.types.is_null, "Null"),
        (pa.types.is_list, "List"),
        (pa.types.is_struct, "Struct"),
    ):
        if known(of):
            return {"@type": name}
    if pa.types.is_map(of):
        return {"@type": "Map", "keysSorted": of.keys_sorted}
    raise NotImplementedError(f"the Arrow type {of}, which no constraint of Athena has")


def is_supported(of: pa.DataType) -> bool:
    """Whether Athena takes a column of this type (SupportedTypes.java).

    TIMESTAMPMICROTZ is left out although it is listed there: the SDK fails to write it while timestamps are packed,
    which they are by default.
    """
    if pa.types.is_list(of) and not pa.types.is_fixed_size_list(of):
        return is_supported(of.value_type)
    if pa.types.is_struct(of):
        return all(is_supported(field.type) for field in of)
    if pa.types.is_map(of):
        return is_supported(of.key_type) and is_supported(of.item_type)
    if pa.types.is_timestamp(of):
        return bool(of.unit == "ms" and of.tz is not None)
    if pa.types.is_decimal(of):
        return bool(pa.types.is_decimal128(of))
    return any(
        known(of)
        for known in (
            pa.types.is_boolean,
            pa.types.is_signed_integer,
            pa.types.is_float32,
            pa.types.is_float64,
            pa.types.is_string,
            pa.types.is_binary,
            pa.types.is_date,
        )
    )
