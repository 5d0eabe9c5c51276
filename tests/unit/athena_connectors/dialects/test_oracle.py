"""The SQL that Oracle gets, and what Oracle means otherwise than others."""

from datetime import datetime

import pyarrow as pa
import pytest
from constraint_spelling import call, spans

from athena_connectors.dialects.oracle import Oracle
from athena_connectors.federation.errors import InvalidInput, NotSupported
from athena_connectors.federation.model import (
    Call,
    Constant,
    Constraints,
    Direction,
    EquatableValueSet,
    Expression,
    Function,
    OrderBy,
    TableName,
    Value,
    ValueSet,
    Variable,
)
from athena_connectors.federation.source import Table

COLUMNS: dict[str, tuple[pa.DataType, str]] = {
    "ID": (pa.int64(), "NUMBER(18)"),
    "ANY": (pa.float64(), "NUMBER"),
    "RATE": (pa.float64(), "BINARY_DOUBLE"),
    "NAME": (pa.string(), "VARCHAR2(100)"),
    "CODE": (pa.string(), "CHAR(5)"),
    "TOKEN": (pa.binary(), "RAW(16)"),
    "PLACED": (pa.date64(), "DATE"),
    "SENT": (pa.date64(), "TIMESTAMP(6)"),
    "SEEN": (pa.date64(), "TIMESTAMP(6) WITH TIME ZONE"),
    "DUE": (pa.date64(), "TIMESTAMP(6) WITH LOCAL TIME ZONE"),
    "NOTE": (pa.string(), "CLOB"),
    "OLD": (pa.string(), "LONG"),
    "DOC": (pa.string(), "XMLTYPE"),
    "JSON": (pa.string(), "JSON"),
    "SPAN": (pa.string(), "INTERVAL DAY(2) TO SECOND(6)"),
    "WHERE": (pa.string(), "ROWID"),
    "LOOSE": (pa.string(), "NUMBER"),
    "BCE": (pa.string(), "DATE"),
}
TABLE = Table(
    TableName("SHOP", "Orders"),
    pa.schema([(name, type_) for name, (type_, _) in COLUMNS.items()]),
    {name: source_type for name, (_, source_type) in COLUMNS.items()},
)
ID = pa.schema([("ID", pa.int64())])
FROM = 'SELECT "ID" FROM "SHOP"."Orders"'
NOON = datetime(2026, 1, 2, 12)  # noqa: DTZ001 - naive is what a DATEMILLI is
LATER = NOON.replace(microsecond=5000)


def rendered(constraints: Constraints, properties: dict[str, str] | None = None) -> tuple[str, list[Value | None]]:
    statement = Oracle().select(TABLE, ID, constraints, properties or {})
    return statement.sql, [bind.value for bind in statement.binds]


def column(name: str) -> Variable:
    return Variable(name, COLUMNS[name][0])


def among(name: str, *values: Value, white_list: bool = True) -> dict[str, ValueSet]:
    return {name: EquatableValueSet(COLUMNS[name][0], values, white_list, False)}


def text_spans(name: str, *written: str) -> dict[str, ValueSet]:
    return {name: spans(pa.string(), *written, parse=str)}


@pytest.mark.parametrize(
    ("name", "expression"),
    [
        ("ID", '"ID"'),
        ("ANY", 'TO_BINARY_DOUBLE("ANY") AS "ANY"'),
        ("CODE", '"CODE"'),
        ("PLACED", '"PLACED"'),
        ("SEEN", 'SYS_EXTRACT_UTC("SEEN") AS "SEEN"'),
        ("DUE", 'SYS_EXTRACT_UTC(CAST("DUE" AS TIMESTAMP(9) WITH TIME ZONE)) AS "DUE"'),
        ("DOC", 'XMLSERIALIZE(CONTENT "DOC" AS CLOB) AS "DOC"'),
        ("JSON", 'JSON_SERIALIZE("JSON" RETURNING CLOB) AS "JSON"'),
        ("SPAN", 'TO_CHAR("SPAN") AS "SPAN"'),
        ("WHERE", 'ROWIDTOCHAR("WHERE") AS "WHERE"'),
        ("BCE", 'LTRIM(TO_CHAR("BCE", \'SYYYY-MM-DD HH24:MI:SS\')) AS "BCE"'),
        (
            "LOOSE",
            "REGEXP_REPLACE(TO_CHAR(\"LOOSE\", 'TM9', 'NLS_NUMERIC_CHARACTERS=''.,'''), '^(-?)\\.', '\\10.')"
            ' AS "LOOSE"',
        ),
    ],
)
def test_a_column_is_read_as_athena_sees_it(name: str, expression: str) -> None:
    schema = pa.schema([TABLE.schema.field(name)])
    sql = Oracle().select(TABLE, schema, Constraints(), {}).sql
    assert sql.removeprefix("SELECT ").removesuffix(' FROM "SHOP"."Orders"') == expression


@pytest.mark.parametrize(
    ("summary", "where", "binds"),
    [
        (among("ID", 1, 2), '"ID" IN (:1, :2)', [1, 2]),
        (among("NAME", "", "a"), '"NAME" IN (:1)', ["a"]),
        (among("NAME", ""), "1 = 0", []),
        (among("NAME", "", white_list=False), '"NAME" IS NOT NULL', []),
        (among("TOKEN", b"", b"a"), '"TOKEN" IN (:1)', [b"a"]),
        (text_spans("NAME", "(,b)"), '"NAME" < :1', ["b"]),
        (among("CODE", "a"), '"CODE" IN (CAST(:1 AS CHAR(2000)))', ["a"]),
        (among("CODE", "", "a "), '"CODE" IN (CAST(:1 AS CHAR(2000)))', [" "]),
        (text_spans("CODE", "(a ,)"), '"CODE" > CAST(:1 AS CHAR(2000))', ["a"]),
        (text_spans("CODE", "(,a )"), '"CODE" <= CAST(:1 AS CHAR(2000))', ["a"]),
        (among("PLACED", NOON, LATER), '"PLACED" IN (CAST(:1 AS DATE), :2)', [NOON, LATER]),
        (among("SENT", NOON), '"SENT" IN (:1)', [NOON]),
        (among("SEEN", NOON), "\"SEEN\" IN (FROM_TZ(CAST(:1 AS TIMESTAMP), 'UTC'))", [NOON]),
        (among("DUE", NOON), "\"DUE\" IN (FROM_TZ(CAST(:1 AS TIMESTAMP), 'UTC'))", [NOON]),
        (among("ANY", 1.5), '"ANY" IN (:1)', [1.5]),
        ({"ANY": spans(pa.float64(), "(1,)", parse=float)}, '"ANY" > :1', [1.0]),
        ({"RATE": spans(pa.float64(), "(1,)", parse=float)}, '("RATE" > :1 AND "RATE" <> BINARY_DOUBLE_NAN)', [1.0]),
        (among("NOTE", "a"), 'DBMS_LOB.COMPARE("NOTE", TO_CLOB(:1)) = 0', ["a"]),
        (among("NOTE", ""), 'DBMS_LOB.GETLENGTH("NOTE") = 0', []),
        (
            text_spans("JSON", "[a,b)"),
            '(DBMS_LOB.COMPARE(JSON_SERIALIZE("JSON" RETURNING CLOB), TO_CLOB(:1)) >= 0'
            ' AND DBMS_LOB.COMPARE(JSON_SERIALIZE("JSON" RETURNING CLOB), TO_CLOB(:2)) < 0)',
            ["a", "b"],
        ),
        (among("SPAN", "x"), 'TO_CHAR("SPAN") IN (:1)', ["x"]),
    ],
)
def test_value_set(summary: dict[str, ValueSet], where: str, binds: list[Value]) -> None:
    assert rendered(Constraints(summary)) == (f"{FROM} WHERE {where}", binds)


@pytest.mark.parametrize(
    ("operator", "where"),
    [
        (Function.EQUAL, '"NAME" <> "NAME"'),
        (Function.NOT_EQUAL, '"NAME" = "NAME"'),
        (Function.LESS_THAN, '"NAME" <> "NAME"'),
        (Function.LESS_THAN_OR_EQUAL, '"NAME" <> "NAME"'),
        (Function.GREATER_THAN, '"NAME" = "NAME"'),
        (Function.GREATER_THAN_OR_EQUAL, '"NAME" = "NAME"'),
        (Function.IS_DISTINCT_FROM, None),
        (Function.LIKE_PATTERN, '"NAME" <> "NAME"'),
    ],
)
def test_an_empty_text_is_not_bound_for_it_would_be_null(operator: Function, where: str | None) -> None:
    sql, binds = rendered(Constraints(expressions=(call(operator, column("NAME"), Constant(("",), pa.string())),)))
    assert (sql, binds) == (f"{FROM} WHERE {where}" if where else FROM, [])


def whole(function: Function, *arguments: Expression) -> Call:
    return call(function, *arguments, type_=pa.int64())


@pytest.mark.parametrize(
    ("value", "where", "binds"),
    [
        (whole(Function.DIVIDE, column("ID"), Constant((2,), pa.int64())), '(("ID" - MOD("ID", :1)) / :2)', [2, 2]),
        (whole(Function.MODULUS, column("ID"), Constant((2,), pa.int64())), 'MOD("ID", :1)', [2]),
        (whole(Function.MODULUS, column("ID"), column("ID")), '(MOD("ID", "ID") + 0 / "ID")', []),
        (
            whole(Function.MODULUS, column("ID"), Constant((0,), pa.int64())),
            '(MOD("ID", :1) + 0 / :2)',
            [0, 0],
        ),
    ],
)
def test_whole_numbers_are_divided_as_athena_does(value: Call, where: str, binds: list[Value]) -> None:
    condition = call(Function.EQUAL, value, Constant((1,), pa.int64()))
    assert rendered(Constraints(expressions=(condition,))) == (f"{FROM} WHERE {where} = :{len(binds) + 1}", [*binds, 1])


def test_a_comparison_is_no_value() -> None:
    small = call(Function.LESS_THAN, column("ID"), Constant((2,), pa.int64()))
    condition = call(Function.EQUAL, small, Constant((True,), pa.bool_()))
    case = 'CASE WHEN "ID" < :1 THEN 1 WHEN NOT ("ID" < :2) THEN 0 END'
    assert rendered(Constraints(expressions=(condition,))) == (f"{FROM} WHERE {case} = :3", [2, 2, 1])


def test_a_char_is_like_a_pattern_without_its_blanks() -> None:
    like = call(Function.LIKE_PATTERN, column("CODE"), Constant(("a!_%",), pa.string()), Constant(("!",), pa.string()))
    assert rendered(Constraints(expressions=(like,))) == (
        FROM + " WHERE CASE WHEN \"CODE\" IS NOT NULL THEN RTRIM(\"CODE\") || '.' END LIKE :1 || '.' ESCAPE :2",
        ["a!_%", "!"],
    )


def test_long_lists_are_cut_to_what_oracle_takes() -> None:
    sql, binds = rendered(Constraints(among("ID", *range(2_500))))
    assert len(binds) == 2_500
    assert [part.count(",") + 1 for part in sql.split(" IN ")[1:]] == [1_000, 1_000, 500]


def test_more_values_than_oracle_binds_are_refused_with_what_to_do() -> None:
    with pytest.raises(NotSupported, match="takes 65535: join with a table"):
        rendered(Constraints(among("ID", *range(65_536))))


def test_top_n() -> None:
    order = (OrderBy("NAME", Direction.DESC_NULLS_FIRST),)
    sql, _ = rendered(Constraints(order_by=order, limit=5))
    assert sql == FROM + ' ORDER BY "NAME" DESC NULLS FIRST FETCH FIRST 5 ROWS ONLY'


def test_what_oracle_does_not_sort_is_not_limited() -> None:
    sql, _ = rendered(Constraints(order_by=(OrderBy("NOTE", Direction.ASC_NULLS_LAST),), limit=5))
    assert sql == FROM


def test_a_limit_needs_no_order() -> None:
    """The official connector limits with an order only."""
    assert rendered(Constraints(limit=5))[0] == FROM + " FETCH FIRST 5 ROWS ONLY"


@pytest.mark.parametrize(
    ("split", "rest", "binds"),
    [
        ({"partition": "P 1", "scn": "42"}, ' PARTITION ("P 1") AS OF SCN :1', [42]),
        ({"subpartition": "P1"}, ' SUBPARTITION ("P1")', []),
        (
            {"first_rowid": "AAA", "next_rowid": "AAZ"},
            " WHERE ROWID >= CHARTOROWID(:1) AND ROWID < CHARTOROWID(:2)",
            ["AAA", "AAZ"],
        ),
        ({"first_rowid": "AAA"}, " WHERE ROWID >= CHARTOROWID(:1)", ["AAA"]),
        ({"next_rowid": "AAZ"}, " WHERE ROWID < CHARTOROWID(:1)", ["AAZ"]),
        ({"sample": "0.5"}, " SAMPLE BLOCK (0.500000)", []),
        ({"bucket": "2", "buckets": "8"}, " WHERE ORA_HASH(ROWID, :1) = :2", [7, 2]),
        ({"column": "ID", "from": "5"}, ' WHERE "ID" >= :1', [5]),
    ],
)
def test_a_split_reads_its_part(split: dict[str, str], rest: str, binds: list[Value]) -> None:
    """The official connector never finds a partition, for it binds the table's name in quotation marks."""
    assert rendered(Constraints(), split) == (FROM + rest, binds)


@pytest.mark.parametrize("split", [{"scn": "1 OR 1=1"}, {"bucket": "1", "buckets": "many"}, {"partition": 'P" x'}])
def test_a_split_that_is_none_is_refused(split: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        rendered(Constraints(), split)


def test_a_long_is_not_compared() -> None:
    with pytest.raises(NotSupported, match="LONG: take the condition on it out"):
        rendered(Constraints(among("OLD", "a")))
