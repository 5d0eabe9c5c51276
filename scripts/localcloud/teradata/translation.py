"""Teradata's SQL as DuckDB's, with what Teradata means by it otherwise put in its place.

Text is compared without the blanks at its end, and without regard to case unless a side is CASESPECIFIC; bytes without
the zeros at their end; numbers that become dates are years since 1900, months and days.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError, UnsupportedError

from localcloud.teradata.refusal import syntax
from localcloud.teradata.types import TEXT, TeradataType

QUOTED = re.compile(r"('(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")")
FOREIGN = re.compile(r"\b(LIMIT|ILIKE|FETCH)\b|::|\$\d", re.I)
"""What sqlglot reads and Teradata does not."""
COMPARED = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.In)
ZONE = "INTERVAL '00:00' HOUR TO MINUTE"
AS_TEXT = re.compile(
    r"CAST\(CAST\((\"(?:[^\"]|\"\")+\") AS [A-Z]+(?:\(\d\))?(?: WITH TIME ZONE)? FORMAT '([^']*)'\) AS VARCHAR\(\d+\)\)"
)
XML_TEXT = re.compile(r"XMLSERIALIZE\(CONTENT (\"(?:[^\"]|\"\")+\") AS CLOB\)")
FORMATS = {
    "YYYY-MM-DD": "DATE_TEXT",
    "HH:MI:SS.S(6)": "TIME_TEXT",
    "YYYY-MM-DDBHH:MI:SS.S(6)": "TIMESTAMP_TEXT",
    "YYYY-MM-DDBHH:MI:SS.S(6)BZ": "ZONED_TEXT",
}
MACROS = (
    "DATE_TEXT(x) AS strftime(x, '%Y-%m-%d')",
    "TIME_TEXT(x) AS strftime(DATE '2000-01-01' + x, '%H:%M:%S.%f')",
    "TIMESTAMP_TEXT(x) AS strftime(x, '%Y-%m-%d %H:%M:%S.%f')",
    "ZONED_TEXT(x) AS strftime(x AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M:%S.%f') || ' +00:00'",
    "DATE_OF_NUMBER(x) AS make_date(1900 + CAST(floor(x / 10000.0) AS INTEGER), (x % 10000 + 10000) // 100 % 100, "
    "(x % 100 + 100) % 100)",
    "EXACT_SECONDS(x) AS CAST(extract(microseconds FROM x) AS DECIMAL(18, 6)) / 1000000",
    "HASHBUCKET(x) AS CAST(x % 1048576 AS BIGINT)",
    "BYTES(x) AS octet_length(x)",
    "WITHOUT_ZEROS(x) AS regexp_replace(hex(x), '(00)+$', '')",
)


@dataclass(frozen=True, slots=True)
class Translated:
    """SQL of DuckDB's, and names and types of its columns (None: DuckDB infers the type)."""

    sql: str
    columns: tuple[tuple[str, TeradataType | None], ...]


ColumnsOf = Callable[[exp.Table], Mapping[str, TeradataType]]
"""A table's columns. Raises Refused."""
Tables = dict[int, Mapping[str, TeradataType | None]]
"""The columns of every table in a query, by its identity; None is what DuckDB infers."""


def translate(request: str, columns_of: ColumnsOf) -> Translated:
    """A query. Raises Refused, NotImplementedError."""
    tree = parse(request)
    if not isinstance(tree, exp.Query):
        raise syntax("expected a query.")
    named = {cte.alias.lower(): cte for cte in tree.find_all(exp.CTE)}
    tables: Tables = {}
    for table in tree.find_all(exp.Table):
        if table.db or table.name.lower() not in named:
            tables[id(table)] = columns_of(table)
    for table in tree.find_all(exp.Table):
        if id(table) not in tables:
            tables[id(table)] = dict(_columns(named[table.name.lower()].this, tables))
    columns = tuple(_columns(tree, tables))
    _mean(tree, {name: type_ for table in tables.values() for name, type_ in table.items() if type_ is not None})
    return Translated(written(tree), columns)


def written(tree: exp.Expr) -> str:
    """As DuckDB's SQL. Raises NotImplementedError."""
    try:
        return tree.sql(dialect="duckdb", unsupported_level=sqlglot.ErrorLevel.RAISE)
    except UnsupportedError as error:
        raise NotImplementedError(f"Teradata's stand-in cannot do this: {error}") from error


def parse(request: str) -> exp.Expr:
    """As Teradata reads it; sqlglot does not know all of that. Raises Refused."""
    known = AS_TEXT.sub(lambda found: f"{_format(found[2])}({found[1]})", request.replace(ZONE, "'UTC'"))
    known = XML_TEXT.sub(r"CAST(\1 AS CLOB)", known)
    pieces = QUOTED.split(known)
    for index in range(0, len(pieces), 2):
        if foreign := FOREIGN.search(pieces[index]):
            raise syntax(f"{foreign[0]} is no word of Teradata's.")
        pieces[index] = pieces[index].replace("(CASESPECIFIC)", "COLLATE BY_CASE")
        pieces[index] = pieces[index].replace("LOCKING ROW FOR ACCESS ", "")
    try:
        tree = sqlglot.parse_one("".join(pieces), read="teradata")
    except (ParseError, TokenError) as error:
        raise syntax(str(error).partition(".")[0]) from error
    return tree


def _format(words: str) -> str:
    if words not in FORMATS:
        raise NotImplementedError(f"Teradata's stand-in knows no FORMAT {words!r}.")
    return FORMATS[words]


def _columns(tree: exp.Expr, tables: Tables) -> Iterator[tuple[str, TeradataType | None]]:
    """What a query selects: the types as far as they are those of columns."""
    if isinstance(tree.parent, exp.Subquery) and tree.args.get("order") and not tree.args.get("limit"):
        raise syntax("ORDER BY is not allowed in subqueries.")
    if isinstance(tree, exp.SetOperation | exp.Subquery):
        yield from _columns(tree.this, tables)
        return
    found = dict(_sources(tree, tables))
    spelled = {name.lower(): name for name in found}
    for projection in tree.args["expressions"]:
        if isinstance(projection, exp.Star):
            yield from found.items()
            continue
        inner = projection.unalias()
        if isinstance(inner, exp.Column):
            name = spelled.get(inner.name.lower(), inner.name)
            yield (projection.alias or name), found.get(name)
        elif not projection.alias and not isinstance(tree.parent, exp.Subquery):
            yield inner.sql(dialect="teradata"), None
        elif not projection.alias:
            raise syntax("All expressions in a derived table must have an explicit name.")
        else:
            yield projection.alias, None


def _sources(select: exp.Expr, tables: Tables) -> Iterator[tuple[str, TeradataType | None]]:
    origin = select.args.get("from_") or select.args.get("from")
    joins = select.args.get("joins") or []
    for source in ([origin.this] if origin else []) + [join.this for join in joins]:
        if isinstance(source, exp.Table):
            yield from tables[id(source)].items()
        elif isinstance(source, exp.Subquery):
            yield from _columns(source.this, tables)


def _mean(tree: exp.Expr, columns: Mapping[str, TeradataType]) -> None:
    text = {name.lower() for name, type_ in columns.items() if type_.kind in TEXT}
    binary = {name.lower() for name, type_ in columns.items() if type_.duckdb == "BLOB"}
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
        if not any(isinstance(side, exp.Collate) for side in (like.this, like.expression)):
            like.replace(exp.ILike(**like.args))
    for collated in list(tree.find_all(exp.Collate)):
        collated.replace(collated.this)
    for cast in list(tree.find_all(exp.Cast)):
        if cast.to.is_type("date") and isinstance(cast.this, exp.Add | exp.Paren):
            cast.replace(exp.Anonymous(this="DATE_OF_NUMBER", expressions=[cast.this]))
        elif cast.to.is_type("float"):  # of 8 bytes, and the nearest, which DuckDB finds of a text alone
            cast.replace(exp.cast(exp.cast(cast.this, "text"), "double"))
    for part in list(tree.find_all(exp.Extract)):
        if part.name.upper() == "SECOND":
            part.replace(exp.Anonymous(this="EXACT_SECONDS", expressions=[part.expression]))
    for call in list(tree.find_all(exp.Anonymous)):
        if call.name.upper() == "HASHROW":
            call.set("this", "hash")


def _sides(node: exp.Expr) -> list[exp.Expr]:
    return [node.this, *(node.expressions if isinstance(node, exp.In) else [node.expression])]


def _wrap(node: exp.Expr, wrapper: Callable[[exp.Expr], exp.Expr]) -> None:
    node.set("this", wrapper(node.this))
    if isinstance(node, exp.In):
        node.set("expressions", [wrapper(value) for value in node.expressions])
    else:
        node.set("expression", wrapper(node.expression))


def _trimmed(side: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="RTRIM", expressions=[side])


def _is_column(side: exp.Expr, names: Collection[str]) -> bool:
    return isinstance(side, exp.Column) and side.name.lower() in names


def _is_text(side: exp.Expr, text: Collection[str]) -> bool:
    if isinstance(side, exp.Case):
        return _is_text(side.args["default"], text) if side.args.get("default") else False
    if isinstance(side, exp.Literal):
        return side.is_string
    return _is_column(side, text) or isinstance(side, exp.Collate)
