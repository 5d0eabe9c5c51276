"""Random queries over the connector: whatever is pushed down, the rows are those that the source alone gives."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import duckdb
import pytest
from athena_account import InProcessAccount
from duckdb_source import DuckDbSource
from hypothesis import given, settings
from hypothesis import strategies as st

from athena_connectors.federation.cache import Cache
from athena_connectors.federation.model import Identity, ReadRecords, SpillLocation
from athena_connectors.federation.parse import parse as parse_request
from athena_connectors.federation.patterns import Patterns
from athena_connectors.federation.read.guards import Tally
from athena_connectors.federation.read.keys import local_keys
from athena_connectors.federation.read.read import Ports, ReadSettings, read_records
from athena_connectors.federation.serve import Connector, SecondsLeft, Spill, serve
from athena_connectors.federation.source import Cursor
from localcloud.athena.engine.run import Run
from localcloud.athena.query.statement import Context, parse

TABLE = """
    CREATE SCHEMA "Sales";
    CREATE TABLE "Sales"."Orders" AS SELECT
        n::BIGINT AS id,
        CASE WHEN n % 7 > 0 THEN chr(97 + (n % 5)::INT) || repeat('_%', (n % 3)::INT) END AS "Name",
        CASE WHEN n % 11 > 0 THEN (n * 1.25 - 20)::DECIMAL(10,2) END AS "Total",
        DATE '1969-12-20' + (n % 40)::INT AS "Day",
        TIMESTAMP '1969-12-31 23:59:58' + (n * 97) * INTERVAL 1 MILLISECOND AS "At",
        n % 3 = 0 AS "Paid",
        (n % 10) / 4.0::DOUBLE AS "Share",
        (n % 6 - 3)::INTEGER AS "Kind"
    FROM range(60) t(n);
"""


Ask = Callable[[str], tuple[list[tuple[Any, ...]], Run]]


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """Nobody changes it."""
    with duckdb.connect() as connection:
        connection.execute(TABLE)
        yield connection


@pytest.fixture(scope="module")
def ask(database: duckdb.DuckDBPyConnection) -> Ask:
    """Runs a query over the table in three splits; returns its rows and what it did."""
    source = DuckDbSource(database, 3, "id", 60)
    account = InProcessAccount(catalogs={"warehouse": "connector"})

    def put(location: SpillLocation, content: Any) -> None:
        account.objects[location.bucket, location.key] = content.to_pybytes()

    def read(request: ReadRecords, cursor: Cursor, tally: Tally, seconds_left: SecondsLeft) -> Any:
        return read_records(request, cursor, ReadSettings(), Ports(put, seconds_left), tally)

    spill = Spill("spills", "athena-spill", local_keys, lambda: None)
    connector = Connector("duckdb", lambda _: source, Cache(60), Patterns(), None, spill, read, advise_rows=10**9)
    account.handlers["connector"] = lambda event: serve(parse_request(event), connector, {}, lambda: 900)

    def run(sql: str) -> tuple[list[tuple[Any, ...]], Run]:
        running = Run(account, "q-1", Identity(), datetime(2026, 11, 24, 6, tzinfo=UTC))
        table = running.run(parse(sql, Context("warehouse", "sales"))).table
        return list(zip(*(column.to_pylist() for column in table.columns), strict=True)), running

    return run


@pytest.fixture(scope="module")
def alone(database: duckdb.DuckDBPyConnection) -> Callable[[str], list[tuple[Any, ...]]]:
    """Runs a query by the database itself."""
    return lambda sql: database.cursor().execute(f'SET search_path = "Sales"; {sql}').fetchall()


NUMBERS = st.integers(-5, 12).map(str)
TOTALS = st.sampled_from(["-20", "0", "-7.5", "12.25", "55"])
TEXTS = st.sampled_from(["'a'", "'b_%'", "'c'", "''", "'e_%_%'"])
DAYS = st.sampled_from(["DATE '1969-12-25'", "DATE '1970-01-01'", "DATE '1970-01-20' - INTERVAL '3' DAY"])
MOMENTS = st.sampled_from(["TIMESTAMP '1969-12-31 23:59:59.999'", "TIMESTAMP '1970-01-01 00:00:01.397'"])
SHARES = st.sampled_from(["0.5", "1.0", "2.25"])
OPERATORS = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
PATTERNS = st.sampled_from(["'a%'", "'%_'", "'b__'", "'%'", "''"])


def compared(column: str, values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds(lambda op, value: f"{column} {op} {value}", OPERATORS, values),
        st.builds(lambda low, high: f"{column} BETWEEN {low} AND {high}", values, values),
        st.builds(lambda held: f"{column} IN ({', '.join(held)})", st.lists(values, min_size=1, max_size=3)),
        st.builds(lambda value: f"{column} IS DISTINCT FROM {value}", values),
        st.just(f"{column} IS NULL"),
    )


LEAVES = st.one_of(
    compared("id", NUMBERS),
    compared("kind", NUMBERS),
    compared("total", TOTALS),
    compared("name", TEXTS),
    compared("day", DAYS),
    compared('"at"', MOMENTS),
    compared("share", SHARES),
    st.sampled_from(["paid", "NOT paid", "nullif(kind, 0) IS NULL"]),
    st.builds(lambda pattern: f"name LIKE {pattern}", PATTERNS),
    st.builds(lambda op, a, b: f"kind * {a} + 1 {op} {b}", OPERATORS, NUMBERS, NUMBERS),
    st.builds(lambda op, value: f"kind % 3 {op} {value}", OPERATORS, NUMBERS),
    st.builds(lambda op, value: f"-kind - kind {op} {value}", OPERATORS, NUMBERS),
    st.builds(lambda op, value: f"total * 2 {op} {value}", OPERATORS, TOTALS),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds("({} AND {})".format, inner, inner),
        st.builds("({} OR {})".format, inner, inner),
        st.builds("NOT ({})".format, inner),
    ),
    max_leaves=4,
)


@settings(max_examples=40)
@given(CONDITIONS)
def test_a_condition_keeps_the_rows_that_it_keeps_at_the_source(ask: Ask, alone: Any, condition: str) -> None:
    sql = f"SELECT id, name, total, day, share, paid FROM orders WHERE {condition} ORDER BY id"  # noqa: S608
    rows, _ = ask(sql)
    assert rows == alone(sql)


@settings(max_examples=30)
@given(st.sampled_from(["name", "total", "share", "paid"]), st.sampled_from(["ASC", "DESC"]), st.integers(0, 70))
def test_a_top_n_is_that_of_the_source(ask: Ask, alone: Any, column: str, way: str, rows: int) -> None:
    sql = f"SELECT {column} FROM orders ORDER BY {column} {way} NULLS LAST LIMIT {rows}"  # noqa: S608
    found, running = ask(sql)
    assert found == alone(sql)
    assert running.report.scans[0].limit == rows


def test_everything_that_can_be_pushed_down_is(ask: Ask) -> None:
    condition = "kind * 2 + 1 > 0 AND name LIKE 'a%' AND total < 5.5 AND NOT paid AND nullif(kind, 1) IS NULL"
    _, running = ask(f"SELECT id FROM orders WHERE {condition}")  # noqa: S608
    (scan,) = running.report.scans
    assert len(scan.pushed) == 5
    assert scan.splits == 3
