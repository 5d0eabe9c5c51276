"""What no dialect renders, and what all render alike."""

from typing import ClassVar

import pyarrow as pa
import pytest
from constraint_spelling import call, spans

from athena_connectors.dialects.dialect import Dialect
from athena_connectors.dialects.oracle import Oracle
from athena_connectors.dialects.snowflake import Snowflake
from athena_connectors.dialects.teradata import Teradata
from athena_connectors.federation.errors import EntityNotFound, InvalidInput, NotSupported
from athena_connectors.federation.model import (
    Call,
    Constant,
    Constraints,
    EquatableValueSet,
    Function,
    TableName,
    Variable,
)
from athena_connectors.federation.source import Table

TABLE = Table(
    TableName("s", "t"),
    pa.schema([("ID", pa.int64()), ("Name", pa.string()), ("NAME", pa.string())]),
    {"ID": "DECIMAL(18,0)", "Name": "VARCHAR(9)", "NAME": "VARCHAR(9)"},
)
ID, NAME = Variable("ID", pa.int64()), Variable("NAME", pa.string())
ONE, TEXT = Constant((1,), pa.int64()), Constant(("a",), pa.string())
DIALECTS = [Snowflake(), Oracle(), Teradata()]

dialects = pytest.mark.parametrize("dialect", DIALECTS, ids=[dialect.name for dialect in DIALECTS])


def select(dialect: Dialect, constraints: Constraints) -> str:
    return dialect.select(TABLE, pa.schema([("ID", pa.int64())]), constraints, {}).sql


@dialects
def test_all_functions_are_done(dialect: Dialect) -> None:
    assert dialect.functions == frozenset(Function)


@dialects
@pytest.mark.parametrize(
    "expression",
    [
        call(Function.EQUAL, ID),
        call(Function.NOT, ID, ONE),
        call(Function.ARRAY, ONE),
        call(Function.ADD, ID, ONE),
        call(Function.EQUAL, ID, Constant((1, 2), pa.int64())),
        call(Function.AND, Constant((1,), pa.int64())),
    ],
)
def test_what_makes_no_sense_is_refused(dialect: Dialect, expression: Call) -> None:
    with pytest.raises(InvalidInput):
        select(dialect, Constraints(expressions=(expression,)))


@dialects
def test_only_numbers_are_computed_with(dialect: Dialect) -> None:
    total = call(Function.ADD, NAME, TEXT, type_=pa.string())
    with pytest.raises(NotSupported, match="numbers only"):
        select(dialect, Constraints(expressions=(call(Function.EQUAL, total, TEXT),)))


def test_a_function_that_a_source_withholds_is_neither_advertised_nor_rendered() -> None:
    class Modest(Snowflake):
        withheld: ClassVar = {Function.LIKE_PATTERN: "it matches by case"}

    assert Modest().functions == frozenset(Function) - {Function.LIKE_PATTERN}
    with pytest.raises(NotSupported, match="it matches by case"):
        select(Modest(), Constraints(expressions=(call(Function.LIKE_PATTERN, NAME, TEXT),)))


@dialects
def test_an_exact_name_is_preferred_and_an_ambiguous_one_refused(dialect: Dialect) -> None:
    exact = Constraints({"Name": EquatableValueSet(pa.string(), (), False, False)})
    assert select(dialect, exact).endswith(' WHERE "Name" IS NOT NULL')
    with pytest.raises(EntityNotFound, match="'name', or more than one"):
        select(dialect, Constraints({"name": EquatableValueSet(pa.string(), (), False, False)}))


@dialects
@pytest.mark.parametrize("name", ["", "a\0b"])
def test_a_name_that_no_source_has_is_refused(dialect: Dialect, name: str) -> None:
    with pytest.raises(InvalidInput, match="A name is empty or holds a NUL"):
        dialect.quote(name)


@dialects
def test_nothing_of_a_value_is_in_the_sql(dialect: Dialect) -> None:
    """Neither a quotation mark, nor a placeholder, nor what stands for one meanwhile."""
    value = "'?:1\0{0}\"; DROP TABLE t --"
    statement = dialect.select(
        TABLE, TABLE.schema, Constraints({"NAME": spans(pa.string(), "(a,)", parse=lambda _: value)}), {}
    )
    assert "DROP" not in statement.sql
    assert statement.binds[0].value == value


@dialects
@pytest.mark.parametrize("query", ["", " ; ", "SELECT\0"])
def test_a_query_that_is_none_is_not_passed_through(dialect: Dialect, query: str) -> None:
    with pytest.raises(InvalidInput, match="query to pass through"):
        dialect.select(None, pa.schema([("ID", pa.int64())]), Constraints(passthrough={"QUERY": query}), {})


@dialects
def test_a_condition_on_a_column_of_a_passed_query_that_is_not_read_is_kept(dialect: Dialect) -> None:
    constraints = Constraints(
        {"other": EquatableValueSet(pa.int64(), (1,), True, False)}, passthrough={"QUERY": "SELECT * FROM t"}
    )
    sql = dialect.select(None, pa.schema([("ID", pa.int64())]), constraints, {}).sql
    assert sql.startswith('SELECT "ID" FROM (\nSELECT * FROM t\n) "query" WHERE "other" IN (')
