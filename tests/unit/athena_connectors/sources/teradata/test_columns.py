"""Rows as Arrow."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from athena_connectors.dialects.teradata import Carriage
from athena_connectors.federation.model import Inexact
from athena_connectors.federation.read.conform import Conform
from athena_connectors.sources.teradata.columns import Fetched, batch

PLAIN = Carriage.PLAIN
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def conformed(values: list[object], carriage: Carriage, declared: pa.DataType, *, padded: bool = False) -> list[object]:
    """The column as Athena is given it."""
    found = batch([[value] for value in values], [Fetched("c", carriage, declared, padded=padded)])
    column = Conform(pa.schema([("c", declared)]), Inexact.ERROR)(found).column(0)
    if pa.types.is_date64(declared):
        return column.view(pa.timestamp("ms", "UTC")).to_pylist()
    return column.to_pylist()


@given(st.lists(st.none() | st.integers(-(10**18) + 1, 10**18 - 1), min_size=1), st.integers(0, 18))
def test_scaled_integers_are_the_decimals_that_they_were(values: list[int | None], scale: int) -> None:
    expected = [None if value is None else Decimal(value).scaleb(-scale) for value in values]
    assert conformed(values, Carriage.SCALED, pa.decimal128(18, scale)) == expected


@given(st.lists(st.none() | st.decimals(allow_nan=False, allow_infinity=False, places=10, max_value=10**27)
                .filter(lambda value: value >= -(10**27)), min_size=1))  # fmt: skip
def test_decimals_of_more_digits_come_as_text(values: list[Decimal | None]) -> None:
    texts = [None if value is None else f"{value:f}" for value in values]
    assert conformed(texts, PLAIN, pa.decimal128(38, 10)) == values


@given(st.lists(st.none() | st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)), min_size=1))  # noqa: DTZ001
def test_milliseconds_are_timestamps_before_1970_and_before_1582(values: list[datetime | None]) -> None:
    """Dates before 1970 were off by one (pull/2290, issues/154)."""
    moments = [value and value.replace(microsecond=value.microsecond // 1000 * 1000, tzinfo=UTC) for value in values]
    for carriage, unit in ((Carriage.MILLISECONDS, 1_000), (Carriage.MICROSECONDS, 1)):
        numbers = [None if moment is None else _microseconds(moment) // unit for moment in moments]
        assert conformed(numbers, carriage, pa.date64()) == moments


def _microseconds(moment: datetime) -> int:
    since = moment - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


@pytest.mark.parametrize(
    ("values", "declared", "expected"),
    [
        (["0001-01-01", None, "9999-12-31"], pa.date32(), [date(1, 1, 1), None, date(9999, 12, 31)]),
        ([1, None, -128], pa.int8(), [1, None, -128]),
        ([0.1, None], pa.float64(), [0.1, None]),
        ([b"\x00", None, b""], pa.binary(), [b"\x00", None, b""]),
        (["a ", None, ""], pa.string(), ["a ", None, ""]),
    ],
)
def test_the_rest_comes_as_it_is(values: list[object], declared: pa.DataType, expected: list[object]) -> None:
    assert conformed(values, PLAIN, declared) == expected


def test_a_char_has_no_blanks_at_its_end() -> None:
    """The driver's character set triples them."""
    assert conformed(["a  b   ", None, "   "], PLAIN, pa.string(), padded=True) == ["a  b", None, ""]
