"""What is pushed down is what the query says: by examples, and against DuckDB's reading of the same predicate."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from athena_connectors.federation.model import Bound, Constraints, Direction, Function, OrderBy, SortedRangeSet
from localcloud.athena.query.constants import fold_with, to_value
from localcloud.athena.query.pushdown import Abilities, Asked, push_down
from localcloud.athena.query.resolution import resolve
from localcloud.athena.query.statement import Context, parse

SCHEMA = pa.schema(
    [
        ("ID", pa.int32()),
        ("NAME", pa.utf8()),
        ("DAY", pa.date32()),
        ("AMOUNT", pa.decimal128(10, 2)),
        ("AT", pa.date64()),
        ("OK", pa.bool_()),
        ("SHARE", pa.float64()),
        ("TAGS", pa.list_(pa.utf8())),
    ]
)
ALL = Abilities(True, True, frozenset(Function), True, True, True)


@cache
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def asked(sql: str, able: Abilities = ALL) -> list[Asked]:
    statement = parse(sql, Context())
    schemas = [SCHEMA] * len(statement.references)
    abilities = [able] * len(statement.references)
    return push_down(resolve(statement, schemas), schemas, abilities, fold_with(connection()))


def where(condition: str, able: Abilities = ALL) -> Constraints:
    (one,) = asked(f"SELECT id FROM a.b.t WHERE {condition}", able)  # noqa: S608
    return one.constraints


def spans(held: object) -> list[str]:
    assert isinstance(held, SortedRangeSet)
    words = []
    for each in held.ranges:
        low, high = ("" if end.value is None else str(end.value) for end in (each.low, each.high))
        opening = "[" if each.low.bound is Bound.EXACTLY else "("
        closing = "]" if each.high.bound is Bound.EXACTLY else ")"
        words.append(f"{opening}{low}, {high}{closing}")
    return words + ["null"] * held.null_allowed


@pytest.mark.parametrize(
    ("condition", "column", "values"),
    [
        ("id = 7", "ID", ["[7, 7]"]),
        ("7 < id", "ID", ["(7, )"]),
        ("id <> 7", "ID", ["(, 7)", "(7, )"]),
        ("id IN (3, 1) OR id BETWEEN 3 AND 5", "ID", ["[1, 1]", "[3, 5]"]),
        ("NOT (id > 3 AND id <= 9)", "ID", ["(, 3]", "(9, )"]),
        ("id IS NULL OR id = 1", "ID", ["[1, 1]", "null"]),
        ("id IS NOT NULL", "ID", ["(, )"]),
        ("id > 1 AND id < 9 AND id <> 5", "ID", ["(1, 5)", "(5, 9)"]),
        ("name >= 'a''b'", "NAME", ["[a'b, )"]),
        ("ok", "OK", ["[True, True]"]),
        ("NOT ok", "OK", ["[False, False]"]),
        ("amount < 10.5", "AMOUNT", ["(, 10.5)"]),
        ("share <= 1", "SHARE", ["(, 1.0]"]),
        ("day = DATE '2020-01-01' + INTERVAL '1' DAY", "DAY", ["[2020-01-02, 2020-01-02]"]),
        ("at < TIMESTAMP '2020-01-01 00:00:00.001'", "AT", ["(, 2020-01-01 00:00:00.001000)"]),
    ],
)
def test_what_a_column_may_be_is_a_set_of_ranges(condition: str, column: str, values: list[str]) -> None:
    constraints = where(condition)
    assert spans(constraints.summary[column]) == values
    assert constraints.expressions == ()


@pytest.mark.parametrize(
    ("condition", "outermost"),
    [
        ("name LIKE 'a%'", Function.LIKE_PATTERN),
        ("id + 1 = 2", Function.EQUAL),
        ("id = 1 OR name = 'a'", Function.OR),
        ("share <> 1.0", Function.NOT_EQUAL),
        ("name IS DISTINCT FROM 'a'", Function.IS_DISTINCT_FROM),
        ("nullif(id, 0) IS NULL", Function.IS_NULL),
        ("-id % 3 IN (1, 2)", Function.IN),
        ("NOT (amount * 2 < 7.25)", Function.NOT),
    ],
)
def test_the_rest_is_an_expression(condition: str, outermost: Function) -> None:
    constraints = where(condition)
    assert constraints.summary == {}
    assert [call.function for call in constraints.expressions] == [outermost]


@pytest.mark.parametrize(
    "condition",
    ["lower(name) = 'a'", "name LIKE 'a!%' ESCAPE '!'", "id = 1.5", "id = share", "amount = 1.005", "id = (SELECT 1)"],
)
def test_what_the_protocol_has_no_words_for_stays(condition: str) -> None:
    assert where(condition) == Constraints()


def test_only_what_is_advertised_is_pushed_down() -> None:
    assert where("id = 1 AND name LIKE 'a%'", Abilities()) == Constraints()
    assert list(where("id = 1 AND name LIKE 'a%'", Abilities(ranges=True)).summary) == ["ID"]
    only_like = Abilities(functions=frozenset({Function.LIKE_PATTERN}))
    assert len(where("name LIKE 'a%' AND (name LIKE 'b%' OR id = 1)", only_like).expressions) == 1


def test_a_list_may_be_null_or_not() -> None:
    (held,) = where("tags IS NOT NULL").summary.values()
    assert (held.all, held.null_allowed) == (True, False)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("sql", "limit", "order"),
    [
        ("SELECT id FROM a.b.t LIMIT 5", 5, ()),
        ("SELECT id FROM a.b.t OFFSET 2 LIMIT 5", 7, ()),
        ("SELECT id FROM a.b.t FETCH FIRST 5 ROWS ONLY", 5, ()),
        ("SELECT id FROM a.b.t WHERE name LIKE 'a%' LIMIT 5", 5, ()),
        ("SELECT id AS x FROM a.b.t ORDER BY x DESC LIMIT 5", 5, (OrderBy("ID", Direction.DESC_NULLS_LAST),)),
        ("SELECT id FROM a.b.t ORDER BY name NULLS FIRST LIMIT 5", 5, (OrderBy("NAME", Direction.ASC_NULLS_FIRST),)),
        ("SELECT id FROM a.b.t WHERE lower(name) = 'a' LIMIT 5", None, ()),
        ("SELECT id FROM a.b.t ORDER BY id + 1 LIMIT 5", None, ()),
        ("SELECT DISTINCT id FROM a.b.t LIMIT 5", None, ()),
        ("SELECT count(*) FROM a.b.t LIMIT 5", None, ()),
        ("SELECT id FROM a.b.t GROUP BY id LIMIT 5", None, ()),
        ("SELECT id, row_number() OVER (ORDER BY id) FROM a.b.t LIMIT 5", None, ()),
        ("SELECT t.id FROM a.b.t CROSS JOIN UNNEST(tags) AS u(tag) LIMIT 5", None, ()),
        ("SELECT id FROM a.b.t ORDER BY id FETCH FIRST 5 ROWS WITH TIES", None, ()),
        ("SELECT id FROM (SELECT id FROM a.b.t) LIMIT 5", None, ()),
    ],
)
def test_a_limit_goes_down_where_no_row_is_dropped_above(sql: str, limit: int | None, order: Sequence[OrderBy]) -> None:
    (one,) = asked(sql)
    assert (one.constraints.limit, one.constraints.order_by) == (limit, order)


@pytest.mark.parametrize(
    ("joined", "left", "right"),
    [
        ("t JOIN a.b.u ON u.id = 1 AND t.id = 2", ["ID"], ["ID"]),
        ("t LEFT JOIN a.b.u ON u.id = 1 AND t.id = 2", [], ["ID"]),
        ("t LEFT JOIN a.b.u ON true WHERE u.id = 1 AND t.id IS NULL", ["ID"], ["ID"]),
        ("t LEFT JOIN a.b.u ON true WHERE u.id IS NULL", [], []),
        ("t RIGHT JOIN a.b.u ON u.id = 1 AND t.id = 1 WHERE t.id IS NULL", [], []),
        ("t FULL JOIN a.b.u ON u.id = 1 WHERE coalesce(t.id, 0) = 0 AND t.id < 5", ["ID"], []),
        ("t, a.b.u WHERE t.id = u.id AND u.id = 1", [], ["ID"]),
    ],
)
def test_an_outer_join_keeps_what_its_rows_need(joined: str, left: list[str], right: list[str]) -> None:
    one, other = asked(f"SELECT t.id, u.id FROM a.b.{joined}")  # noqa: S608
    assert ([*one.constraints.summary], [*other.constraints.summary]) == (left, right)


NAMES, NUMBERS = st.sampled_from(["", "a", "ab", "b", "%"]), st.integers(-3, 3)
COMPARISONS = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
LEAVES = st.one_of(
    st.builds(lambda op, value: f"id {op} {value}", COMPARISONS, NUMBERS),
    st.builds(lambda op, value: f"{value} {op} id", COMPARISONS, NUMBERS),
    st.builds(lambda op, value: f"name {op} '{value}'", COMPARISONS, NAMES),
    st.builds(lambda low, high: f"id BETWEEN {low} AND {high}", NUMBERS, NUMBERS),
    st.builds(lambda values: f"id IN ({', '.join(map(str, values))})", st.lists(NUMBERS, min_size=1, max_size=3)),
    st.sampled_from(["id IS NULL", "name IS NOT NULL", "ok", "NOT ok", "share < 1.5", "NOT share >= 0"]),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds("({} AND {})".format, inner, inner),
        st.builds("({} OR {})".format, inner, inner),
        st.builds("NOT ({})".format, inner),
    ),
    max_leaves=5,
)
ROWS = pa.table(
    {
        "ID": pa.array([None, -3, -1, 0, 1, 2, 3, None], pa.int32()),
        "NAME": ["a", None, "", "ab", "b", "%", "ac", None],
        "OK": [True, False, None, True, False, None, True, False],
        "SHARE": [0.0, 1.0, 1.5, None, 2.0, -1.0, 0.5, None],
    }
)


def holds(held: SortedRangeSet, value: Any) -> bool:
    """Whether a value is in the set, read as the protocol says."""
    if value is None:
        return held.null_allowed
    return any(
        (one.low.value is None or value > one.low.value or (value == one.low.value and one.low.bound is Bound.EXACTLY))
        and (
            one.high.value is None
            or value < one.high.value
            or (value == one.high.value and one.high.bound is Bound.EXACTLY)
        )
        for one in held.ranges
    )


@given(CONDITIONS)
def test_ranges_let_through_the_very_rows_that_the_predicate_does(condition: str) -> None:
    (one,) = asked(f"SELECT id FROM a.b.t WHERE {condition}", Abilities(ranges=True))  # noqa: S608
    told = " AND ".join(f"({conjunct.sql('duckdb')})" for conjunct in one.pushed) or "true"
    said = connection().from_arrow(ROWS).set_alias("t").project(f"({told}) IS TRUE").fetchall()
    rows = ROWS.to_pylist()
    allowed = [
        (all(holds(held, row[column]) for column, held in one.constraints.summary.items()),)  # type: ignore[arg-type]
        for row in rows
    ]
    assert said == allowed


@pytest.mark.parametrize(
    ("held", "of", "value"),
    [
        (128, pa.int8(), None),
        (True, pa.int8(), None),
        (Decimal("2.0"), pa.int8(), 2),
        (0.1, pa.float32(), None),
        (0.5, pa.float32(), 0.5),
        (0.1, pa.decimal128(10, 2), None),
        (Decimal("123456789"), pa.decimal128(10, 2), None),
        (date(2020, 1, 1), pa.date64(), datetime(2020, 1, 1)),  # noqa: DTZ001
        (datetime(2020, 1, 1, 12), pa.date32(), None),  # noqa: DTZ001
        (datetime(2020, 1, 1, 0, 0, 0, 1), pa.date64(), None),  # noqa: DTZ001
        ("1", pa.int8(), None),
        (b"1", pa.binary(), b"1"),
    ],
)
def test_a_constant_takes_a_columns_type_only_exactly(held: object, of: pa.DataType, value: object) -> None:
    assert to_value(held, of) == value


def test_nothing_is_ordered_beside_nan() -> None:
    assert where("share = nan()").summary == {}
