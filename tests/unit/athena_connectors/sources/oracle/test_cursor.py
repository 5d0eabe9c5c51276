"""What the cursor makes of the driver's frames, and of what the driver raises while it makes them."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from athena_connectors.dialects.operand import Column
from athena_connectors.dialects.statement import Statement
from athena_connectors.federation.errors import InternalError, InvalidInput
from athena_connectors.federation.source import Caller
from athena_connectors.sources.oracle.cursor import LARGEST, MOST_ROWS, OracleCursor, tidied


def batch(**columns: pa.Array) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


def test_a_char_loses_its_blanks_and_nothing_else_does() -> None:
    texts = pa.array([" a  ", "   ", None, "b\t "], pa.large_string())
    found = tidied(batch(PADDED=texts, TEXT=texts), ["CHAR", "VARCHAR2"])
    assert found.column("PADDED").to_pylist() == [" a", "", None, "b\t"]
    assert found.column("TEXT").to_pylist() == texts.to_pylist()


@pytest.mark.parametrize("kind", ["CLOB", "BLOB", "JSON", "XMLTYPE", "LONG"])
def test_a_lob_may_be_as_long_as_athena_takes(kind: str) -> None:
    longest = pa.array([b"x" * LARGEST, None], pa.large_binary())
    assert tidied(batch(L=longest), [kind]).num_rows == 2
    with pytest.raises(InvalidInput, match="Column L has a value of more than 16 MB"):
        tidied(batch(L=pa.array([b"x" * (LARGEST + 1)], pa.large_binary())), [kind])


def test_columns_of_different_lengths_are_never_rows() -> None:
    """oracle/python-oracledb#605: a version of the driver mis-sized decimals across batches."""
    broken: Any = SimpleNamespace(columns=[pa.array([1, 2]), pa.array([1])], num_rows=2)
    with pytest.raises(InternalError, match="different lengths"):
        tidied(broken, ["NUMBER", "NUMBER"])


class Driver:
    """A session and a connection whose frames are what `fetch` gives."""

    def __init__(self, fetch: Callable[[], Iterator[Any]]) -> None:
        self._fetch, self.size = fetch, 0

    def retrying(self, run: Callable[[], Any]) -> Any:
        return run()

    def tag(self, caller: Caller) -> None:
        """Nobody looks."""

    def bound(self, binds: object) -> list[Any]:
        return []

    def connection(self) -> "Driver":
        return self

    def fetch_df_batches(self, statement: str, binds: list[Any], size: int, **_: Any) -> Iterator[Any]:
        self.size = size
        return self._fetch()


def cursor(driver: Any, *columns: Column) -> OracleCursor:
    return OracleCursor(driver, Statement("SELECT", ()), columns, Caller("q", "a"))


def test_a_date_before_our_era_is_said_to_be_one() -> None:
    """The driver makes Python's dates of Oracle's, and there is none before the year 1."""

    def fetch() -> Iterator[Any]:
        raise ValueError("year -43 is out of range")
        yield

    with pytest.raises(InvalidInput, match=r"^INVALID_INPUT_EXCEPTION: A date or time of a column is in no calendar"):
        list(cursor(Driver(fetch), Column("D", pa.date64(), "DATE")).batches())


@pytest.mark.parametrize(
    ("column", "least", "most"),
    [
        (Column("N", pa.int64(), "NUMBER(10,0)"), MOST_ROWS, MOST_ROWS),
        (Column("L", pa.string(), "CLOB"), 30, 40),
    ],
)
def test_less_is_fetched_at_once_where_rows_may_be_long(column: Column, least: int, most: int) -> None:
    """oracle/python-oracledb#497: a fetch of few rows is slow, and one of many LOBs takes all memory."""
    driver = Driver(lambda: iter(()))
    assert list(cursor(driver, column).batches()) == []
    assert least <= driver.size <= most
