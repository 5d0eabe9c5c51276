"""A statement, parsed: what kind it is, and the tables that it reads."""

import re
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import traverse_scope

from localcloud.athena.query.failure import QueryFailed

DIALECT = "athena"
LAKE = "awsdatacatalog"
"""The catalog that is Glue's."""
LAMBDA_PREFIX = "lambda:"
"""What begins a catalog that is a function, and need not be registered."""
PASSTHROUGH_SCHEMA, PASSTHROUGH_FUNCTION, PASSTHROUGH_ARGUMENT = "system", "query", "query"
_QUERY = re.compile(r"\s*(--[^\n]*\n\s*|/\*.*?\*/\s*)*(\(|SELECT\b|WITH\b|VALUES\b|TABLE\b)", re.IGNORECASE | re.DOTALL)
_EXPLAIN = re.compile(r"\s*EXPLAIN\b(?!\s*(\(\s*(TYPE|FORMAT)\b|ANALYZE\b))", re.IGNORECASE)
_OF_A_TABLE = {"this", "db", "catalog", "alias", "joins"}
"""What may be said of a table; its version, or a sample of it, may not."""
_FIRST_WORD = re.compile(r"\s*(\w+)")


@dataclass(frozen=True, slots=True)
class Context:
    """Where names without a catalog or schema are looked up."""

    catalog: str = LAKE
    schema: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """One mention of a table in a statement; `passthrough` is the query that is passed through in place of a table."""

    node: exp.Table
    catalog: str
    schema: str
    table: str
    passthrough: str | None = None

    def __str__(self) -> str:
        return f"{self.catalog}.{self.schema}.{self.table}"


@dataclass(frozen=True, slots=True)
class Statement:
    """A query, and every mention of a table in it; `explain`: it is to be planned, not run."""

    tree: exp.Query
    references: tuple[Reference, ...]
    explain: bool = False


def parse(sql: str, context: Context) -> Statement:
    """Read a query, or EXPLAIN and one.

    Raises QueryFailed for what is no SQL, NotImplementedError for statements other than queries.
    """
    explained = _EXPLAIN.match(sql)
    sql = sql[explained.end() :] if explained else sql
    if not _QUERY.match(sql):
        word = _FIRST_WORD.match(sql)
        raise NotImplementedError(f"{word.group(1).upper() if word else 'empty'} statements: only queries run here")
    try:
        trees = sqlglot.parse(sql, dialect=DIALECT)
    except SqlglotError as error:
        raise QueryFailed(f"SYNTAX_ERROR: {_first_error(error)}") from error
    if len(trees) != 1:
        raise QueryFailed("SYNTAX_ERROR: Only one sql statement is allowed.")
    tree = trees[0]
    if isinstance(tree, exp.Values):
        tree = exp.select("*").from_(exp.alias_(tree, "v", table=True))
    if not isinstance(tree, exp.Query):
        raise NotImplementedError(f"{type(tree).__name__.upper()} statements: only queries run here")
    if tree.find(exp.Placeholder):
        raise NotImplementedError("parameters of a query")
    passed = _passed_through(tree, context)
    tables = {id(reference.node): reference for reference in passed}
    try:
        scopes = traverse_scope(tree)
    except SqlglotError as error:
        raise QueryFailed(f"SYNTAX_ERROR: {_first_error(error)}") from error
    for scope in scopes:
        for node, source in scope.selected_sources.values():
            if isinstance(source, exp.Table) and isinstance(node, exp.Table) and id(node) not in tables:
                tables[id(node)] = _reference(node, context)
    return Statement(tree, tuple(tables.values()), explain=explained is not None)


def _reference(node: exp.Table, context: Context) -> Reference:
    if not isinstance(node.this, exp.Identifier):
        raise NotImplementedError(f"the table function {node.this.sql(DIALECT)}")
    if extra := sorted(name for name, value in node.args.items() if value and name not in _OF_A_TABLE):
        raise NotImplementedError(f"{', '.join(extra).replace('_', ' ')} of a table")
    schema = node.db or context.schema
    if not schema:
        raise QueryFailed(f"SYNTAX_ERROR: Schema must be specified when session schema is not set: table {node.name}")
    # Names are matched without regard to case, and travel in lower case.
    return Reference(node, _catalog(node.catalog or context.catalog), schema.lower(), node.name.lower())


def _catalog(name: str) -> str:
    """In lower case; only the name of a function is told apart by case."""
    return name if name.lower().startswith(LAMBDA_PREFIX) else name.lower()


def _passed_through(tree: exp.Query, context: Context) -> list[Reference]:
    """The tables of the form TABLE(catalog.system.query(query => '...'))."""
    found = []
    for node in tree.find_all(exp.Table):
        function = node.this
        if not isinstance(function, exp.Anonymous) or function.name.upper() != "TABLE":
            continue
        path, call = _call(function)
        if call is None or [part.lower() for part in [*path, call.name]][-2:] != [
            PASSTHROUGH_SCHEMA,
            PASSTHROUGH_FUNCTION,
        ]:
            raise NotImplementedError(f"the table function {function.sql(DIALECT)}")
        catalog = path[-2] if len(path) > 1 else context.catalog
        query = _argument(call)
        if node.alias == "":
            node.set("alias", exp.TableAlias(this=exp.to_identifier(PASSTHROUGH_FUNCTION)))
        # In place of the call, a table that the rest of the query can be resolved with.
        node.set("this", exp.to_identifier(PASSTHROUGH_FUNCTION))
        found.append(Reference(node, _catalog(catalog), PASSTHROUGH_SCHEMA, PASSTHROUGH_FUNCTION, query))
    return found


def _call(function: exp.Anonymous) -> tuple[list[str], exp.Anonymous | None]:
    """The names before the call within TABLE(...), and the call."""
    inner = function.expressions[0] if len(function.expressions) == 1 else None
    path: list[str] = []
    while isinstance(inner, exp.Dot):
        names = inner.this
        path = [part.name for part in (names.flatten() if isinstance(names, exp.Dot) else [names])]
        inner = inner.expression
    return path, inner if isinstance(inner, exp.Anonymous) else None


def _argument(call: exp.Anonymous) -> str:
    (given, *more) = call.expressions or [None]
    value = given.expression if isinstance(given, exp.Kwarg | exp.PropertyEQ) else given
    name = given.this.name.lower() if isinstance(given, exp.Kwarg | exp.PropertyEQ) else PASSTHROUGH_ARGUMENT
    if more or name != PASSTHROUGH_ARGUMENT or not isinstance(value, exp.Literal) or not value.is_string:
        raise QueryFailed("SYNTAX_ERROR: system.query takes one argument: query => 'SELECT ...'")
    return str(value.this)


def _first_error(error: SqlglotError) -> str:
    """`line 1:17: Expected table name`: without the statement itself, which sqlglot repeats in colours."""
    details = getattr(error, "errors", None) or []
    if not details:
        return str(error)
    first = details[0]
    description = re.sub(r" but got <Token .*", "", str(first["description"]))
    return f"line {first['line']}:{first['col']}: {description}"
