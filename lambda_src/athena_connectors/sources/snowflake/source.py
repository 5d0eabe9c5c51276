"""A Snowflake database as the federation core sees it."""

import pyarrow as pa
from snowflake.connector import SnowflakeConnection

from athena_connectors.connections.model import Snowflake
from athena_connectors.connections.secrets import Secrets
from athena_connectors.dialects.snowflake import Snowflake as SnowflakeDialect
from athena_connectors.federation.model import Constraints, TableName
from athena_connectors.federation.source import Caller, Capabilities, Scan, SplitPlan, Table
from athena_connectors.sources.limits import Limits
from athena_connectors.sources.snowflake.cursor import SnowflakeCursor
from athena_connectors.sources.snowflake.dictionary import Dictionary
from athena_connectors.sources.snowflake.session import Session
from athena_connectors.sources.snowflake.splits import Splitter
from athena_connectors.sources.snowflake.types import Column, declared

KINDS = {
    0: "NUMBER",
    1: "FLOAT",
    2: "TEXT",
    3: "DATE",
    5: "VARIANT",
    6: "TIMESTAMP_LTZ",
    7: "TIMESTAMP_TZ",
    8: "TIMESTAMP_NTZ",
    9: "OBJECT",
    10: "ARRAY",
    11: "BINARY",
    12: "TIME",
    13: "BOOLEAN",
    14: "GEOGRAPHY",
    15: "GEOMETRY",
}
"""Types by the driver's codes of them (snowflake.connector._internal.type_codes); others are refused."""


class SnowflakeSource:
    """One database of a Snowflake account; the source of `federation.source.Source`."""

    name = "snowflake"

    def __init__(self, connection: Snowflake, secrets: Secrets, limits: Limits) -> None:
        self.capabilities = Capabilities(SnowflakeDialect().functions, limit=True, top_n=True, passthrough=True)
        self._limits = limits
        self._session = Session(connection, secrets, limits.statement_seconds)
        self._dictionary = Dictionary(self._session)
        self._splitter = Splitter(self._session, self._dictionary, limits.split_rows)

    def schemas(self) -> list[str]:
        """The schemas of the connection's database."""
        return self._dictionary.schemas()

    def tables(self, schema: str) -> list[TableName]:
        """Tables and views of all kinds."""
        return self._dictionary.tables(schema)

    def candidates(self, name: TableName) -> list[TableName]:
        """Those alike but for case."""
        return self._dictionary.candidates(name)

    def table(self, name: TableName) -> Table:
        """The table's columns."""
        columns = self._dictionary.columns(name)
        return Table(name, self._schema(columns), {column.name: column.source_type for column in columns})

    def query_schema(self, query: str, caller: Caller) -> pa.Schema:
        """What the query would return; Snowflake compiles it and runs nothing."""

        def describe(connection: SnowflakeConnection) -> list[Column]:
            with connection.cursor() as cursor:
                return [
                    Column(
                        found.name,
                        KINDS.get(found.type_code, f"number {found.type_code}"),
                        found.precision,
                        found.scale,
                        found.scale,
                    )
                    for found in cursor.describe(query) or ()
                ]

        return self._schema(self._session.retrying(describe))

    def split_plan(self, table: Table, constraints: Constraints, snapshot: str | None, caller: Caller) -> SplitPlan:
        """Ranges of one moment for a large table, else the whole."""
        return self._splitter.plan(table, constraints, snapshot, caller)

    def scan(self, scan: Scan) -> SnowflakeCursor:
        """Send the statement of one split."""
        statement = SnowflakeDialect().select(scan.table, scan.schema, scan.constraints, scan.properties)
        return SnowflakeCursor(self._session, statement, scan.caller, counts=not scan.schema.names)

    def unload(self, name: TableName) -> str:
        """COPY INTO a location of S3 that a storage integration of Snowflake's may write to."""
        return (
            f"COPY INTO 's3://<bucket>/<prefix>/' FROM {SnowflakeDialect().table_name(name)} "
            "STORAGE_INTEGRATION = <integration> FILE_FORMAT = (TYPE = PARQUET) HEADER = TRUE"
        )

    def _schema(self, columns: list[Column]) -> pa.Schema:
        exact_text = self._limits.exact_text
        return pa.schema([(column.name, declared(column, exact_text=exact_text)) for column in columns])
