"""The types of Arrow as the protocol writes them: `{"@type": "Int", "bitWidth": 32, "isSigned": true}`."""

import pyarrow as pa

from athena_connectors.federation.errors import NotSupported
from athena_connectors.federation.fields import Fields

PLAIN = {
    "Bool": pa.bool_(),
    "Utf8": pa.string(),
    "Binary": pa.binary(),
    "Null": pa.null(),
    # What they are made of is told by blocks alone.
    "List": pa.list_(pa.null()),
    "Struct": pa.struct([]),
}
WHOLE = {8: pa.int8(), 16: pa.int16(), 32: pa.int32(), 64: pa.int64()}
FLOATING = {"HALF": pa.float16(), "SINGLE": pa.float32(), "DOUBLE": pa.float64()}
UNITS = {"SECOND": "s", "MILLISECOND": "ms", "MICROSECOND": "us", "NANOSECOND": "ns"}


def read_type(found: Fields) -> pa.DataType:
    """The type that the object describes. Raises NotSupported for one that Athena's connectors do not have."""
    name = found.text("@type")
    kind = PLAIN[name] if name in PLAIN else _parametric(name, found)
    if kind is None:
        raise NotSupported(f"{found.path} is of the Arrow type {name}, which Athena's connectors do not have.")
    found.end()
    return kind


def _parametric(name: str, found: Fields) -> pa.DataType | None:
    match name:
        case "Int":
            width, signed = found.number("bitWidth"), found.truth("isSigned")
            return WHOLE.get(width) if signed else None
        case "FloatingPoint":
            return FLOATING.get(found.text("precision"))
        case "Decimal":
            precision, scale = found.number("precision"), found.number("scale")
            width = found.number("bitWidth", 128)
            return pa.decimal128(precision, scale) if width == 128 and 1 <= precision <= 38 else None
        case "Date":
            return {"DAY": pa.date32(), "MILLISECOND": pa.date64()}.get(found.text("unit"))
        case "Timestamp":
            unit, zone = UNITS.get(found.text("unit")), found.text_or_null("timezone")
            return pa.timestamp(unit, zone) if unit else None
        case "FixedSizeBinary":
            return pa.binary(found.number("byteWidth"))
        case "Map":
            return pa.map_(pa.string(), pa.null(), keys_sorted=found.truth("keysSorted"))
    return None
