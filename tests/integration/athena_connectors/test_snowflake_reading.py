"""Reading Snowflake's own kinds of tables and types, and what befalls a read on its way."""

import time
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from source_contract import CALLER, rows

from athena_connectors.connections.model import Snowflake
from athena_connectors.connections.secrets import Secrets
from athena_connectors.federation.errors import OperationTimeout
from athena_connectors.federation.model import Constraints, EquatableValueSet, TableName
from athena_connectors.federation.source import Scan
from athena_connectors.sources.limits import Limits
from athena_connectors.sources.snowflake.source import SnowflakeSource
from localcloud.snowflake.standin import Account, Standin, User

pytestmark = pytest.mark.xdist_group("snowflake_reading")  # they share a stand-in
SEED = """
CREATE DATABASE lake;
CREATE SCHEMA lake.kinds;
CREATE TABLE lake.kinds.base (id NUMBER(38, 0), note VARCHAR);
INSERT INTO lake.kinds.base VALUES (1, 'a'), (2, NULL);
CREATE VIEW lake.kinds.plain_view AS SELECT * FROM lake.kinds.base;
CREATE MATERIALIZED VIEW lake.kinds.kept_view AS SELECT * FROM lake.kinds.base;
CREATE DYNAMIC TABLE lake.kinds.dynamic TARGET_LAG = '1 minute' WAREHOUSE = compute AS SELECT * FROM lake.kinds.base;
CREATE HYBRID TABLE lake.kinds.hybrid (id NUMBER(38, 0) PRIMARY KEY, note VARCHAR);
INSERT INTO lake.kinds.hybrid VALUES (1, 'a'), (2, NULL);
CREATE TABLE lake.kinds.forgetful (id NUMBER(38, 0), note VARCHAR) DATA_RETENTION_TIME_IN_DAYS = 0;
INSERT INTO lake.kinds.forgetful VALUES (1, 'a'), (2, NULL);
CREATE TABLE lake.kinds.nothing (id NUMBER(38, 0), note VARCHAR);
CREATE TABLE lake.kinds."Mixed Case" ("a ""quoted"" column" NUMBER(9, 0), "naïve" VARCHAR);
INSERT INTO lake.kinds."Mixed Case" VALUES (1, 'x');
CREATE TABLE lake.kinds.types (
    whole NUMBER(38, 0), big NUMBER(18, 0), money NUMBER(12, 2), fine NUMBER(38, 10), real FLOAT, yes BOOLEAN,
    day DATE, clock TIME, ntz TIMESTAMP_NTZ, tz TIMESTAMP_TZ, ltz TIMESTAMP_LTZ, bytes BINARY, text VARCHAR,
    json VARIANT, list ARRAY);
INSERT INTO lake.kinds.types SELECT
    12345678901234567890123456789012345678, 999999999999999999, 0.1, 1234567890123456789012345678.0123456789, 0.1, TRUE,
    '1582-10-15', '23:59:59.123456', '1969-12-31 23:59:59.999', '2024-01-01 02:00:00.123+02:00'::TIMESTAMP_TZ,
    '2024-01-01 00:00:00.123+00:00'::TIMESTAMP_LTZ, TO_BINARY('00ff', 'hex'), 'žluť 😀',
    PARSE_JSON('{"a": [1, null]}'), PARSE_JSON('[1, "b"]');
INSERT INTO lake.kinds.types (whole, ntz, day) VALUES (-1, '9999-12-31 23:59:59.999', '9999-12-31');
INSERT INTO lake.kinds.types (whole, ntz, day) VALUES (-2, '0001-01-01 00:00:00', '0001-01-01');
CREATE TABLE lake.kinds.large AS SELECT range AS id, range::VARCHAR AS text FROM range(0, 200000);
"""


@pytest.fixture(scope="module")
def lake():
    with Standin.start(Account({"athena": User(password="p")}, SEED)) as running:
        yield running


@pytest.fixture
def source(lake: Standin, secrets_manager) -> SnowflakeSource:
    connection = Snowflake("127.0.0.1", "lake", "s", lake.port, "compute", tls=False)
    return SnowflakeSource(connection, Secrets(secrets_manager(username="athena", password="p")), Limits(split_rows=1))


def read(source: SnowflakeSource, name: str) -> list[dict[str, Any]]:
    table = source.table(TableName("KINDS", name))
    return rows(source.scan(Scan(table, table.schema, Constraints(), {}, CALLER)).batches(), table.schema)


@pytest.mark.parametrize("name", ["BASE", "PLAIN_VIEW", "KEPT_VIEW", "DYNAMIC", "HYBRID", "FORGETFUL"])
def test_every_kind_of_table_is_found_and_read(source: SnowflakeSource, name: str) -> None:
    """Materialized views (#3499) and hybrid tables (#3628) have no row count, and are not empty for that."""
    assert TableName("KINDS", name) in source.tables("KINDS")
    assert read(source, name) == [{"id": 1, "note": "a"}, {"id": 2, "note": None}]


@pytest.mark.parametrize(
    ("name", "several"),
    [
        ("BASE", True),
        ("DYNAMIC", True),
        ("PLAIN_VIEW", False),
        ("KEPT_VIEW", False),
        ("HYBRID", False),
        ("FORGETFUL", False),
        ("NOTHING", False),
    ],
)
def test_only_a_table_whose_past_can_be_read_is_read_in_parts(
    source: SnowflakeSource, name: str, several: bool
) -> None:
    plan = source.split_plan(source.table(TableName("KINDS", name)), Constraints(), None, CALLER)
    assert (len(plan.properties) > 1, plan.snapshot is not None) == (several, several)


def test_a_query_for_few_rows_of_a_large_table_is_not_cut_up(source: SnowflakeSource) -> None:
    table = source.table(TableName("KINDS", "BASE"))
    one = EquatableValueSet(pa.string(), ("a",), white_list=True, null_allowed=False)
    assert source.split_plan(table, Constraints(summary={"NOTE": one}), None, CALLER).properties == ({},)


def test_what_a_plan_makes_the_warehouse_read_names_the_query_of_athena(lake: Standin, source: SnowflakeSource) -> None:
    source.split_plan(source.table(TableName("KINDS", "LARGE")), Constraints(), None, CALLER)
    tags = [query["tag"] for query in lake.queries() if "APPROX_PERCENTILE" in query["sql"]]
    assert tags
    assert all(CALLER.query_id in tag and CALLER.arn in tag for tag in tags)


def test_an_empty_table_has_no_row(source: SnowflakeSource) -> None:
    assert read(source, "NOTHING") == []


def test_names_are_taken_exactly_as_they_are_spelled(source: SnowflakeSource) -> None:
    (found,) = source.candidates(TableName("kinds", "mixed case"))
    assert found == TableName("KINDS", "Mixed Case")
    assert read(source, "Mixed Case") == [{'a "quoted" column': 1, "naïve": "x"}]


def test_every_type_comes_as_it_is(source: SnowflakeSource) -> None:
    first, last, oldest = sorted(read(source, "TYPES"), key=lambda row: -row["whole"])
    assert first == {
        "whole": 12345678901234567890123456789012345678,
        "big": 999999999999999999,
        "money": Decimal("0.10"),
        "fine": Decimal("1234567890123456789012345678.0123456789"),
        "real": 0.1,
        "yes": True,
        "day": date(1582, 10, 15),
        "clock": "23:59:59.123456",
        "ntz": datetime(1969, 12, 31, 23, 59, 59, 999000),  # noqa: DTZ001
        "tz": datetime(2024, 1, 1, 0, 0, 0, 123000),  # noqa: DTZ001
        "ltz": datetime(2024, 1, 1, 0, 0, 0, 123000),  # noqa: DTZ001
        "bytes": b"\x00\xff",
        "text": "žluť 😀",
        "json": '{"a":[1,null]}',
        "list": '[1,"b"]',
    }
    assert (last["ntz"], last["day"]) == (datetime(9999, 12, 31, 23, 59, 59, 999000), date(9999, 12, 31))  # noqa: DTZ001
    assert (oldest["ntz"], oldest["day"]) == (datetime(1, 1, 1), date(1, 1, 1))  # noqa: DTZ001


def test_numbers_with_a_scale_never_pass_through_a_double(source: SnowflakeSource) -> None:
    table = source.table(TableName("KINDS", "TYPES"))
    schema = pa.schema([table.schema.field("MONEY")])
    for batch in source.scan(Scan(table, schema, Constraints(), {}, CALLER)).batches():
        assert pa.types.is_decimal(batch.schema.field(0).type)


def test_a_large_result_comes_in_chunks_each_with_its_own_integers(source: SnowflakeSource) -> None:
    table = source.table(TableName("KINDS", "LARGE"))
    batches = list(source.scan(Scan(table, table.schema, Constraints(), {}, CALLER)).batches())
    assert len({batch.schema.field("ID").type for batch in batches}) > 1
    assert max(batch.num_rows for batch in batches) <= 50_000
    ids = [number for batch in batches for number in batch.column("ID").to_pylist()]
    assert sorted(ids) == list(range(200_000))


def test_a_result_that_cannot_be_had_to_its_end_is_an_error(lake: Standin, source: SnowflakeSource) -> None:
    table = source.table(TableName("KINDS", "LARGE"))
    lake.fail_chunks(True)
    try:
        with pytest.raises(OperationTimeout, match="a route to the account's storage"):
            list(source.scan(Scan(table, table.schema, Constraints(), {}, CALLER)).batches())
    finally:
        lake.fail_chunks(False)


def test_the_time_in_the_queue_is_told(lake: Standin, source: SnowflakeSource) -> None:
    table = source.table(TableName("KINDS", "BASE"))
    lake.queue(0.4)
    try:
        cursor = source.scan(Scan(table, table.schema, Constraints(), {}, CALLER))
        list(cursor.batches())
    finally:
        lake.queue(0)
    assert 0.2 < cursor.queued_seconds < 5
    cursor = source.scan(Scan(table, table.schema, Constraints(), {}, CALLER))
    list(cursor.batches())
    assert cursor.queued_seconds == 0


def test_a_query_is_cancelled_while_it_waits_in_the_queue(lake: Standin, source: SnowflakeSource) -> None:
    table = source.table(TableName("KINDS", "BASE"))
    lake.queue(30)
    try:
        cursor = source.scan(Scan(table, table.schema, Constraints(), {}, CALLER))
        cursor.cancel()
        started = time.monotonic()
        with pytest.raises(OperationTimeout, match="was cancelled"):
            list(cursor.batches())
        assert time.monotonic() - started < 10
    finally:
        lake.queue(0)


def test_a_cursor_that_is_closed_before_its_end_ends_the_query_at_snowflake(
    lake: Standin, source: SnowflakeSource
) -> None:
    query = "SELECT SYSTEM$WAIT(60) AS waited"
    schema = source.query_schema(query, CALLER)
    cursor = source.scan(Scan(None, schema, Constraints(passthrough={"QUERY": query}), {}, CALLER))
    cursor.close()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        (found,) = [query["status"] for query in lake.queries() if query["id"] == cursor.query_id]
        if found == "ABORTED":
            return
        time.sleep(0.02)
    raise AssertionError(found)


def test_the_driver_tells_nothing_of_its_own(lake: Standin, source: SnowflakeSource) -> None:
    read(source, "BASE")
    source._session.forget(source._session.connection())
    assert lake.record()["telemetry"] == 0


def test_names_that_differ_by_case_alone_are_all_candidates(source: SnowflakeSource) -> None:
    """DuckDB, behind the stand-in, cannot hold two such tables: so this is asked of what the dictionary is told."""
    source._dictionary._session = Two()
    found = source.candidates(TableName("kinds", "orders"))
    assert found == [TableName("KINDS", "ORDERS"), TableName("KINDS", "orders")]


class Two:
    database = "LAKE"

    def rows(self, sql: str, binds: Any) -> list[tuple[str, str]]:
        assert binds == ["kinds", "orders"]
        return [("KINDS", "ORDERS"), ("KINDS", "orders")]
