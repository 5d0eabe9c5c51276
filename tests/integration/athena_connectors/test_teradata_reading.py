"""Reading Teradata's own kinds of tables and types, and what befalls a read on its way."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from source_contract import CALLER, rows

from athena_connectors.connections.model import Numbers, Teradata
from athena_connectors.connections.secrets import Secrets
from athena_connectors.federation.errors import (
    AccessDenied,
    EntityNotFound,
    InvalidCredentials,
    InvalidInput,
    NotSupported,
    OperationTimeout,
)
from athena_connectors.federation.model import (
    Bound,
    Call,
    Constant,
    Constraints,
    Direction,
    EquatableValueSet,
    Function,
    Inexact,
    Marker,
    OrderBy,
    Range,
    SortedRangeSet,
    TableName,
    Variable,
)
from athena_connectors.federation.read.conform import Conform
from athena_connectors.federation.source import Scan, Table
from athena_connectors.sources.limits import Limits
from athena_connectors.sources.teradata.source import TeradataSource
from localcloud.teradata.server import Standin
from localcloud.teradata.system import User

LARGEST = "12345678901234567890123456789012345678"
SEED = f"""
CREATE DATABASE Lake;
CREATE TABLE Lake.Base (Id INTEGER, Note VARCHAR(10)) PRIMARY INDEX (Id);
INSERT INTO Lake.Base VALUES (1, 'a'), (2, NULL);
CREATE TABLE Lake.Spread (Id INTEGER, Note VARCHAR(10), Big CLOB) NO PRIMARY INDEX;
INSERT INTO Lake.Spread VALUES (1, 'a', NULL), (2, NULL, NULL), (NULL, NULL, NULL);
CREATE TABLE Lake.Denied (Id INTEGER);
CREATE TABLE Lake.Nothing (Id INTEGER, Note VARCHAR(10));
CREATE VIEW Lake.Plain_View AS SELECT * FROM Lake.Base;
CREATE TABLE Lake."Mixed Case" ("a quoted column" INTEGER, "naïve" VARCHAR(10));
INSERT INTO Lake."Mixed Case" VALUES (1, 'x');
CREATE TABLE Lake.Types (
    Tiny BYTEINT, Small SMALLINT, Whole INTEGER, Big BIGINT, Money DECIMAL(12,2), Cents DECIMAL(18,18),
    Fine DECIMAL(38,10), Huge DECIMAL(38,0), Counted NUMBER(10,2), Fixed NUMBER(*,3), Floating NUMBER, Measure FLOAT,
    Day DATE, Clock TIME(6), Placed TIMESTAMP(3), Exactly TIMESTAMP(6), Zoned TIMESTAMP(3) WITH TIME ZONE,
    Padded CHAR(5), Text VARCHAR(100), Long CLOB, Bytes VARBYTE(10), Doc JSON, Mark XML,
    During PERIOD(DATE), Span INTERVAL DAY TO SECOND);
INSERT INTO Lake.Types VALUES (-128, -32768, -2147483648, -9223372036854775808, -0.01, 0.999999999999999999,
    -1234567890123456789012345678.0123456789, {LARGEST}, 12345678.9, 1.5, 0.1, 0.1,
    '1582-10-15', '23:59:59.123456', '1969-12-31 23:59:59.999', '1969-12-31 23:59:59.999',
    '2024-01-01 02:00:00.123+02:00'::TIMESTAMPTZ, 'ab', 'žluť 😀 ', 'long', unhex('00ff'), '{{"a":1}}', '<a/>',
    '(''2024-01-01'', ''2024-02-01'')', '1 02:03:04');
INSERT INTO Lake.Types (Tiny, Placed, Exactly, Zoned, Day) VALUES
    (1, '9999-12-31 23:59:59.999', '9999-12-31 23:59:59.999', '9999-12-31 23:59:59.999+00:00', '9999-12-31'),
    (2, '0001-01-01 00:00:00', '0001-01-01 00:00:00', '0001-01-01 00:00:00+00:00', '0001-01-01');
CREATE VIEW Lake.Types_View AS SELECT * FROM Lake.Types;
CREATE TABLE Lake.Words (Id INTEGER, Word VARCHAR(10), Code CHAR(5));
INSERT INTO Lake.Words VALUES (1, 'a', 'a'), (2, 'A', 'A'), (3, 'a ', 'b'), (4, '', ''), (5, NULL, NULL);
CREATE TABLE Lake.Places (Id INTEGER, Shape ST_GEOMETRY);
"""  # noqa: S608 - ours


@pytest.fixture(scope="module")
def lake() -> Iterator[Standin]:
    users = {"athena": User("p", denied=("lake.denied",)), "owner": User("o")}
    with Standin.start(users, SEED) as running:
        yield running


@pytest.fixture
def make(lake: Standin, secrets_manager):
    def source(*, exact_text: bool = False, split_rows: int = 1, **fields: Any) -> TeradataSource:
        connection = Teradata("127.0.0.1", "s", lake.port, **fields)
        secrets = Secrets(secrets_manager(username="athena", password="p"))
        return TeradataSource(connection, secrets, Limits(split_rows=split_rows, exact_text=exact_text))

    return source


@pytest.fixture
def source(make) -> TeradataSource:
    return make()


def read(
    source: TeradataSource,
    table: Table,
    constraints: Constraints = Constraints(),  # noqa: B008 - it is frozen
    **properties: str,
) -> list[dict[str, Any]]:
    """Rows as Athena is given them."""
    cursor = source.scan(Scan(table, table.schema, constraints, properties, CALLER))
    conform = Conform(table.schema, Inexact.ERROR)
    return rows((conform(batch) for batch in cursor.batches()), table.schema)


def table_of(source: TeradataSource, name: str) -> Table:
    return source.table(TableName("Lake", name))


@pytest.mark.parametrize("name", ["Base", "Plain_View"])
def test_tables_and_views_are_found_and_read(source: TeradataSource, name: str) -> None:
    assert TableName("Lake", name) in source.tables("Lake")
    assert read(source, table_of(source, name)) == [{"id": 1, "note": "a"}, {"id": 2, "note": None}]


def test_system_databases_are_not_listed(source: TeradataSource) -> None:
    """Official connectors show them."""
    assert source.schemas() == ["Lake"]


def test_names_are_taken_exactly_as_they_are_spelled(source: TeradataSource) -> None:
    """The official connector's split queries do not quote identifiers."""
    (found,) = source.candidates(TableName("lake", "mixed case"))
    assert found == TableName("Lake", "Mixed Case")
    assert read(source, source.table(found)) == [{"a quoted column": 1, "naïve": "x"}]


@pytest.mark.parametrize("name", ["Types", "Types_View"])
def test_every_type_comes_as_it_is(source: TeradataSource, name: str) -> None:
    """A view's types are not in DBC.ColumnsV: they are those of its prepared query."""
    first, last, oldest = sorted(read(source, table_of(source, name)), key=lambda row: row["tiny"])
    assert first == {
        "tiny": -128,
        "small": -32768,
        "whole": -2147483648,
        "big": -9223372036854775808,
        "money": Decimal("-0.01"),
        "cents": Decimal("0.999999999999999999"),
        "fine": Decimal("-1234567890123456789012345678.0123456789"),
        "huge": int(LARGEST),
        "counted": Decimal("12345678.90"),
        "fixed": Decimal("1.500"),
        "floating": Decimal("0.1"),
        "measure": 0.1,
        "day": date(1582, 10, 15),
        "clock": "23:59:59.123456",
        "placed": datetime(1969, 12, 31, 23, 59, 59, 999000),  # noqa: DTZ001
        "exactly": datetime(1969, 12, 31, 23, 59, 59, 999000),  # noqa: DTZ001
        "zoned": datetime(2024, 1, 1, 0, 0, 0, 123000),  # noqa: DTZ001
        "padded": "ab",
        "text": "žluť 😀 ",
        "long": "long",
        "bytes": b"\x00\xff",
        "doc": '{"a":1}',
        "mark": "<a/>",
        "during": "('2024-01-01', '2024-02-01')",
        "span": "1 02:03:04",
    }
    assert last["placed"] == last["exactly"] == last["zoned"] == datetime(9999, 12, 31, 23, 59, 59, 999000)  # noqa: DTZ001
    assert oldest["placed"] == oldest["exactly"] == oldest["zoned"] == datetime(1, 1, 1)  # noqa: DTZ001
    assert (last["day"], oldest["day"]) == (date(9999, 12, 31), date(1, 1, 1))


def test_text_holds_what_athena_has_no_digits_for_where_that_is_asked_for(lake: Standin, make) -> None:
    table = table_of(make(exact_text=True), "Types")
    first = min(read(make(exact_text=True), table), key=lambda row: row["tiny"])
    assert first["exactly"] == "1969-12-31 23:59:59.999000"
    assert first["floating"] == "0.100000000000000000"
    assert first["placed"] == datetime(1969, 12, 31, 23, 59, 59, 999000)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("numbers", "expected"), [(Numbers.DECIMAL, Decimal("0.10")), (Numbers.DOUBLE, 0.1), (Numbers.TEXT, "0.10000")]
)
def test_numbers_without_precision_are_what_the_connection_says(make, numbers: Numbers, expected: Any) -> None:
    """Lossy or refused elsewhere (issues/2418, issues/360)."""
    source = make(numbers=numbers, number_scale=2)
    found = min(read(source, table_of(source, "Types")), key=lambda row: row["tiny"])["floating"]
    assert found.startswith(expected) if isinstance(expected, str) else found == expected


def test_a_number_of_more_digits_than_are_declared_is_refused_and_located(make) -> None:
    source = make(number_scale=0)
    with pytest.raises(InvalidInput, match="Column Floating, row 1 of the split: the value has more digits"):
        read(source, table_of(source, "Types"))


@pytest.mark.parametrize("precision", [1, 2, 10, 17, 18, 19, 20, 30, 38])
def test_decimals_are_exact_whatever_their_precision_and_scale(
    lake: Standin, source: TeradataSource, precision: int
) -> None:
    """The official connector makes a BIGINT of those with a 0 in their precision or scale."""
    scales = sorted({0, 1, precision // 2, precision - 1, precision} & set(range(precision + 1)))
    name = f"Decimals{precision}"
    columns = ", ".join(f"S{scale} DECIMAL({precision},{scale})" for scale in scales)
    values = ", ".join(f"'-{'9' * (precision - scale)}.{'9' * scale}'" for scale in scales)
    lake.system.run(f"CREATE TABLE Lake.{name} ({columns})")
    lake.system.run(f"INSERT INTO Lake.{name} VALUES ({values})")  # noqa: S608 - a test's
    (found,) = read(source, table_of(source, name))
    assert {column: Decimal(value) for column, value in found.items()} == {
        f"s{scale}": Decimal(f"-{'9' * (precision - scale)}.{'9' * scale}") for scale in scales
    }
    lake.system.run(f"DROP TABLE Lake.{name}")


def test_a_type_that_nobody_maps_is_named(source: TeradataSource) -> None:
    with pytest.raises(NotSupported, match="Column Shape is of Teradata's type"):
        table_of(source, "Places")


def test_a_table_that_may_not_be_read_is_said_to_be_so(source: TeradataSource) -> None:
    table = table_of(source, "Denied")
    with pytest.raises(AccessDenied, match=r"^ACCESS_DENIED_EXCEPTION: .*grant it SELECT.*\[Teradata 3523\]"):
        read(source, table)


def test_an_empty_table_has_no_row(source: TeradataSource) -> None:
    assert read(source, table_of(source, "Nothing")) == []


# What is pushed down.


def equal_to(*values: str) -> EquatableValueSet:
    return EquatableValueSet(pa.string(), values, white_list=True, null_allowed=False)


@pytest.mark.parametrize(
    ("column", "sought", "expected"),
    [
        ("Word", "a", [1]),
        ("Word", "A", [2]),
        ("Word", "a ", [3]),
        ("Word", "", [4]),
        ("Code", "a", [1]),
        ("Code", "", [4]),
    ],
)
def test_text_is_compared_by_case_and_by_its_blanks(
    source: TeradataSource, column: str, sought: str, expected: list[int]
) -> None:
    """Teradata itself does neither; a CHAR has no blanks at its end for Athena."""
    table = table_of(source, "Words")
    found = read(source, table, Constraints(summary={column: equal_to(sought)}))
    assert [row["id"] for row in found] == expected


def test_the_conditions_of_a_passed_query_are_by_the_types_of_its_columns(source: TeradataSource) -> None:
    """A CHAR is compared without its blanks there, too."""
    query = "SELECT Id, Code FROM Lake.Words"
    schema = source.query_schema(query, CALLER)
    constraints = Constraints(summary={"Code": equal_to("a")}, passthrough={"QUERY": query})
    cursor = source.scan(Scan(None, schema, constraints, {}, CALLER))
    assert rows(cursor.batches(), schema) == [{"id": 1, "code": "a"}]


def test_a_pattern_is_matched_by_case(source: TeradataSource) -> None:
    table = table_of(source, "Words")
    call = Call(Function.LIKE_PATTERN, pa.bool_(), (Variable("Word", pa.string()), Constant(("A%",), pa.string())))
    assert [row["id"] for row in read(source, table, Constraints(expressions=(call,)))] == [2]


@pytest.mark.parametrize(
    ("direction", "expected"),
    [
        (Direction.ASC_NULLS_FIRST, [None, ""]),
        (Direction.ASC_NULLS_LAST, ["", "A"]),
        (Direction.DESC_NULLS_FIRST, [None, "a "]),
        (Direction.DESC_NULLS_LAST, ["a ", "a"]),
    ],
)
def test_a_limit_is_at_the_source_and_of_the_first_in_order(
    lake: Standin, source: TeradataSource, direction: Direction, expected: list[str]
) -> None:
    """The official connector drops the limit and sorts all."""
    constraints = Constraints(order_by=(OrderBy("Word", direction),), limit=2)
    assert [row["word"] for row in read(source, table_of(source, "Words"), constraints)] == expected
    assert "SELECT TOP 2 " in lake.system.log[-1].request


def test_a_set_that_is_no_range_is_applied(source: TeradataSource) -> None:
    """The official connectors write `()` for it, which no source takes."""
    table = table_of(source, "Base")
    values = EquatableValueSet(pa.int32(), (1,), white_list=False, null_allowed=False)
    assert [row["id"] for row in read(source, table, Constraints(summary={"Id": values}))] == [2]


@pytest.mark.parametrize("column", ["Placed", "Exactly"])
def test_a_timestamp_is_compared_to_the_millisecond(source: TeradataSource, column: str) -> None:
    """Milliseconds were taken for microseconds (issues/831)."""
    moment = datetime(1969, 12, 31, 23, 59, 59, 999000)  # noqa: DTZ001
    ends = Range(Marker(moment, Bound.EXACTLY), Marker(moment, Bound.EXACTLY))
    values = SortedRangeSet(pa.date64(), (ends,), null_allowed=False)
    found = read(source, table_of(source, "Types"), Constraints(summary={column: values}))
    assert [row["tiny"] for row in found] == [-128]


# Queries that are passed through.


def passed(source: TeradataSource, query: str, **constraints: Any) -> list[dict[str, Any]]:
    schema = source.query_schema(query, CALLER)
    passed_through = Constraints(passthrough={"QUERY": query}, **constraints)
    conform = Conform(schema, Inexact.ERROR)
    return rows(map(conform, source.scan(Scan(None, schema, passed_through, {}, CALLER)).batches()), schema)


@pytest.mark.parametrize("name", ["Types", "Types_View"])
def test_a_passed_query_gives_what_the_table_gives(source: TeradataSource, name: str) -> None:
    found = passed(source, f"SELECT * FROM Lake.{name}")  # noqa: S608 - a test's
    clocks = [row.pop("clock") for row in found]
    expected = read(source, table_of(source, name))
    assert [row.pop("clock") for row in expected] == clocks
    assert found == expected


@pytest.mark.parametrize(
    "query",
    [
        "SELECT Id, Note FROM Lake.Base ORDER BY Id DESC;",
        "WITH newest AS (SELECT Id, Note FROM Lake.Base) SELECT Id, Note FROM newest ORDER BY Id DESC",
    ],
)
def test_a_passed_query_may_sort_and_name_its_parts(source: TeradataSource, query: str) -> None:
    """Within another query Teradata takes neither."""
    assert passed(source, query) == [{"id": 2, "note": None}, {"id": 1, "note": "a"}]


def test_columns_of_a_passed_query_are_those_that_are_asked_for(source: TeradataSource) -> None:
    query = "SELECT Id, Note FROM Lake.Base WHERE Id = 1"
    schema = pa.schema([("Note", pa.string())])
    cursor = source.scan(Scan(None, schema, Constraints(passthrough={"QUERY": query}), {}, CALLER))
    assert rows(cursor.batches(), schema) == [{"note": "a"}]


# Splits.


def test_a_table_without_a_primary_index_is_split_with_its_nulls(source: TeradataSource) -> None:
    table = table_of(source, "Spread")
    plan = source.split_plan(table, Constraints(), None, CALLER)
    assert len(plan.properties) == 3
    found = [row["id"] for split in plan.properties for row in read(source, table, **split)]
    assert sorted(found, key=str) == [1, 2, None]


def test_splitting_reads_no_row(lake: Standin, source: TeradataSource) -> None:
    """The official connector scans the table twice, for its partitions."""
    table = table_of(source, "Base")
    before = len(lake.system.log)
    source.split_plan(table, Constraints(), None, CALLER)
    entries = [entry for entry in lake.system.log[before:] if "DBC." not in entry.request]
    asked = [entry.request for entry in entries if not entry.request.startswith("SET QUERY_BAND")]
    assert CALLER.query_id in entries[-1].band
    assert asked == ['LOCKING ROW FOR ACCESS SELECT CAST(COUNT(*) AS BIGINT) FROM "Lake"."Base"']


def test_a_query_for_few_rows_of_a_large_table_stays_whole(lake: Standin, source: TeradataSource) -> None:
    table = table_of(source, "Spread")
    values = EquatableValueSet(pa.int32(), (1,), white_list=True, null_allowed=False)
    assert source.split_plan(table, Constraints(summary={"Id": values}), None, CALLER).properties == ({},)


def test_a_small_table_is_read_in_one_part(make) -> None:
    source = make(split_rows=2)
    assert source.split_plan(table_of(source, "Base"), Constraints(), None, CALLER).properties == ({},)


@pytest.mark.parametrize("token", ["", "1", "[]", '[["Other"], 4]', '[["Id"], 1]', '[["Id"], 1000]', '[["Id"], "x"]'])
def test_a_token_of_somebody_elses_is_refused(source: TeradataSource, token: str) -> None:
    with pytest.raises(InvalidInput, match="none that this connector gave"):
        source.split_plan(table_of(source, "Base"), Constraints(), token, CALLER)


# Sessions.


def test_a_session_that_is_gone_is_opened_anew(lake: Standin, source: TeradataSource) -> None:
    table = table_of(source, "Base")
    lake.end_sessions()
    assert len(read(source, table)) == 2
    lake.end_sessions()
    assert source.schemas() == ["Lake"]


def test_a_rotated_password_is_read_anew(lake: Standin, secrets_manager) -> None:
    manager = secrets_manager(username="owner", password="old")
    secrets = Secrets(manager)
    secrets.read("s")
    manager.values["password"] = "o"
    source = TeradataSource(Teradata("127.0.0.1", "s", lake.port), secrets, Limits())
    assert source.schemas() == ["Lake"]
    assert manager.reads == 2


@pytest.mark.parametrize(("secret", "words"), [({"password": "p"}, "no user name"), ({"username": "u"}, "no password")])
def test_a_secret_that_lacks_something_says_what(
    lake: Standin, secrets_manager, secret: dict[str, str], words: str
) -> None:
    source = TeradataSource(Teradata("127.0.0.1", "s", lake.port), Secrets(secrets_manager(**secret)), Limits())
    with pytest.raises(InvalidCredentials, match=words):
        source.schemas()


def test_a_host_that_is_none_is_said_to_be_so(secrets_manager) -> None:
    secrets = Secrets(secrets_manager(username="u", password="p"))
    source = TeradataSource(Teradata("no-such-host.invalid", "s"), secrets, Limits())
    with pytest.raises(OperationTimeout, match=r"There is no host no-such-host\.invalid"):
        source.schemas()


def test_a_column_that_is_gone_meanwhile_is_said_to_be_so(lake: Standin, source: TeradataSource) -> None:
    lake.system.run("CREATE TABLE Lake.Altered (Id INTEGER, Gone INTEGER)")
    table = table_of(source, "Altered")
    lake.system.run("DROP TABLE Lake.Altered")
    lake.system.run("CREATE TABLE Lake.Altered (Id INTEGER)")
    with pytest.raises(EntityNotFound, match="A column is gone"):
        read(source, table)
    lake.system.run("DROP TABLE Lake.Altered")


def test_a_cursor_that_was_cancelled_before_it_was_read_asks_nothing(lake: Standin, source: TeradataSource) -> None:
    table = table_of(source, "Base")
    before = len(lake.system.log)
    cursor = source.scan(Scan(table, table.schema, Constraints(), {}, CALLER))
    cursor.cancel()
    with pytest.raises(OperationTimeout, match="was cancelled"):
        list(cursor.batches())
    assert len(lake.system.log) == before
