"""Values for the driver, which itself would take times and decimals through floats."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from athena_connectors.dialects.statement import Bind
from athena_connectors.sources.snowflake.binding import bound

EXACT = {
    datetime(9999, 12, 31, 23, 59, 59, 999000): ("TIMESTAMP_NTZ", "253402300799999000000"),  # noqa: DTZ001
    datetime(1, 1, 1): ("TIMESTAMP_NTZ", "-62135596800000000000"),  # noqa: DTZ001
    datetime(1969, 12, 31, 23, 59, 59, 999000): ("TIMESTAMP_NTZ", "-1000000"),  # noqa: DTZ001
    datetime(2024, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))): ("TIMESTAMP_TZ", "1704067200000000000 1440"),
    Decimal("1E+5"): ("FIXED", "100000"),
    Decimal("-0.0000000001"): ("FIXED", "-0.0000000001"),
    Decimal("12345678901234567890123456789012345678"): ("FIXED", "12345678901234567890123456789012345678"),
}


@pytest.mark.parametrize("value", EXACT)
def test_a_value_is_bound_to_its_last_digit(value: Any) -> None:
    assert bound([Bind(value, pa.null())]) == [EXACT[value]]


@pytest.mark.parametrize("value", [None, True, 1, 1.5, "a 'b' ?", b"\x00\xff", date(1582, 10, 15)])
def test_what_the_driver_binds_exactly_is_left_to_it(value: Any) -> None:
    assert bound([Bind(value, pa.null())]) == [value]


@given(st.datetimes(timezones=st.just(UTC)))
def test_every_moment_is_its_microseconds_since_1970(moment: datetime) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    ((_, text),) = bound([Bind(moment, pa.null())])
    nanoseconds, offset = map(int, text.split())
    assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=nanoseconds // 1000) == moment
    assert offset == 1440
