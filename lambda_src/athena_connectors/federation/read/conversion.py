"""How a column of one Arrow type becomes the type that is declared to Athena, for every pair that makes sense.

Arrow's own casts are exact but for these, which are seen to here: decimals that overflow when their scale grows,
doubles to decimals and back, timestamps to dates, floats that become infinite, and text of what no calendar has.

A source whose driver would cut numbers or times asks for their text and passes it on as large text, which is read here.
Plain text is what a column holds, and becomes no number.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

Convert = Callable[[pa.Array], pa.Array]
Choose = Callable[[pa.DataType, pa.DataType], "Conversion | None"]

DAY_MILLISECONDS = 86_400_000
FIRST_DAY = -719_162
"""0001-01-01. Athena's engine reads dates from there to 9999-12-31."""
LAST_DAY = 2_932_896
DIGITS = 38
WIDE_DIGITS = 76
"""Of a decimal of 256 bits."""
WHOLE_DIGITS = {8: 3, 16: 5, 32: 10, 64: 20}
"""Of an integer, by its bits; 64 of them without a sign have 20."""
ZONE_BITS = 12
"""Trino packs a time with its zone in 64 bits: milliseconds of UTC above the key of the zone, which for UTC is 0."""
HALF_AWAY = "half_towards_infinity"
MOST_DIGITS = 300
"""Of any number that a source sends as text."""
MILLISECOND_TEXT = len("1969-12-31 23:59:59.999")


@dataclass(frozen=True, slots=True)
class Conversion:
    """Both raise pa.ArrowInvalid for a value that they cannot convert.

    `exact` keeps every value as it is. `rounded` rounds digits off, halves away from zero and those of a time up; it
    is None where the declared type has no fewer digits.
    """

    exact: Convert
    rounded: Convert | None = None

    def after(self, first: Convert) -> "Conversion":
        """This, of what `first` makes of a column."""
        exact, rounded = self.exact, self.rounded
        return Conversion(
            lambda array: exact(first(array)), None if rounded is None else lambda array: rounded(first(array))
        )

    def then(self, last: Convert) -> "Conversion":
        """`last`, of what this makes of a column."""
        exact, rounded = self.exact, self.rounded
        return Conversion(
            lambda array: last(exact(array)), None if rounded is None else lambda array: last(rounded(array))
        )


def conversion(source: pa.DataType, declared: pa.DataType) -> Conversion | None:
    """How `source` becomes `declared`; None when there is no way to."""
    if types.is_dictionary(source):
        decoded = conversion(source.value_type, declared)
        return decoded and decoded.after(_cast(source.value_type))
    if types.is_null(source):
        return Conversion(lambda array: pa.nulls(len(array), declared))
    if types.is_nested(declared):
        return Conversion(_same) if source == declared and not _has_zone(declared) else None
    for belongs, convert in BY_DECLARED:
        if belongs(declared):
            return convert(source, declared)
    return None


def _same(array: pa.Array) -> pa.Array:
    return array


def _cast(declared: pa.DataType) -> Convert:
    """Arrow's safe cast."""
    return lambda array: array.cast(declared)


def _has_zone(declared: pa.DataType) -> bool:
    """Whether a time with a zone, which would have to be packed, is somewhere in a nested type."""
    inner = (declared.field(index).type for index in range(declared.num_fields))
    return any(types.is_timestamp(kind) or (types.is_nested(kind) and _has_zone(kind)) for kind in inner)


def _require(holds: bool) -> None:
    if not holds:
        raise pa.ArrowInvalid("A value is beyond what the declared type holds.")


def _require_between(array: pa.Array, least: int, most: int) -> pa.Array:
    """The array of integers, if those that are not NULL lie between the two."""
    bounds = pc.min_max(array)
    lowest, highest = bounds["min"].as_py(), bounds["max"].as_py()
    _require(lowest is None or (least <= lowest and highest <= most))
    return array


def _to_boolean(source: pa.DataType, declared: pa.DataType) -> Conversion | None:
    return Conversion(_same) if types.is_boolean(source) else None


def _to_integer(source: pa.DataType, declared: pa.DataType) -> Conversion | None:
    if source == declared:
        return Conversion(_same)
    if types.is_integer(source):
        return Conversion(_cast(declared))
    if types.is_floating(source):
        return Conversion(_cast(declared), lambda array: pc.round(array, 0, HALF_AWAY).cast(declared))
    if types.is_decimal(source):
        digits = pa.decimal128(WHOLE_DIGITS[declared.bit_width], 0)
        rounded = _round_decimal(source, digits)
        return Conversion(_cast(declared), lambda array: rounded(array).cast(declared))
    return None


def _to_floating(source: pa.DataType, declared: pa.DataType) -> Conversion | None:
    """Whoever declares an exact number as a float asks for the nearest: only what would be infinite is refused."""
    if source == declared:
        return Conversion(_same)
    if types.is_floating(source):
        if source.bit_width < declared.bit_width:
            return Conversion(_cast(declared))
        return Conversion(lambda array: _narrow(array, declared), lambda array: _finite(array.cast(declared), array))
    if types.is_integer(source):
        return Conversion(lambda array: array.cast(declared, safe=False))
    if types.is_decimal(source):  # by its text: Arrow's own cast multiplies, and misses the nearest
        return Conversion(lambda array: _finite(array.cast(pa.string()).cast(declared)))
    return None


def _narrow(array: pa.Array, declared: pa.DataType) -> pa.Array:
    narrow = array.cast(declared)
    kept = pc.or_(pc.equal(narrow.cast(array.type), array), pc.is_nan(array))
    _require(pc.all(kept).as_py() is not False)
    return narrow


def _finite(array: pa.Array, before: pa.Array | None = None) -> pa.Array:
    """The array, if nothing in it is infinite that was not so `before`."""
    infinite = pc.is_inf(array)
    if before is not None:
        infinite = pc.and_not(infinite, pc.is_inf(before))
    _require(not pc.any(infinite).as_py())
    return array


def _to_decimal(source: pa.DataType, declared: pa.DataType) -> Conversion | None:
    if types.is_decimal(source):
        if source == declared:
            return Conversion(_same)
        rounded = _round_decimal(source, declared) if source.scale > declared.scale else None
        return Conversion(_exact_decimal(source, declared), rounded)
    if types.is_integer(source):
        return Conversion(lambda array: _integer_to_decimal(array, declared))
    if types.is_floating(source):
        # By the shortest text that reads back as the same number, so that 0.29 is 0.29.
        return Conversion(
            lambda array: _floating_to_decimal(array, declared),
            lambda array: _floating_to_decimal(pc.round(array, declared.scale, HALF_AWAY), declared),
        )
    if types.is_large_string(source):
        return Conversion(_cast(declared), lambda array: _rounded_text(array, declared))
    return None


def _rounded_text(array: pa.Array, declared: pa.DataType) -> pa.Array:
    last = Decimal(1).scaleb(-declared.scale)
    with localcontext(prec=MOST_DIGITS, rounding=ROUND_HALF_UP):
        return pa.array([text and Decimal(text).quantize(last) for text in array.to_pylist()], declared)


def _integer_to_decimal(array: pa.Array, declared: pa.DataType) -> pa.Array:
    whole = pa.decimal128(WHOLE_DIGITS[array.type.bit_width], 0)
    most = 10 ** (declared.precision - declared.scale) - 1
    _require_between(array, -most, most)
    digits = whole.precision + declared.scale
    if digits <= DIGITS:
        scaled = array.cast(pa.decimal128(digits, declared.scale))
    else:
        scaled = array.cast(whole).cast(pa.decimal128(DIGITS, declared.scale))
    return scaled.view(declared)


def _floating_to_decimal(array: pa.Array, declared: pa.DataType) -> pa.Array:
    # Without these bounds Arrow reads 1e-221 as 0, and lets what is too large overflow, without a word.
    least, beyond = float(f"1e-{declared.scale}"), float(f"1e{declared.precision - declared.scale}")
    magnitude = pc.abs(array)
    tiny = pc.and_(pc.greater(magnitude, 0), pc.less(magnitude, least))
    _require(not pc.any(pc.or_(tiny, pc.greater_equal(magnitude, beyond))).as_py())
    return array.cast(pa.string()).cast(declared)


def _exact_decimal(source: pa.DataType, declared: pa.DataType) -> Convert:
    if declared.scale <= source.scale or source.precision + declared.scale - source.scale <= DIGITS:
        return _cast(declared)
    # Arrow lets the product overflow without a word: so first only what leaves room for it.
    room = declared.precision - declared.scale + source.scale
    between = pa.decimal128(room, source.scale) if room > 0 else pa.decimal256(WIDE_DIGITS, declared.scale)
    return lambda array: array.cast(between).cast(declared)


def _round_decimal(source: pa.DataType, declared: pa.DataType) -> Convert:
    wide = pa.decimal256(WIDE_DIGITS, source.scale)
    return lambda array: pc.round(array.cast(wide), declared.scale, HALF_AWAY).cast(declared)


def _to_text(source: pa.DataType, declared: pa.DataType) -> Conversion | None:
    if source == declared:
        return Conversion(_same)
    if types.is_decimal(source):
        return Conversion(_decimal_text)
    if types.is_timestamp(source):
        return Conversion(_timestamp_text)
    if types.is_date32(source):
        return Conversion(lambda array: _day_in_calendar(array).cast(declared))
    plain = (types.is_large_string, types.is_string_view, types.is_integer, types.is_floating, types.is_boolean)
    return Conversion(_cast(declared)) if any(kind(source) for kind in (*plain, types.is_time)) else None


def _decimal_text(array: pa.Array) -> pa.Array:
    """Decimals with all digits of their scale, never with an exponent."""
    text = array.cast(pa.string())
    if not pc.any(pc.match_substring(text, "E")).as_py():
        return text
    scale = array.type.scale
    if scale < 0:
        return array.cast(pa.decimal256(WIDE_DIGITS, 0)).cast(pa.string())
    whole = pa.decimal256(WIDE_DIGITS, 0)
    digits = array.cast(pa.decimal256(WIDE_DIGITS, scale)).view(whole).cast(pa.string())
    sign = pc.if_else(pc.starts_with(digits, "-"), "-", "")
    padded = pc.utf8_lpad(pc.utf8_ltrim(digits, "-"), scale + 1, "0")
    point = pc.replace_substring_regex(padded, f"([0-9]{{{scale}}})$", r".\1")
    return pc.binary_join_element_wise(sign, point, "")


def _timestamp_text(array: pa.Array) -> pa.Array:
    """Wall clock, or the time of UTC followed by the zone's name: both as Athena's casts read them."""
    clock = array.view(pa.timestamp(array.type.unit))
    _day_in_calendar(clock.cast(pa.date32()))
    text = clock.cast(pa.string())
    return text if array.type.tz is None else pc.binary_join_element_wise(text, "UTC", " ")


def _to_bytes(source: pa.DataType, declared: pa.DataType) -> Conversion | None:
    if source == declared:
        return Conversion(_same)
    kinds = (types.is_large_binary, types.is_binary_view, types.is_fixed_size_binary)
    return Conversion(_cast(declared)) if any(kind(source) for kind in kinds) else None


def _to_day(source: pa.DataType, declared: pa.DataType) -> Conversion | None:
    if types.is_date32(source):
        return Conversion(_day_in_calendar)
    if types.is_date64(source):
        return Conversion(lambda array: _day_in_calendar(array.cast(declared)), _floor_to_day)
    if types.is_timestamp(source):
        milliseconds = _milliseconds(source)
        return Conversion(lambda array: milliseconds.exact(array).view(pa.date64()).cast(declared), _floor_to_day)
    return None


def _day_in_calendar(array: pa.Array) -> pa.Array:
    _require_between(array.view(pa.int32()), FIRST_DAY, LAST_DAY)
    return array


def _floor_to_day(array: pa.Array) -> pa.Array:
    if types.is_date64(array.type):
        array = array.view(pa.int64()).view(pa.timestamp("ms"))
    return _day_in_calendar(array.view(pa.timestamp(array.type.unit)).cast(pa.date32()))


def _to_milliseconds(source: pa.DataType, declared: pa.DataType) -> Conversion | None:
    """DATEMILLI: the wall clock of a time without zone, UTC of one with a zone."""
    milliseconds = _milliseconds_of(source)
    return milliseconds and milliseconds.then(lambda array: array.view(pa.date64()))


def _to_instant(source: pa.DataType, declared: pa.DataType) -> Conversion | None:
    """TIMESTAMPMILLITZ; a time without zone is one of UTC."""
    if declared.unit != "ms" or declared.tz is None:
        return None  # one of microseconds has no packed form, and is not readable without
    milliseconds = _milliseconds_of(source)
    return milliseconds and milliseconds.then(lambda array: pc.shift_left(array, ZONE_BITS).view(declared))


def _milliseconds_of(source: pa.DataType) -> Conversion | None:
    """To integers of milliseconds since 1970, within the calendar."""
    if types.is_timestamp(source):
        return _milliseconds(source)
    if types.is_date64(source):
        return Conversion(lambda array: _time_in_calendar(array.view(pa.int64())))
    if types.is_date32(source):
        return Conversion(lambda array: _day_in_calendar(array).cast(pa.date64()).view(pa.int64()))
    if types.is_large_string(source):
        return Conversion(_read_time, _read_rounded_time)
    return None


def _read_time(array: pa.Array) -> pa.Array:
    """`1969-12-31 23:59:59.999000000` as integers of milliseconds since 1970."""
    rest = pc.utf8_slice_codeunits(array, MILLISECOND_TEXT)
    _require(pc.all(pc.match_substring_regex(rest, "^0*$")).as_py() is not False)
    return _read_milliseconds(array)


def _read_rounded_time(array: pa.Array) -> pa.Array:
    following = pc.utf8_slice_codeunits(array, MILLISECOND_TEXT, MILLISECOND_TEXT + 1)
    up = pc.greater_equal(following, "5").cast(pa.int64())
    return _time_in_calendar(pc.add(_read_milliseconds(array), up))


def _read_milliseconds(array: pa.Array) -> pa.Array:
    text = pc.utf8_slice_codeunits(array, 0, MILLISECOND_TEXT)
    return _time_in_calendar(text.cast(pa.timestamp("ms")).view(pa.int64()))


def _milliseconds(source: pa.DataType) -> Conversion:
    clock, milliseconds = pa.timestamp(source.unit), pa.timestamp("ms")

    def exact(array: pa.Array) -> pa.Array:
        return _time_in_calendar(array.view(clock).cast(milliseconds).view(pa.int64()))

    def rounded(array: pa.Array) -> pa.Array:
        return exact(pc.round_temporal(array.view(clock), unit="millisecond"))

    return Conversion(exact, rounded if source.unit in ("us", "ns") else None)


def _time_in_calendar(array: pa.Array) -> pa.Array:
    return _require_between(array, FIRST_DAY * DAY_MILLISECONDS, (LAST_DAY + 1) * DAY_MILLISECONDS - 1)


BY_DECLARED: tuple[tuple[Callable[[pa.DataType], bool], Choose], ...] = (
    (types.is_boolean, _to_boolean),
    (types.is_signed_integer, _to_integer),
    (types.is_floating, _to_floating),
    (types.is_decimal128, _to_decimal),
    (types.is_string, _to_text),
    (types.is_binary, _to_bytes),
    (types.is_date32, _to_day),
    (types.is_date64, _to_milliseconds),
    (types.is_timestamp, _to_instant),
)
"""All types that Athena takes, but the nested ones."""
