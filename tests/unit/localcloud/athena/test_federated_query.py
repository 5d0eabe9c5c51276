"""Queries over a connector, from their text to their rows, with the connector in this process."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from athena_account import InProcessAccount
from stub_connector import StubConnector

from localcloud.athena.engine.run import Run
from localcloud.athena.query.failure import QueryCancelled, QueryFailed
from localcloud.athena.query.statement import Context, parse

CUSTOMERS = pa.table(
    {
        "ID": pa.array([1, 2, 3, 4], pa.int64()),
        "NAME": ["Ada", "Grace", None, "Edsger"],
        "CREDIT": pa.array([Decimal("10.00"), Decimal("3.00"), None, Decimal("0.50")], pa.decimal128(10, 2)),
        "SINCE": pa.array([0, 86_400_123, None, -1], pa.int64()).view(pa.date64()),
    }
)
RANGES: dict[str, Any] = {"supports_filter_pushdown": [{"subType": "sorted_range_set", "properties": []}]}
EVERYTHING: dict[str, Any] = RANGES | {
    "supports_limit_pushdown": [{"subType": "integer_constant", "properties": []}],
    "supports_top_n_pushdown": [{"subType": "SUPPORTS_ORDER_BY", "properties": []}],
    "supports_complex_expression_pushdown": [
        {"subType": "supported_function_expression_types", "properties": ["$like_pattern", "$or", "$equal"]}
    ],
    "SYSTEM.QUERY": [{"subType": "query_passthrough_schema", "properties": ["system"]}],
}


def connect(account: InProcessAccount, **settings: Any) -> StubConnector:
    connector = StubConnector(**{"parts": [CUSTOMERS], **settings})
    account.handlers["connector"] = connector
    account.catalogs["Snow"] = "connector"
    return connector


def test_rows_come_with_the_values_that_the_source_has(account: InProcessAccount, query: Any) -> None:
    connect(account)
    rows = query("SELECT * FROM snow.sales.customers ORDER BY id")
    assert rows[1] == (2, "Grace", Decimal("3.00"), datetime(1970, 1, 2, 0, 0, 0, 123000))  # noqa: DTZ001
    assert rows[3] == (4, "Edsger", Decimal("0.50"), datetime(1969, 12, 31, 23, 59, 59, 999000))  # noqa: DTZ001


def test_only_the_columns_that_the_query_needs_are_asked_for(account: InProcessAccount, query: Any, run: Run) -> None:
    connect(account)
    assert query("SELECT name FROM snow.sales.customers WHERE id > 3") == [("Edsger",)]
    assert run.report.scans[0].columns == ("ID", "NAME")


def test_counting_asks_for_no_column(account: InProcessAccount, query: Any, run: Run) -> None:
    connect(account, parts=[CUSTOMERS, CUSTOMERS])
    assert query("SELECT count(*) FROM snow.sales.customers") == [(8,)]
    assert run.report.scans[0].columns == ()


def test_a_function_needs_no_catalog(account: InProcessAccount, query: Any) -> None:
    account.handlers["MyFunction"] = StubConnector([CUSTOMERS])
    assert query('SELECT max(id) FROM "lambda:MyFunction".sales.customers') == [(4,)]
    assert account.events[0]["catalogName"] == "lambda:MyFunction"


def test_splits_are_read_page_by_page(account: InProcessAccount, query: Any, run: Run) -> None:
    connect(account, parts=[CUSTOMERS] * 5, page=2)
    assert query("SELECT count(id) FROM snow.sales.customers") == [(20,)]
    tokens = [event["continuationToken"] for event in account.asked("GetSplitsRequest")]
    assert (tokens, run.report.scans[0].splits) == ([None, "2", "4"], 5)


@pytest.mark.parametrize("key_bytes", [0, 16, 32])
def test_spilled_blocks_are_read(account: InProcessAccount, query: Any, run: Run, key_bytes: int) -> None:
    connect(account, objects=account.objects, block_rows=3, key_bytes=key_bytes)
    assert query("SELECT count(name), sum(id) FROM snow.sales.customers") == [(3, 10)]
    scan = run.report.scans[0]
    assert (scan.spilled_objects, scan.encrypted) == (2, key_bytes > 0)
    assert scan.spilled_bytes == sum(map(len, account.objects.values()))


@pytest.mark.parametrize("serde", [2, 3, 4, 5])
def test_older_versions_of_the_wire_format_are_spoken(account: InProcessAccount, query: Any, serde: int) -> None:
    connect(account, serde=serde, rows=lambda table, _: table.filter(pc.field("ID") == 2), capabilities=RANGES)
    assert query("SELECT name FROM snow.sales.customers WHERE id = 2") == [("Grace",)]
    (event,) = account.asked("ReadRecordsRequest")
    assert ("limit" in event["constraints"], "queryPassthroughArguments" in event["constraints"]) == (
        serde >= 4,
        serde >= 5,
    )


def test_what_the_connector_cannot_do_the_engine_does(account: InProcessAccount, query: Any, run: Run) -> None:
    connect(account)
    assert query("SELECT id FROM snow.sales.customers WHERE name LIKE 'A%' OR id = 4 ORDER BY id LIMIT 1") == [(1,)]
    assert run.report.scans[0].pushed == ()
    assert account.asked("ReadRecordsRequest")[0]["constraints"]["limit"] == -1


def test_what_the_connector_can_do_it_is_asked_to(account: InProcessAccount, query: Any, run: Run) -> None:
    first = CUSTOMERS.slice(0, 1)
    connect(account, capabilities=EVERYTHING, rows=lambda table, _: first)
    query("SELECT id FROM snow.sales.customers WHERE (name LIKE 'A%' OR id = 4) AND id < 9 ORDER BY id DESC LIMIT 1")
    constraints = account.asked("ReadRecordsRequest")[0]["constraints"]
    assert list(constraints["summary"]) == ["ID"]
    assert [call["functionName"] for call in constraints["expression"]] == [{"functionName": "$or"}]
    assert constraints["orderByClause"] == [{"columnName": "ID", "direction": "DESC_NULLS_LAST"}]
    assert constraints["limit"] == 1
    assert len(run.report.scans[0].pushed) == 2


def test_predicates_that_contradict_each_other_ask_the_source_nothing(account: InProcessAccount, query: Any) -> None:
    connect(account, capabilities=RANGES)
    assert query("SELECT id FROM snow.sales.customers WHERE id = 1 AND id = 2") == []
    assert account.asked("GetSplitsRequest") == []


def test_a_query_is_passed_through(account: InProcessAccount, query: Any) -> None:
    connect(account, capabilities=EVERYTHING)
    rows = query("SELECT id FROM TABLE(snow.system.query(query => 'select * from CUSTOMERS')) WHERE id > 2")
    assert rows == [(3,), (4,)]
    passed = {"schemaFunctionName": "SYSTEM.QUERY", "QUERY": "select * from CUSTOMERS"}
    (table,), (read,) = account.asked("GetTableRequest"), account.asked("ReadRecordsRequest")
    assert table["queryPassthroughArguments"] == read["constraints"]["queryPassthroughArguments"] == passed
    assert read["constraints"]["summary"] == {}


def test_a_connector_without_passthrough_passes_nothing_through(account: InProcessAccount, query: Any) -> None:
    connect(account)
    with pytest.raises(QueryFailed, match=r"FUNCTION_NOT_FOUND: Table function 'snow\.system\.query' not registered"):
        query("SELECT * FROM TABLE(snow.system.query(query => 'select 1'))")


def test_tables_of_one_connector_are_joined_with_themselves(account: InProcessAccount, query: Any) -> None:
    connect(account)
    sql = "SELECT a.id, b.id FROM snow.sales.customers a LEFT JOIN snow.sales.customers b ON b.id = a.id + 2 ORDER BY 1"
    assert query(sql) == [(1, 3), (2, 4), (3, None), (4, None)]


def test_an_error_of_the_function_is_what_the_user_reads(account: InProcessAccount, query: Any) -> None:
    def fail(event: dict[str, Any]) -> dict[str, Any]:
        raise ValueError("INVALID_CREDENTIALS_EXCEPTION: wrong password")

    account.handlers["connector"] = fail
    message = (
        r"GENERIC_USER_ERROR: Encountered an exception\[ValueError\] from your LambdaFunction\[connector\] executed in "
        r"context\[retrieving meta-data\] with message\[INVALID_CREDENTIALS_EXCEPTION: wrong password\]"
    )
    with pytest.raises(QueryFailed, match=message):
        query('SELECT * FROM "lambda:connector".a.b')


def test_an_error_while_reading_names_the_split(account: InProcessAccount, query: Any) -> None:
    def fail(table: pa.Table, event: dict[str, Any]) -> pa.Table:
        raise KeyError("gone")

    connect(account, parts=[CUSTOMERS] * 3, rows=fail)
    with pytest.raises(QueryFailed, match=r"context\[S3SpillLocation\{bucket='spill', key='p/.*', directory=true\}\]"):
        query("SELECT * FROM snow.sales.customers")


def test_a_throttled_function_is_invoked_again(
    account: InProcessAccount, query: Any, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("localcloud.athena.engine.connector.THROTTLED_SECONDS", (0, 0))
    connect(account)
    account.throttled = 2
    assert query("SELECT count(*) FROM snow.sales.customers") == [(4,)]
    account.throttled = 3
    with pytest.raises(QueryFailed, match="TooManyRequestsException"):
        query("SELECT count(*) FROM snow.sales.customers")


def test_a_stopped_query_asks_for_no_further_split(account: InProcessAccount, run: Run) -> None:
    def stop(table: pa.Table, event: dict[str, Any]) -> pa.Table:
        run.stop()
        return table

    connect(account, parts=[CUSTOMERS] * 100, rows=stop)
    with pytest.raises(QueryCancelled):
        run.run(parse("SELECT * FROM snow.sales.customers", Context()))
    assert len(account.asked("ReadRecordsRequest")) < 20


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT * FROM nowhere.a.b", "CATALOG_NOT_FOUND: Catalog 'nowhere' does not exist"),
        ('SELECT * FROM "lambda:nothing".a.b', "ResourceNotFoundException"),
        ("SELECT nope FROM snow.sales.customers", "COLUMN_NOT_FOUND: Column 'nope' could not be resolved"),
        ("SELECT id / 0 FROM snow.sales.customers", "DIVISION_BY_ZERO: Division by zero"),
        ("SELECT id FROM snow.sales.customers WHERE name = 1", "TYPE_MISMATCH: Cannot apply operator"),
        ("SELECT FROM", "SYNTAX_ERROR: line 1:11"),
        ("SELECT a FROM snow.sales.customers AS x(a, b)", "Column alias list has 2 entries but 'x' has 4 columns"),
        ("SELECT 1; SELECT 2", "Only one sql statement is allowed"),
        ("SELECT * FROM customers", "Schema must be specified when session schema is not set"),
    ],
)
def test_a_query_that_cannot_run_fails_in_words(account: InProcessAccount, query: Any, sql: str, message: str) -> None:
    connect(account)
    with pytest.raises(QueryFailed, match=message):
        query(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE a AS SELECT 1",
        "UNLOAD (SELECT 1) TO 's3://b/'",
        "SELECT ?",
        "SELECT * FROM a.b.c FOR VERSION AS OF 1",
        "SELECT * FROM a.b.c TABLESAMPLE BERNOULLI (1)",
    ],
)
def test_what_is_not_emulated_is_refused(query: Any, sql: str) -> None:
    with pytest.raises(NotImplementedError):
        query(sql)


def test_a_query_reaches_no_file_of_the_machine(query: Any) -> None:
    with pytest.raises((QueryFailed, NotImplementedError)):
        query("SELECT * FROM read_csv('/etc/passwd')")


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("7 / 2", 3),
        ("-7 / 2", -3),
        ("5 % -3", 2),
        ("credit / 3", Decimal("3.33")),
        ("avg(credit) OVER ()", Decimal("4.50")),
        ("date_diff('day', DATE '2020-01-01', DATE '2020-03-01')", 60),
        ("concat(name, '!')", "Ada!"),
        ("DATE '2020-01-31' + INTERVAL '1' MONTH", date(2020, 2, 29)),
        ("date_add('day', -1, DATE '2020-03-01')", date(2020, 2, 29)),
        ("current_date", date(2026, 11, 24)),
        ("date_diff('hour', localtimestamp, TIMESTAMP '2026-11-24 08:00:00')", 2),
        ("now() > TIMESTAMP '2026-11-24 05:59:59 UTC'", True),
    ],
)
def test_an_expression_means_what_it_means_to_athena(
    account: InProcessAccount, query: Any, expression: str, value: object
) -> None:
    connect(account)
    sql = f"SELECT {expression} FROM snow.sales.customers ORDER BY id LIMIT 1"  # noqa: S608
    assert query(sql) == [(value,)]


def test_columns_that_are_named_anew_are_those_at_their_places(account: InProcessAccount, query: Any, run: Run) -> None:
    connect(account, capabilities=RANGES, rows=lambda table, _: table.filter(pc.field("ID") > 3))
    assert query("SELECT id, name FROM snow.sales.customers AS x(name, id, c, d) WHERE name > 3") == [("Edsger", 4)]
    assert list(account.asked("ReadRecordsRequest")[0]["constraints"]["summary"]) == ["ID"]


def test_results_are_named_as_athena_names_them(account: InProcessAccount, run: Run) -> None:
    connect(account)
    result = run.run(parse("SELECT Id, 1, name AS who, count(*) OVER () FROM snow.sales.customers", Context()))
    assert result.names == ("id", "_col1", "who", "_col3")


def test_a_query_is_explained_and_not_run(account: InProcessAccount, query: Any) -> None:
    connect(account, capabilities=EVERYTHING)
    lines = [line for (line,) in query("EXPLAIN SELECT name FROM snow.sales.customers WHERE id < 3 LIMIT 2")]
    assert lines[:4] == [
        "snow.sales.customers",
        "    columns: ID, NAME",
        '    pushed down: "customers"."id" < 3',
        "    limit: 2",
    ]
    assert account.asked("GetSplitsRequest") == []


def test_explaining_by_running_is_refused(query: Any) -> None:
    with pytest.raises(NotImplementedError, match="EXPLAIN statements"):
        query("EXPLAIN ANALYZE SELECT 1")
