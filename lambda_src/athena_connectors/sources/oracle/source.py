"""An Oracle database as the federation core sees it."""

from dataclasses import replace

import oracledb
import pyarrow as pa

from athena_connectors.connections.model import Oracle
from athena_connectors.connections.secrets import Secrets
from athena_connectors.dialects.conditions import Scope
from athena_connectors.dialects.dialect import PASSED_THROUGH
from athena_connectors.dialects.oracle import PARTITION
from athena_connectors.dialects.oracle import Oracle as OracleDialect
from athena_connectors.federation.errors import EntityNotFound
from athena_connectors.federation.model import Constraints, TableName
from athena_connectors.federation.source import Caller, Capabilities, Scan, SplitPlan, Table
from athena_connectors.sources.limits import Limits
from athena_connectors.sources.oracle.cursor import OracleCursor
from athena_connectors.sources.oracle.dictionary import Dictionary
from athena_connectors.sources.oracle.session import SIGN_IN_SECONDS, Connect, Session
from athena_connectors.sources.oracle.splits import Splitter
from athena_connectors.sources.oracle.types import Choices, Column, declared

QUERY = TableName("", PASSED_THROUGH)
"""What a query that is passed through is called where a table's name is due."""


class OracleSource:
    """One Oracle database; the source of `federation.source.Source`."""

    name = "oracle"

    def __init__(
        self,
        connection: Oracle,
        secrets: Secrets,
        limits: Limits,
        connect: Connect = oracledb.connect,
        sign_in_seconds: float = SIGN_IN_SECONDS,
    ) -> None:
        self.capabilities = Capabilities(OracleDialect().functions, limit=True, top_n=True, passthrough=True)
        self._choices = Choices(connection.numbers, connection.number_scale, limits.exact_text)
        self._session = Session(connection, secrets, limits.statement_seconds, connect, sign_in_seconds)
        self._dictionary = Dictionary(self._session)
        self._splitter = Splitter(self._session, self._dictionary, limits.split_rows)

    def schemas(self) -> list[str]:
        """The users that did not come with the database."""
        return self._dictionary.schemas()

    def tables(self, schema: str) -> list[TableName]:
        """Tables, views, materialized views and synonyms of those."""
        return self._dictionary.tables(schema)

    def candidates(self, name: TableName) -> list[TableName]:
        """Those alike but for case."""
        return self._dictionary.candidates(name)

    def table(self, name: TableName) -> Table:
        """The table's columns."""
        return self._declared(name, self._dictionary.columns(name))

    def query_schema(self, query: str, caller: Caller) -> pa.Schema:
        """What the query would return; Oracle compiles it and runs nothing."""
        self._session.tag(caller)
        return self._query(query).schema

    def split_plan(self, table: Table, constraints: Constraints, snapshot: str | None, caller: Caller) -> SplitPlan:
        """Parts of one moment where much is asked of a large table, else the whole."""
        return self._splitter.plan(table, constraints, snapshot, caller)

    def scan(self, scan: Scan) -> OracleCursor:
        """The statement of one split, which is sent with the first batch that is asked for."""
        table = scan.table
        if scan.constraints.passthrough:
            table = self._query(scan.constraints.passthrough.get(PASSED_THROUGH, ""))
        elif table is not None and PARTITION in scan.properties:
            table = replace(table, name=self._stored(table.name))  # a synonym has no partitions
        dialect = OracleDialect()
        statement = dialect.select(table, scan.schema, scan.constraints, scan.properties)
        scope = Scope(dialect, table, scan.schema)
        columns = [scope.column(name) for name in scan.schema.names]
        return OracleCursor(self._session, statement, columns, scan.caller)

    def unload(self, name: TableName) -> str:
        """DBMS_CLOUD of an Autonomous Database, or of one where it is installed, writes Parquet to S3."""
        query = f"SELECT * FROM {OracleDialect().table_name(name)}"  # noqa: S608 - quoted
        return (
            "BEGIN DBMS_CLOUD.EXPORT_DATA(credential_name => '<credential>', "
            "file_uri_list => 'https://<bucket>.s3.<region>.amazonaws.com/<prefix>/', "
            f"query => q'[{query}]', format => JSON_OBJECT('type' VALUE 'parquet')); END;"
        )

    def _query(self, query: str) -> Table:
        """A query as if it were a table; that nothing but a query is one is seen to by the parentheses."""
        text = query.strip().removesuffix(";")
        columns = [Column.of(found) for found in self._session.describe(f"SELECT * FROM (\n{text}\n)")]  # noqa: S608
        return self._declared(QUERY, columns)

    def _declared(self, name: TableName, columns: list[Column]) -> Table:
        schema = pa.schema([(column.name, declared(column, self._choices)) for column in columns])
        return Table(name, schema, {column.name: column.source_type for column in columns})

    def _stored(self, name: TableName) -> TableName:
        found = self._dictionary.resolved(name)
        if found is None:
            raise EntityNotFound(f"The synonym {name.schema}.{name.table} was changed while the query ran.")
        return found
