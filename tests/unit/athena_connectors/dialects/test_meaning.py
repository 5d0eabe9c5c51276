"""All dialects: the rows that the SQL gives on DuckDB are those that Athena's own evaluation keeps."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from math import isnan, nan
from random import Random
from typing import Any

import pyarrow as pa
import pytest
import sql_on_duckdb
from athena_meaning import keeps
from constraint_spelling import call
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from athena_connectors.dialects.conditions import COMPARISONS
from athena_connectors.dialects.dialect import Dialect
from athena_connectors.dialects.oracle import Oracle
from athena_connectors.dialects.ranges import ColumnRange
from athena_connectors.dialects.snowflake import Snowflake
from athena_connectors.dialects.teradata import Teradata
from athena_connectors.federation.model import (
    AllOrNoneValueSet,
    Bound,
    Call,
    Constant,
    Constraints,
    Direction,
    EquatableValueSet,
    Expression,
    Function,
    Marker,
    OrderBy,
    Range,
    SortedRangeSet,
    TableName,
    Value,
    ValueSet,
    Variable,
)
from athena_connectors.federation.source import Table

ROWS = 120
WIDTH = 5
WHOLES = [-7, -3, -2, -1, 0, 1, 2, 3, 7]
PRICES = [Decimal(text) for text in ("-10.00", "-3.33", "-0.01", "0.00", "0.01", "0.50", "1.00", "3.33", "10.00")]
TEXTS = ["", " ", "a", "A", "a ", "A ", "ab", "aB", "b", "a_c", "abc", "50%", "é"]
DAYS = [date(1, 1, 1), date(1582, 10, 14), date(1969, 12, 31), date(1970, 1, 1), date(2024, 2, 29)]
MOMENTS = [datetime(*when) for when in ((1969, 12, 31, 23, 59, 59, 999000), (1970, 1, 1), (2026, 3, 8, 2, 30))]  # noqa: DTZ001
PATTERNS = ["%", "", "a%", "A%", "_", "%b", "a_c", "a", "a ", "% "]
SUMS = (Function.ADD, Function.SUBTRACT, Function.MULTIPLY)
INT, DECIMAL, FLOAT, TEXT, BOOL = pa.int64(), pa.decimal128(9, 2), pa.float64(), pa.string(), pa.bool_()


@dataclass(frozen=True)
class Kind:
    """A column: as declared to Athena, in DuckDB, at each source, and what may be in it."""

    type: pa.DataType
    duckdb: str
    source_types: dict[str, str]
    pool: Sequence[Any]


def alike(source_type: str) -> dict[str, str]:
    return dict.fromkeys(("Snowflake", "Oracle", "Teradata"), source_type)


KINDS = {
    "WHOLE": Kind(INT, "BIGINT", alike("DECIMAL(18,0)"), WHOLES),
    "OTHER": Kind(INT, "BIGINT", alike("DECIMAL(18,0)"), [whole for whole in WHOLES if whole]),
    "PRICE": Kind(DECIMAL, "DECIMAL(9,2)", alike("DECIMAL(9,2)"), PRICES),
    "COST": Kind(DECIMAL, "DECIMAL(9,2)", alike("DECIMAL(9,2)"), [price for price in PRICES if price]),
    "RATE": Kind(FLOAT, "DOUBLE", alike("FLOAT") | {"Oracle": "BINARY_DOUBLE"}, [-1.5, 0.0, 0.1, 1.5, 2.5, nan]),
    "RATIO": Kind(FLOAT, "DOUBLE", alike("FLOAT") | {"Oracle": "BINARY_DOUBLE"}, [-1.5, 0.1, 2.5, nan]),
    "TEXT": Kind(TEXT, "VARCHAR", alike("VARCHAR(9)"), TEXTS),
    "WORD": Kind(TEXT, "VARCHAR", alike("VARCHAR(9)"), TEXTS),
    "CODE": Kind(TEXT, "VARCHAR", alike("CHAR(5)"), [text for text in TEXTS if not text.endswith(" ")]),
    "MARK": Kind(TEXT, "VARCHAR", alike("CHAR(5)"), [text for text in TEXTS if not text.endswith(" ")]),
    "DAY": Kind(pa.date32(), "DATE", alike("DATE"), DAYS),
    "MOMENT": Kind(pa.date64(), "TIMESTAMP", alike("TIMESTAMP(6)") | {"Snowflake": "TIMESTAMP_NTZ(9)"}, MOMENTS),
    "ZONED": Kind(
        pa.date64(),
        "TIMESTAMPTZ",
        alike("TIMESTAMP(6) WITH TIME ZONE") | {"Snowflake": "TIMESTAMP_TZ(9)"},
        MOMENTS,
    ),
    "BYTES": Kind(pa.binary(), "BLOB", alike("BINARY(9)"), [b"", b"a", b"ab", b"a\0"]),
    "FLAG": Kind(BOOL, "BOOLEAN", alike("BOOLEAN"), [False, True]),
}


class Subject:
    """A dialect with a table that has all its kinds of columns."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.kinds = {name: kind for name, kind in KINDS.items() if name != "FLAG" or dialect.has_booleans}
        schema = pa.schema([("ID", INT), *((name, kind.type) for name, kind in self.kinds.items())])
        source_types = {name: kind.source_types[dialect.name] for name, kind in self.kinds.items()}
        self.table = Table(TableName("main", "T"), schema, {"ID": "DECIMAL(18,0)"} | source_types)
        choose = Random(7)  # noqa: S311 - rows, not secrets
        self.rows: list[dict[str, Any]] = [
            {"ID": number} | {name: choose.choice([None, *self.pool(name)]) for name in self.kinds}
            for number in range(ROWS)
        ]
        self.connection = sql_on_duckdb.connect()
        columns = ", ".join(f'"{name}" {kind.duckdb}' for name, kind in self.kinds.items())
        self.connection.execute(f'CREATE TABLE "T" ("ID" BIGINT, {columns})')
        marks = ", ".join("?" * (len(self.kinds) + 1))
        stored = [[self.stored(name, value) for name, value in row.items()] for row in self.rows]
        self.connection.executemany(f'INSERT INTO "T" VALUES ({marks})', stored)  # noqa: S608

    def pool(self, name: str) -> list[Any]:
        """What may be in a column: Teradata has no NaN, Oracle nothing empty but blanks."""
        pool = list(self.kinds[name].pool)
        if self.dialect.nan is None:
            pool = [value for value in pool if not (isinstance(value, float) and isnan(value))]
        if isinstance(self.dialect, Oracle) and not self.is_char(name):
            pool = [value for value in pool if value not in ("", b"")]
        return pool

    def is_char(self, name: str) -> bool:
        return name in ("CODE", "MARK") and not isinstance(self.dialect, Snowflake)

    def stored(self, name: str, value: Any) -> Any:
        if name == "ZONED" and value:
            return value.replace(tzinfo=UTC)
        return value.ljust(WIDTH) if self.is_char(name) and value is not None else value

    def found(self, constraints: Constraints, properties: dict[str, str] | None = None) -> list[int]:
        statement = self.dialect.select(self.table, pa.schema([("ID", INT)]), constraints, properties or {})
        rows = sql_on_duckdb.run(self.connection, self.dialect.name.lower(), statement, self.table)
        return sorted(number for (number,) in rows)

    def expected(self, constraints: Constraints) -> list[int]:
        return [row["ID"] for row in self.rows if keeps(constraints, row)]


SUBJECTS = {dialect.name: Subject(dialect) for dialect in (Snowflake(), Oracle(), Teradata())}

subjects = pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS.keys())
thorough = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def value_sets(draw: st.DrawFn, name: str) -> ValueSet:
    kind, null_allowed = KINDS[name], draw(st.booleans())
    pool = [value for value in kind.pool if value == value]
    shape = draw(st.sampled_from(["ranges", "values", "all or none"]))
    if shape == "all or none":
        return AllOrNoneValueSet(kind.type, draw(st.booleans()), null_allowed)
    values = sorted(draw(st.sets(st.sampled_from(pool))))
    if shape == "values":
        return EquatableValueSet(kind.type, tuple(values), draw(st.booleans()), null_allowed)
    return SortedRangeSet(kind.type, tuple(draw(ranges(values))), null_allowed)


@st.composite
def ranges(draw: st.DrawFn, values: list[Value]) -> list[Range]:
    """Disjoint and ascending, from values that are."""
    ends: list[Value | None] = list(values)
    if draw(st.booleans()):
        ends.insert(0, None)
    if draw(st.booleans()):
        ends.append(None)
    found = []
    while ends:
        low = ends.pop(0)
        if low is not None and (not ends or draw(st.booleans())):
            found.append(Range(Marker(low, Bound.EXACTLY), Marker(low, Bound.EXACTLY)))
        elif ends:
            high = ends.pop(0)
            below = Bound.BELOW if high is None else draw(st.sampled_from([Bound.EXACTLY, Bound.BELOW]))
            above = Bound.ABOVE if low is None else draw(st.sampled_from([Bound.EXACTLY, Bound.ABOVE]))
            found.append(Range(Marker(low, above), Marker(high, below)))
    return found


def summaries(subject: Subject) -> st.SearchStrategy[dict[str, ValueSet]]:
    return st.fixed_dictionaries({}, optional={name: value_sets(name) for name in subject.kinds})


Draw = Callable[[st.SearchStrategy[Any]], Any]


class Expressions:
    """Draws expressions whose every step DuckDB computes exactly, and none of which divides by zero."""

    def __init__(self, draw: Draw, subject: Subject) -> None:
        self.draw, self.subject = draw, subject

    def column(self, *names: str) -> Variable:
        name = self.draw(st.sampled_from(names))
        return Variable(name, KINDS[name].type)

    def constant(self, name: str) -> Constant:
        kind = KINDS[name]
        return Constant((self.draw(st.sampled_from(kind.pool)),), kind.type)

    def whole(self, depth: int = 2) -> Expression:
        if depth == 0 or self.draw(st.booleans()):
            return self.column("WHOLE", "OTHER")
        function = self.draw(
            st.sampled_from([*SUMS, Function.DIVIDE, Function.MODULUS, Function.NEGATE, Function.NULLIF])
        )
        left = self.whole(depth - 1)
        if function is Function.NEGATE:
            return call(function, left, type_=INT)
        if function in (Function.DIVIDE, Function.MODULUS):
            right: Expression = self.draw(st.sampled_from([Variable("OTHER", INT), self.constant("OTHER")]))
        else:
            right = self.draw(st.sampled_from([self.column("WHOLE", "OTHER"), self.constant("WHOLE")]))
        return call(function, left, right, type_=INT)

    def decimal(self) -> Expression:
        column = self.column("PRICE", "COST")
        function = self.draw(st.sampled_from([None, *SUMS, Function.MODULUS]))
        if function is None:
            return column
        right = self.draw(st.sampled_from([Variable("COST", DECIMAL), self.constant("COST")]))
        places = 4 if function is Function.MULTIPLY else 2
        return call(function, column, right, type_=pa.decimal128(18, places))

    def float_(self) -> Expression:
        column = self.column("RATE", "RATIO")
        function = self.draw(st.sampled_from([None, *SUMS]))
        return column if function is None else call(function, column, self.column("RATE", "RATIO"), type_=FLOAT)

    def text(self) -> Expression:
        column = self.column("TEXT", "WORD", "CODE", "MARK")
        if self.draw(st.booleans()):
            return column
        return call(Function.NULLIF, column, self.constant("TEXT"), type_=TEXT)

    def pair(self) -> tuple[Expression, Expression]:
        """Two of one type, of which the first is no constant."""
        which = self.draw(st.sampled_from(["whole", "decimal", "float", "text", "DAY", "MOMENT", "quotient"]))
        match which:
            case "quotient":
                quotient = call(Function.DIVIDE, self.column("PRICE", "COST"), self.column("COST"), type_=DECIMAL)
                return quotient, self.constant("PRICE")
            case "DAY":
                return self.column("DAY"), self.constant("DAY")
            case "MOMENT":
                moments = self.column("MOMENT", "ZONED")
                return moments, self.draw(st.sampled_from([self.constant("MOMENT"), self.column("MOMENT", "ZONED")]))
        draw, constant = {
            "whole": (self.whole, "WHOLE"),
            "decimal": (self.decimal, "PRICE"),
            "float": (self.float_, "RATE"),
            "text": (self.text, "TEXT"),
        }[which]
        return draw(), self.draw(st.sampled_from([self.constant(constant), draw()]))

    def comparison(self) -> Call:
        function = self.draw(st.sampled_from([*COMPARISONS, Function.IS_DISTINCT_FROM]))
        left, right = self.pair()
        return call(function, right, left) if self.draw(st.booleans()) else call(function, left, right)

    def membership(self) -> Call:
        name = self.draw(st.sampled_from(["WHOLE", "PRICE", "RATE", "TEXT", "CODE", "DAY", "ZONED"]))
        kind = KINDS[name]
        values = self.draw(st.lists(st.sampled_from([None, *kind.pool]), min_size=1, max_size=4))
        constant = Constant(tuple(values), kind.type)
        listed: Expression = constant
        if self.draw(st.booleans()):
            listed = call(Function.ARRAY, constant, type_=pa.list_(kind.type))
        return call(Function.IN, Variable(name, kind.type), listed)

    def predicate(self, depth: int = 2) -> Call:
        simple = ["comparison", "membership", "like", "null"] + (["flag"] if "FLAG" in self.subject.kinds else [])
        shape = self.draw(st.sampled_from(simple if depth == 0 else [*simple, "and", "or", "not"]))
        match shape:
            case "and" | "or":
                function = Function.AND if shape == "and" else Function.OR
                count = self.draw(st.integers(2, 3))
                return call(function, *(self.predicate(depth - 1) for _ in range(count)))
            case "not":
                return call(Function.NOT, self.predicate(depth - 1))
            case "membership":
                return self.membership()
            case "like":
                pattern = Constant((self.draw(st.sampled_from(PATTERNS)),), TEXT)
                return call(Function.LIKE_PATTERN, self.column("TEXT", "CODE"), pattern)
            case "null":
                return call(
                    Function.IS_NULL, self.draw(st.sampled_from([self.text(), self.whole(), self.column("ZONED")]))
                )
            case "flag":
                return call(Function.EQUAL, Variable("FLAG", BOOL), self.comparison())
        return self.comparison()


@subjects
@thorough
@given(data=st.data())
def test_value_sets_keep_the_rows_they_contain(subject: Subject, data: st.DataObject) -> None:
    constraints = Constraints(data.draw(summaries(subject)))
    assert subject.found(constraints) == subject.expected(constraints)


@subjects
@thorough
@given(data=st.data())
def test_expressions_keep_the_rows_they_hold_for(subject: Subject, data: st.DataObject) -> None:
    constraints = Constraints(expressions=(Expressions(data.draw, subject).predicate(),))
    assert subject.found(constraints) == subject.expected(constraints)


def order_of(value: Any, key: OrderBy) -> tuple[Any, ...]:
    """Sorts as Athena does, NaN as the greatest number; a text by its negated code points when descending."""
    nulls_first = key.direction.endswith("FIRST")
    if value is None:
        return (0 if nulls_first else 2,)
    descending = key.direction.startswith("DESC")
    if isinstance(value, float) and isnan(value):
        return (1, -1 if descending else 1, 0)
    if isinstance(value, str):
        points = [ord(character) for character in value]
        return (1, 0, [-point for point in points] + [1] if descending else points)
    number = Decimal(value) if isinstance(value, Decimal | int | float) else Decimal((value - type(value).min).days)
    return (1, 0, -number if descending else number)


@subjects
@thorough
@given(data=st.data())
def test_top_n_gives_the_first_rows(subject: Subject, data: st.DataObject) -> None:
    names = st.sampled_from(["WHOLE", "PRICE", "RATE", "TEXT", "CODE", "DAY"])
    chosen = data.draw(st.lists(names, min_size=1, max_size=3, unique=True))
    keys = tuple(OrderBy(name, data.draw(st.sampled_from(Direction))) for name in chosen)
    limit = data.draw(st.integers(0, ROWS + 1))
    found = set(subject.found(Constraints(order_by=keys, limit=limit)))

    def order(row: dict[str, Any]) -> list[tuple[Any, ...]]:
        return [order_of(row[key.column], key) for key in keys]

    first = sorted(map(order, subject.rows))[:limit]
    assert sorted(order(row) for row in subject.rows if row["ID"] in found) == first


@subjects
@thorough
@given(data=st.data())
def test_a_limit_limits_what_the_conditions_keep(subject: Subject, data: st.DataObject) -> None:
    summary, limit = data.draw(summaries(subject)), data.draw(st.integers(0, ROWS + 1))
    found, kept = subject.found(Constraints(summary, limit=limit)), subject.expected(Constraints(summary))
    assert set(found) <= set(kept)
    assert len(found) == min(limit, len(kept))


@subjects
@pytest.mark.parametrize("limit", [None, 0, 7, ROWS + 1])
def test_a_count_is_of_the_rows_kept_and_limited(subject: Subject, limit: int | None) -> None:
    constraints = Constraints({"RATE": AllOrNoneValueSet(FLOAT, True, False)}, limit=limit)
    statement = subject.dialect.select(subject.table, pa.schema([]), constraints, {})
    kept = len(subject.expected(constraints))
    counted = sql_on_duckdb.run(subject.connection, subject.dialect.name.lower(), statement, subject.table)
    assert counted == [(kept if limit is None else min(limit, kept),)]


def split_into(subject: Subject, splits: Iterable[dict[str, str]]) -> None:
    """Every row is in exactly one split."""
    found = [number for split in splits for number in subject.found(Constraints(), split)]
    assert sorted(found) == list(range(ROWS))


@subjects
@pytest.mark.parametrize("name", ["WHOLE", "PRICE", "DAY", "MOMENT", "ZONED"])
@thorough
@given(data=st.data())
def test_ranges_of_a_column_are_the_table_and_disjoint(subject: Subject, name: str, data: st.DataObject) -> None:
    ends = sorted(data.draw(st.sets(st.sampled_from(KINDS[name].pool))))
    bounds = [None, *ends, None]
    nulls = data.draw(st.integers(0, len(ends)))
    split_into(
        subject,
        (
            ColumnRange(name, low, high, nulls=number == nulls).properties()
            for number, (low, high) in enumerate(pairwise(bounds))
        ),
    )


@pytest.mark.parametrize("buckets", [1, 2, 7])
def test_buckets_are_the_table_and_disjoint(buckets: int) -> None:
    for name, more in (("Oracle", {}), ("Teradata", {"hashed": '["ID"]'})):
        splits = ({"bucket": str(bucket), "buckets": str(buckets)} | more for bucket in range(buckets))
        split_into(SUBJECTS[name], splits)


def test_ranges_of_addresses_are_the_table_and_disjoint() -> None:
    splits = ({"next_rowid": "40"}, {"first_rowid": "40", "next_rowid": "41"}, {"first_rowid": "41"})
    split_into(SUBJECTS["Oracle"], splits)
