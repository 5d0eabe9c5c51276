"""Names resolved: every column with the table that it is of, stars expanded, results named as Athena names them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from localcloud.athena.query.failure import QueryFailed
from localcloud.athena.query.meaning import require_comparable
from localcloud.athena.query.statement import DIALECT, Reference, Statement

_UNNAMED = "groundcrew unnamed"
"""What a result column without a name is called until its position is known."""
_OF_VALUES = re.compile(r"_col_\d+")


@dataclass(frozen=True, slots=True)
class Resolved:
    """A query over `scan_0`, `scan_1` …, in the order of the references, whose columns are all qualified and typed."""

    tree: exp.Query
    scans: tuple[exp.Table, ...]


def resolve(statement: Statement, schemas: Sequence[pa.Schema]) -> Resolved:
    """Resolve the names of a query whose tables have these schemas, reference by reference.

    Raises QueryFailed for what cannot be resolved.
    """
    known = {f"scan_{index}": _columns(schema) for index, schema in enumerate(schemas)}
    tree = statement.tree.copy()
    nodes = dict(zip(map(id, statement.tree.walk()), tree.walk(), strict=True))
    _drop_table_paths(tree, statement.references)
    for index, (reference, schema) in enumerate(zip(statement.references, schemas, strict=True)):
        _require_names(reference.node, len(schema))
        node = nodes[id(reference.node)]
        node.replace(_scan(index, reference.node))
    _mark_unnamed(tree)
    try:
        # An alias of the select list is no column in WHERE or GROUP BY, there as in Athena.
        tree = qualify(tree, dialect=DIALECT, schema=dict(known), expand_alias_refs=False)
        tree = annotate_types(tree, schema=dict(known), dialect=DIALECT)
    except SqlglotError as error:
        raise QueryFailed(f"COLUMN_NOT_FOUND: {str(error).splitlines()[0]}") from error
    require_comparable(tree)
    _name_results(tree)
    scans = {node.name: node for node in tree.find_all(exp.Table) if node.name in known}
    return Resolved(tree, tuple(scans[name] for name in known))


def lower_names(schema: pa.Schema) -> pa.Schema:
    """The columns as a statement names them. Raises QueryFailed for two that differ in case alone."""
    names = [name.lower() for name in schema.names]
    if doubled := {name for name in names if names.count(name) > 1}:
        raise QueryFailed(f"AMBIGUOUS_NAME: Columns differ in case alone: {', '.join(sorted(doubled))}")
    return pa.schema([field.with_name(name) for field, name in zip(schema, names, strict=True)])


def _columns(schema: pa.Schema) -> Mapping[str, str]:
    return {field.name: sql_type(field.type) for field in lower_names(schema)}


def sql_type(of: pa.DataType) -> str:
    """The type as Athena names it."""
    if pa.types.is_decimal(of):
        return f"decimal({of.precision},{of.scale})"
    if pa.types.is_list(of):
        return f"array({sql_type(of.value_type)})"
    if pa.types.is_struct(of):
        return f"row({', '.join(f'{field.name} {sql_type(field.type)}' for field in of)})"
    if pa.types.is_map(of):
        return f"map({sql_type(of.key_type)}, {sql_type(of.item_type)})"
    if pa.types.is_timestamp(of):
        return "timestamp with time zone" if of.tz else "timestamp"
    names = {
        pa.bool_(): "boolean",
        pa.int8(): "tinyint",
        pa.int16(): "smallint",
        pa.int32(): "integer",
        pa.int64(): "bigint",
        pa.float32(): "real",
        pa.float64(): "double",
        pa.utf8(): "varchar",
        pa.binary(): "varbinary",
        pa.date32(): "date",
        pa.date64(): "timestamp",
        pa.null(): "unknown",
    }
    return names[of]


def _scan(index: int, node: exp.Table) -> exp.Table:
    scan = exp.to_table(f"scan_{index}")
    alias = node.args.get("alias") or exp.TableAlias(this=exp.to_identifier(node.name, quoted=True))
    scan.set("alias", alias.copy())
    scan.set("joins", [join.copy() for join in node.args.get("joins") or []] or None)
    return scan


def _require_names(node: exp.Table, columns: int) -> None:
    names = len(node.alias_column_names)
    if names and names != columns:
        raise QueryFailed(
            f"MISMATCHED_COLUMN_ALIASES: Column alias list has {names} entries but '{node.alias}' has {columns} "
            "columns available"
        )


def _drop_table_paths(tree: exp.Query, references: Sequence[Reference]) -> None:
    """`sales.customers.id` is the column of a table that is known by its alias alone from here on."""
    paths = {(reference.schema, reference.table) for reference in references}
    for column in list(tree.find_all(exp.Column)):
        if column.args.get("db") and (column.text("db").lower(), column.table.lower()) in paths:
            column.set("db", None)
            column.set("catalog", None)


def _outermost(tree: exp.Query) -> exp.Select | None:
    node: exp.Expr = tree
    while not isinstance(node, exp.Select):
        if not isinstance(node, exp.SetOperation | exp.Subquery):
            return None
        node = node.this
    return node


def _mark_unnamed(tree: exp.Query) -> None:
    select = _outermost(tree)
    for item in select.expressions if select else []:
        if not isinstance(item, exp.Alias | exp.Column | exp.Star | exp.Dot):
            item.replace(exp.alias_(item.copy(), _UNNAMED, quoted=True))


def _name_results(tree: exp.Query) -> None:
    select = _outermost(tree)
    for index, item in enumerate(select.expressions if select else []):
        if isinstance(item, exp.Alias) and (item.alias == _UNNAMED or _OF_VALUES.fullmatch(item.alias)):
            item.set("alias", exp.to_identifier(f"_col{index}", quoted=True))
