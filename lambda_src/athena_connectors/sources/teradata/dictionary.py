"""What a system has, out of its data dictionary: tables, tables without a primary index, queues and views."""

import json

from athena_connectors.federation.errors import EntityNotFound
from athena_connectors.federation.model import TableName
from athena_connectors.sources.teradata.session import Session
from athena_connectors.sources.teradata.types import Column

OWN = (
    "All",
    "console",
    "Crashdumps",
    "DBC",
    "dbcmngr",
    "Default",
    "EXTUSER",
    "External_AP",
    "gs_tables_db",
    "LockLogShredder",
    "mldb",
    "PDCRADM",
    "PDCRDATA",
    "PDCRINFO",
    "PDCRSTG",
    "PUBLIC",
    "SQLJ",
    "SYSBAR",
    "SYSJDBC",
    "SYSLIB",
    "SYSSPATIAL",
    "SYSUDTLIB",
    "SYSUIF",
    "SysAdmin",
    "Sys_Calendar",
    "SystemFe",
    "TDaaS_BAR",
    "TDBCMgmt",
    "TDMaps",
    "TDPUSER",
    "TDQCD",
    "TDStats",
    "TD_ANALYTICS_DB",
    "TD_DATASHARING_REPO",
    "TD_OTFDB",
    "TD_SERVER_DB",
    "TD_SYSFNLIB",
    "TD_SYSGPL",
    "TD_SYSXML",
    "tdwm",
    "val",
    "viewpoint",
)
"""Databases that come with the system."""
KINDS = "'T', 'O', 'Q', 'V'"
"""What can be selected from: tables, those without a primary index, queues, views."""
DESCRIBED = 7
"""Where the row that the driver makes of a prepared request has its columns, as JSON (its MetadataFromPrepare.py)."""


class Dictionary:
    """Asks the views of DBC. Every method raises ConnectorError. Teradata's names are alike whatever their case."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def schemas(self) -> list[str]:
        """The databases, and users, that hold something to select from, sorted."""
        sql = f"SELECT DISTINCT DataBaseName FROM DBC.TablesV WHERE TableKind IN ({KINDS})"  # noqa: S608 - ours
        own = {name.lower() for name in OWN}
        return sorted(name for (name,) in self._session.rows(sql) if name.lower() not in own)

    def tables(self, schema: str) -> list[TableName]:
        """Whatever of a database can be selected from, sorted."""
        sql = (
            "SELECT TableName FROM DBC.TablesV WHERE UPPER(DataBaseName) = UPPER(?) "  # noqa: S608 - ours
            f"AND TableKind IN ({KINDS})"
        )
        return [TableName(schema, name) for name in sorted(name for (name,) in self._session.rows(sql, [schema]))]

    def candidates(self, name: TableName) -> list[TableName]:
        """The one of that name, as it was spelled when it was made."""
        sql = (
            "SELECT DataBaseName, TableName FROM DBC.TablesV WHERE UPPER(DataBaseName) = UPPER(?) "  # noqa: S608 - ours
            f"AND UPPER(TableName) = UPPER(?) AND TableKind IN ({KINDS})"
        )
        return [TableName(*row) for row in self._session.rows(sql, [name.schema, name.table])]

    def columns(self, name: TableName) -> list[Column]:
        """The columns in their order. Raises EntityNotFound when there is no such table."""
        sql = (
            "SELECT ColumnName, ColumnType, DecimalTotalDigits, DecimalFractionalDigits FROM DBC.ColumnsV "
            "WHERE UPPER(DataBaseName) = UPPER(?) AND UPPER(TableName) = UPPER(?) ORDER BY ColumnId"
        )
        found = self._session.rows(sql, [name.schema, name.table])
        if not found:
            raise EntityNotFound(
                f"There is no table {name.schema}.{name.table}, or the connection's user does not see it."
            )
        if any(code is None for _, code, _, _ in found):  # those of a view
            return self.described(f"SELECT * FROM {quoted(name.schema)}.{quoted(name.table)}")  # noqa: S608 - quoted
        return [Column.of_dictionary(*row) for row in found]

    def described(self, query: str) -> list[Column]:
        """The columns that a query would return: Teradata parses it, and runs nothing."""
        prepared = self._session.rows(f"{{fn teradata_rpo(S)}}{{fn teradata_fake_result_sets}}{query}")
        return [Column.of_prepared(column) for column in json.loads(prepared[0][DESCRIBED])]

    def kind(self, name: TableName) -> str:
        """T for a table with a primary index, O for one without, V for a view … Raises EntityNotFound."""
        sql = (
            "SELECT TableKind FROM DBC.TablesV WHERE UPPER(DataBaseName) = UPPER(?) "  # noqa: S608 - ours
            f"AND UPPER(TableName) = UPPER(?) AND TableKind IN ({KINDS})"
        )
        found = self._session.rows(sql, [name.schema, name.table])
        if not found:
            raise EntityNotFound(f"The table {name.schema}.{name.table} is gone.")
        return str(found[0][0]).strip()

    def primary_index(self, name: TableName) -> list[str]:
        """The columns of the table's primary index, by whose hash its rows are spread; none for a table without."""
        sql = (
            "SELECT ColumnName FROM DBC.IndicesV WHERE UPPER(DataBaseName) = UPPER(?) AND UPPER(TableName) = UPPER(?) "
            "AND IndexType IN ('P', 'Q', 'A') ORDER BY ColumnPosition"
        )
        return [column for (column,) in self._session.rows(sql, [name.schema, name.table])]


def quoted(identifier: str) -> str:
    """An identifier that Teradata takes as it is spelled."""
    return '"' + identifier.replace('"', '""') + '"'
