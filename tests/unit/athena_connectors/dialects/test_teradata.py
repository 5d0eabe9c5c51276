"""The SQL that Teradata gets, and what Teradata means otherwise than others."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest
from constraint_spelling import call, spans

from athena_connectors.dialects.operand import Column
from athena_connectors.dialects.teradata import Carriage, Teradata
from athena_connectors.federation.errors import NotSupported
from athena_connectors.federation.model import (
    Constant,
    Constraints,
    Direction,
    EquatableValueSet,
    Function,
    OrderBy,
    TableName,
    Value,
    ValueSet,
    Variable,
)
from athena_connectors.federation.source import Table

COLUMNS: dict[str, tuple[pa.DataType, str]] = {
    "ID": (pa.int64(), "BIGINT"),
    "NAME": (pa.string(), "VARCHAR(100)"),
    "WORD": (pa.string(), "VARCHAR(100)"),
    "CODE": (pa.string(), "CHAR(5)"),
    "RAW": (pa.binary(), "VARBYTE(16)"),
    "SENT": (pa.date64(), "TIMESTAMP(6)"),
    "SEEN": (pa.date64(), "TIMESTAMP(6) WITH TIME ZONE"),
    "NOTE": (pa.string(), "CLOB"),
    "AT": (pa.string(), "TIME(6)"),
    "SPAN": (pa.string(), "PERIOD(DATE)"),
}
TABLE = Table(
    TableName("shop", "Orders"),
    pa.schema([(name, type_) for name, (type_, _) in COLUMNS.items()]),
    {name: source_type for name, (_, source_type) in COLUMNS.items()},
)
ID = pa.schema([("ID", pa.int64())])
FROM = 'SELECT "ID" FROM "shop"."Orders"'
NOON = datetime(2026, 1, 2, 12)  # noqa: DTZ001 - naive is what a DATEMILLI is


def rendered(constraints: Constraints, properties: dict[str, str] | None = None) -> tuple[str, list[Value | None]]:
    statement = Teradata().select(TABLE, ID, constraints, properties or {})
    return statement.sql, [bind.value for bind in statement.binds]


def column(name: str) -> Variable:
    return Variable(name, COLUMNS[name][0])


def among(name: str, *values: Value) -> dict[str, ValueSet]:
    return {name: EquatableValueSet(COLUMNS[name][0], values, True, False)}


@pytest.mark.parametrize(
    ("summary", "where", "binds"),
    [
        (among("ID", 1, 2), '"ID" IN (?, ?)', [1, 2]),
        (among("NAME", "a"), '("NAME" IN (? (CASESPECIFIC)) AND "NAME" NOT LIKE \'% \')', ["a"]),
        (among("NAME", "a "), '("NAME" = ? (CASESPECIFIC) AND CHARACTER_LENGTH("NAME") = ?)', ["a ", 2]),
        (among("CODE", "a", "b "), '"CODE" IN (? (CASESPECIFIC))', ["a"]),
        (
            {"NAME": spans(pa.string(), "(a,)", parse=str)},
            '("NAME" > ? (CASESPECIFIC) OR ("NAME" = ? (CASESPECIFIC) AND CHARACTER_LENGTH("NAME") > ?))',
            ["a", "a", 1],
        ),
        (among("RAW", b"a"), '("RAW" = ? AND BYTES("RAW") = ?)', [b"a", 1]),
        (among("SENT", NOON), '"SENT" IN (?)', [NOON]),
        (among("SEEN", NOON), '"SEEN" IN (?)', [NOON.replace(tzinfo=UTC)]),
        (
            among("NOTE", "a"),
            '(CAST(SUBSTRING("NOTE" FROM 1 FOR 32000) AS VARCHAR(32000)) = ? (CASESPECIFIC)'
            ' AND CHARACTER_LENGTH(CAST(SUBSTRING("NOTE" FROM 1 FOR 32000) AS VARCHAR(32000))) = ?)',
            ["a", 1],
        ),
    ],
)
def test_value_set(summary: dict[str, ValueSet], where: str, binds: list[Value]) -> None:
    assert rendered(Constraints(summary)) == (f"{FROM} WHERE {where}", binds)


def test_columns_are_compared_by_case_and_by_their_blanks() -> None:
    condition = call(Function.EQUAL, column("NAME"), column("WORD"))
    assert rendered(Constraints(expressions=(condition,)))[0] == (
        FROM + ' WHERE ("NAME" = "WORD" (CASESPECIFIC) AND CHARACTER_LENGTH("NAME") = CHARACTER_LENGTH("WORD"))'
    )


def test_like_is_by_case_and_escapes_by_one_character() -> None:
    pattern, escape = Constant(("a!_%",), pa.string()), Constant(("'",), pa.string())
    condition = call(Function.LIKE_PATTERN, column("CODE"), pattern, escape)
    assert rendered(Constraints(expressions=(condition,))) == (
        FROM + " WHERE TRIM(TRAILING FROM \"CODE\") LIKE ? (CASESPECIFIC) ESCAPE ''''",
        ["a!_%"],
    )


def test_whole_numbers_are_divided_without_their_remainder() -> None:
    half = call(Function.DIVIDE, column("ID"), Constant((2,), pa.int64()), type_=pa.int64())
    condition = call(Function.EQUAL, half, Constant((1,), pa.int64()))
    assert rendered(Constraints(expressions=(condition,))) == (
        FROM + ' WHERE (("ID" - ("ID" MOD ?)) / ?) = ?',
        [2, 2, 1],
    )


@pytest.mark.parametrize(
    ("direction", "keys"),
    [
        (Direction.ASC_NULLS_FIRST, '"ID" ASC'),
        (Direction.ASC_NULLS_LAST, 'CASE WHEN "ID" IS NULL THEN 1 ELSE 0 END ASC, "ID" ASC'),
        (Direction.DESC_NULLS_FIRST, 'CASE WHEN "ID" IS NULL THEN 1 ELSE 0 END DESC, "ID" DESC'),
        (Direction.DESC_NULLS_LAST, '"ID" DESC'),
    ],
)
def test_top_n_is_limited(direction: Direction, keys: str) -> None:
    """The official connector advertises top-N and loses the limit, so every split sorts its whole table."""
    sql, _ = rendered(Constraints(order_by=(OrderBy("ID", direction),), limit=5))
    assert sql == FROM.replace("SELECT", "SELECT TOP 5") + f" ORDER BY {keys}"


def test_text_is_sorted_by_case_and_by_its_blanks() -> None:
    sql, _ = rendered(Constraints(order_by=(OrderBy("NAME", Direction.ASC_NULLS_FIRST),), limit=5))
    assert sql.endswith(' ORDER BY "NAME" (CASESPECIFIC) ASC, CHARACTER_LENGTH("NAME") ASC')


def test_no_row_is_asked_for_by_a_condition() -> None:
    assert rendered(Constraints(limit=0))[0] == 'SELECT TOP 1 "ID" FROM "shop"."Orders" WHERE 1 = 0'


@pytest.mark.parametrize(
    ("split", "where", "binds"),
    [
        (
            {"hashed": '["ID", "NAME"]', "bucket": "2", "buckets": "8"},
            'HASHBUCKET(HASHROW("ID", "NAME")) MOD ? = ?',
            [8, 2],
        ),
        ({"first_partition": "1", "last_partition": "9"}, "PARTITION BETWEEN ? AND ?", [1, 9]),
        ({"column": "ID", "to": "5", "nulls": "true"}, '("ID" < ? OR "ID" IS NULL)', [5]),
    ],
)
def test_a_split_reads_its_part(split: dict[str, str], where: str, binds: list[Value]) -> None:
    assert rendered(Constraints(), split) == (f"{FROM} WHERE {where}", binds)


@pytest.mark.parametrize(
    ("type_", "source_type", "carriage", "expression"),
    [
        (pa.decimal128(10, 2), "DECIMAL(10,2)", Carriage.SCALED, 'CAST(CAST("C" AS DECIMAL(38,2)) * 100 AS BIGINT)'),
        (pa.decimal128(20, 4), "DECIMAL(20,4)", Carriage.PLAIN, '"C"'),
        (pa.int32(), "DECIMAL(9,0)", Carriage.SCALED, 'CAST("C" AS BIGINT)'),
        (pa.string(), "DECIMAL(9,0)", Carriage.PLAIN, 'CAST("C" AS VARCHAR(100))'),
        (pa.decimal128(38, 9), "NUMBER", Carriage.PLAIN, '"C"'),
        (pa.decimal128(10, 2), "NUMBER(10,2)", Carriage.SCALED, 'CAST(CAST("C" AS DECIMAL(38,2)) * 100 AS BIGINT)'),
        (pa.date32(), "DATE", Carriage.PLAIN, '"C"'),
        (
            pa.date64(),
            "TIMESTAMP(0)",
            Carriage.MILLISECONDS,
            '(CAST(CAST("C" AS DATE) - DATE \'1970-01-01\' AS BIGINT) * 86400 + EXTRACT(HOUR FROM "C") * 3600'
            ' + EXTRACT(MINUTE FROM "C") * 60) * 1000 + CAST(EXTRACT(SECOND FROM "C") * 1000 AS BIGINT)',
        ),
        (pa.string(), "TIME(6)", Carriage.PLAIN, "CAST(CAST(\"C\" AS TIME(6) FORMAT 'HH:MI:SS.S(6)') AS VARCHAR(15))"),
        (pa.string(), "PERIOD(DATE)", Carriage.PLAIN, 'CAST("C" AS VARCHAR(100))'),
        (pa.string(), "INTERVAL DAY(2) TO SECOND(6)", Carriage.PLAIN, 'CAST("C" AS VARCHAR(100))'),
        (pa.string(), "CHAR(5)", Carriage.PLAIN, '"C"'),
    ],
)
def test_a_column_comes_in_its_carriage(
    type_: pa.DataType, source_type: str, carriage: Carriage, expression: str
) -> None:
    """The official connector makes BIGINT of a decimal whose precision or scale has a 0 in it, as 10,2 and 20,4."""
    column = Column("C", type_, source_type)
    assert (Teradata().carriage(column), Teradata().fetched(column)) == (carriage, expression)


def test_names_are_quoted() -> None:
    """The official connector leaves them bare."""
    table = Table(TableName('a"b', "select"), ID, {})
    assert Teradata().select(table, ID, Constraints(), {}).sql == 'SELECT "ID" FROM "a""b"."select"'


def test_a_query_passed_through_runs_as_it_is_for_it_may_be_ordered() -> None:
    passthrough = {"QUERY": "SELECT ID FROM t ORDER BY 1;"}
    assert Teradata().select(None, ID, Constraints(limit=3, passthrough=passthrough), {}).sql == (
        "SELECT ID FROM t ORDER BY 1"
    )


def test_a_query_passed_through_is_wrapped_for_a_condition() -> None:
    constraints = Constraints(among("ID", 1), passthrough={"QUERY": "SELECT ID FROM t"})
    assert Teradata().select(None, ID, constraints, {}).sql == (
        'SELECT "ID" FROM (\nSELECT ID FROM t\n) "query" WHERE "ID" IN (?)'
    )


def test_more_values_than_teradata_binds_are_refused_with_what_to_do() -> None:
    with pytest.raises(NotSupported, match="takes 2536: join with a table"):
        rendered(Constraints(among("ID", *range(2_537))))


def test_a_lob_is_compared_with_short_text_only() -> None:
    with pytest.raises(NotSupported, match="short text only"):
        rendered(Constraints(among("NOTE", "a" * 32_000)))
