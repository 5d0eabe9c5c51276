"""What every source promises, whatever is behind it: one suite, which each source's tests inherit and bring data to.

    class TestContract(SourceContract):
        cannot: ClassVar[dict[str, str]] = {"test_…": "why this source cannot do it"}

        @pytest.fixture
        def subject(self) -> Subject: …

A source's ORDERS are `ORDERS` here, spelled and typed as it likes: see `Subject`.
"""

import threading
import time
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Protocol

import pyarrow as pa
import pytest

from athena_connectors.federation.errors import (
    ConnectorError,
    EntityNotFound,
    InvalidCredentials,
    InvalidInput,
    OperationTimeout,
)
from athena_connectors.federation.model import (
    Bound,
    Constraints,
    Direction,
    Marker,
    OrderBy,
    Range,
    SortedRangeSet,
    TableName,
)
from athena_connectors.federation.source import Caller, Scan, Source, SplitPlan, Table

CALLER = Caller("11111111-2222-3333-4444-555555555555", "arn:aws:iam::123456789012:user/analyst")
SECONDS = 15.0
"""Every refusal comes within this."""
COLUMNS = ("id", "customer", "amount", "day", "placed")
ATHENA_TYPES = (
    pa.types.is_boolean,
    pa.types.is_signed_integer,
    pa.types.is_float32,
    pa.types.is_float64,
    pa.types.is_string,
    pa.types.is_binary,
    pa.types.is_decimal128,
    pa.types.is_date32,
    pa.types.is_date64,
)


def order(number: int) -> dict[str, Any]:
    """Row `number` of ORDERS, as Athena is to see it: NULLs, times before 1970 and before 1582, text of all kinds."""
    return {
        "id": number,
        "customer": None if number % 11 == 5 else f"žluťoučký '{number % 10}' 😀",
        "amount": None if number % 40 == 3 else Decimal(number) * Decimal("1.25") - 100,
        "day": {0: date(1582, 10, 15), 1: date(9999, 12, 31)}.get(
            number, date(2024, 1, 1) + timedelta(days=number % 90)
        )
        if number % 50 != 7
        else None,
        "placed": datetime(1969, 12, 31, 23, 59, 59, 999000) + timedelta(hours=number),  # noqa: DTZ001 - wall clock
    }


ORDERS = [order(number) for number in range(2_500)]


class Subject(Protocol):
    """A source under test, and what is behind it."""

    source: Source
    split_rows: int
    """ORDERS has more rows than are read in one part, views never are."""

    orders: TableName
    view: TableName
    """All of ORDERS, by a view."""

    own_schemas: frozenset[str]

    def spelled(self, column: str) -> str:
        """A column of ORDERS as the source spells it."""

    def run(self, sql: str) -> None:
        """Run a statement as somebody else; `{orders}` is the table."""

    def log(self) -> list[str]:
        """What the source's own log says of its statements, the caller's mark included."""

    def broken(self, fault: str) -> Source:
        """A source that is told a wrong `password`, that is `locked`, or that has no such `host` or `database`."""

    def slow_query(self) -> str:
        """A query to pass through that takes a minute."""


class SourceContract:
    """The suite. `cannot` names its tests that the source fails by nature, each with the reason."""

    cannot: ClassVar[dict[str, str]] = {}

    @pytest.fixture(autouse=True)
    def declared(self, request: pytest.FixtureRequest) -> None:
        """Skip what the source has declared; a declaration of no test of the suite fails."""
        unknown = self.cannot.keys() - set(dir(SourceContract))
        assert not unknown
        if request.function.__name__ in self.cannot:
            pytest.skip(self.cannot[request.function.__name__])

    # The dictionary.

    def test_schemas_are_the_users_own_and_sorted(self, subject: Subject) -> None:
        schemas = subject.source.schemas()
        assert subject.orders.schema in schemas
        assert schemas == sorted(schemas)
        assert not subject.own_schemas & set(schemas)

    def test_tables_and_views_are_listed_and_sorted(self, subject: Subject) -> None:
        tables = subject.source.tables(subject.orders.schema)
        assert {subject.orders, subject.view} <= set(tables)
        assert tables == sorted(tables, key=lambda name: name.table)

    def test_a_schema_that_is_not_there_has_no_tables(self, subject: Subject) -> None:
        assert subject.source.tables("nowhere") == []

    @pytest.mark.parametrize("change", [str.lower, str.upper, str.swapcase])
    def test_a_table_is_found_in_any_case(self, subject: Subject, change: Any) -> None:
        asked = TableName(change(subject.orders.schema), change(subject.orders.table))
        assert subject.source.candidates(asked) == [subject.orders]

    @pytest.mark.parametrize("name", ["nothing", "orders%", "order_", "ORDERS' OR '1'='1", 'a"b'])
    def test_names_are_compared_and_never_matched(self, subject: Subject, name: str) -> None:
        assert subject.source.candidates(TableName(subject.orders.schema, name)) == []

    def test_columns_keep_their_order_and_have_types_that_athena_takes(self, subject: Subject) -> None:
        table = orders(subject)
        assert [name.lower() for name in table.schema.names] == list(COLUMNS)
        assert all(any(takes(field.type) for takes in ATHENA_TYPES) for field in table.schema)
        assert set(table.source_types) == set(table.schema.names)

    def test_a_table_that_is_not_there_is_said_to_be_so(self, subject: Subject) -> None:
        with pytest.raises(EntityNotFound, match=r"^ENTITY_NOT_FOUND_EXCEPTION: .*nothing"):
            subject.source.table(TableName(subject.orders.schema, "nothing"))

    # Reading.

    def test_a_scan_has_every_row_exactly(self, subject: Subject) -> None:
        assert sorted(read(subject, orders(subject)), key=lambda row: row["id"]) == ORDERS

    def test_a_view_has_what_its_table_has(self, subject: Subject) -> None:
        view = subject.source.table(subject.view)
        assert sorted(read(subject, view), key=lambda row: row["id"]) == ORDERS

    def test_columns_come_in_the_order_that_is_asked_for(self, subject: Subject) -> None:
        found = read(subject, orders(subject), columns=["amount", "id"])
        assert [list(row) for row in found[:1]] == [["amount", "id"]]
        assert len(found) == len(ORDERS)

    def test_a_scan_of_no_column_counts(self, subject: Subject) -> None:
        batches = list(scan(subject, orders(subject), columns=[]).batches())
        assert sum(batch.num_rows for batch in batches) == len(ORDERS)
        assert all(batch.num_columns == 0 for batch in batches)

    def test_what_is_pushed_down_is_applied_and_bound(self, subject: Subject) -> None:
        table = orders(subject)
        column = subject.spelled("id")
        between = ranges(table.schema.field(column).type, 701, 703)
        cursor = scan(subject, table, constraints=Constraints(summary={column: between}))
        assert rows(cursor.batches(), table.schema) == ORDERS[701:704]
        assert "701" not in cursor.statement
        assert "703" not in cursor.statement

    def test_a_limit_is_applied(self, subject: Subject) -> None:
        assert len(read(subject, orders(subject), constraints=Constraints(limit=7))) == 7

    def test_a_top_n_is_sorted_with_nulls_where_they_belong(self, subject: Subject) -> None:
        key = OrderBy(subject.spelled("id"), Direction.DESC_NULLS_LAST)
        found = read(subject, orders(subject), constraints=Constraints(order_by=(key,), limit=3))
        assert [row["id"] for row in found] == [2_499, 2_498, 2_497]

    def test_the_sources_log_names_the_query_of_athena_and_its_caller(self, subject: Subject) -> None:
        read(subject, orders(subject))
        assert any(CALLER.query_id in line and CALLER.arn in line for line in subject.log())

    # Splits.

    def test_a_large_table_is_read_in_parts_that_are_the_whole_and_disjoint(self, subject: Subject) -> None:
        table = orders(subject)
        plan = planned(subject, table)
        parts = [read(subject, table, properties=properties) for properties in plan.properties]
        assert all(parts)
        assert sorted((row for part in parts for row in part), key=lambda row: row["id"]) == ORDERS

    def test_parts_of_what_is_asked_for_are_all_of_it(self, subject: Subject) -> None:
        table = orders(subject)
        column = subject.spelled("id")
        asked = Constraints(summary={column: ranges(table.schema.field(column).type, 100, 2_399)})
        plan = subject.source.split_plan(table, asked, None, CALLER)
        found = [row for properties in plan.properties for row in read(subject, table, None, asked, properties)]
        assert sorted(found, key=lambda row: row["id"]) == ORDERS[100:2_400]

    def test_parts_are_about_equal(self, subject: Subject) -> None:
        table = orders(subject)
        sizes = [len(read(subject, table, properties=properties)) for properties in planned(subject, table).properties]
        assert max(sizes) < 3 * len(ORDERS) / len(sizes)

    def test_a_later_page_of_a_plan_is_of_the_same_plan(self, subject: Subject) -> None:
        table = orders(subject)
        plan = planned(subject, table)
        subject.run("DELETE FROM {orders} WHERE id > 100")
        assert subject.source.split_plan(table, Constraints(), plan.snapshot, CALLER) == plan

    def test_parts_read_one_moment_whatever_changes_meanwhile(self, subject: Subject) -> None:
        table = orders(subject)
        plan = planned(subject, table)
        time.sleep(0.005)  # a moment is of milliseconds
        subject.run("UPDATE {orders} SET customer = 'changed'")
        subject.run("DELETE FROM {orders} WHERE id < 1000")
        found = [row for properties in plan.properties for row in read(subject, table, properties=properties)]
        assert sorted(found, key=lambda row: row["id"]) == ORDERS

    def test_a_view_is_read_in_one_part(self, subject: Subject) -> None:
        view = subject.source.table(subject.view)
        assert len(subject.source.split_plan(view, Constraints(), None, CALLER).properties) == 1

    # Queries that are passed through.

    def test_a_query_is_described_and_then_read(self, subject: Subject) -> None:
        query = f"SELECT id, amount * 2 AS twice FROM {qualified(subject)} WHERE id < 3"  # noqa: S608 - a test's
        schema = subject.source.query_schema(query, CALLER)
        assert [name.lower() for name in schema.names] == ["id", "twice"]
        constraints = Constraints(passthrough={"QUERY": query})
        cursor = subject.source.scan(Scan(None, schema, constraints, {}, CALLER))
        found = sorted(rows(cursor.batches(), schema), key=lambda row: row["id"])
        assert [row["twice"] for row in found] == [Decimal("-200.00"), Decimal("-197.50"), Decimal("-195.00")]

    def test_a_query_that_makes_no_sense_is_the_writers_to_mend(self, subject: Subject) -> None:
        with pytest.raises(InvalidInput, match=r"^INVALID_INPUT_EXCEPTION: "):
            subject.source.query_schema("SELEC 1", CALLER)

    # Ends.

    def test_a_query_is_cancelled_from_another_thread(self, subject: Subject) -> None:
        query = subject.slow_query()
        schema = subject.source.query_schema(query, CALLER)
        cursor = subject.source.scan(Scan(None, schema, Constraints(passthrough={"QUERY": query}), {}, CALLER))
        started = time.monotonic()
        threading.Timer(0.2, cursor.cancel).start()
        with pytest.raises(ConnectorError, match="OPERATION_TIMEOUT_EXCEPTION: The query was cancelled"):
            list(cursor.batches())
        assert time.monotonic() - started < SECONDS
        cursor.cancel()

    def test_a_cursor_that_is_closed_early_leaves_the_source_ready(self, subject: Subject) -> None:
        table = orders(subject)
        cursor = scan(subject, table)
        next(iter(cursor.batches()))
        cursor.close()
        cursor.close()
        assert len(read(subject, table)) == len(ORDERS)

    def test_a_table_that_is_dropped_meanwhile_is_said_to_be_gone(self, subject: Subject) -> None:
        table = orders(subject)
        subject.run("DROP TABLE {orders}")
        with pytest.raises(EntityNotFound, match=r"^ENTITY_NOT_FOUND_EXCEPTION: "):
            read(subject, table)

    @pytest.mark.parametrize(
        ("fault", "kind"),
        [
            ("password", InvalidCredentials),
            ("locked", InvalidCredentials),
            ("host", OperationTimeout),
            ("database", EntityNotFound),
        ],
    )
    def test_a_source_that_cannot_be_had_says_why_within_seconds(
        self, subject: Subject, fault: str, kind: type[ConnectorError]
    ) -> None:
        source = subject.broken(fault)
        started = time.monotonic()
        with pytest.raises(kind, match=f"^{kind.code}: "):
            source.schemas()
        assert time.monotonic() - started < SECONDS


def orders(subject: Subject) -> Table:
    """The table."""
    return subject.source.table(subject.orders)


def planned(subject: Subject, table: Table) -> SplitPlan:
    """A plan of more than one part."""
    plan = subject.source.split_plan(table, Constraints(), None, CALLER)
    assert len(plan.properties) > 1
    return plan


def qualified(subject: Subject) -> str:
    """The table as a query names it."""
    return f"{subject.orders.schema}.{subject.orders.table}"


def ranges(kind: pa.DataType, low: int, high: int) -> SortedRangeSet:
    """The numbers from `low` to `high`, NULL not among them."""
    value = Decimal if pa.types.is_decimal(kind) else int
    ends = Range(Marker(value(low), Bound.EXACTLY), Marker(value(high), Bound.EXACTLY))
    return SortedRangeSet(kind, (ends,), null_allowed=False)


def scan(
    subject: Subject,
    table: Table,
    columns: list[str] | None = None,
    constraints: Constraints = Constraints(),  # noqa: B008 - it is frozen
    properties: Mapping[str, str] | None = None,
) -> Any:
    """A cursor on columns of the table (None: all)."""
    names = table.schema.names if columns is None else [subject.spelled(column) for column in columns]
    schema = pa.schema([table.schema.field(name) for name in names])
    return subject.source.scan(Scan(table, schema, constraints, properties or {}, CALLER))


def read(
    subject: Subject,
    table: Table,
    columns: list[str] | None = None,
    constraints: Constraints = Constraints(),  # noqa: B008 - it is frozen
    properties: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """Rows by lower-case column."""
    names = table.schema.names if columns is None else [subject.spelled(column) for column in columns]
    schema = pa.schema([table.schema.field(name) for name in names])
    return rows(scan(subject, table, columns, constraints, properties).batches(), schema)


def rows(batches: Iterator[pa.RecordBatch], declared: pa.Schema) -> list[dict[str, Any]]:
    """The batches' rows as values of the declared types."""
    found: list[dict[str, Any]] = []
    for batch in batches:
        columns = [_values(column, field.type) for column, field in zip(batch.columns, declared, strict=True)]
        names = [name.lower() for name in declared.names]
        found += (_order(dict(zip(names, values, strict=True))) for values in zip(*columns, strict=True))
    return found


def _order(row: dict[str, Any]) -> dict[str, Any]:
    """A source without plain dates has midnights in their place."""
    if isinstance(row.get("day"), datetime):
        assert row["day"].time() == datetime.min.time()
        row["day"] = row["day"].date()
    return row


def _values(column: pa.Array, declared: pa.DataType) -> list[Any]:
    if pa.types.is_date64(declared):
        return [value and value.replace(tzinfo=None) for value in column.cast(pa.timestamp("ms")).to_pylist()]
    if pa.types.is_decimal(declared):
        values = column.cast(pa.decimal128(38, declared.scale)).to_pylist()
        return [int(value) if value is not None and declared.scale == 0 else value for value in values]
    return list(column.cast(declared).to_pylist())
