"""A Teradata system as the federation core sees it."""

import pyarrow as pa

from athena_connectors.connections.model import Teradata
from athena_connectors.connections.secrets import Secrets
from athena_connectors.dialects.conditions import Scope
from athena_connectors.dialects.dialect import PASSED_THROUGH
from athena_connectors.dialects.teradata import Teradata as TeradataDialect
from athena_connectors.federation.errors import InvalidInput
from athena_connectors.federation.model import Constraints, TableName
from athena_connectors.federation.source import Caller, Capabilities, Scan, SplitPlan, Table
from athena_connectors.sources.limits import Limits
from athena_connectors.sources.teradata.columns import Fetched
from athena_connectors.sources.teradata.cursor import TeradataCursor
from athena_connectors.sources.teradata.dictionary import Dictionary
from athena_connectors.sources.teradata.passthrough import one_query
from athena_connectors.sources.teradata.session import Session
from athena_connectors.sources.teradata.splits import Splitter
from athena_connectors.sources.teradata.types import Choices, Column, declared


class TeradataSource:
    """All databases of a Teradata system that the connection's user sees; the source of `federation.source.Source`."""

    name = "teradata"

    def __init__(self, connection: Teradata, secrets: Secrets, limits: Limits) -> None:
        self.capabilities = Capabilities(TeradataDialect().functions, limit=True, top_n=True, passthrough=True)
        self._choices = Choices(connection.numbers, connection.number_scale, limits.exact_text)
        self._session = Session(connection, secrets, limits.statement_seconds)
        self._dictionary = Dictionary(self._session)
        self._splitter = Splitter(self._session, self._dictionary, limits.split_rows)

    def schemas(self) -> list[str]:
        """The databases that hold tables or views."""
        return self._dictionary.schemas()

    def tables(self, schema: str) -> list[TableName]:
        """Tables and views."""
        return self._dictionary.tables(schema)

    def candidates(self, name: TableName) -> list[TableName]:
        """The one alike but for case."""
        return self._dictionary.candidates(name)

    def table(self, name: TableName) -> Table:
        """The table's columns."""
        return self._table(name, self._dictionary.columns(name))

    def query_schema(self, query: str, caller: Caller) -> pa.Schema:
        """What the query would return; Teradata parses it and runs nothing."""
        return self._described(query).schema

    def split_plan(self, table: Table, constraints: Constraints, snapshot: str | None, caller: Caller) -> SplitPlan:
        """Buckets of a hash for a large table, else the whole."""
        return self._splitter.plan(table, constraints, snapshot, caller)

    def scan(self, scan: Scan) -> TeradataCursor:
        """The statement of one split."""
        dialect, constraints, names = TeradataDialect(), scan.constraints, scan.schema.names
        table = scan.table or self._described(constraints.passthrough[PASSED_THROUGH])
        scope = Scope(dialect, table, scan.schema)
        if dialect.runs_as_it_is(scan.schema, constraints):
            columns = [Fetched.bare(scope.column(name)) for name in table.schema.names]
            names = [scope.column(name).name for name in names]
        else:
            columns = [Fetched.selected(scope.column(name), name) for name in names]
        statement = dialect.select(table, scan.schema, constraints, scan.properties)
        return TeradataCursor(self._session, statement, scan.caller, columns, names)

    def unload(self, name: TableName) -> str:
        """WRITE_NOS, by which Teradata itself writes Parquet to S3."""
        return (
            f"SELECT * FROM WRITE_NOS (ON (SELECT * FROM {TeradataDialect().table_name(name)}) "  # noqa: S608 - quoted
            "USING LOCATION('/s3/<bucket>.s3.amazonaws.com/<prefix>/') AUTHORIZATION(<authorization>) "
            "STOREDAS('PARQUET')) AS written"
        )

    def _described(self, query: str) -> Table:
        """The query as if it were a table. Raises ConnectorError."""
        columns = self._dictionary.described(one_query(query))
        if not columns:
            raise InvalidInput("What is passed through returns nothing: pass a SELECT through.")
        return self._table(TableName("", "query"), columns)

    def _table(self, name: TableName, columns: list[Column]) -> Table:
        schema = pa.schema([(column.name, declared(column, self._choices)) for column in columns])
        return Table(name, schema, {column.name: column.source_type for column in columns})
