"""What each connector is asked for: the columns, and whatever of the query it says that it can do.

The engine runs the whole query over what comes back. So what is asked for may be more than is needed, never less.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from athena_connectors.federation.model import (
    AllOrNoneValueSet,
    Call,
    Constraints,
    Direction,
    Function,
    OrderBy,
    ValueSet,
)
from localcloud.athena.query.constants import Fold
from localcloud.athena.query.domain import NOT_NULL, ONLY_NULL, Domain
from localcloud.athena.query.predicates import Columns, Reader, functions
from localcloud.athena.query.resolution import Resolved

_STRICT = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between, exp.Like, exp.In)
"""Unknown as soon as the column is NULL, unless a function makes something else of NULL."""
_TRANSPARENT = (
    *_STRICT,
    exp.Column,
    exp.Identifier,
    exp.Literal,
    exp.Boolean,
    exp.Not,
    exp.Neg,
    exp.Paren,
    exp.Add,
    exp.Sub,
    exp.Mul,
    exp.Cast,
    exp.DataType,
    exp.DataTypeParam,
)


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a connector says that may be pushed down to it."""

    ranges: bool = False
    all_or_none: bool = False
    functions: frozenset[Function] = frozenset()
    limit: bool = False
    top_n: bool = False
    passthrough: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What one reference to a table asks of its connector.

    `columns` as the source spells them, in the table's order. `pushed` are the conjuncts within `constraints`, whose
    columns are of `alias`: SQL that may name the columns anew. `nothing`: the predicates contradict each other, and
    there is nothing to read.
    """

    alias: str
    columns: tuple[str, ...]
    constraints: Constraints
    pushed: tuple[exp.Expr, ...]
    nothing: bool


@dataclass(slots=True)
class _Pushed:
    domains: dict[str, Domain] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    conjuncts: list[exp.Expr] = field(default_factory=list)


def push_down(
    resolved: Resolved, schemas: Sequence[pa.Schema], abilities: Sequence[Abilities], fold: Fold
) -> list[Asked]:
    """What to ask, reference by reference; `schemas` are the tables' as the sources spell them."""
    scopes = list(traverse_scope(resolved.tree))
    return [
        _ask(_scope_of(scan, scopes), scan, schema, able, fold)
        for scan, schema, able in zip(resolved.scans, schemas, abilities, strict=True)
    ]


def _scope_of(scan: exp.Table, scopes: list[Scope]) -> Scope:
    return next(scope for scope in scopes if any(node is scan for node, _ in scope.selected_sources.values()))


def _ask(scope: Scope, scan: exp.Table, schema: pa.Schema, able: Abilities, fold: Fold) -> Asked:
    select = scope.expression
    # Columns that the statement names anew go by their position: all of them are needed.
    renamed = scan.alias_column_names
    names = renamed or [field.name.lower() for field in schema]
    columns = Columns(scan.alias, {name: (field.name, field.type) for name, field in zip(names, schema, strict=True)})
    mentioned = {column.name for column in select.find_all(exp.Column) if column.table in (scan.alias, "")}
    used = {field.name for name, field in zip(names, schema, strict=True) if renamed or name in mentioned}
    reader = Reader(columns, fold)
    pushed = _Pushed()
    for conjunct in _conjuncts(select, scan.alias):
        _push(conjunct, reader, columns, able, pushed)
    # Rows that the engine drops must not use a limit up.
    limited = _is_plain(scope) and len(pushed.conjuncts) == len(_where(select))
    limit, order = _limit(scope, columns, able) if limited else (None, ())
    summary = {
        columns.by_name[name][0]: _value_set(domain, columns.by_name[name][1])
        for name, domain in pushed.domains.items()
    }
    return Asked(
        alias=scan.args["alias"].sql("duckdb"),
        columns=tuple(field.name for field in schema if field.name in used),
        constraints=Constraints(summary, tuple(pushed.calls), order, limit),
        pushed=tuple(pushed.conjuncts),
        nothing=any(domain.is_empty for domain in pushed.domains.values()),
    )


def _push(conjunct: exp.Expr, reader: Reader, columns: Columns, able: Abilities, pushed: _Pushed) -> None:
    """Take a conjunct up, if the connector can do it."""
    if (found := reader.domain(conjunct)) is not None:
        name, domain = found
        nested = pa.types.is_nested(columns.by_name[name][1])
        if able.all_or_none if nested else able.ranges:
            pushed.domains[name] = pushed.domains[name] & domain if name in pushed.domains else domain
            pushed.conjuncts.append(conjunct)
            return
    call = reader.expression(conjunct)
    if call is not None and functions(call) <= able.functions:
        pushed.calls.append(call)
        pushed.conjuncts.append(conjunct)


def _value_set(domain: Domain, of: pa.DataType) -> ValueSet:
    if not pa.types.is_nested(of):
        return domain.value_set(of)
    return AllOrNoneValueSet(of, all=domain.spans == NOT_NULL.spans, null_allowed=domain.null or domain == ONLY_NULL)


def _conjuncts(select: exp.Expr, alias: str) -> Iterator[exp.Expr]:
    """Every conjunct that holds for each row of the table that the result needs."""
    supplied = _null_supplied(select)
    for conjunct in _where(select):
        if _is_about(conjunct, alias) and (alias not in supplied or _is_strict(conjunct)):
            yield conjunct
    for join in select.args.get("joins") or []:
        on = join.args.get("on")
        for conjunct in _split(on) if on is not None else []:
            if not _is_about(conjunct, alias):
                continue
            inner = join.side == "" and (alias not in supplied or _is_strict(conjunct))
            # A row of the outer side that no row matches is there all the same: only the other side can be reduced.
            if inner or (join.side == "LEFT" and join.alias_or_name == alias):
                yield conjunct


def _where(select: exp.Expr) -> list[exp.Expr]:
    where = select.args.get("where")
    return _split(where.this) if where is not None else []


def _split(condition: exp.Expr) -> list[exp.Expr]:
    condition = condition.unnest()
    if not isinstance(condition, exp.And):
        return [condition]
    return [part for each in condition.flatten() for part in _split(each)]


def _is_about(conjunct: exp.Expr, alias: str) -> bool:
    columns = list(conjunct.find_all(exp.Column))
    return bool(columns) and all(column.table == alias for column in columns) and conjunct.find(exp.Query) is None


def _is_strict(conjunct: exp.Expr) -> bool:
    """Whether the conjunct cannot be true for a row whose columns are all NULL."""
    kind = conjunct.unnest()
    while isinstance(kind, exp.Not):
        kind = kind.this.unnest()
    return isinstance(kind, _STRICT) and all(isinstance(node, _TRANSPARENT) for node in kind.walk())


def _null_supplied(select: exp.Expr) -> set[str]:
    """The tables whose rows an outer join may replace by NULLs."""
    before = [select.args["from_"].this.alias_or_name] if select.args.get("from_") else []
    supplied: set[str] = set()
    for join in select.args.get("joins") or []:
        if join.side in ("LEFT", "FULL"):
            supplied.add(join.alias_or_name)
        if join.side in ("RIGHT", "FULL"):
            supplied.update(before)
        before.append(join.alias_or_name)
    return supplied


def _is_plain(scope: Scope) -> bool:
    """Whether each row of the one table is at most one row of the result, by itself."""
    select = scope.expression
    return (
        isinstance(select, exp.Select)
        and len(scope.selected_sources) == 1
        and not any(select.args.get(part) for part in ("joins", "laterals", "group", "having", "distinct", "qualify"))
        and select.find(exp.Window, exp.AggFunc, exp.Subquery, exp.Exists, exp.Explode, exp.Unnest) is None
        and all(node is select for node in select.find_all(exp.Query))
    )


def _limit(scope: Scope, columns: Columns, able: Abilities) -> tuple[int | None, tuple[OrderBy, ...]]:
    select = scope.expression
    limit, offset, order = (select.args.get(part) for part in ("limit", "offset", "order"))
    rows = _rows(limit)
    skipped = 0 if offset is None else _whole(offset.expression)
    if rows is None or skipped is None:
        return None, ()
    if order is None:
        return (rows + skipped, ()) if able.limit else (None, ())
    keys = [_key(ordered, select, columns) for ordered in order.expressions]
    if not able.top_n or any(key is None for key in keys):
        return None, ()
    return rows + skipped, tuple(key for key in keys if key is not None)


def _rows(limit: exp.Expr | None) -> int | None:
    if isinstance(limit, exp.Limit):
        return _whole(limit.expression)
    if isinstance(limit, exp.Fetch):
        options = limit.args.get("limit_options")
        if options is not None and (options.args.get("with_ties") or options.args.get("percent")):
            return None
        return _whole(limit.args.get("count"))
    return None


def _whole(node: exp.Expr | None) -> int | None:
    return int(node.this) if isinstance(node, exp.Literal) and str(node.this).isdigit() else None


def _key(ordered: exp.Expr, select: exp.Expr, columns: Columns) -> OrderBy | None:
    node = ordered.this
    if isinstance(node, exp.Column) and not node.table:  # a name of the select list
        node = next((item.this for item in select.expressions if item.alias_or_name == node.name), node)
    name = columns.of(node)
    if name is None:
        return None
    nulls = "FIRST" if ordered.args.get("nulls_first") else "LAST"
    way = "DESC" if ordered.args.get("desc") else "ASC"
    return OrderBy(columns.by_name[name][0], Direction(f"{way}_NULLS_{nulls}"))
