"""Results as text: what Athena's users read in GetQueryResults and in the CSV."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from localcloud.athena.api import result_text
from localcloud.athena.engine.run import Result

MOMENT = datetime(1969, 12, 31, 23, 59, 59, 999000)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("value", "of", "text"),
    [
        (True, pa.bool_(), "true"),
        (-5, pa.int64(), "-5"),
        (0.0, pa.float64(), "0.0"),
        (100.0, pa.float64(), "100.0"),
        (0.001, pa.float64(), "0.001"),
        (0.00012, pa.float64(), "1.2E-4"),
        (1e7, pa.float64(), "1.0E7"),
        (-123456789.5, pa.float64(), "-1.234567895E8"),
        (float("nan"), pa.float64(), "NaN"),
        (float("-inf"), pa.float64(), "-Infinity"),
        (0.1, pa.float32(), "0.1"),
        (16777216.0, pa.float32(), "1.6777216E7"),
        (Decimal("1E-7"), pa.decimal128(20, 7), "0.0000001"),
        (Decimal("12.50"), pa.decimal128(10, 2), "12.50"),
        ("", pa.utf8(), ""),
        (b"hi", pa.binary(), "68 69"),
        (date(1582, 10, 15), pa.date32(), "1582-10-15"),
        (MOMENT, pa.timestamp("us"), "1969-12-31 23:59:59.999"),
        (MOMENT.replace(tzinfo=UTC), pa.timestamp("ms", "UTC"), "1969-12-31 23:59:59.999 UTC"),
        ([1, None], pa.list_(pa.int32()), "[1, null]"),
        ({"a": 1, "b": "x"}, pa.struct([("a", pa.int32()), ("b", pa.utf8())]), "{a=1, b=x}"),
        ([("k", 1.0)], pa.map_(pa.utf8(), pa.float64()), "{k=1.0}"),
        (None, pa.int32(), None),
    ],
)
def test_a_value_is_written_as_trino_writes_it(value: object, of: pa.DataType, text: str | None) -> None:
    result = Result(("c",), pa.table({"c": pa.array([value], of)}))
    assert list(result_text.texts(result)) == [[text]]


def test_null_and_an_empty_text_are_told_apart_in_the_csv() -> None:
    result = Result(("a", "a"), pa.table([pa.array(["", None]), pa.array(['say "hi", twice', "x"])], ["c1", "c2"]))
    assert result_text.csv(result) == b'"a","a"\n"","say ""hi"", twice"\n,"x"\n'


@pytest.mark.parametrize(
    ("of", "kind", "precision", "scale"),
    [
        (pa.decimal128(12, 3), "decimal", 12, 3),
        (pa.float32(), "float", 17, 0),
        (pa.timestamp("us"), "timestamp", 3, 0),
        (pa.list_(pa.int32()), "array", 0, 0),
        (pa.int16(), "smallint", 5, 0),
    ],
)
def test_columns_are_described(of: pa.DataType, kind: str, precision: int, scale: int) -> None:
    (column,) = result_text.column_info(Result(("c",), pa.table({"c": pa.array([], of)})))
    assert (column["Type"], column["Precision"], column["Scale"]) == (kind, precision, scale)
