"""What the federation core asks of a source: four questions about its dictionary, and to read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from athena_connectors.federation.model import Constraints, Function, TableName


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What may be pushed down to a source, and `passthrough` of whole queries."""

    functions: frozenset[Function]
    limit: bool
    top_n: bool
    passthrough: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it is declared to Athena.

    `schema` has the names as the source spells them and only types that Athena takes. `source_types` has, by column,
    the source's own type (`NUMBER(38,0)`), for SQL that needs it.
    """

    name: TableName
    schema: pa.Schema
    source_types: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom the source's own log names for a query."""

    query_id: str
    arn: str


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """How a table is read in parts: `properties` of each split, which together are the table, and are disjoint.

    All of them read what the table was at `snapshot` (the source's own notion: a timestamp, an SCN), None where the
    source has none; a later page of the same plan is asked for with it.
    """

    properties: tuple[Mapping[str, str], ...]
    snapshot: str | None


@dataclass(frozen=True, slots=True)
class Scan:
    """One split to be read: `schema` is the projection, maybe of no column (then rows are counted, not fetched).

    `table` is None when `constraints.passthrough` holds the query.
    """

    table: Table | None
    schema: pa.Schema
    constraints: Constraints
    properties: Mapping[str, str]
    caller: Caller


class Cursor(Protocol):
    """A query that runs at the source."""

    statement: str
    """The SQL as sent; it holds no literal of the query's, for those are bound."""

    queued_seconds: float | None
    """How long the source let it wait before it ran; None where the source does not tell."""

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows in the order of the scan's columns, in the source's own Arrow types; a batch may have no row.

        A scan of no column gives batches of no column with `num_rows`. Raises ConnectorError.
        """

    def cancel(self) -> None:
        """Ends the query at the source; may be called from another thread, more than once, and never raises."""

    def close(self) -> None:
        """Gives back what the query holds; the connection stays for the next one."""


class Source(Protocol):
    """One database, reached by one connection per environment. Every method raises ConnectorError."""

    name: str
    """The kind: `snowflake`, `oracle`, `teradata`."""

    capabilities: Capabilities

    def schemas(self) -> list[str]:
        """The schemas that the user of the connection sees, without the source's own, sorted."""

    def tables(self, schema: str) -> list[TableName]:
        """Tables, views, materialized views and synonyms of a schema that is spelled exactly, sorted."""

    def candidates(self, name: TableName) -> list[TableName]:
        """All tables (views …) whose schema and name are `name` when case is ignored; empty when there is none."""

    def table(self, name: TableName) -> Table:
        """The columns of a table that is spelled exactly."""

    def query_schema(self, query: str, caller: Caller) -> pa.Schema:
        """What a query that is passed through would return, without running it."""

    def split_plan(self, table: Table, constraints: Constraints, snapshot: str | None, caller: Caller) -> SplitPlan:
        """In which parts to read the table; with the snapshot of an earlier plan, that plan again."""

    def scan(self, scan: Scan) -> Cursor:
        """Start reading one split."""

    def unload(self, name: TableName) -> str:
        """How the table is best moved to S3: a statement of the source's with `<…>` for what only its owner knows."""
