"""Oracle's SQL as DuckDB's, with what Oracle means by it otherwise put in its place.

'' is NULL, and joined to a text it changes nothing; CHARs are compared without the blanks at their end when both sides
are CHAR; names that are not quoted are in upper case, and case tells names apart.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlglot
from sqlglot import Expr, exp
from sqlglot.errors import ParseError, TokenError, UnsupportedError

from localcloud.oracle.refusal import Refused
from localcloud.oracle.types import OracleType

QUOTED = re.compile(r"('(?:[^']|'')*'|\"[^\"]*\")")
BIND = re.compile(r":(\d+)")
NAME = r'(?:"[^"]+"|[A-Za-z_][\w$#]*)'
PART_OF_TABLE = re.compile(
    rf"({NAME}(?:\.{NAME})?)(?:\s+PARTITION\s*\(\s*({NAME})\s*\))?(?:\s+SAMPLE BLOCK \(([\d.]+)\))?"
    r"(?:\s+AS OF SCN (:\d+|\d+))?"
)
COMPARED = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.In)
MACROS = (
    "TO_BINARY_DOUBLE(x) AS CAST(x AS DOUBLE)",
    "FROM_TZ(x, zone) AS x AT TIME ZONE zone",
    "SYS_EXTRACT_UTC(x) AS x AT TIME ZONE 'UTC'",
    "ORA_HASH(x, most) AS CAST(hash(x) % CAST(most + 1 AS UBIGINT) AS BIGINT)",
    "TIMESTAMP_TO_SCN(scn) AS scn",
    "NUMBER_TEXT(x) AS regexp_replace(regexp_replace(regexp_replace(CAST(x AS VARCHAR), '(\\.\\d*?)0+$', '\\1'), "
    "'\\.$', ''), '^(-?)0\\.', '\\1.')",
)
FUNCTIONS = frozenset({macro.partition("(")[0] for macro in MACROS} | {"CHARTOROWID", "ROWIDTOCHAR"}) - {"NUMBER_TEXT"}
"""Of Oracle's, those that sqlglot has no name of its own for; others would be DuckDB's."""
TEXTS_OF_TIMES = {
    "SYYYY-MM-DD HH24:MI:SS": "%Y-%m-%d %H:%M:%S",
    "SYYYY-MM-DD HH24:MI:SS.FF9": "%Y-%m-%d %H:%M:%S.%n",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A table in FROM: which, and what of it."""

    schema: str | None
    table: str
    partition: str | None = None
    percent: float | None = None
    scn: int | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """What a Part is in DuckDB: a subquery of its columns, and with `{address}` among them of its rows' addresses."""

    sql: str
    columns: dict[str, OracleType]


@dataclass(frozen=True, slots=True)
class Translated:
    """SQL of DuckDB's with `?` for its binds, and what is known of its columns (None: DuckDB infers it)."""

    sql: str
    binds: list[Any] = field(repr=False)
    columns: list[tuple[str, OracleType | None]]


class Translation:
    """Of one statement; `relation_of` finds tables. Raises Refused, NotImplementedError."""

    def __init__(self, relation_of: Callable[[Part], Relation], scn: int) -> None:
        self._relation_of, self._scn = relation_of, scn
        self._parts: dict[str, Part] = {}
        self._relations: dict[int, Relation] = {}

    def translate(self, sql: str, binds: Sequence[Any]) -> Translated:
        """A query."""
        tree, left = self._parse(sql, binds)
        for table in list(tree.find_all(exp.Table)):
            if not self._is_defined(tree, table):
                self._relations[id(table)] = self._relation_of(self._part(table))
        self._check_names(tree)
        for function in tree.find_all(exp.Anonymous):
            if function.name.upper() not in FUNCTIONS:
                raise Refused(904, f'"{function.name.upper()}": invalid identifier')
        columns = list(self._columns(tree))
        self._mean(tree)
        addresses = any(column.name == "ROWID" for column in tree.find_all(exp.Column))
        for table in list(tree.find_all(exp.Table)):
            if id(table) in self._relations:
                self._place(table, self._relations[id(table)], addresses)
        try:
            text = tree.sql(dialect="duckdb", unsupported_level=sqlglot.ErrorLevel.RAISE)
        except UnsupportedError as error:
            raise NotImplementedError(f"Oracle's stand-in cannot do this: {error}") from error
        return Translated(text, left, columns)

    def _parse(self, sql: str, binds: Sequence[Any]) -> tuple[Expr, list[Any]]:
        sql = self._without_parts(sql, binds)
        left: list[Any] = []
        pieces = QUOTED.split(sql)
        for index in range(0, len(pieces), 2):
            left += [binds[int(number) - 1] for number in BIND.findall(pieces[index])]
            pieces[index] = BIND.sub("?", pieces[index])
        try:
            tree = sqlglot.parse_one("".join(pieces), read="oracle")
        except (ParseError, TokenError) as error:
            raise Refused(900, f"invalid SQL statement [{str(error).partition('.')[0]}]") from error
        if not isinstance(tree, exp.Query):
            raise Refused(900, "invalid SQL statement")
        for identifier in tree.find_all(exp.Identifier):
            if not identifier.args.get("quoted"):
                identifier.set("this", identifier.name.upper())
                identifier.set("quoted", True)
        return tree, [None if value == "" else value for value in left]

    def _without_parts(self, sql: str, binds: Sequence[Any]) -> str:
        """The statement with a name of ours for each table of which a part or a past is read: sqlglot knows neither."""

        def replaced(found: re.Match[str]) -> str:
            name, partition, percent, scn = found.groups()
            if not (partition or percent or scn):
                return found[0]
            schema, table = _names(name)
            moment = None if scn is None else int(binds[int(scn[1:]) - 1] if scn.startswith(":") else scn)
            key = f"part {len(self._parts)}"
            self._parts[key] = Part(
                schema, table, _names(partition)[1] if partition else None, float(percent) if percent else None, moment
            )
            return f'"{key}"'

        return PART_OF_TABLE.sub(replaced, sql)

    def _part(self, table: exp.Table) -> Part:
        if table.name in self._parts:
            return self._parts[table.name]
        return Part(table.db or None, table.name)

    @staticmethod
    def _is_defined(tree: Expr, table: exp.Table) -> bool:
        return not table.db and table.name in {cte.alias for cte in tree.find_all(exp.CTE)}

    def _check_names(self, tree: Expr) -> None:
        """Columns by case: DuckDB would let `"id"` find ID."""
        known = {alias.alias for alias in tree.find_all(exp.Alias, exp.CTE, exp.Subquery)}
        for relation in self._relations.values():
            known |= set(relation.columns)
        for alias in tree.find_all(exp.TableAlias):
            known |= {column.name for column in alias.columns}
        for column in tree.find_all(exp.Column):
            if isinstance(column.this, exp.Identifier) and column.name not in known | PSEUDO:
                raise Refused(904, f'"{column.name}": invalid identifier')

    def _columns(self, tree: Expr) -> Iterator[tuple[str, OracleType | None]]:
        """Names and types of what a query selects, as far as they are those of columns."""
        if isinstance(tree, exp.SetOperation):
            yield from self._columns(tree.this)
            return
        if isinstance(tree, exp.Subquery):
            yield from self._columns(tree.this)
            return
        found = dict(self._sources(tree))
        for projection in tree.args["expressions"]:
            if isinstance(projection, exp.Star):
                yield from found.items()
                continue
            inner = projection.unalias()
            named = isinstance(projection, exp.Alias) or isinstance(inner, exp.Column)
            name = projection.alias_or_name if named else inner.sql(dialect="oracle").upper()
            yield name, found.get(inner.name) if isinstance(inner, exp.Column) else None

    def _sources(self, select: Expr) -> Iterator[tuple[str, OracleType | None]]:
        origin = select.args.get("from_") or select.args.get("from")
        joins = select.args.get("joins") or []
        for source in ([origin.this] if origin else []) + [join.this for join in joins]:
            if isinstance(source, exp.Table):
                relation = self._relations.get(id(source))
                yield from relation.columns.items() if relation else ()
            elif isinstance(source, exp.Subquery):
                yield from self._columns(source.this)

    def _mean(self, tree: Expr) -> None:
        char = {
            name
            for relation in self._relations.values()
            for name, type_ in relation.columns.items()
            if type_.kind in ("CHAR", "NCHAR")
        }
        for literal in list(tree.find_all(exp.Literal)):
            if literal.is_string and literal.this == "":
                literal.replace(exp.Null())
        for joined in list(tree.find_all(exp.DPipe)):
            for side in ("this", "expression"):
                joined.set(side, exp.Coalesce(this=joined.args[side], expressions=[exp.Literal.string("")]))
        for comparison in list(tree.find_all(*COMPARED)):
            if all(_is_char(side, char) for side in _sides(comparison)):
                _trim(comparison)
        for column in list(tree.find_all(exp.Column)):
            if column.name == "BINARY_DOUBLE_NAN":
                column.replace(exp.cast(exp.Literal.string("NaN"), "double"))
            elif column.table == "DBMS_FLASHBACK":
                column.replace(exp.Literal.number(self._scn))
        for now in list(tree.find_all(exp.Systimestamp)):
            now.replace(exp.Literal.number(self._scn))
        for text in list(tree.find_all(exp.ToChar)):
            text.replace(_text(text))

    def _place(self, table: exp.Table, relation: Relation, addresses: bool) -> None:
        sql = relation.sql.replace("{address}", ', "address" AS "ROWID"' if addresses else "")
        subquery = sqlglot.parse_one(f"({sql})", read="duckdb")
        if not isinstance(subquery, exp.Subquery):
            raise NotImplementedError(f"Oracle's stand-in keeps no table as {sql}.")
        placed = exp.Subquery(this=subquery.this)
        placed.set("alias", table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(table.name, quoted=True)))
        placed.set("joins", table.args.get("joins"))
        table.replace(placed)


PSEUDO = frozenset({"ROWID", "BINARY_DOUBLE_NAN", "GET_SYSTEM_CHANGE_NUMBER"})


def _names(text: str) -> tuple[str | None, str]:
    names = [name[1:-1] if name.startswith('"') else name.upper() for name in re.findall(NAME, text)]
    return (names[0], names[1]) if len(names) == 2 else (None, names[0])


def _sides(node: Expr) -> list[Expr]:
    return [node.this, *(node.expressions if isinstance(node, exp.In) else [node.expression])]


def _is_char(side: Expr, char: set[str]) -> bool:
    if isinstance(side, exp.Cast):
        return bool(side.to.is_type("char"))
    if isinstance(side, exp.Case):
        return _is_char(side.args["default"], char) if side.args.get("default") else False
    return (isinstance(side, exp.Column) and side.name in char) or (isinstance(side, exp.Literal) and side.is_string)


def _trim(node: Expr) -> None:
    def trimmed(side: Expr) -> Expr:
        return exp.Anonymous(this="RTRIM", expressions=[side])

    node.set("this", trimmed(node.this))
    if isinstance(node, exp.In):
        node.set("expressions", [trimmed(value) for value in node.expressions])
    else:
        node.set("expression", trimmed(node.expression))


def _text(node: exp.ToChar) -> Expr:
    """TO_CHAR of a number to all its digits, or of a time in the ways that the connector asks for."""
    format_ = node.args.get("format")
    words = format_.name if isinstance(format_, Expr) else ""
    if words == "TM9":
        return exp.Anonymous(this="NUMBER_TEXT", expressions=[node.this])
    if words in TEXTS_OF_TIMES:
        return exp.Anonymous(this="STRFTIME", expressions=[node.this, exp.Literal.string(TEXTS_OF_TIMES[words])])
    raise NotImplementedError(f"Oracle's stand-in knows no TO_CHAR by {words!r}.")
