"""Rows become batches without a value being changed, whichever way it arrives."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from athena_connectors.federation.errors import InternalError, InvalidInput
from athena_connectors.federation.model import Inexact
from athena_connectors.federation.read.conform import Conform
from athena_connectors.sources.rows import Arrival, batch_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def test_values_arrive_as_they_are() -> None:
    arrivals = [
        *map(Arrival, ("ID", "NAME", "DUE", "WIDE", "NEVER")),
        Arrival("PRICE", pa.decimal128(18, 2)),
        Arrival("CHANGED", pa.timestamp("us")),
    ]
    rows = [[1, "ž", date(1582, 10, 15), Decimal("1.50"), None, -12345, -1], [None] * 7]
    batch = batch_of(rows, arrivals)
    assert batch.select(range(6)).to_pylist() == [
        {
            "ID": 1,
            "NAME": "ž",
            "DUE": date(1582, 10, 15),
            "WIDE": Decimal("1.50"),
            "NEVER": None,
            "PRICE": Decimal("-123.45"),
        },
        dict.fromkeys(["ID", "NAME", "DUE", "WIDE", "NEVER", "PRICE"]),
    ]
    assert batch.column("CHANGED").type == pa.timestamp("us")
    assert batch.column("CHANGED").view(pa.int64()).to_pylist() == [-1, None]


def test_rows_of_another_width_are_refused() -> None:
    with pytest.raises(InternalError, match="other than the 2 columns"):
        batch_of([(1, 2, 3)], [Arrival("ID"), Arrival("NAME")])


def test_a_fraction_is_not_cut_off() -> None:
    declared = pa.schema([("ID", pa.int64())])
    with pytest.raises(InvalidInput, match="more digits"):
        Conform(declared, Inexact.ERROR)(batch_of([(1.5,)], [Arrival("ID")]))


@pytest.mark.parametrize(
    ("values", "arrival"),
    [
        ([4711, "4711"], Arrival("ID")),
        ([4711 * 10**30], Arrival("ID")),
        ([4711.5], Arrival("ID", pa.decimal128(18, 2))),
        ([Decimal(4711)], Arrival("ID", pa.decimal128(18, 2))),
        ([4711 * 10**30], Arrival("ID", pa.timestamp("us"))),
        ([Decimal("4711.5")], Arrival("ID", pa.timestamp("ms"))),
    ],
)
def test_values_that_do_not_fit_are_refused_without_being_told(values: list[object], arrival: Arrival) -> None:
    with pytest.raises(InvalidInput, match="The values of column ID are not of") as refused:
        batch_of([(value,) for value in values], [arrival])
    assert "4711" not in str(refused.value)
    assert refused.value.__cause__ is None


@given(st.lists(st.none() | st.integers(-(10**18) + 1, 10**18 - 1), min_size=1), st.integers(0, 18))
def test_a_decimal_without_its_point_is_the_decimal(unscaled: list[int | None], scale: int) -> None:
    batch = batch_of([(value,) for value in unscaled], [Arrival("PRICE", pa.decimal128(18, scale))])
    declared = Conform(pa.schema([("PRICE", pa.decimal128(18, scale))]), Inexact.ERROR)(batch)
    expected = [None if value is None else Decimal(value).scaleb(-scale) for value in unscaled]
    assert declared.column(0).to_pylist() == expected


@given(st.lists(st.none() | st.datetimes(timezones=st.just(UTC)), min_size=1))
def test_milliseconds_since_1970_are_the_moment(moments: list[datetime | None]) -> None:
    milliseconds = [moment and (moment - EPOCH) // timedelta(milliseconds=1) for moment in moments]
    batch = batch_of([(value,) for value in milliseconds], [Arrival("AT", pa.timestamp("ms"))])
    declared = Conform(pa.schema([("AT", pa.date64())]), Inexact.ERROR)(batch)
    assert declared.column(0).view(pa.int64()).to_pylist() == milliseconds
