"""The local Athena, its conformance checks included, and the connector over DuckDB: what DuckDB itself would answer."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from athena_account import InProcessAccount
from duckdb_source import DuckDbSource

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
from localcloud.athena.query.failure import QueryFailed
from localcloud.athena.query.statement import Context, parse

ROWS = 300_000
ARN = "arn:aws:iam::123456789012:role/analyst"


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """Nobody changes it."""
    with duckdb.connect() as connection:
        connection.execute(
            'SET TimeZone = \'UTC\'; CREATE SCHEMA "Sales"; CREATE TABLE "Sales"."Orders" AS SELECT '
            '(CASE WHEN i = 7 THEN NULL ELSE i END)::INTEGER "Id", '
            "CASE WHEN i % 5 = 0 THEN NULL ELSE 'customer ' || (i % 97) END customer, "
            "(i / 4)::DECIMAL(12,2) total, (i % 3 = 0) paid, TIMESTAMP '2020-01-01' + INTERVAL (i) SECOND placed, "
            "DATE '2019-12-31' + (i % 400)::INTEGER due, i / 8.0::DOUBLE weight FROM range(?) t(i)",
            [ROWS],
        )
        yield connection


@pytest.fixture
def source(database: duckdb.DuckDBPyConnection) -> DuckDbSource:
    source = DuckDbSource(database, splits=4, split_column="Id", span=ROWS)
    source.batch_rows = 10_000
    return source


@pytest.fixture
def account(source: DuckDbSource) -> InProcessAccount:
    account = InProcessAccount()

    def put(location: SpillLocation, content: pa.Buffer) -> None:
        account.objects[location.bucket, location.key] = content.to_pybytes()

    def read(request: ReadRecords, cursor: Cursor, tally: Tally, seconds_left: SecondsLeft) -> Any:
        return read_records(request, cursor, ReadSettings(), Ports(put, seconds_left), tally)

    spill = Spill("spills", "athena-spill", local_keys, lambda: None)
    connector = Connector("duckdb", lambda _: source, Cache(60), Patterns(), None, spill, read, advise_rows=ROWS)
    account.handlers["connector"] = lambda event: serve(parse_request(event), connector, {}, lambda: 900)
    account.catalogs["warehouse"] = "connector"
    return account


@pytest.fixture
def run(account: InProcessAccount, now: datetime) -> Run:
    return Run(account, "q-1", Identity("123456789012", ARN), now)


def rows(table: pa.Table) -> list[tuple[Any, ...]]:
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM {orders}",
        "SELECT count(*), sum(total), min(placed), max(due) FROM {orders}",
        "SELECT id, customer, total, paid, placed, due, weight FROM {orders} WHERE id BETWEEN 149990 AND 150010",
        "SELECT id FROM {orders} WHERE customer IS NULL AND id < 100 ORDER BY id",
        "SELECT count(*) FROM {orders} WHERE id IS NULL",
        "SELECT count(*) FROM {orders} WHERE customer IN ('customer 1', 'customer 2') OR total > 74000.25",
        "SELECT count(*) FROM {orders} WHERE customer LIKE 'customer 1_' AND paid",
        "SELECT count(*) FROM {orders} WHERE placed >= TIMESTAMP '2020-01-02 00:00:00.500' AND due < DATE '2020-02-01'",
        "SELECT count(*) FROM {orders} WHERE id % 7 = 3 AND weight < 1000.5",
        "SELECT count(*) FROM {orders} WHERE NOT (id > 10) OR customer = 'customer 96'",
        "SELECT id, total FROM {orders} ORDER BY total DESC, id LIMIT 5",
        "SELECT a.id, b.id FROM {orders} a JOIN {orders} b ON a.id = b.id + 1 WHERE a.id < 5 ORDER BY 1",
    ],
)
def test_a_query_gives_what_the_database_itself_gives(run: Run, database: duckdb.DuckDBPyConnection, sql: str) -> None:
    found = run.run(parse(sql.format(orders="warehouse.sales.orders"), Context()))
    expected = database.cursor().sql(sql.format(orders='"Sales"."Orders"')).fetchall()
    assert rows(found.table) == expected


def test_a_large_result_is_spilled_sealed(run: Run, account: InProcessAccount) -> None:
    found = run.run(parse("SELECT id, customer, total, placed, weight FROM warehouse.sales.orders", Context()))
    (scan,) = run.report.scans
    assert (found.table.num_rows, scan.splits) == (ROWS, 4)
    assert scan.encrypted
    assert scan.spilled_objects == len(account.objects) >= 4


def test_what_is_pushed_down_is_not_moved(run: Run) -> None:
    run.run(parse("SELECT id FROM warehouse.sales.orders WHERE customer = 'customer 3' AND total < 100", Context()))
    (scan,) = run.report.scans
    assert scan.rows < 10
    assert len(scan.pushed) == 2


def test_a_limit_moves_no_more_than_it_says(run: Run) -> None:
    run.run(parse("SELECT id FROM warehouse.sales.orders LIMIT 10", Context()))
    (scan,) = run.report.scans
    assert (scan.rows, scan.splits) == (10, 1)


def test_a_query_is_passed_through(run: Run) -> None:
    query = 'SELECT max("Id") AS m FROM "Sales"."Orders"'
    found = run.run(parse(f"SELECT m FROM TABLE(warehouse.system.query(query => '{query}'))", Context()))  # noqa: S608
    assert rows(found.table) == [(ROWS - 1,)]


def test_a_function_is_queried_without_a_catalog(run: Run) -> None:
    found = run.run(parse('SELECT count(*) FROM "lambda:connector".sales.orders WHERE id < 3', Context()))
    assert rows(found.table) == [(3,)]


def test_an_error_is_told_in_athenas_words(run: Run) -> None:
    with pytest.raises(QueryFailed, match=r"ENTITY_NOT_FOUND_EXCEPTION: There is no table 'sales\.refunds'"):
        run.run(parse("SELECT * FROM warehouse.sales.refunds", Context()))
