"""Runs a source's SQL on DuckDB: sqlglot reads it as that source's dialect, and what the source means by it otherwise
than DuckDB is put in its place, so that SQL that relies on DuckDB's kindness gives other rows.

Oracle: '' is NULL; a CHAR is compared without the blanks at its end when both sides are CHAR, and with them otherwise.
Teradata: text is compared without the blanks at its end, and without regard to case unless a side is CASESPECIFIC;
bytes without the zeros at their end.
Hashes are DuckDB's own, addresses its row numbers. Partitions, moments and packages for LOBs it has not: that fails.
"""

import re
from collections.abc import Callable, Collection
from typing import Any

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp

from athena_connectors.dialects.statement import Statement
from athena_connectors.federation.source import Table

COMPARED = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.In)
ZONE = "INTERVAL '00:00' HOUR TO MINUTE"


def connect() -> duckdb.DuckDBPyConnection:
    """A database whose session is in no convenient time zone."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'America/New_York'")
    for macro in (
        "TO_BINARY_DOUBLE(x) AS CAST(x AS DOUBLE)",
        "FROM_TZ(x, zone) AS x AT TIME ZONE zone",
        "SYS_EXTRACT_UTC(x) AS x AT TIME ZONE 'UTC'",
        "ORA_HASH(x, last) AS hash(x) % (last + 1)",
        "CHARTOROWID(x) AS CAST(x AS BIGINT)",
        "HASHROW(x) AS hash(x)",
        "HASHBUCKET(x) AS x % 1048576",
        "BYTES(x) AS octet_length(x)",
        "WITHOUT_ZEROS(x) AS regexp_replace(hex(x), '(00)+$', '')",
    ):
        connection.execute(f"CREATE MACRO {macro}")
    return connection


def run(
    connection: duckdb.DuckDBPyConnection, dialect: str, statement: Statement, table: Table
) -> list[tuple[Any, ...]]:
    """The rows of a statement in the dialect `snowflake`, `oracle` or `teradata` that reads the table."""
    # sqlglot knows neither numbered placeholders nor (CASESPECIFIC), nor a time zone that is an interval.
    known = re.sub(r":\d+", "?", statement.sql) if dialect == "oracle" else statement.sql
    known = known.replace("(CASESPECIFIC)", "COLLATE BY_CASE").replace(ZONE, "'UTC'")
    tree = sqlglot.parse_one(known, read=dialect)
    {"snowflake": _snowflake, "oracle": _oracle, "teradata": _teradata}[dialect](tree, table)
    text = tree.sql(dialect="duckdb", unsupported_level=sqlglot.ErrorLevel.RAISE)
    binds = [_bind(dialect, bind.value) for bind in statement.binds]
    return connection.execute(text, binds).fetchall()


def _bind(dialect: str, value: Any) -> Any:
    return None if dialect == "oracle" and value == "" else value


def _snowflake(tree: exp.Expression, table: Table) -> None:
    """Snowflake means what DuckDB means, as far as sqlglot writes it."""


def _oracle(tree: exp.Expression, table: Table) -> None:
    char = {name for name, type_ in table.source_types.items() if type_.startswith("CHAR(")}
    for node in list(tree.find_all(exp.Column)):
        if node.name == "BINARY_DOUBLE_NAN":
            node.replace(exp.cast(exp.Literal.string("NaN"), "double"))
    for node in list(tree.find_all(exp.DPipe)):
        for part in ("this", "expression"):
            node.set(part, exp.Coalesce(this=node.args[part], expressions=[exp.Literal.string("")]))
    for node in list(tree.find_all(*COMPARED)):
        if all(_is_char(side, char) for side in _sides(node)):
            _wrap(node, _trimmed)


def _teradata(tree: exp.Expression, table: Table) -> None:
    text = {name for name, type_ in table.source_types.items() if type_.startswith(("CHAR(", "VARCHAR("))}
    binary = {field.name for field in table.schema if pa.types.is_binary(field.type)}
    for node in list(tree.find_all(*COMPARED)):
        if any(_is_text(side, text) for side in _sides(node)):
            by_case = any(isinstance(side, exp.Collate) for side in _sides(node))
            _wrap(node, _trimmed if by_case else lambda side: exp.Upper(this=_trimmed(side)))
        if any(_is_column(side, binary) for side in _sides(node)):
            _wrap(node, lambda side: exp.Anonymous(this="WITHOUT_ZEROS", expressions=[side]))
    for ordered in list(tree.find_all(exp.Ordered)):
        if _is_text(ordered.this, text):
            by_case = isinstance(ordered.this, exp.Collate)
            ordered.set("this", _trimmed(ordered.this) if by_case else exp.Upper(this=_trimmed(ordered.this)))
    for like in list(tree.find_all(exp.Like)):
        if not isinstance(like.expression, exp.Collate):
            like.replace(exp.ILike(**like.args))
    for collated in list(tree.find_all(exp.Collate)):
        collated.replace(collated.this)


def _sides(node: exp.Expression) -> list[exp.Expression]:
    return [node.this, *(node.expressions if isinstance(node, exp.In) else [node.expression])]


def _wrap(node: exp.Expression, wrapper: Callable[[exp.Expression], exp.Expression]) -> None:
    node.set("this", wrapper(node.this))
    if isinstance(node, exp.In):
        node.set("expressions", [wrapper(value) for value in node.expressions])
    else:
        node.set("expression", wrapper(node.expression))


def _trimmed(side: exp.Expression) -> exp.Expression:
    return exp.Anonymous(this="RTRIM", expressions=[side])


def _is_column(side: exp.Expression, names: Collection[str]) -> bool:
    return isinstance(side, exp.Column) and side.name in names


def _is_char(side: exp.Expression, char: Collection[str]) -> bool:
    if isinstance(side, exp.Case):  # of NULLIF, which is CHAR when the value is
        return _is_char(side.args["default"], char)
    if isinstance(side, exp.Cast):
        return side.to.is_type("char")
    return _is_column(side, char) or isinstance(side, exp.Null)


def _is_text(side: exp.Expression, text: Collection[str]) -> bool:
    if isinstance(side, exp.Case):
        return _is_text(side.args["default"], text)
    return _is_column(side, text) or isinstance(side, exp.Collate)
