"""Every value as its declared type has it: exact, rounded where the policy says so, or refused by column and row."""

import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from athena_connectors.federation.errors import InternalError, InvalidInput, NotSupported
from athena_connectors.federation.model import Inexact
from athena_connectors.federation.read.conform import Conform

INSTANT = pa.timestamp("ms", "UTC")
INTEGERS = (pa.int8(), pa.int16(), pa.int32(), pa.int64())


def conform(column: pa.Array, declared: pa.DataType, inexact: Inexact = Inexact.ERROR) -> pa.Array:
    schema = pa.schema([("PRICE", declared)])
    batch = Conform(schema, inexact)(pa.RecordBatch.from_arrays([column], ["sent"]))
    batch.validate()
    assert batch.schema == schema
    return batch.column(0)


def refusal(column: pa.Array, declared: pa.DataType, inexact: Inexact = Inexact.ERROR) -> str:
    with pytest.raises(InvalidInput) as refused:
        conform(column, declared, inexact)
    return str(refused.value)


def numbers(array: pa.Array) -> list[int | None]:
    return array.view(pa.int64()).to_pylist()


def decimal(*values: str | None, precision: int = 38, scale: int = 10) -> pa.Array:
    return pa.array([value and Decimal(value) for value in values], pa.decimal128(precision, scale))


KEPT: list[tuple[pa.Array, pa.DataType, list[Any]]] = [
    (pa.array([True, None]), pa.bool_(), [True, None]),
    (pa.array([1, None], pa.int8()), pa.int64(), [1, None]),
    (pa.array([127, None], pa.int64()), pa.int8(), [127, None]),
    (pa.array([7], pa.uint16()), pa.int32(), [7]),
    (pa.array([7.0, None]), pa.int32(), [7, None]),
    (decimal("-12", None), pa.int32(), [-12, None]),
    (decimal("9223372036854775807", scale=0), pa.int64(), [2**63 - 1]),
    (pa.array([1.5, None], pa.float32()), pa.float64(), [1.5, None]),
    (pa.array([1.5, math.inf, None]), pa.float32(), [1.5, math.inf, None]),
    (pa.array([10**17], pa.int64()), pa.float64(), [1e17]),
    (decimal("0.29", "-0.0000001", None), pa.float64(), [0.29, -1e-7, None]),
    (pa.array([5, -5, None], pa.int64()), pa.decimal128(18, 2), [Decimal("5.00"), Decimal("-5.00"), None]),
    (pa.array([5], pa.int8()), pa.decimal128(38, 37), [Decimal(5)]),
    (pa.array([2**63 - 1], pa.int64()), pa.decimal128(38, 19), [Decimal(2**63 - 1)]),
    (decimal("1.50", None), pa.decimal128(3, 1), [Decimal("1.5"), None]),
    (decimal("1.5", scale=1), pa.decimal128(38, 37), [Decimal("1.5")]),
    (decimal("0", scale=0), pa.decimal128(38, 38), [Decimal(0)]),
    (pa.array([Decimal("1.23")], pa.decimal64(10, 2)), pa.decimal128(5, 2), [Decimal("1.23")]),
    (pa.array([Decimal("1.23")], pa.decimal256(70, 2)), pa.decimal128(5, 2), [Decimal("1.23")]),
    (pa.array([0.29, -0.29, 4.35, 123456789012.5, None]), pa.decimal128(18, 2),
     [Decimal("0.29"), Decimal("-0.29"), Decimal("4.35"), Decimal("123456789012.50"), None]),
    (pa.array(["ž", None], pa.large_string()), pa.string(), ["ž", None]),
    (pa.array(["ž", None], pa.string_view()), pa.string(), ["ž", None]),
    (pa.array(["a", "a", None]).dictionary_encode(), pa.string(), ["a", "a", None]),
    (pa.array([12, None]), pa.string(), ["12", None]),
    (pa.array([True]), pa.string(), ["true"]),
    (pa.array([0.1]), pa.string(), ["0.1"]),
    (decimal("1.50", None, scale=2), pa.string(), ["1.50", None]),
    (decimal("0.0000000001", "-0.0000000012", "12", None), pa.string(),
     ["0.0000000001", "-0.0000000012", "12.0000000000", None]),
    (pa.array([Decimal("1E3")], pa.decimal128(3, -3)), pa.string(), ["1000"]),
    (pa.array([date(1582, 10, 15)]), pa.string(), ["1582-10-15"]),
    (pa.array([time(1, 2, 3, 4)]), pa.string(), ["01:02:03.000004"]),
    (pa.array([-1], pa.timestamp("ns")), pa.string(), ["1969-12-31 23:59:59.999999999"]),
    (pa.array([1, None], pa.timestamp("us", "+02:00")), pa.string(), ["1970-01-01 00:00:00.000001 UTC", None]),
    (pa.array([b"a", None], pa.large_binary()), pa.binary(), [b"a", None]),
    (pa.array([b"ab"], pa.binary(2)), pa.binary(), [b"ab"]),
    (pa.array([date(1, 1, 1), date(9999, 12, 31), None]), pa.date32(), [date(1, 1, 1), date(9999, 12, 31), None]),
    (pa.array([date(1969, 12, 31)]).cast(pa.timestamp("us")), pa.date32(), [date(1969, 12, 31)]),
    (pa.array([None, None], pa.null()), pa.date32(), [None, None]),
    (pa.array([["a"], None]), pa.list_(pa.string()), [["a"], None]),
    (pa.array([], pa.int64()), pa.decimal128(5, 2), []),
]  # fmt: skip


@pytest.mark.parametrize(("column", "declared", "expected"), KEPT, ids=lambda value: str(getattr(value, "type", "")))
@pytest.mark.parametrize("inexact", Inexact)
def test_a_value_that_its_type_holds_is_kept(
    column: pa.Array, declared: pa.DataType, expected: list[Any], inexact: Inexact
) -> None:
    assert conform(column, declared, inexact).to_pylist() == expected


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "+02:00"])
def test_a_timestamp_is_declared_as_milliseconds_of_the_wall_clock_or_of_utc(unit: str, zone: str | None) -> None:
    moments = [datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), None, datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)]
    sent = pa.array([moment and int(moment.timestamp()) for moment in moments], pa.timestamp("s", zone))
    assert numbers(conform(sent.cast(pa.timestamp(unit, zone)), pa.date64())) == [-1000, None, 1577934245000]


def test_the_milliseconds_of_a_timestamp_are_kept() -> None:
    texts = pa.array(["1582-10-15 01:02:03.004", "9999-12-31 23:59:59.999"])
    sent = texts.cast(pa.timestamp("us"))
    assert numbers(conform(sent, pa.date64())) == [-12219289076996, 253402300799999]


def test_an_instant_is_packed_with_the_key_of_utc() -> None:
    sent = pa.array([datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC), None, datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)])
    assert numbers(conform(sent, INSTANT)) == [6463218667520000, None, -1000 << 12]


def test_a_date_is_midnight_of_its_day() -> None:
    assert numbers(conform(pa.array([date(1969, 12, 31)]), pa.date64())) == [-86_400_000]
    assert numbers(conform(pa.array([-86_400_000], pa.int64()).view(pa.date64()), pa.date64())) == [-86_400_000]


REFUSED_OR_ROUNDED: list[tuple[pa.Array, pa.DataType, list[Any]]] = [
    (pa.array([1.0, 2.5]), pa.int32(), [1, 3]),
    (decimal("1", "-2.5"), pa.int32(), [1, -3]),
    (pa.array([0.5, 0.1]), pa.float32(), [0.5, pa.scalar(0.1, pa.float32()).as_py()]),
    (decimal("1.5", "2.25"), pa.decimal128(5, 1), [Decimal("1.5"), Decimal("2.3")]),
    (decimal("1.5", "-2.25"), pa.decimal128(5, 1), [Decimal("1.5"), Decimal("-2.3")]),
    (pa.array([1.5, 2.25]), pa.decimal128(5, 1), [Decimal("1.5"), Decimal("2.3")]),
    (pa.array([0, -1], pa.timestamp("ms")), pa.date32(), [date(1970, 1, 1), date(1969, 12, 31)]),
    (pa.array([0, -1], pa.int64()).view(pa.date64()), pa.date32(), [date(1970, 1, 1), date(1969, 12, 31)]),
]


@pytest.mark.parametrize(("column", "declared", "rounded"), REFUSED_OR_ROUNDED)
def test_digits_that_a_type_does_not_hold_are_refused_unless_they_are_to_be_rounded(
    column: pa.Array, declared: pa.DataType, rounded: list[Any]
) -> None:
    for inexact in (Inexact.ERROR, Inexact.TEXT):
        message = refusal(column, declared, inexact)
        assert message.startswith(
            "INVALID_INPUT_EXCEPTION: Column PRICE, row 2 of the split: the value has more digits"
        )
        assert "INEXACT_VALUES=round" in message
    assert conform(column, declared, Inexact.ROUND).to_pylist() == rounded


@pytest.mark.parametrize("declared", [pa.date64(), INSTANT])
def test_a_timestamp_of_microseconds_is_refused_or_rounded_up_from_the_half(declared: pa.DataType) -> None:
    sent = pa.array([1_000, 1_500, -1_500, -1_501], pa.timestamp("us"))
    assert "row 2 of the split: the value has more digits" in refusal(sent, declared)
    bits = 12 if declared == INSTANT else 0
    rounded = numbers(conform(sent, declared, Inexact.ROUND))
    assert rounded == [milliseconds << bits for milliseconds in (1, 2, -1, -2)]


BEYOND: list[tuple[pa.Array, pa.DataType]] = [
    (pa.array([0, 128], pa.int64()), pa.int8()),
    (pa.array([0, 2**63], pa.uint64()), pa.int64()),
    (pa.array([0.0, math.nan]), pa.int64()),
    (pa.array([0.0, 1e300]), pa.int64()),
    (decimal("0", "9223372036854775808", scale=0), pa.int64()),
    (pa.array([0.0, 1e300]), pa.float32()),
    (decimal("0", "1e27"), pa.decimal128(20, 0)),
    (decimal("0", "9223372036854775807", scale=0), pa.decimal128(38, 30)),
    (decimal("0", "1", scale=0), pa.decimal128(38, 38)),
    (pa.array([0, 10**16], pa.int64()), pa.decimal128(18, 2)),
    (pa.array([0, -(10**8)], pa.int64()), pa.decimal128(38, 30)),
    (pa.array([0.0, math.nan]), pa.decimal128(18, 2)),
    (pa.array([0.0, math.inf]), pa.decimal128(18, 2)),
    (pa.array([0.0, 1e20]), pa.decimal128(18, 2)),
    (pa.array([0, -719_163], pa.date32()), pa.date32()),
    (pa.array([0, 2_932_897], pa.date32()), pa.date32()),
    (pa.array([0, 2_932_897], pa.date32()), pa.date64()),
    (pa.array([0, 2_932_897], pa.date32()), pa.string()),
    (pa.array([0, 253_402_300_800], pa.timestamp("s")), pa.date64()),
    (pa.array([0, 253_402_300_800], pa.timestamp("s")), pa.date32()),
    (pa.array([0, 253_402_300_800], pa.timestamp("s")), pa.string()),
    (pa.array([0, -62_135_596_801], pa.timestamp("s", "UTC")), INSTANT),
    (pa.array([0, 2**62], pa.timestamp("s")), pa.date64()),
]


@pytest.mark.parametrize(("column", "declared"), BEYOND)
@pytest.mark.parametrize("inexact", Inexact)
def test_a_value_beyond_its_type_is_refused_whatever_the_policy(
    column: pa.Array, declared: pa.DataType, inexact: Inexact
) -> None:
    message = refusal(column, declared, inexact)
    assert message.startswith("INVALID_INPUT_EXCEPTION: Column PRICE, row 2 of the split: the value is beyond")


@pytest.mark.parametrize(
    ("sent", "declared"),
    [
        (pa.string(), pa.int64()),
        (pa.string(), pa.decimal128(5, 2)),
        (pa.int64(), pa.date32()),
        (pa.int64(), pa.bool_()),
        (pa.timestamp("us"), pa.int64()),
        (pa.timestamp("us", "UTC"), pa.timestamp("us", "UTC")),
        (pa.timestamp("ms"), pa.timestamp("ms")),
        (pa.list_(pa.int32()), pa.list_(pa.int64())),
        (pa.list_(INSTANT), pa.list_(INSTANT)),
        (pa.binary(), pa.string()),
        (pa.duration("s"), pa.string()),
    ],
)
def test_a_type_that_does_not_become_the_declared_one_is_named(sent: pa.DataType, declared: pa.DataType) -> None:
    with pytest.raises(NotSupported, match=r"^OPERATION_NOT_SUPPORTED_EXCEPTION: Column PRICE is declared as"):
        conform(pa.array([], sent), declared)


DECIMAL_TEXTS = {"-0.5": "-0.50", "12345678901234567890123456.78": "12345678901234567890123456.78", "1E2": "100.00"}


@pytest.mark.parametrize("text", DECIMAL_TEXTS)
def test_the_text_of_a_number_that_a_driver_would_cut_becomes_a_decimal(text: str) -> None:
    array = conform(pa.array([text, None], pa.large_string()), pa.decimal128(28, 2))
    assert array.to_pylist() == [Decimal(DECIMAL_TEXTS[text]), None]


@pytest.mark.parametrize(("text", "nearest"), [("0.005", "0.01"), ("-0.005", "-0.01"), ("1.0E-130", "0.00")])
def test_the_text_of_a_number_with_more_digits_is_refused_or_rounded_away_from_zero(text: str, nearest: str) -> None:
    sent, declared = pa.array([text], pa.large_string()), pa.decimal128(28, 2)
    assert "has more digits" in refusal(sent, declared)
    assert conform(sent, declared, Inexact.ROUND).to_pylist() == [Decimal(nearest)]


@pytest.mark.parametrize("text", ["1E+40", "9" * 27])
def test_the_text_of_a_number_that_is_too_large_is_refused_whatever_the_policy(text: str) -> None:
    sent = pa.array([text], pa.large_string())
    assert "is beyond the range" in refusal(sent, pa.decimal128(28, 2), Inexact.ROUND)


def test_the_text_of_a_time_becomes_milliseconds_exactly_or_rounded() -> None:
    exact = pa.array(["0001-01-01 00:00:00", "1969-12-31 23:59:59.999000000", None], pa.large_string())
    assert conform(exact, pa.date64()).view(pa.int64()).to_pylist() == [-62_135_596_800_000, -1, None]
    more = pa.array(["1969-12-31 23:59:59.999499999", "1969-12-31 23:59:59.999500000"], pa.large_string())
    assert "has more digits" in refusal(more, pa.date64())
    assert conform(more, pa.date64(), Inexact.ROUND).view(pa.int64()).to_pylist() == [-1, 0]


@pytest.mark.parametrize("text", ["-0044-03-15 00:00:00", "1500-02-29 00:00:00", "9999-12-31 23:59:59.999900000"])
def test_the_text_of_a_time_that_no_calendar_of_athenas_has_is_refused(text: str) -> None:
    """Oracle counts by the Julian calendar before 1582-10-15, and from 4713 before our era."""
    assert "Column PRICE" in refusal(pa.array([text], pa.large_string()), pa.date64(), Inexact.ROUND)


def test_the_value_itself_is_not_in_the_message() -> None:
    assert "4711" not in refusal(decimal("0", "4711.25"), pa.decimal128(5, 1)) + refusal(pa.array([4711]), pa.int8())


def test_another_number_of_columns_is_refused() -> None:
    with pytest.raises(InternalError, match="sent 1 columns where 2 were asked for"):
        Conform(pa.schema([("A", pa.int64()), ("B", pa.int64())]), Inexact.ERROR)(
            pa.RecordBatch.from_pydict({"A": [1]})
        )


def test_rows_are_counted_over_the_batches_of_a_split() -> None:
    conforming = Conform(pa.schema([("A", pa.int8())]), Inexact.ERROR)
    conforming(pa.RecordBatch.from_pydict({"A": pa.array([1] * 1000, pa.int8())}))
    conforming(pa.RecordBatch.from_pydict({"A": pa.array([1] * 1000, pa.int64())}))
    with pytest.raises(InvalidInput, match=r"Column A, row 2,004 of the split"):
        conforming(pa.RecordBatch.from_pydict({"A": pa.array([1, 1, 1, 128, 1, 129], pa.int64())}))


def test_what_lies_under_a_null_is_not_looked_at() -> None:
    validity = pa.py_buffer(b"\x01")
    hidden = pa.Array.from_buffers(pa.timestamp("us"), 2, [validity, pa.array([1000, 1001], pa.int64()).buffers()[1]])
    assert numbers(conform(hidden, pa.date64())) == [1, None]


def test_a_batch_of_no_column_keeps_its_rows() -> None:
    batch = pa.RecordBatch.from_pydict({"A": [1, 2, 3]}).select([])
    assert Conform(pa.schema([]), Inexact.ERROR)(batch).num_rows == 3


def test_columns_that_are_as_declared_are_not_copied() -> None:
    column = pa.array([1, 2, 3], pa.int64())
    assert conform(column, pa.int64()).buffers()[1].address == column.buffers()[1].address
    days = pa.array([1, 2], pa.timestamp("ms"))
    assert conform(days, pa.date64()).buffers()[1].address == days.buffers()[1].address


@st.composite
def decimals_and_types(draw: st.DrawFn) -> tuple[Decimal, pa.DataType, pa.DataType]:
    precision, wanted = draw(st.integers(1, 38)), draw(st.integers(1, 38))
    scale = draw(st.integers(0, precision))
    unscaled = draw(st.integers(-(10**precision) + 1, 10**precision - 1))
    with localcontext(prec=80):
        value = Decimal(unscaled).scaleb(-scale)
    return value, pa.decimal128(precision, scale), pa.decimal128(wanted, draw(st.integers(0, wanted)))


def held(value: Decimal, declared: pa.DataType, rounding: bool) -> Decimal | None:
    """The value as the declared type has it by Python's own arithmetic, None where it does not."""
    if abs(value) >= Decimal(10) ** declared.precision:
        return None
    with localcontext(prec=80):
        rounded = value.quantize(Decimal(1).scaleb(-declared.scale), ROUND_HALF_UP)
        fits = abs(rounded) < Decimal(10) ** (declared.precision - declared.scale)
        return rounded if fits and (rounding or rounded == value) else None


@given(decimals_and_types(), st.booleans())
def test_decimals_are_what_pythons_decimals_are(
    drawn: tuple[Decimal, pa.DataType, pa.DataType], rounding: bool
) -> None:
    value, source, declared = drawn
    column = pa.array([value, None], source)
    inexact = Inexact.ROUND if rounding else Inexact.ERROR
    expected = held(value, declared, rounding)
    if expected is None:
        refusal(column, declared, inexact)
    else:
        assert conform(column, declared, inexact).to_pylist() == [expected, None]
    text = conform(column, pa.string()).to_pylist()
    assert text == [f"{value:f}", None]


@given(st.integers(-(2**63), 2**63 - 1), st.sampled_from(INTEGERS), st.integers(1, 38), st.data())
def test_integers_are_exact_decimals_or_refused(
    number: int, source: pa.DataType, precision: int, data: st.DataObject
) -> None:
    declared = pa.decimal128(precision, data.draw(st.integers(0, precision)))
    column = pa.array([number >> (64 - source.bit_width), None], source)
    expected = held(Decimal(column[0].as_py()), declared, rounding=False)
    if expected is None:
        refusal(column, declared)
    else:
        assert conform(column, declared).to_pylist() == [expected, None]


@given(st.floats(), st.integers(1, 38), st.data(), st.booleans())
def test_a_double_is_the_decimal_that_it_is_written_as_or_refused(
    number: float, precision: int, data: st.DataObject, rounding: bool
) -> None:
    declared = pa.decimal128(precision, data.draw(st.integers(0, precision)))
    expected = held(Decimal(repr(number)), declared, rounding=False) if math.isfinite(number) else None
    column = pa.array([number])
    if expected is not None:
        assert conform(column, declared, Inexact.ROUND if rounding else Inexact.ERROR).to_pylist() == [expected]
    else:
        refusal(column, declared)


@given(st.datetimes(timezones=st.just(UTC)), st.sampled_from(["us", "ns"]))
def test_a_time_is_its_milliseconds_or_refused(moment: datetime, unit: str) -> None:
    microseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    if unit == "ns" and abs(microseconds) > 2**63 // 1000 - 1:
        unit = "us"
    column = pa.array([microseconds * (1000 if unit == "ns" else 1)], pa.timestamp(unit))
    rounded = numbers(conform(column, pa.date64(), Inexact.ROUND)) if moment.year < 9999 else None
    if microseconds % 1000:
        refusal(column, pa.date64())
        assert rounded is None or rounded == [(microseconds + 500) // 1000]
    else:
        assert numbers(conform(column, pa.date64())) == [microseconds // 1000]
        assert rounded is None or rounded == [microseconds // 1000]
