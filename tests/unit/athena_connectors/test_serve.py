"""What a source is asked for each request, and what is made of its answers."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import repeat
from typing import Any, NoReturn

import duckdb
import pyarrow as pa
import pytest
from duckdb_source import DuckDbSource

from athena_connectors.access import Access, Allowed, Rule
from athena_connectors.federation import model
from athena_connectors.federation.arrow import read_batch, read_schema
from athena_connectors.federation.cache import Cache
from athena_connectors.federation.errors import (
    AccessDenied,
    ConnectorError,
    EntityNotFound,
    InvalidInput,
    NotSupported,
)
from athena_connectors.federation.model import (
    EncryptionKey,
    Envelope,
    GetSplits,
    GetTable,
    Identity,
    ListTables,
    Serde,
    TableName,
)
from athena_connectors.federation.patterns import Patterns
from athena_connectors.federation.respond import ONE_PARTITION
from athena_connectors.federation.serve import Connector, Spill, serve
from athena_connectors.federation.source import Capabilities

LAMBDA_BYTES = 6 * 1024 * 1024
ARN = "arn:aws:iam::123456789012:role/analyst"
ENVELOPE = Envelope("q-1", "warehouse", Identity(arn=ARN), Serde.V6)
ORDERS = TableName("sales", "orders")
QUERY = {"schemaFunctionName": "system.query", "QUERY": 'SELECT "Id" FROM "Sales"."Orders"'}


TABLES = (
    'CREATE SCHEMA "Sales"; CREATE SCHEMA hr; CREATE SCHEMA "HR_OLD";'
    'CREATE TABLE "Sales"."Orders" ("Id" INTEGER, "PlacedAt" TIMESTAMP, "Total" DECIMAL(10,2));'
    'CREATE VIEW "Sales".recent AS SELECT * FROM "Sales"."Orders";'
    'CREATE TABLE "Sales".clash (a INTEGER); CREATE TABLE hr.people (name VARCHAR);'
)


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """Nobody changes it."""
    with duckdb.connect() as connection:
        connection.execute(TABLES)
        yield connection


@pytest.fixture
def source(database: duckdb.DuckDBPyConnection) -> DuckDbSource:
    return DuckDbSource(database)


@pytest.fixture
def connector(source: DuckDbSource) -> Connector:
    def source_of(catalog: str) -> DuckDbSource:
        if catalog != "warehouse":
            raise EntityNotFound(f"There is no catalog {catalog!r}.")
        return source

    key = EncryptionKey(bytes(32), bytes(12))
    spill = Spill("spills", "athena-spill", lambda: repeat(key), lambda: None)
    return Connector("duckdb", source_of, Cache(60), Patterns(), None, spill, never, advise_rows=1_000)


def forever() -> float:
    return 900


def never(*_: Any) -> NoReturn:
    pytest.fail("Nothing is to be read.")


def ask(request: model.Request, connector: Connector) -> Any:
    return json.loads(json.dumps(serve(request, connector, {}, forever)))


def splitting(constraints: model.Constraints | None = None, token: str | None = None) -> GetSplits:
    return GetSplits(ENVELOPE, ORDERS, ONE_PARTITION, (), constraints or model.Constraints(), token)


def test_a_ping_needs_neither_catalog_nor_source(connector: Connector) -> None:
    answer = ask(model.Ping(replace(ENVELOPE, catalog="none of ours")), connector)
    assert (answer["sourceType"], answer["serDeVersion"]) == ("duckdb", 6)


def test_schemas_are_listed_but_for_those_that_patterns_leave_out(connector: Connector) -> None:
    request = model.ListSchemas(ENVELOPE)
    assert ask(request, connector)["schemas"] == ["HR_OLD", "Sales", "hr", "main"]
    patterns = Patterns(exclude=("*_old", "main"))
    assert ask(request, replace(connector, patterns=patterns))["schemas"] == ["Sales", "hr"]


def test_tables_and_views_are_listed_page_by_page(connector: Connector) -> None:
    seen: list[str] = []
    token, pages = None, 0
    while pages == 0 or token is not None:
        answer = ask(ListTables(ENVELOPE, "SALES", token, 2), connector)
        seen += [f"{table['schemaName']}.{table['tableName']}" for table in answer["tables"]]
        token, pages = answer["nextToken"], pages + 1
    assert (seen, pages) == (["Sales.Orders", "Sales.clash", "Sales.recent"], 2)
    assert ask(ListTables(ENVELOPE, "sales", None, None), connector)["nextToken"] is None


@pytest.mark.parametrize("token", ["-1", "4", "two", "²"])
def test_a_token_of_tables_that_nobody_gave_is_refused(connector: Connector, token: str) -> None:
    with pytest.raises(InvalidInput, match="none that this connector gave"):
        ask(ListTables(ENVELOPE, "sales", token, 2), connector)


def test_a_table_is_found_in_any_case_and_answered_as_the_source_spells_it(connector: Connector) -> None:
    answer = ask(GetTable(ENVELOPE, ORDERS, {}), connector)
    assert answer["tableName"] == {"schemaName": "Sales", "tableName": "Orders"}
    assert answer["partitionColumns"] == []
    assert read_schema(answer["schema"]) == pa.schema(
        [("Id", pa.int32()), ("PlacedAt", pa.date64()), ("Total", pa.decimal128(10, 2))]
    )


class Twins(DuckDbSource):
    """Has two tables whose names differ by case, as most sources may and DuckDB may not."""

    def candidates(self, name: TableName) -> list[TableName]:
        return [TableName("Sales", "Orders"), TableName("SALES", "ORDERS")]


def test_of_two_that_differ_by_case_the_exact_name_is_taken(connector: Connector, source: DuckDbSource) -> None:
    source.__class__ = Twins
    answer = ask(GetTable(ENVELOPE, TableName("Sales", "Orders"), {}), connector)
    assert answer["tableName"]["schemaName"] == "Sales"


def test_a_name_that_may_mean_two_things_is_refused_with_a_way_out(connector: Connector, source: DuckDbSource) -> None:
    source.__class__ = Twins
    with pytest.raises(InvalidInput, match=r"'Sales.Orders', 'SALES.ORDERS', which differ by case.*system\.query"):
        ask(GetTable(ENVELOPE, ORDERS, {}), connector)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (GetTable(ENVELOPE, TableName("sales", "refunds"), {}), "no table 'sales.refunds' in 'warehouse'"),
        (ListTables(ENVELOPE, "nowhere", None, None), "no schema 'nowhere' in 'warehouse'"),
        (model.ListSchemas(replace(ENVELOPE, catalog="lake")), "no catalog 'lake'"),
    ],
)
def test_what_is_not_there_is_named(connector: Connector, request_: model.Request, message: str) -> None:
    with pytest.raises(EntityNotFound, match=message):
        ask(request_, connector)


def test_a_table_of_a_schema_that_patterns_leave_out_is_not_there(connector: Connector) -> None:
    hidden = replace(connector, patterns=Patterns(include=("hr",)))
    for request in (GetTable(ENVELOPE, ORDERS, {}), ListTables(ENVELOPE, "sales", None, None), splitting()):
        with pytest.raises(EntityNotFound, match="patterns of schemas"):
            ask(request, hidden)


def test_columns_that_differ_by_case_alone_are_refused(connector: Connector, source: DuckDbSource) -> None:
    table = source.table(TableName("Sales", "clash"))
    twins = replace(table, schema=pa.schema([("a", pa.int32()), ("A", pa.int32())]))
    source.table = lambda name: twins  # type: ignore[method-assign]
    with pytest.raises(InvalidInput, match=r"Sales\.clash has columns that differ by case alone: a\."):
        ask(GetTable(ENVELOPE, TableName("sales", "clash"), {}), connector)


def test_the_dictionary_is_asked_once_for_many_requests(connector: Connector, source: DuckDbSource) -> None:
    for _ in range(3):
        ask(model.ListSchemas(ENVELOPE), connector)
        ask(ListTables(ENVELOPE, "sales", None, 1), connector)
        ask(GetTable(ENVELOPE, ORDERS, {}), connector)
    assert len(source.asked) == 4


def test_a_layout_is_one_partition_that_shows_nowhere(connector: Connector, source: DuckDbSource) -> None:
    layout = model.GetTableLayout(ENVELOPE, ORDERS, model.Constraints(), pa.schema([]), ())
    block = ask(layout, connector)["partitions"]
    batch = read_batch(block["records"], read_schema(block["schema"]))
    assert batch == ONE_PARTITION
    assert source.asked == []


def test_capabilities_are_the_sources_own(connector: Connector, source: DuckDbSource) -> None:
    request = model.GetDataSourceCapabilities(ENVELOPE)
    assert "supports_limit_pushdown" in ask(request, connector)["capabilities"]
    source.capabilities = Capabilities(frozenset(), limit=False, top_n=False, passthrough=False)
    assert list(ask(request, connector)["capabilities"]) == ["supports_filter_pushdown"]


def test_every_split_has_a_place_and_a_key_of_its_own(
    connector: Connector, database: duckdb.DuckDBPyConnection
) -> None:
    source = DuckDbSource(database, splits=3, split_column="Id", span=300)
    keys = [EncryptionKey(bytes([number] * 32), bytes(12)) for number in range(3)]
    spill = replace(connector.spill, keys=lambda: iter(keys))
    answer = ask(splitting(), replace(connector, source_of=lambda catalog: source, spill=spill))
    locations = [split["spillLocation"] for split in answer["splits"]]
    assert len({location["key"] for location in locations}) == 3
    assert all(location["key"].startswith("athena-spill/q-1/") for location in locations)
    assert {(location["bucket"], location["directory"]) for location in locations} == {("spills", True)}
    assert len({split["encryptionKey"]["key"] for split in answer["splits"]}) == 3
    assert [split["properties"] for split in answer["splits"]] == [
        {"column": "Id", "to": "100", "nulls": "true"},
        {"column": "Id", "from": "100", "to": "200"},
        {"column": "Id", "from": "200"},
    ]
    assert answer["continuationToken"] is None


def test_a_prefix_that_holds_the_querys_id_is_not_given_it_twice(connector: Connector) -> None:
    spill = replace(connector.spill, prefix="athena-spill/q-1")
    (split,) = ask(splitting(), replace(connector, spill=spill))["splits"]
    assert split["spillLocation"]["key"].count("q-1") == 1


def test_what_is_not_encrypted_has_no_key(connector: Connector) -> None:
    spill = replace(connector.spill, keys=lambda: repeat(None))
    (split,) = ask(splitting(), replace(connector, spill=spill))["splits"]
    assert split["encryptionKey"] is None


def test_ten_thousand_splits_are_the_pages_of_one_plan(
    connector: Connector, database: duckdb.DuckDBPyConnection
) -> None:
    source = DuckDbSource(database, splits=10_000, split_column="Id", span=10_000_000)
    many = replace(connector, source_of=lambda catalog: source)
    seen: list[dict[str, str]] = []
    token, pages = None, 0
    while pages == 0 or token is not None:
        answer = serve(splitting(token=token), many, {}, forever)
        assert len(json.dumps(answer)) < LAMBDA_BYTES
        seen += [split["properties"] for split in answer["splits"]]
        token, pages = answer["continuationToken"], pages + 1
    assert len(seen) == len({tuple(properties.items()) for properties in seen}) == 10_000
    snapshots = [asked[1] for asked in source.asked if asked[0] == "split_plan"]
    assert snapshots == [None] + ["at 10000"] * (pages - 1)


def test_pages_of_splits_are_counted_in_bytes(connector: Connector, source: DuckDbSource) -> None:
    source._split_column = "ž" * 300_000
    source._splits = 30
    answer = serve(splitting(), connector, {}, forever)
    assert len(json.dumps(answer)) < LAMBDA_BYTES
    assert 1 <= len(answer["splits"]) < 30


@pytest.mark.parametrize(
    "token", ["7", "[1]", "[-1, null]", '["1", null]', "[0, 1]", "[true, null]", "next", "[9, null]"]
)
def test_a_token_of_splits_that_nobody_gave_is_refused(connector: Connector, token: str) -> None:
    with pytest.raises(InvalidInput, match="The token of the splits"):
        ask(splitting(token=token), connector)


def test_no_partition_is_no_split(connector: Connector) -> None:
    request = replace(splitting(), partitions=ONE_PARTITION.slice(1))
    assert ask(request, connector)["splits"] == []


def test_a_limit_is_read_in_one_split(connector: Connector, database: duckdb.DuckDBPyConnection) -> None:
    source = DuckDbSource(database, splits=5, split_column="Id", span=100)
    many = replace(connector, source_of=lambda catalog: source)
    assert len(ask(splitting(model.Constraints(limit=10)), many)["splits"]) == 1
    assert len(ask(splitting(), many)["splits"]) == 5


def test_a_query_that_is_passed_through_is_described_and_read_in_one_split(
    connector: Connector, source: DuckDbSource
) -> None:
    table = ask(GetTable(ENVELOPE, TableName("system", "query"), QUERY), connector)
    assert read_schema(table["schema"]) == pa.schema([("Id", pa.int32())])
    assert table["tableName"] == {"schemaName": "system", "tableName": "query"}
    (split,) = ask(splitting(model.Constraints(passthrough=QUERY)), connector)["splits"]
    assert split["properties"] == QUERY
    assert source.cursors == []
    assert source.callers[0].arn == ARN


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (QUERY | {"schemaFunctionName": "system.execute"}, NotSupported, r"no function 'system\.execute'"),
        ({"QUERY": "SELECT 1"}, NotSupported, "no function ''"),
        (QUERY | {"QUERY": "  "}, InvalidInput, "is empty"),
        (QUERY | {"QUERY": "SELEC 1"}, InvalidInput, "DuckDB refuses the query"),
    ],
)
def test_a_query_that_cannot_be_passed_through_is_refused(
    connector: Connector, arguments: dict[str, str], error: type[ConnectorError], message: str
) -> None:
    with pytest.raises(error, match=message):
        ask(GetTable(ENVELOPE, TableName("system", "query"), arguments), connector)


def test_a_source_that_passes_nothing_through_says_so(connector: Connector, source: DuckDbSource) -> None:
    source.capabilities = replace(source.capabilities, passthrough=False)
    with pytest.raises(NotSupported, match="duckdb takes no query"):
        ask(splitting(model.Constraints(passthrough=QUERY)), connector)


ANALYSTS = Access((Rule((ARN,), (Allowed(("sales",), ("orders",), ("id", "placed*")),)),))


def test_a_caller_sees_what_the_map_allows(connector: Connector) -> None:
    restricted = replace(connector, access=ANALYSTS)
    assert ask(model.ListSchemas(ENVELOPE), restricted)["schemas"] == ["Sales"]
    assert [table["tableName"] for table in ask(ListTables(ENVELOPE, "sales", None, None), restricted)["tables"]] == [
        "Orders"
    ]
    assert read_schema(ask(GetTable(ENVELOPE, ORDERS, {}), restricted)["schema"]).names == ["Id", "PlacedAt"]


ALL = model.AllOrNoneValueSet(pa.int32(), all=True, null_allowed=False)
TOTAL = model.Variable("total", pa.int32())


@pytest.mark.parametrize(
    "constraints",
    [
        model.Constraints(summary={"total": ALL}),
        model.Constraints(order_by=(model.OrderBy("Total", model.Direction.ASC_NULLS_LAST),)),
        model.Constraints(
            expressions=(
                model.Call(
                    model.Function.NOT,
                    pa.bool_(),
                    (model.Call(model.Function.IS_NULL, pa.bool_(), (TOTAL,)),),
                ),
            )
        ),
    ],
)
def test_a_condition_on_a_column_that_is_not_allowed_is_refused(
    connector: Connector, constraints: model.Constraints
) -> None:
    with pytest.raises(AccessDenied, match=r"may not read total of Sales\.Orders"):
        ask(splitting(constraints), replace(connector, access=ANALYSTS))


@pytest.mark.parametrize(
    "request_",
    [
        GetTable(ENVELOPE, TableName("hr", "people"), {}),
        GetTable(ENVELOPE, TableName("system", "query"), QUERY),
        splitting(model.Constraints(passthrough=QUERY)),
        replace(splitting(), name=TableName("hr", "people")),
    ],
)
def test_what_the_map_does_not_allow_is_refused(connector: Connector, request_: model.Request) -> None:
    with pytest.raises(AccessDenied, match="analyst may not"):
        ask(request_, replace(connector, access=ANALYSTS))


def test_a_column_that_came_since_is_found_by_asking_again(connector: Connector) -> None:
    with duckdb.connect() as changing:
        changing.execute(TABLES)
        source = DuckDbSource(changing)
        current = replace(connector, source_of=lambda catalog: source)
        ask(GetTable(ENVELOPE, ORDERS, {}), current)
        changing.execute('DROP VIEW "Sales".recent; ALTER TABLE "Sales"."Orders" ADD COLUMN note VARCHAR')
        assert len(ask(splitting(model.Constraints(summary={"note": ALL})), current)["splits"]) == 1


def test_a_column_that_is_gone_is_named(connector: Connector) -> None:
    with pytest.raises(EntityNotFound, match=r"Sales\.Orders' has no column note: it was changed"):
        ask(splitting(model.Constraints(summary={"note": ALL})), connector)


def test_what_is_known_of_a_request_is_noted(connector: Connector) -> None:
    notes: dict[str, Any] = {}
    serve(splitting(), connector, notes, forever)
    assert notes == {"table": "sales.orders", "splits": 1, "planned_splits": 1}
