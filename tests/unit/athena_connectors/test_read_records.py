"""Splits as they are read: the rows of a DuckDB database, through the protocol on both sides."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from duckdb_source import DuckDbSource

from athena_connectors.access import Access, Allowed, Rule
from athena_connectors.federation import model
from athena_connectors.federation.cache import Cache
from athena_connectors.federation.errors import AccessDenied, EntityNotFound, InvalidInput
from athena_connectors.federation.model import (
    Constraints,
    Envelope,
    GetSplits,
    GetTable,
    Identity,
    ReadRecords,
    Serde,
    SpillLocation,
    Split,
    TableName,
)
from athena_connectors.federation.parse import parse
from athena_connectors.federation.patterns import Patterns
from athena_connectors.federation.read.guards import Tally
from athena_connectors.federation.read.keys import local_keys
from athena_connectors.federation.read.read import Ports, ReadSettings, read_records
from athena_connectors.federation.respond import ONE_PARTITION
from athena_connectors.federation.serve import Connector, Notes, SecondsLeft, Spill, serve
from athena_connectors.federation.source import Caller, Cursor
from localcloud.athena.wire import answers
from localcloud.athena.wire.requests import request_json
from localcloud.athena.wire.spill import open_block
from localcloud.athena.wire.values import unpacked

ARN = "arn:aws:iam::123456789012:role/analyst"
ENVELOPE = Envelope("q-1", "warehouse", Identity(arn=ARN), Serde.V6)
ORDERS = TableName("sales", "orders")
QUERY = {"schemaFunctionName": "SYSTEM.QUERY", "QUERY": "SELECT id AS n FROM sales.orders WHERE id < 3 -- all"}
ROWS = 2_500


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """Nobody changes it."""
    with duckdb.connect() as connection:
        connection.execute(
            "SET TimeZone = 'UTC'; CREATE SCHEMA sales; CREATE TABLE sales.orders AS SELECT "
            "CASE WHEN i = 7 THEN NULL ELSE i END::INTEGER id, 'customer ' || (i % 10) customer, "
            "(i / 4)::DECIMAL(10,2) total, TIMESTAMP '2020-01-01' + INTERVAL (i) MILLISECOND placed, "
            "TIMESTAMPTZ '1969-12-31 23:59:59.999+00' shipped FROM range(?) t(i)",
            [ROWS],
        )
        yield connection


@pytest.fixture
def source(database: duckdb.DuckDBPyConnection) -> DuckDbSource:
    return DuckDbSource(database, splits=4, span=ROWS)


@pytest.fixture
def bucket() -> dict[str, bytes]:
    """What was put into the spill bucket, by key."""
    return {}


@pytest.fixture
def connector(source: DuckDbSource, bucket: dict[str, bytes]) -> Connector:
    def put(location: SpillLocation, content: pa.Buffer) -> None:
        bucket[location.key] = content.to_pybytes()

    def read(request: ReadRecords, cursor: Cursor, tally: Tally, seconds_left: SecondsLeft) -> Any:
        return read_records(request, cursor, ReadSettings(), Ports(put, seconds_left), tally)

    spill = Spill("spills", "athena-spill", local_keys, lambda: None)
    return Connector("duckdb", lambda _: source, Cache(60), Patterns(), None, spill, read, advise_rows=1_000)


def answer(request: model.Request, connector: Connector, notes: Notes | None = None) -> Any:
    """As over the wire: the request written and read, the answer written and read."""
    parsed = parse(json.loads(json.dumps(request_json(request))))
    return json.loads(json.dumps(serve(parsed, connector, {} if notes is None else notes, lambda: 900)))


def splits(connector: Connector, constraints: Constraints) -> list[Split]:
    request = GetSplits(ENVELOPE, ORDERS, ONE_PARTITION, (), constraints, None)
    return list(answers.read_splits(answer(request, connector)).splits)


def reading(split: Split, columns: pa.Schema, constraints: Constraints, serde: Serde = Serde.V6) -> ReadRecords:
    envelope = replace(ENVELOPE, serde=serde)
    return ReadRecords(envelope, ORDERS, columns, split, constraints, 16_000_000, 3_000_000)


def select(connector: Connector, columns: pa.Schema, constraints: Constraints, serde: Serde = Serde.V6) -> pa.Table:
    """The rows of all splits."""
    found = []
    for split in splits(connector, constraints):
        records = answers.read_records(answer(reading(split, columns, constraints, serde), connector))
        assert isinstance(records, answers.InlineRecords)
        found.append(records.records)
    return pa.Table.from_batches(found)


def described(connector: Connector) -> pa.Schema:
    return answers.read_table(answer(GetTable(ENVELOPE, ORDERS, {}), connector)).schema


def below(number: int) -> Constraints:
    low, high = model.Marker(None, model.Bound.ABOVE), model.Marker(number, model.Bound.BELOW)
    return Constraints({"id": model.SortedRangeSet(pa.int32(), (model.Range(low, high),), null_allowed=False)})


@pytest.mark.parametrize("serde", list(Serde))
def test_the_splits_together_are_the_table(connector: Connector, serde: Serde) -> None:
    found = select(connector, described(connector), Constraints(), serde)
    ids = found.column("id").to_pylist()
    assert sorted(number for number in ids if number is not None) == [i for i in range(ROWS) if i != 7]
    assert ids.count(None) == 1
    assert found.column("total").to_pylist()[1] == Decimal("0.25")


def test_times_are_exact_and_packed_where_athena_unpacks_them(connector: Connector) -> None:
    found = select(connector, pa.schema([("placed", pa.date64()), ("shipped", pa.timestamp("ms", "UTC"))]), below(2))
    placed, shipped = (found.column(number).combine_chunks() for number in (0, 1))
    assert placed.view(pa.timestamp("ms"))[1].as_py() == datetime(2020, 1, 1, 0, 0, 0, 1_000)  # noqa: DTZ001
    assert unpacked(shipped)[0].as_py() == datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)


def test_conditions_are_pushed_down(connector: Connector, source: DuckDbSource) -> None:
    found = select(connector, pa.schema([("id", pa.int32())]), below(3))
    assert found.column("id").to_pylist() == [0, 1, 2]
    assert all('"id" < ?' in cursor.statement for cursor in source.cursors)


def test_columns_are_answered_as_athena_spells_them(connector: Connector) -> None:
    assert select(connector, pa.schema([("CUSTOMER", pa.string())]), below(2)).to_pydict() == {
        "CUSTOMER": ["customer 0", "customer 1"]
    }


def test_rows_of_no_column_are_counted(connector: Connector, source: DuckDbSource) -> None:
    assert select(connector, pa.schema([]), Constraints()).num_rows == ROWS
    assert all("COUNT(*)" in cursor.statement for cursor in source.cursors)


def test_no_row_keeps_the_columns(connector: Connector) -> None:
    found = select(connector, described(connector), below(-1))
    assert (found.num_rows, found.schema) == (0, described(connector))


def test_the_first_of_an_order_are_read_once(connector: Connector) -> None:
    order = (model.OrderBy("id", model.Direction.DESC_NULLS_LAST),)
    found = select(connector, pa.schema([("id", pa.int32())]), Constraints(order_by=order, limit=2))
    assert found.column("id").to_pylist() == [ROWS - 1, ROWS - 2]


def test_a_query_that_is_passed_through_is_read_as_described(connector: Connector, source: DuckDbSource) -> None:
    schema = answers.read_table(answer(GetTable(ENVELOPE, TableName("system", "query"), QUERY), connector)).schema
    found = select(connector, schema, Constraints(passthrough=QUERY))
    assert found.to_pydict() == {"n": [0, 1, 2]}
    assert source.callers[-1] == Caller("q-1", ARN)


def test_a_split_that_spills_elsewhere_is_refused(connector: Connector) -> None:
    (split, *_) = splits(connector, Constraints())
    for place in ({"bucket": "theirs"}, {"key": "elsewhere/q-1/1"}, {"key": "athena-spill-not/1"}):
        moved = replace(split, location=replace(split.location, **place))
        with pytest.raises(InvalidInput, match=r"this connector to s3://spills/athena-spill/"):
            answer(reading(moved, described(connector), Constraints()), connector)


def test_a_column_that_the_map_hides_is_refused(connector: Connector) -> None:
    (split, *_) = splits(connector, Constraints())
    rules = Access((Rule((ARN,), (Allowed(("sales",), ("orders",), ("id",)),)),))
    restricted = replace(connector, access=rules)
    for columns, constraints in ((("id", "total"), Constraints()), (("total",), below(5)), (("id",), below(5))):
        schema = pa.schema([described(connector).field(column) for column in columns])
        if columns == ("id",):
            answer(reading(split, schema, constraints), restricted)
            continue
        with pytest.raises(AccessDenied, match=r"may not read total of sales\.orders"):
            answer(reading(split, schema, constraints), restricted)
    with pytest.raises(AccessDenied, match="may not pass queries through"):
        answer(reading(split, pa.schema([]), Constraints(passthrough=QUERY)), restricted)


def test_a_column_that_is_gone_is_named(connector: Connector) -> None:
    (split, *_) = splits(connector, Constraints())
    with pytest.raises(EntityNotFound, match="has no column discount"):
        answer(reading(split, pa.schema([("discount", pa.string())]), Constraints()), connector)


def test_what_was_read_is_noted(connector: Connector) -> None:
    notes: Notes = {}
    (split, *_) = splits(connector, below(10))
    answer(reading(split, pa.schema([("id", pa.int32())]), below(10)), connector, notes)
    assert notes.pop("first_row_seconds") >= 0
    statement = notes.pop("statement")
    assert statement.startswith('SELECT "id" FROM "sales"."orders" WHERE')
    assert 36 <= notes.pop("bytes") < 64
    expected = {"table": "sales.orders", "rows": 9, "blocks": 0, "unwatched": None, "queued_seconds": None}
    assert notes == expected


@pytest.mark.parametrize(
    ("rows", "constraints", "advised"),
    [(624, Constraints(), True), (625, Constraints(), False), (0, below(600), False)],
)
def test_a_scan_of_a_large_table_without_a_condition_is_advised_to_unload_it(
    connector: Connector, rows: int, constraints: Constraints, advised: bool
) -> None:
    notes: Notes = {}
    split = splits(connector, constraints)[1]
    request = reading(split, pa.schema([("id", pa.int32())]), constraints)
    answer(request, replace(connector, advise_rows=rows), notes)
    assert ('COPY "sales"."orders" TO \'<s3://bucket/prefix/>\'' in notes.get("advice", "")) is advised


def test_rows_that_are_too_many_are_spilled_in_order_and_sealed_by_the_splits_key(
    connector: Connector, bucket: dict[str, bytes]
) -> None:
    schema, everything = described(connector), Constraints()
    split = splits(connector, everything)[-1]
    request = replace(reading(split, schema, everything), max_inline_bytes=100, max_block_bytes=10_000)
    found = answers.read_records(answer(request, connector))
    assert isinstance(found, answers.RemoteRecords)
    assert [block.key for block in found.blocks] == [f"{split.location.key}.{number}" for number in range(len(bucket))]
    assert found.key == split.key
    rows = pa.Table.from_batches([open_block(bucket[block.key], found.schema, found.key) for block in found.blocks])
    assert rows.column("id").to_pylist() == list(range(3 * ROWS // 4, ROWS))


def test_what_fails_is_noted_with_its_statement_and_cancelled(connector: Connector, source: DuckDbSource) -> None:
    def fail(location: SpillLocation, content: pa.Buffer) -> None:
        raise InvalidInput("no")

    def read(request: ReadRecords, cursor: Cursor, tally: Tally, seconds_left: SecondsLeft) -> Any:
        return read_records(request, cursor, ReadSettings(), Ports(fail, seconds_left), tally)

    notes: Notes = {}
    (split, *_) = splits(connector, Constraints())
    request = replace(reading(split, described(connector), Constraints()), max_inline_bytes=0, max_block_bytes=1_000)
    with pytest.raises(InvalidInput, match="no"):
        answer(request, replace(connector, read=read), notes)
    (cursor,) = source.cursors
    assert (cursor.cancelled, cursor.closed) == (True, True)
    assert "SELECT" in notes["statement"]
    assert notes["rows"] > 0
