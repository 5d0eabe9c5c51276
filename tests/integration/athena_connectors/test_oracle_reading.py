"""Oracle's kinds of tables, its types and its ways to be read in parts, by the stand-in."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from source_contract import CALLER

from athena_connectors.connections.model import Numbers, Oracle
from athena_connectors.connections.secrets import Secrets
from athena_connectors.federation.errors import EntityNotFound, InvalidInput, NotSupported
from athena_connectors.federation.model import (
    Bound,
    Constraints,
    EquatableValueSet,
    Inexact,
    Marker,
    Range,
    SortedRangeSet,
    TableName,
)
from athena_connectors.federation.read.conform import Conform
from athena_connectors.federation.source import Scan, SplitPlan, Table
from athena_connectors.sources.limits import Limits
from athena_connectors.sources.oracle.source import OracleSource
from localcloud.oracle import database
from localcloud.oracle.database import Contents
from localcloud.oracle.driver.standin_connection import connect
from localcloud.oracle.standin import Standin, User

NOTES = {"ID": "NUMBER(10)", "NOTE": "VARCHAR2(10)"}
ROWS = pa.table({"id": [1, 2, 3, 4], "note": ["a", None, "", "d"]})
READ = [{"ID": 1, "NOTE": "a"}, {"ID": 2, "NOTE": None}, {"ID": 3, "NOTE": None}, {"ID": 4, "NOTE": "d"}]
MANY = pa.table({"id": range(1_000), "note": [f"n{number}" for number in range(1_000)]})
NAIVE = datetime(1969, 12, 31, 23, 59, 59, 123456)  # noqa: DTZ001 - a wall clock
TYPES: dict[str, tuple[str, pa.DataType, Any, Any]] = {
    "N9": ("NUMBER(9)", pa.int64(), 999_999_999, 999_999_999),
    "N18": ("NUMBER(18)", pa.int64(), -(10**18) + 1, -(10**18) + 1),
    "N19": ("NUMBER(19)", pa.decimal128(19), Decimal(2**63), Decimal(2**63)),
    "N38": ("NUMBER(*,0)", pa.decimal128(38), Decimal("9" * 38), Decimal("9" * 38)),
    "MONEY": ("NUMBER(12,2)", pa.decimal128(12, 2), Decimal("0.10"), Decimal("0.10")),
    "LEAST": ("NUMBER(2,5)", pa.decimal128(5, 5), Decimal("0.00099"), Decimal("0.00099")),
    "HUNDREDS": ("NUMBER(5,-2)", pa.int64(), 1_234_500, 1_234_500),
    "FREE": ("NUMBER", pa.decimal128(38, 18), Decimal("-0.29"), Decimal("-0.2900000000")),
    "F": ("FLOAT", pa.float64(), 0.1, 0.1),
    "BF": ("BINARY_FLOAT", pa.float32(), 1.5, 1.5),
    "BD": ("BINARY_DOUBLE", pa.float64(), -2.5e300, -2.5e300),
    "OLD": ("DATE", pa.timestamp("s"), datetime(1500, 3, 1, 12, 30), datetime(1500, 3, 1, 12, 30)),  # noqa: DTZ001
    "FIRST": ("DATE", pa.timestamp("s"), datetime(1, 1, 1), datetime(1, 1, 1)),  # noqa: DTZ001
    "LAST": ("TIMESTAMP(3)", pa.timestamp("ms"), datetime(9999, 12, 31, 23), datetime(9999, 12, 31, 23)),  # noqa: DTZ001
    "BEFORE": ("TIMESTAMP(6)", pa.timestamp("us"), NAIVE.replace(microsecond=1000), NAIVE.replace(microsecond=1000)),
    "NS": ("TIMESTAMP(9)", pa.timestamp("ns"), NAIVE.replace(microsecond=999000), NAIVE.replace(microsecond=999000)),
    "ZONED": (
        "TIMESTAMP(6) WITH TIME ZONE",
        pa.timestamp("us", "UTC"),
        NAIVE.replace(microsecond=0, tzinfo=UTC),
        NAIVE.replace(microsecond=0),
    ),
    "LOCAL": (
        "TIMESTAMP(3) WITH LOCAL TIME ZONE",
        pa.timestamp("ms", "UTC"),
        NAIVE.replace(microsecond=0, tzinfo=UTC),
        NAIVE.replace(microsecond=0),
    ),
    "CODE": ("CHAR(5)", pa.string(), "ab", "ab"),
    "BLANK": ("CHAR(3)", pa.string(), " ", ""),
    "WORDS": ("NVARCHAR2(20)", pa.string(), "žluť 😀 ", "žluť 😀 "),
    "BYTES": ("RAW(8)", pa.binary(), b"\x00\xff", b"\x00\xff"),
    "LONG_TEXT": ("CLOB", pa.string(), "x" * 100_000, "x" * 100_000),
    "LONG_BYTES": ("BLOB", pa.binary(), b"\x01" * 100_000, b"\x01" * 100_000),
}
"""By column: its type, what the table is filled with, and what Athena reads."""


def contents() -> Contents:
    def one(kind: str, type_: pa.DataType, value: Any) -> database.Table:
        return database.Table({"V": kind}, pa.table({"v": pa.array([value], type_)}))

    def kind(**fields: Any) -> database.Table:
        return database.Table(NOTES, MANY, **fields)

    every = pa.table({name: pa.array([given, None], type_) for name, (_, type_, given, _) in TYPES.items()})
    tables = {
        "BASE": database.Table(NOTES, ROWS),
        "EMPTY": database.Table(NOTES, ROWS.slice(0, 0)),
        "HEAP": kind(),
        "GUARDED": kind(flashback=False),
        "NEVER_ANALYZED": kind(analyzed=False),
        "BY_INDEX": kind(organisation="INDEX"),
        "PARTED": kind(partitions={"P1": '"ID" < 300', "Rest of it": '"ID" >= 300'}),
        "PARTED_BY_INDEX": kind(partitions={"P1": '"ID" < 300', "P2": '"ID" >= 300'}, organisation="INDEX"),
        "SHREDDED": kind(partitions={f"P{number}": f'"ID" // 10 = {number}' for number in range(100)}),
        "Mixed Case": database.Table({"naïve name": "NUMBER(9)"}, pa.table({"n": [7]})),
        "TYPES": database.Table({name: kind for name, (kind, *_) in TYPES.items()}, every),
        "MANY_DIGITS": one("NUMBER", pa.decimal128(38, 18), Decimal("0.333333333333333335")),
        "NANOSECONDS": one("TIMESTAMP(9)", pa.timestamp("ns"), 1_500_500),
        "MICROSECONDS": one("TIMESTAMP(6)", pa.timestamp("us"), 1_500),
        "LARGE": one("CLOB", pa.string(), "x" * 16_000_001),
        "FILES": one("BFILE", pa.binary(), b"x"),
    }
    return Contents(
        {("KINDS", name): table for name, table in tables.items()},
        {("KINDS", "PLAIN_VIEW"): "SELECT * FROM kinds.base"},
        {("KINDS", "KEPT_VIEW"): "SELECT id, note FROM kinds.base"},
        {
            ("KINDS", "OTHER_NAME"): ("KINDS", "BASE"),
            ("KINDS", "CHAIN"): ("KINDS", "OTHER_NAME"),
            ("PUBLIC", "NOTES"): ("KINDS", "BASE"),
            ("KINDS", "OTHER_PARTED"): ("KINDS", "PARTED"),
            ("KINDS", "LOST"): ("KINDS", "DROPPED_LONG_AGO"),
        },
    )


@pytest.fixture(scope="module")
def standin() -> Iterator[Standin]:
    with Standin({"athena": User("p")}, contents()) as running:
        yield running


@pytest.fixture
def source_of(standin: Standin, secrets_manager) -> Callable[..., OracleSource]:
    def make(running: Standin = standin, limits: Limits = Limits(split_rows=100), **fields: Any) -> OracleSource:  # noqa: B008
        connection = Oracle("127.0.0.1", "s", "sales", port=running.port, **fields)
        return OracleSource(connection, Secrets(secrets_manager(username="athena", password="p")), limits, connect)

    return make


@pytest.fixture
def source(source_of: Callable[..., OracleSource]) -> OracleSource:
    return source_of()


def table(source: OracleSource, name: str) -> Table:
    return source.table(TableName("KINDS", name))


def read(
    source: OracleSource,
    found: Table,
    constraints: Constraints = Constraints(),  # noqa: B008 - it is frozen
    inexact: Inexact = Inexact.ERROR,
    properties: dict[str, str] | None = None,
) -> list[dict[str, Any]]:
    """Rows as Athena gets them."""
    cursor = source.scan(Scan(found, found.schema, constraints, properties or {}, CALLER))
    conform = Conform(found.schema, inexact)
    rows: list[dict[str, Any]] = []
    for batch in map(conform, cursor.batches()):
        columns = [
            (
                column.view(pa.int64()).view(pa.timestamp("ms")) if pa.types.is_date64(column.type) else column
            ).to_pylist()
            for column in batch.columns
        ]
        rows += (dict(zip(found.schema.names, values, strict=True)) for values in zip(*columns, strict=True))
    return rows


def plan(source: OracleSource, name: str) -> SplitPlan:
    return source.split_plan(table(source, name), Constraints(), None, CALLER)


@pytest.mark.parametrize("name", ["BASE", "PLAIN_VIEW", "KEPT_VIEW", "OTHER_NAME", "CHAIN"])
def test_every_kind_of_table_is_listed_found_in_any_case_and_read(source: OracleSource, name: str) -> None:
    """Issue #1274: synonyms were not there; #2418: nor what another user owns."""
    assert TableName("KINDS", name) in source.tables("KINDS")
    assert source.candidates(TableName("kinds", name.lower())) == [TableName("KINDS", name)]
    assert read(source, table(source, name)) == READ


def test_a_public_synonym_is_found_where_it_is_named(source: OracleSource) -> None:
    assert source.candidates(TableName("public", "notes")) == [TableName("PUBLIC", "NOTES")]
    assert read(source, source.table(TableName("PUBLIC", "NOTES"))) == READ
    assert "PUBLIC" not in source.schemas()


def test_a_synonym_of_nothing_is_not_listed(source: OracleSource) -> None:
    assert TableName("KINDS", "LOST") not in source.tables("KINDS")


def test_schemas_of_the_databases_own_are_not_listed_and_are_found_when_named(source: OracleSource) -> None:
    """Facts 3.2: the official connector lists SYS."""
    assert source.schemas() == ["ATHENA", "KINDS"]
    assert source.candidates(TableName("sys", "dual")) == [TableName("SYS", "DUAL")]


def test_names_are_taken_exactly_as_they_are_spelled(source: OracleSource) -> None:
    (found,) = source.candidates(TableName("kinds", "mixed case"))
    assert read(source, source.table(found)) == [{"naïve name": 7}]


def test_an_empty_table_has_no_row(source: OracleSource) -> None:
    assert read(source, table(source, "EMPTY")) == []


def test_every_type_comes_as_it_is_and_null_as_null(source: OracleSource) -> None:
    """Issue #154 and pull request #2290: dates before 1970 were a day off."""
    full, empty = read(source, table(source, "TYPES"))
    for name, (_, _, _, expected) in TYPES.items():
        assert (name, full[name]) == (name, expected)
        assert (name, empty[name]) == (name, None)


def test_columns_are_read_as_their_types_say_however_athena_spells_their_names(source: OracleSource) -> None:
    """Issues #61 and #1429: it lower-cases them."""
    found = table(source, "TYPES")
    asked = pa.schema([("code", pa.string()), ("free", pa.decimal128(38, 10)), ("ns", pa.date64())])
    cursor = source.scan(Scan(found, asked, Constraints(), {}, CALLER))
    (row, _) = [row for batch in map(Conform(asked, Inexact.ERROR), cursor.batches()) for row in batch.to_pylist()]
    assert (row["code"], row["free"]) == ("ab", Decimal("-0.2900000000"))


@pytest.mark.parametrize("name", ["MANY_DIGITS", "NANOSECONDS", "MICROSECONDS"])
def test_what_the_declared_type_cannot_hold_is_refused(source: OracleSource, name: str) -> None:
    """Issues #2418 and #360: NUMBERs without precision lost their fractions without a word."""
    with pytest.raises(InvalidInput, match=r"^INVALID_INPUT_EXCEPTION: Column V, row 1 .* has more digits"):
        read(source, table(source, name))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MANY_DIGITS", Decimal("0.3333333333")),
        ("NANOSECONDS", datetime(1970, 1, 1, microsecond=2000)),  # noqa: DTZ001
        ("MICROSECONDS", datetime(1970, 1, 1, microsecond=2000)),  # noqa: DTZ001
    ],
)
def test_or_rounded_where_that_is_chosen(source: OracleSource, name: str, value: object) -> None:
    assert read(source, table(source, name), inexact=Inexact.ROUND) == [{"V": value}]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MANY_DIGITS", "0.333333333333333335"),
        ("NANOSECONDS", "1970-01-01 00:00:00.001500500"),
        ("MICROSECONDS", "1970-01-01 00:00:00.001500000"),
    ],
)
def test_or_declared_as_text_where_that_is_chosen(
    source_of: Callable[..., OracleSource], name: str, value: str
) -> None:
    source = source_of(limits=Limits(exact_text=True))
    assert read(source, table(source, name)) == [{"V": value}]


@pytest.mark.parametrize(("numbers", "value"), [(Numbers.DOUBLE, 1 / 3), (Numbers.TEXT, "0.333333333333333335")])
def test_numbers_without_precision_are_what_the_connection_says(
    source_of: Callable[..., OracleSource], numbers: Numbers, value: object
) -> None:
    source = source_of(numbers=numbers)
    assert read(source, table(source, "MANY_DIGITS")) == [{"V": pytest.approx(value)}]


def test_a_lob_that_is_too_large_for_athena_is_refused_by_its_column(source: OracleSource) -> None:
    with pytest.raises(InvalidInput, match=r"Column V has a value of more than 16 MB\. .*DBMS_LOB\.SUBSTR"):
        read(source, table(source, "LARGE"))


def test_a_type_that_nobody_maps_is_refused_by_its_column(source: OracleSource) -> None:
    with pytest.raises(NotSupported, match="Column V is of Oracle's type DB_TYPE_BFILE"):
        table(source, "FILES")


def only(*values: Any) -> EquatableValueSet:
    return EquatableValueSet(pa.string(), values, white_list=True, null_allowed=False)


@pytest.mark.parametrize(("asked", "found"), [(("a",), [1]), (("",), []), (("", "d"), [4])])
def test_an_empty_text_is_null_and_equal_to_nothing(source: OracleSource, asked: tuple[str], found: list[int]) -> None:
    rows = read(source, table(source, "BASE"), Constraints(summary={"NOTE": only(*asked)}))
    assert [row["ID"] for row in rows] == found


def test_a_char_is_compared_without_the_blanks_at_its_end(source: OracleSource) -> None:
    rows = read(source, table(source, "TYPES"), Constraints(summary={"CODE": only("ab")}))
    assert [row["CODE"] for row in rows] == ["ab"]


def test_a_predicate_on_a_timestamp_is_bound_with_its_fraction(source: OracleSource) -> None:
    """Issue #831: such predicates were mangled; and the driver by itself binds a datetime as DATE, without one."""
    moment = NAIVE.replace(microsecond=1000)
    just = Range(Marker(moment, Bound.EXACTLY), Marker(moment, Bound.EXACTLY))
    constraints = Constraints(summary={"BEFORE": SortedRangeSet(pa.date64(), (just,), null_allowed=False)})
    assert [row["BEFORE"] for row in read(source, table(source, "TYPES"), constraints)] == [moment]


# Parts.


@pytest.mark.parametrize(
    ("name", "parts", "property_", "of_one_moment"),
    [
        ("HEAP", 10, "rowid", True),
        ("GUARDED", 10, "bucket", False),
        ("NEVER_ANALYZED", 1, "", False),
        ("BY_INDEX", 1, "", False),
        ("EMPTY", 1, "", False),
        ("PLAIN_VIEW", 1, "", False),
        ("PARTED", 10, "partition", True),
        ("OTHER_PARTED", 10, "partition", True),
        ("PARTED_BY_INDEX", 2, "partition", True),
        ("SHREDDED", 10, "rowid", True),
    ],
)
def test_a_table_is_read_in_the_parts_that_suit_it(
    source: OracleSource, name: str, parts: int, property_: str, of_one_moment: bool
) -> None:
    """Facts 3.4: the official connector finds no partitions; #794 and #1241: or uneven ones."""
    found, planned = table(source, name), plan(source, name)
    assert len(planned.properties) == parts
    assert all(any(property_ in name for name in part) == bool(property_) for part in planned.properties)
    assert all(("scn" in part) == of_one_moment for part in planned.properties)
    rows = [row["ID"] for part in planned.properties for row in read(source, found, properties=dict(part))]
    assert sorted(rows) == sorted(row["ID"] for row in read(source, found))
    assert source.split_plan(found, Constraints(), planned.snapshot, CALLER).properties == (
        planned.properties if planned.snapshot else ({},)
    )


@pytest.mark.parametrize(("rows", "parts"), [(60, 1), (600, 6)])
def test_a_query_is_read_in_as_many_parts_as_it_has_rows(source: OracleSource, rows: int, parts: int) -> None:
    few = Range(Marker(0, Bound.EXACTLY), Marker(rows, Bound.BELOW))
    asked = Constraints(summary={"ID": SortedRangeSet(pa.int64(), (few,), null_allowed=False)})
    assert len(source.split_plan(table(source, "HEAP"), asked, None, CALLER).properties) == parts


def test_who_may_not_use_dbms_flashback_reads_one_moment_too(source_of: Callable[..., OracleSource]) -> None:
    with Standin({"athena": User("p")}, contents(), dbms_flashback=False) as running:
        assert all("scn" in part for part in plan(source_of(running), "HEAP").properties)


@pytest.mark.parametrize("token", ["", "[]", "{}", "[1]", '[{"scn": 1}]'])
def test_a_token_of_somebody_elses_is_refused(source: OracleSource, token: str) -> None:
    with pytest.raises(InvalidInput, match="none that this connector gave"):
        source.split_plan(table(source, "HEAP"), Constraints(), token, CALLER)


def test_a_column_that_was_dropped_meanwhile_is_named(source_of: Callable[..., OracleSource]) -> None:
    with Standin({"athena": User("p")}, contents()) as running:
        source = source_of(running)
        found = table(source, "BASE")
        old = Table(found.name, found.schema.append(pa.field("GONE", pa.string())), dict(found.source_types))
        with pytest.raises(EntityNotFound, match=r'A column is gone: .* "GONE" \[ORA-00904\]'):
            read(source, old)


def test_a_query_without_a_table_is_passed_through(source: OracleSource) -> None:
    """Issue #2313: expressions over DUAL failed."""
    query = "SELECT 1 / 8 AS eighth, 'x' AS word FROM dual -- of nothing"
    schema = source.query_schema(query, CALLER)
    cursor = source.scan(Scan(None, schema, Constraints(passthrough={"QUERY": query}), {}, CALLER))
    (row,) = [row for batch in map(Conform(schema, Inexact.ERROR), cursor.batches()) for row in batch.to_pylist()]
    assert row == {"EIGHTH": Decimal("0.1250000000"), "WORD": "x"}


@pytest.mark.parametrize("query", ["DELETE FROM kinds.base", "DROP TABLE kinds.base", "BEGIN NULL; END;", ""])
def test_nothing_but_a_query_is_passed_through(source: OracleSource, query: str) -> None:
    with pytest.raises(InvalidInput):
        source.query_schema(query, CALLER)
