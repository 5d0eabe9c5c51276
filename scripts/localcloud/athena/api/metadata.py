"""Schemas and tables of a catalog: Glue's from Glue, a connector's from the connector.

API_ListDatabases, API_GetDatabase, API_ListTableMetadata, API_GetTableMetadata.
"""

import re
from typing import TYPE_CHECKING, Any

from moto.athena.responses import AthenaResponse
from moto.core.responses import ActionResult

from localcloud.athena.api import catalogs
from localcloud.athena.api.catalogs import LAKE_NAME
from localcloud.athena.api.queries import identity
from localcloud.extensions import AwsError, adds, corrects

if TYPE_CHECKING:
    from localcloud.athena.api.boto_account import BotoAccount
    from localcloud.athena.engine.connector import Connector

METADATA_ERROR = "MetadataException"
MOST_LISTED = 50


@corrects(AthenaResponse, "ListDatabases")
def list_databases(self: Any) -> ActionResult:
    """ListDatabases: by name."""
    return _page(self, "DatabaseList", [{"Name": name} for name in sorted(_schemas(self))])


@corrects(AthenaResponse, "GetDatabase")
def get_database(self: Any) -> ActionResult:
    """GetDatabase: one that is there."""
    name = self._get_param("DatabaseName")
    found = next((each for each in _schemas(self) if each.lower() == name.lower()), None)
    if found is None:
        raise AwsError(METADATA_ERROR, f"Database {name} not found")
    return ActionResult({"Database": {"Name": found}})


@adds(AthenaResponse, "ListTableMetadata")
def list_table_metadata(self: Any) -> ActionResult:
    """ListTableMetadata: those whose name the expression, a regular one, matches."""
    from localcloud.athena.engine.account import Missing

    schema, connector = self._get_param("DatabaseName"), _connector(self)
    wanted = re.compile(self._get_param("Expression") or ".*", re.IGNORECASE)
    if connector is not None:
        names = [name.table for name in _asking(lambda: connector.tables(schema)) if wanted.fullmatch(name.table)]
        return _page(self, "TableMetadataList", [_of_connector(connector, schema, name) for name in sorted(names)])
    try:
        tables = _account(self).lake_tables(schema)
    except Missing as error:
        raise AwsError(METADATA_ERROR, f"Database {schema} not found") from error
    return _page(self, "TableMetadataList", [_of_lake(table) for table in tables if wanted.fullmatch(table["Name"])])


@adds(AthenaResponse, "GetTableMetadata")
def get_table_metadata(self: Any) -> ActionResult:
    """GetTableMetadata: a table's columns, with the types that Athena gives them."""
    from localcloud.athena.engine.account import Missing

    schema, name, connector = self._get_param("DatabaseName"), self._get_param("TableName"), _connector(self)
    if connector is not None:
        return ActionResult({"TableMetadata": _of_connector(connector, schema, name)})
    try:
        return ActionResult({"TableMetadata": _of_lake(_account(self).lake_table(schema, name))})
    except Missing as error:
        raise AwsError(METADATA_ERROR, f"Entity Not Found: {schema}.{name}") from error


def _schemas(self: Any) -> list[str]:
    connector = _connector(self)
    if connector is None:
        return [schema["Name"] for schema in _account(self).lake_schemas()]
    return list(_asking(connector.schemas))


def _account(self: Any) -> "BotoAccount":
    from localcloud.athena.api.boto_account import BotoAccount

    return BotoAccount(self.current_account, self.region, lambda name: None)


def _connector(self: Any) -> "Connector | None":
    """The connector of the catalog that the request names, which has been pinged; None for Glue's."""
    name = self._get_param("CatalogName")
    if name.lower() == LAKE_NAME.lower():
        return None
    found = catalogs.lookup(self.athena_backend.data_catalogs, name)
    if found is None:
        raise AwsError("InvalidRequestException", f"Data catalog {name} was not found.")
    from localcloud.athena.engine.connector import Connector
    from localcloud.athena.engine.report import ScanReport

    connector = Connector(_account(self), *found, "metadata", identity(self), ScanReport(name))
    _asking(connector.ping)
    return connector


def _of_connector(connector: "Connector", schema: str, table: str) -> dict[str, Any]:
    from athena_connectors.federation.model import TableName
    from localcloud.athena.query.resolution import sql_type

    described = _asking(lambda: connector.table(TableName(schema, table), {}))
    columns = [{"Name": field.name.lower(), "Type": sql_type(field.type)} for field in described.schema]
    return {"Name": described.name.table, "TableType": "EXTERNAL_TABLE", "Columns": columns, "PartitionKeys": []}


def _of_lake(table: dict[str, Any]) -> dict[str, Any]:
    described = {"Name": table["Name"], "TableType": table.get("TableType", "EXTERNAL_TABLE")}
    return described | {
        "Columns": table.get("StorageDescriptor", {}).get("Columns", []),
        "PartitionKeys": table.get("PartitionKeys", []),
        "Parameters": table.get("Parameters", {}),
    }


def _asking(ask: Any) -> Any:
    """What a connector answers; its failure is the request's."""
    from localcloud.athena.query.failure import QueryFailed
    from localcloud.athena.wire.violation import ProtocolViolation

    try:
        return ask()
    except (QueryFailed, ProtocolViolation) as error:
        raise AwsError(METADATA_ERROR, str(error)) from error


def _page(self: Any, name: str, items: list[dict[str, Any]]) -> ActionResult:
    begin, size = int(self._get_param("NextToken") or 0), self._get_param("MaxResults") or MOST_LISTED
    answer: dict[str, Any] = {name: items[begin : begin + size]}
    return ActionResult(answer | ({"NextToken": str(begin + size)} if begin + size < len(items) else {}))
