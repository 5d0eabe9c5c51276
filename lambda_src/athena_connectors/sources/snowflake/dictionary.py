"""What a database has, out of its INFORMATION_SCHEMA: tables, views, materialized views, dynamic and hybrid tables."""

from dataclasses import dataclass

from athena_connectors.federation.errors import EntityNotFound
from athena_connectors.federation.model import TableName
from athena_connectors.sources.snowflake.session import Session
from athena_connectors.sources.snowflake.types import Column

OWN = "INFORMATION_SCHEMA"


@dataclass(frozen=True, slots=True)
class Storage:
    """How a table is stored. `rows` None: Snowflake does not say (views, hybrid and external tables).

    `travels`: its past can be read, by a table of its own that Snowflake cuts into micro-partitions.
    `clustering` is the expression of its clustering key: `LINEAR(DAY, TO_DATE(AT))`.
    """

    rows: int | None
    travels: bool
    clustering: str | None


class Dictionary:
    """Asks the INFORMATION_SCHEMA of the connection's database. Every method raises ConnectorError."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def schemas(self) -> list[str]:
        """The schemas that the connection's role sees, sorted."""
        rows = self._session.rows(f"SELECT SCHEMA_NAME FROM {self._view('SCHEMATA')}")  # noqa: S608 - quoted
        return sorted(name for (name,) in rows if name != OWN)

    def tables(self, schema: str) -> list[TableName]:
        """Whatever can be selected from, whether it has rows or not, sorted."""
        sql = f"SELECT TABLE_NAME FROM {self._view('TABLES')} WHERE TABLE_SCHEMA = ?"  # noqa: S608 - quoted
        return sorted((TableName(schema, name) for (name,) in self._session.rows(sql, [schema])), key=_name)

    def candidates(self, name: TableName) -> list[TableName]:
        """Those of that name in any case."""
        sql = (
            f"SELECT TABLE_SCHEMA, TABLE_NAME FROM {self._view('TABLES')} "  # noqa: S608 - quoted
            "WHERE UPPER(TABLE_SCHEMA) = UPPER(?) AND UPPER(TABLE_NAME) = UPPER(?)"
        )
        return [TableName(*row) for row in self._session.rows(sql, [name.schema, name.table])]

    def columns(self, name: TableName) -> list[Column]:
        """The columns in their order. Raises EntityNotFound when there is no such table."""
        sql = (
            "SELECT COLUMN_NAME, DATA_TYPE, NUMERIC_PRECISION, NUMERIC_SCALE, DATETIME_PRECISION, "  # noqa: S608 - quoted
            f"COLLATION_NAME FROM {self._view('COLUMNS')} WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? "
            "ORDER BY ORDINAL_POSITION"
        )
        columns = [Column(*row) for row in self._session.rows(sql, [name.schema, name.table])]
        if not columns:
            raise EntityNotFound(
                f"There is no table {name.schema}.{name.table} in {self._session.database}, "
                "or the connection's role does not see it."
            )
        return columns

    def storage(self, name: TableName) -> Storage:
        """How the table is stored. Raises EntityNotFound."""
        sql = (
            "SELECT TABLE_TYPE, ROW_COUNT, RETENTION_TIME, CLUSTERING_KEY, IS_HYBRID, IS_ICEBERG "  # noqa: S608 - quoted
            f"FROM {self._view('TABLES')} WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?"
        )
        found = self._session.rows(sql, [name.schema, name.table])
        if not found:
            raise EntityNotFound(f"The table {name.schema}.{name.table} is gone.")
        kind, rows, retention, clustering, hybrid, iceberg = found[0]
        travels = kind == "BASE TABLE" and bool(retention) and "YES" not in (hybrid, iceberg)
        return Storage(rows, travels, clustering)

    def primary_key(self, name: TableName) -> list[str]:
        """The columns of the table's primary key in their order; Snowflake tells by SHOW alone."""
        parts = ".".join(quoted(part) for part in (self._session.database, name.schema, name.table))
        rows = self._session.records(f"SHOW PRIMARY KEYS IN TABLE {parts}")
        return [row["column_name"] for row in sorted(rows, key=lambda row: int(row["key_sequence"]))]

    def _view(self, view: str) -> str:
        return f"{quoted(self._session.database)}.{OWN}.{view}"


def quoted(identifier: str) -> str:
    """An identifier that Snowflake takes as it is spelled."""
    return '"' + identifier.replace('"', '""') + '"'


def _name(table: TableName) -> str:
    return table.table
