"""A source that is a DuckDB database, for tests of what is the same for every source."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, ClassVar

import duckdb
import pyarrow as pa

from athena_connectors.dialects.conditions import Scope
from athena_connectors.dialects.dialect import Dialect
from athena_connectors.dialects.fragment import TRUE, Fragment
from athena_connectors.dialects.operand import Column
from athena_connectors.dialects.ranges import COLUMN, ColumnRange
from athena_connectors.dialects.statement import Statement
from athena_connectors.federation.errors import EntityNotFound, InvalidInput
from athena_connectors.federation.model import Constraints, TableName
from athena_connectors.federation.source import Caller, Capabilities, Scan, SplitPlan, Table

OWN = ("information_schema", "pg_catalog")
TYPES = {
    "BOOLEAN": pa.bool_(),
    "TINYINT": pa.int8(),
    "SMALLINT": pa.int16(),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "HUGEINT": pa.decimal128(38, 0),
    "FLOAT": pa.float32(),
    "DOUBLE": pa.float64(),
    "BLOB": pa.binary(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.date64(),
    "TIMESTAMP WITH TIME ZONE": pa.timestamp("ms", "UTC"),
}


class DuckDb(Dialect):
    """DuckDB's SQL. Its NaN is equal to itself and the greatest number."""

    name = "DuckDB"
    most_binds: ClassVar[int] = 10_000
    nan = "'NaN'::DOUBLE"

    def split_predicate(self, scope: Scope, properties: Mapping[str, str]) -> Fragment:
        """A range of a column."""
        if COLUMN not in properties:
            return TRUE
        column = scope.column(properties[COLUMN])
        return self.in_split(column, ColumnRange.parse(properties, column.type))

    def read(self, column: Column) -> str:
        """What Athena has no type for, as text."""
        name = self.quote(column.name)
        return f"{name}::VARCHAR" if pa.types.is_string(column.type) and column.kind != "VARCHAR" else name


class DuckDbCursor:
    """Reads in batches of `rows`; each is one of the driver's."""

    queued_seconds: float | None = None

    def __init__(self, connection: duckdb.DuckDBPyConnection, statement: Statement, counts: bool, rows: int) -> None:
        self.statement = statement.sql
        self.cancelled = self.closed = False
        self._connection, self._binds, self._counts, self._rows = connection, statement.binds, counts, rows

    def batches(self) -> Iterator[pa.RecordBatch]:
        found = self._connection.sql(self.statement, params=[bind.value for bind in self._binds])
        if self._counts:
            ((rows,),) = found.fetchall()
            for start in range(0, rows, self._rows):
                nothing = pa.nulls(min(self._rows, rows - start))
                yield pa.RecordBatch.from_arrays([nothing], names=["nothing"]).select([])
            return
        yield from found.to_arrow_reader(self._rows)

    def cancel(self) -> None:
        self.cancelled = True
        self._connection.interrupt()

    def close(self) -> None:
        self.closed = True


class DuckDbSource:
    """The whole of a database, its tables split by `split_column` into `splits` ranges of values from 0 to `span`."""

    name = "duckdb"

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, splits: int = 1, split_column: str = "id", span: int = 0
    ) -> None:
        self.capabilities = Capabilities(DuckDb().functions, limit=True, top_n=True, passthrough=True)
        self.cursors: list[DuckDbCursor] = []
        self.callers: list[Caller] = []
        self.asked: list[Any] = []
        self.batch_rows = 1_000
        self._connection = connection
        self._splits, self._split_column, self._span = splits, split_column, span

    def schemas(self) -> list[str]:
        self.asked.append("schemas")
        found = self._ask("SELECT DISTINCT schema_name FROM information_schema.schemata")
        return sorted(schema for (schema,) in found if schema not in OWN)

    def tables(self, schema: str) -> list[TableName]:
        self.asked.append(("tables", schema))
        query = "SELECT table_name FROM information_schema.tables WHERE table_schema = ?"
        return sorted((TableName(schema, table) for (table,) in self._ask(query, schema)), key=lambda name: name.table)

    def candidates(self, name: TableName) -> list[TableName]:
        self.asked.append(("candidates", name))
        query = (
            "SELECT table_schema, table_name FROM information_schema.tables "
            "WHERE lower(table_schema) = lower(?) AND lower(table_name) = lower(?)"
        )
        return [TableName(*found) for found in self._ask(query, name.schema, name.table)]

    def table(self, name: TableName) -> Table:
        self.asked.append(("table", name))
        query = (
            "SELECT column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position"
        )
        found = self._ask(query, name.schema, name.table)
        if not found:
            raise EntityNotFound(f"There is no table {name}.")
        return Table(name, pa.schema([(column, declared(kind)) for column, kind in found]), dict(found))

    def query_schema(self, query: str, caller: Caller) -> pa.Schema:
        self.callers.append(caller)
        try:
            found = self._ask(f"DESCRIBE {query}")
        except duckdb.Error as error:
            raise InvalidInput(f"DuckDB refuses the query: {error}") from error
        return pa.schema([(column, declared(kind)) for column, kind, *_ in found])

    def split_plan(self, table: Table, constraints: Constraints, snapshot: str | None, caller: Caller) -> SplitPlan:
        self.asked.append(("split_plan", snapshot))
        step = self._span // self._splits
        ends = [None, *(number * step for number in range(1, self._splits)), None]
        ranges = [ColumnRange(self._split_column, low, high, nulls=low is None) for low, high in pairwise(ends)]
        properties = tuple(split.properties() for split in ranges) if self._splits > 1 else ({},)
        return SplitPlan(properties, snapshot or f"at {self._splits}")

    def scan(self, scan: Scan) -> DuckDbCursor:
        self.callers.append(scan.caller)
        statement = DuckDb().select(scan.table, scan.schema, scan.constraints, scan.properties)
        cursor = DuckDbCursor(self._connection.cursor(), statement, not scan.schema.names, self.batch_rows)
        self.cursors.append(cursor)
        return cursor

    def unload(self, name: TableName) -> str:
        return f"COPY {DuckDb().table_name(name)} TO '<s3://bucket/prefix/>'"

    def _ask(self, query: str, *binds: str) -> list[Any]:
        return self._connection.cursor().execute(query, list(binds)).fetchall()


def declared(kind: str) -> pa.DataType:
    """The type that Athena is told for one of DuckDB's."""
    if kind.startswith("DECIMAL("):
        precision, scale = kind.removeprefix("DECIMAL(").removesuffix(")").split(",")
        return pa.decimal128(int(precision), int(scale))
    return TYPES.get(kind, pa.string())
