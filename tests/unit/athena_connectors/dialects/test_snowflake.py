"""The SQL that Snowflake gets."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest
from constraint_spelling import call, spans

from athena_connectors.dialects.snowflake import Snowflake
from athena_connectors.federation.errors import EntityNotFound, InvalidInput, NotSupported
from athena_connectors.federation.model import (
    AllOrNoneValueSet,
    Call,
    Constant,
    Constraints,
    Direction,
    EquatableValueSet,
    Function,
    OrderBy,
    SortedRangeSet,
    TableName,
    Value,
    Variable,
)
from athena_connectors.federation.source import Table

TABLE = Table(
    TableName("PUBLIC", "orders"),
    pa.schema(
        [
            ("ID", pa.int64()),
            ("NAME", pa.string()),
            ("PRICE", pa.decimal128(12, 2)),
            ("RATE", pa.float64()),
            ("PLACED", pa.date64()),
            ("SENT", pa.date64()),
            ("DETAILS", pa.string()),
            ('odd "name', pa.int32()),
        ]
    ),
    {
        "ID": "NUMBER(18,0)",
        "NAME": "VARCHAR(100)",
        "PRICE": "NUMBER(12,2)",
        "RATE": "FLOAT",
        "PLACED": "TIMESTAMP_NTZ(9)",
        "SENT": "TIMESTAMP_TZ(9)",
        "DETAILS": "VARIANT",
        'odd "name': "NUMBER(9,0)",
    },
)
FROM = 'SELECT "ID" FROM "PUBLIC"."orders"'
ID = pa.schema([("ID", pa.int64())])
NOON = datetime(2026, 1, 2, 12)  # noqa: DTZ001 - naive is what a DATEMILLI is


def rendered(
    constraints: Constraints, properties: dict[str, str] | None = None, schema: pa.Schema = ID
) -> tuple[str, list[Value | None]]:
    statement = Snowflake().select(TABLE, schema, constraints, properties or {})
    return statement.sql, [bind.value for bind in statement.binds]


@pytest.mark.parametrize(
    ("column", "values", "where", "binds"),
    [
        ("ID", spans(pa.int64(), "[7,7]"), ' WHERE "ID" IN (?)', [7]),
        ("ID", spans(pa.int64(), "(1,5]", "[8,)"), ' WHERE (("ID" > ? AND "ID" <= ?) OR "ID" >= ?)', [1, 5, 8]),
        ("ID", spans(pa.int64(), "(,5)", nulls=True), ' WHERE ("ID" IS NULL OR "ID" < ?)', [5]),
        ("ID", spans(pa.int64(), nulls=True), ' WHERE "ID" IS NULL', []),
        ("ID", spans(pa.int64()), " WHERE 1 = 0", []),
        ("ID", spans(pa.int64(), "(,)"), ' WHERE "ID" IS NOT NULL', []),
        ("ID", spans(pa.int64(), "(,)", nulls=True), "", []),
        ("NAME", EquatableValueSet(pa.string(), ("a", "b"), True, False), ' WHERE "NAME" IN (?, ?)', ["a", "b"]),
        (
            "NAME",
            EquatableValueSet(pa.string(), ("a",), False, True),
            ' WHERE ("NAME" IS NULL OR NOT "NAME" IN (?))',
            ["a"],
        ),
        ("NAME", EquatableValueSet(pa.string(), (), False, False), ' WHERE "NAME" IS NOT NULL', []),
        ("NAME", EquatableValueSet(pa.string(), (), True, False), " WHERE 1 = 0", []),
        ("DETAILS", AllOrNoneValueSet(pa.string(), True, False), ' WHERE "DETAILS" IS NOT NULL', []),
        ("DETAILS", AllOrNoneValueSet(pa.string(), True, True), "", []),
        ("DETAILS", AllOrNoneValueSet(pa.string(), False, True), ' WHERE "DETAILS" IS NULL', []),
        ("DETAILS", EquatableValueSet(pa.string(), ("{}",), True, False), ' WHERE TO_JSON("DETAILS") IN (?)', ["{}"]),
        (
            "SENT",
            EquatableValueSet(pa.date64(), (NOON,), True, False),
            ' WHERE "SENT" IN (?)',
            [NOON.replace(tzinfo=UTC)],
        ),
        ("PLACED", EquatableValueSet(pa.date64(), (NOON,), True, False), ' WHERE "PLACED" IN (?)', [NOON]),
        (
            "RATE",
            spans(pa.float64(), "(1,)", parse=float),
            ' WHERE ("RATE" > ? AND "RATE" <> \'NaN\'::FLOAT)',
            [1.0],
        ),
        ('odd "name', spans(pa.int32(), "[1,1]"), ' WHERE "odd ""name" IN (?)', [1]),
        ("id", spans(pa.int64(), "[7,7]"), ' WHERE "ID" IN (?)', [7]),
    ],
)
def test_value_set(column: str, values: SortedRangeSet, where: str, binds: list[Value]) -> None:
    assert rendered(Constraints({column: values})) == (FROM + where, binds)


@pytest.mark.parametrize(
    ("expression", "where", "binds"),
    [
        (
            call(
                Function.GREATER_THAN,
                call(
                    Function.DIVIDE,
                    Variable("ID", pa.int64()),
                    Constant((2,), pa.int64()),
                    type_=pa.int64(),
                ),
                Constant((5,), pa.int64()),
            ),
            '(("ID" - MOD("ID", ?)) / ?) > ?',
            [2, 2, 5],
        ),
        (
            call(Function.LIKE_PATTERN, Variable("NAME", pa.string()), Constant(("a%",), pa.string())),
            '"NAME" LIKE ?',
            ["a%"],
        ),
        (
            call(
                Function.OR,
                call(Function.IS_NULL, Variable("ID", pa.int64())),
                call(
                    Function.NOT,
                    call(
                        Function.IN,
                        Variable("ID", pa.int64()),
                        call(Function.ARRAY, Constant((1, None), pa.int64()), type_=pa.list_(pa.int64())),
                    ),
                ),
            ),
            '("ID" IS NULL OR NOT (("ID" IN (?) OR CAST(NULL AS INTEGER) = 1)))',
            [1],
        ),
        (
            call(
                Function.IS_DISTINCT_FROM,
                call(
                    Function.NULLIF,
                    Variable("NAME", pa.string()),
                    Constant(("a",), pa.string()),
                    type_=pa.string(),
                ),
                Constant((None,), pa.string()),
            ),
            'CASE WHEN "NAME" = ? THEN NULL ELSE "NAME" END IS DISTINCT FROM NULL',
            ["a"],
        ),
    ],
)
def test_expression(expression: Call, where: str, binds: list[Value]) -> None:
    assert rendered(Constraints(expressions=(expression,))) == (f"{FROM} WHERE {where}", binds)


def test_top_n_sorts_and_limits() -> None:
    order = (OrderBy("PRICE", Direction.DESC_NULLS_LAST), OrderBy("SENT", Direction.ASC_NULLS_FIRST))
    assert rendered(Constraints(order_by=order, limit=3))[0] == (
        f'{FROM} ORDER BY "PRICE" DESC NULLS LAST, '
        "CONVERT_TIMEZONE('UTC', \"SENT\")::TIMESTAMP_NTZ ASC NULLS FIRST LIMIT 3"
    )


def test_an_order_without_a_limit_sorts_nothing() -> None:
    assert rendered(Constraints(order_by=(OrderBy("ID", Direction.ASC_NULLS_LAST),)))[0] == FROM


def test_no_column_counts() -> None:
    assert rendered(Constraints(), schema=pa.schema([]))[0] == 'SELECT COUNT(*) FROM "PUBLIC"."orders"'
    assert rendered(Constraints(limit=3), schema=pa.schema([]))[0] == (
        'SELECT COUNT(*) FROM (SELECT 1 AS "one" FROM "PUBLIC"."orders" LIMIT 3) "rows"'
    )


def test_a_split_is_a_range_at_a_moment() -> None:
    split = {"column": "ID", "from": "10", "to": "20", "nulls": "true", "at": "2026-01-02T03:04:05.123456789+00:00"}
    assert rendered(Constraints(), split) == (
        FROM + " AT(TIMESTAMP => '2026-01-02T03:04:05.123456789+00:00'::TIMESTAMP_TZ)"
        ' WHERE ("ID" >= ? AND "ID" < ? OR "ID" IS NULL)',
        [10, 20],
    )


@pytest.mark.parametrize("at", ["2026-01-02'03:04:05+00:00", "2026-01-02T03:04:05", "now()"])
def test_a_moment_that_is_none_is_refused(at: str) -> None:
    with pytest.raises(InvalidInput, match="plan the query again"):
        rendered(Constraints(), {"at": at})


def test_a_query_passed_through_is_wrapped() -> None:
    constraints = Constraints(
        {"n": spans(pa.int64(), "[1,)")}, passthrough={"QUERY": 'SELECT 1 AS "n" -- one\n;', "NAME": "x"}
    )
    statement = Snowflake().select(None, pa.schema([("n", pa.int64())]), constraints, {})
    assert statement.sql == 'SELECT "n" FROM (\nSELECT 1 AS "n" -- one\n) "query" WHERE "n" >= ?'


def test_a_column_that_is_gone_is_named() -> None:
    with pytest.raises(EntityNotFound, match="GONE"):
        rendered(Constraints({"GONE": spans(pa.int64(), "[1,1]")}))


def test_a_product_that_snowflake_would_round_is_refused() -> None:
    wide = Constant((1,), pa.decimal128(18, 12))
    product = call(Function.MULTIPLY, Variable("PRICE", pa.decimal128(12, 2)), wide, type_=pa.decimal128(30, 14))
    with pytest.raises(NotSupported, match="pass the query through"):
        rendered(Constraints(expressions=(call(Function.EQUAL, product, wide),)))
