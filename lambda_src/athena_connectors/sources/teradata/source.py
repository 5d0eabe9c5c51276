"""A Teradata system as the federation core sees it."""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from athena_connectors.connections.model import Teradata
from athena_connectors.connections.secrets import Secrets
from athena_connectors.dialects.dialect import PASSED_THROUGH
from athena_connectors.dialects.dialect import Column as DialectColumn
from athena_connectors.dialects.teradata import Teradata as TeradataDialect
from athena_connectors.federation.model import Constraints, TableName
from athena_connectors.federation.source import Caller, Capabilities, Scan, SplitPlan, Table
from athena_connectors.sources.teradata.columns import Fetched
from athena_connectors.sources.teradata.cursor import TeradataCursor
from athena_connectors.sources.teradata.dictionary import Dictionary
from athena_connectors.sources.teradata.passthrough import one_query
from athena_connectors.sources.teradata.session import Session
from athena_connectors.sources.teradata.splits import Splitter
from athena_connectors.sources.teradata.types import Choices, Column, declared


@dataclass(frozen=True, slots=True)
class Limits:
    """`split_rows`: tables of more rows are read in parts. `exact_text`: what may be inexact is declared as text."""

    split_rows: int = 5_000_000
    statement_seconds: int = 900
    exact_text: bool = False


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

    def split_plan(self, table: Table, constraints: Constraints, snapshot: str | None) -> SplitPlan:
        """Buckets of a hash for a large table, else the whole."""
        return self._splitter.plan(table, snapshot)

    def scan(self, scan: Scan) -> TeradataCursor:
        """The statement of one split."""
        table, constraints = scan.table, scan.constraints
        if table is None:
            query = one_query(constraints.passthrough[PASSED_THROUGH])
            table = self._described(query)
        statement = TeradataDialect().select(table, scan.schema, constraints, scan.properties)
        return TeradataCursor(self._session, statement, scan.caller, _fetched(table, scan.schema))

    def unload(self, name: TableName) -> str:
        """WRITE_NOS, by which Teradata itself writes Parquet to S3."""
        return (
            f"SELECT * FROM WRITE_NOS (ON (SELECT * FROM {TeradataDialect().table_name(name)}) "  # noqa: S608 - quoted
            "USING LOCATION('/s3/<bucket>.s3.amazonaws.com/<prefix>/') AUTHORIZATION(<authorization>) "
            "STOREDAS('PARQUET')) AS written"
        )

    def _described(self, query: str) -> Table:
        """The query as if it were a table."""
        columns = self._dictionary.described(f'SELECT * FROM (\n{one_query(query)}\n) "query"')  # noqa: S608 - passed through
        return self._table(TableName("", "query"), columns)

    def _table(self, name: TableName, columns: list[Column]) -> Table:
        schema = pa.schema([(column.name, declared(column, self._choices)) for column in columns])
        return Table(name, schema, {column.name: column.source_type for column in columns})


def _fetched(table: Table, projection: pa.Schema) -> list[Fetched]:
    """How the columns of the projection arrive."""
    dialect, spelled = TeradataDialect(), _by_lower_case(table.schema)
    found = []
    for name in projection.names:
        field = table.schema.field(spelled.get(name.lower(), name) if name not in table.schema.names else name)
        column = DialectColumn(field.name, field.type, table.source_types[field.name])
        found.append(Fetched(name, dialect.carriage(column), field.type, dialect.padded(column)))
    return found


def _by_lower_case(schema: pa.Schema) -> Mapping[str, str]:
    return {name.lower(): name for name in schema.names}
