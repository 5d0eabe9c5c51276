"""One split of a scan as one SELECT, as most sources write it; a dialect overrides what its source writes otherwise."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import pyarrow as pa

from athena_connectors.dialects.conditions import Conditions, Scope
from athena_connectors.dialects.fragment import FALSE, MARK, TRUE, Fragment, joined, sql
from athena_connectors.dialects.operand import Column
from athena_connectors.dialects.ranges import ColumnRange
from athena_connectors.dialects.statement import Statement
from athena_connectors.federation.errors import InvalidInput, NotSupported
from athena_connectors.federation.model import (
    Constraints,
    Direction,
    TableName,
)
from athena_connectors.federation.source import Table

PASSED_THROUGH = "QUERY"
"""The argument of `system.query` that holds the query."""


class Dialect(Conditions):
    """Renders scans; stateless, so one instance serves all threads. A source overrides what it does otherwise."""

    session: ClassVar[Sequence[str]] = ()
    """Statements that a connection runs first: the meaning of the SQL depends on them."""

    count: ClassVar[str] = "COUNT(*)"
    """How rows are counted, however many there are."""

    most_binds: ClassVar[int]
    """How many values one statement takes."""

    def select(
        self, table: Table | None, schema: pa.Schema, constraints: Constraints, properties: Mapping[str, str]
    ) -> Statement:
        """The statement that reads one split: `schema` is the projection, maybe of no column (then one COUNT(*) row).

        It wraps `constraints.passthrough` if there is one; a `table` then has its columns' types. `properties` are the
        split's, see `split_predicate`.
        Raises EntityNotFound for a column that the table has not, InvalidInput and NotSupported for constraints that
        make no sense or that the source cannot do truly.
        """
        scope = Scope(self, table, schema)
        where = joined(" AND ", self._conditions(scope, constraints, properties))
        named = table if not constraints.passthrough else None
        source = self.relation(named, properties) if named else self._subquery(constraints)
        body = sql(" FROM {0} WHERE {1}", source, where) if where.text else sql(" FROM {0}", source)
        statement = self._projected(scope, constraints, body)
        if len(statement.binds) > self.most_binds:
            raise NotSupported(
                f"The conditions hold {len(statement.binds)} values and {self.name} takes {self.most_binds}: "
                "join with a table that holds them, or pass the query through"
            )
        return statement.statement(self.placeholder)

    def _subquery(self, constraints: Constraints) -> Fragment:
        """What is passed through; the line breaks end a comment that ends the query."""
        return Fragment(f"(\n{passed_through(constraints)}\n) {self.quote('query')}")

    def _projected(self, scope: Scope, constraints: Constraints, body: Fragment) -> Fragment:
        keys = [(scope.column(key.column), key.direction) for key in constraints.order_by]
        if constraints.limit is None or not all(self.sortable(column) for column, _ in keys):
            # Athena takes the first rows of all splits itself: more rows than asked for do no harm.
            return sql("SELECT {0}{1}", self._select_list(scope), body)
        if scope.projection.names:
            order = joined(", ", (self.sort_key(column, direction) for column, direction in keys))
            return self.limited(self._select_list(scope), body, order, constraints.limit)
        rows = self.limited(Fragment("1 AS " + self.quote("one")), body, Fragment(""), constraints.limit)
        return sql("SELECT {0} FROM ({1}) {2}", Fragment(self.count), rows, Fragment(self.quote("rows")))

    def _conditions(self, scope: Scope, constraints: Constraints, properties: Mapping[str, str]) -> list[Fragment]:
        conditions = [
            self.value_set(scope.operand(name, values.type), values) for name, values in constraints.summary.items()
        ]
        conditions += (self.predicate(expression, scope) for expression in constraints.expressions)
        conditions.append(self.split_predicate(scope, properties))
        if constraints.limit == 0:
            conditions.append(FALSE)
        return [condition for condition in conditions if condition != TRUE]

    def _select_list(self, scope: Scope) -> Fragment:
        if not scope.projection.names:
            return Fragment(self.count)
        return joined(", ", (self._selected(name, scope.column(name)) for name in scope.projection.names))

    def _selected(self, name: str, column: Column) -> Fragment:
        expression, alias = self.fetched(column), self.quote(name)
        return Fragment(expression if expression == alias else f"{expression} AS {alias}")

    # What sources write otherwise.

    def placeholder(self, number: int) -> str:
        """The driver's placeholder for the n-th bind, counted from 1."""
        return "?"

    def table_name(self, name: TableName) -> str:
        """The table in FROM."""
        return f"{self.quote(name.schema)}.{self.quote(name.table)}"

    def relation(self, table: Table, properties: Mapping[str, str]) -> Fragment:
        """The table in FROM, as of the split's snapshot."""
        return Fragment(self.table_name(table.name))

    def split_predicate(self, scope: Scope, properties: Mapping[str, str]) -> Fragment:
        """The condition that makes a split of a table, TRUE for the whole."""
        return TRUE

    def in_split(self, column: Column, range_: ColumnRange) -> Fragment:
        """The condition that a row is in the range."""
        ends = []
        if range_.low is not None:
            ends.append(sql("{0} >= {1}", *self.facing(column, range_.low, column.type)))
        if range_.high is not None:
            ends.append(sql("{0} < {1}", *self.facing(column, range_.high, column.type)))
        name = Fragment(self.quote(column.name))
        if not ends:
            return TRUE if range_.nulls else sql("{0} IS NOT NULL", name)
        found = joined(" AND ", ends)
        return sql("({0} OR {1} IS NULL)", found, name) if range_.nulls else found

    def limited(self, columns: Fragment, body: Fragment, order: Fragment, limit: int) -> Fragment:
        """A SELECT of at most `limit` rows, the first in `order` unless that is empty."""
        ordered = sql(" ORDER BY {0}", order) if order.text else order
        return sql("SELECT {0}{1}{2} LIMIT {3}", columns, body, ordered, Fragment(str(limit)))

    def sortable(self, column: Column) -> bool:
        """Whether the source sorts by such a column."""
        return True

    def sort_key(self, column: Column, direction: Direction) -> Fragment:
        """One key of a top-N. NaN is the greatest number, in Athena too."""
        return Fragment(f"{self.read(column)} {direction.replace('_', ' ')}")

    def fetched(self, column: Column) -> str:
        """The column in the select list: as Athena sees it, unless the source carries it better in another form."""
        return self.read(column)


def passed_through(constraints: Constraints) -> str:
    """The query that is passed through. Raises InvalidInput when there is none."""
    query = constraints.passthrough.get(PASSED_THROUGH, "").strip().removesuffix(";").rstrip()
    if not query:
        raise InvalidInput("There is no query to pass through: write system.query(query => 'SELECT …')")
    if MARK in query:
        raise InvalidInput("The query to pass through holds a NUL character: remove it")
    return query
