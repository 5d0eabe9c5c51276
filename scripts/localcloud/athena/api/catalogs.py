"""Data catalogs: those of the type LAMBDA, and Glue's, which every account has.

API_CreateDataCatalog. GLUE, HIVE and FEDERATED ones, of which no query here could read, are refused.
"""

import re
from collections.abc import Mapping
from typing import Any

from moto.athena.models import DataCatalog
from moto.athena.responses import AthenaResponse
from moto.core.responses import ActionResult, EmptyResult

from localcloud.athena.engine.account import Functions
from localcloud.extensions import AwsError, adds, corrects

LAKE_NAME = "AwsDataCatalog"
NAME = re.compile(r"[\w@-]{1,127}")
INVALID = "InvalidRequestException"


def lookup(catalogs: Mapping[str, Any], name: str) -> tuple[str, Functions] | None:
    """A catalog by its name in any case: how it is spelled, and its functions."""
    catalog = next((each for each in list(catalogs.values()) if each.name.lower() == name.lower()), None)
    if catalog is None:
        return None
    parameters = catalog.parameters
    both = parameters.get("function", "")
    return catalog.name, Functions(parameters.get("metadata-function", both), parameters.get("record-function", both))


@corrects(AthenaResponse, "CreateDataCatalog")
def create_data_catalog(self: Any) -> ActionResult:
    """CreateDataCatalog: LAMBDA, by one function or by two."""
    name, kind, parameters = self._get_param("Name"), self._get_param("Type"), self._get_param("Parameters") or {}
    if not NAME.fullmatch(name):
        raise AwsError(INVALID, f"Catalog name {name} must have 1 to 127 letters, digits and _@-.")
    if name.lower() == LAKE_NAME.lower() or lookup(self.athena_backend.data_catalogs, name):
        raise AwsError(INVALID, f"Data catalog {name} already exists")
    _require_functions(kind, parameters)
    description, tags = self._get_param("Description"), self._get_param("Tags") or []
    catalog = self.athena_backend.create_data_catalog(name, kind, description, parameters, tags)
    return ActionResult({"DataCatalog": _described(catalog)})


@corrects(AthenaResponse, "GetDataCatalog")
def get_data_catalog(self: Any) -> ActionResult:
    """GetDataCatalog: by its name in any case."""
    name = self._get_param("Name")
    if name.lower() == LAKE_NAME.lower():
        parameters = {"catalog-id": self.current_account}
        return ActionResult({"DataCatalog": {"Name": LAKE_NAME, "Type": "GLUE", "Parameters": parameters}})
    return ActionResult({"DataCatalog": _described(_find(self, name))})


@adds(AthenaResponse, "UpdateDataCatalog")
def update_data_catalog(self: Any) -> EmptyResult:
    """UpdateDataCatalog: everything but the name is replaced."""
    catalog = _find(self, self._get_param("Name"))
    kind, parameters = self._get_param("Type"), self._get_param("Parameters") or {}
    _require_functions(kind, parameters)
    catalog.parameters, catalog.description = parameters, self._get_param("Description")
    return EmptyResult()


@adds(AthenaResponse, "DeleteDataCatalog")
def delete_data_catalog(self: Any) -> EmptyResult:
    """DeleteDataCatalog: its function stays."""
    del self.athena_backend.data_catalogs[_find(self, self._get_param("Name")).name]
    return EmptyResult()


@corrects(AthenaResponse, "ListDataCatalogs")
def list_data_catalogs(self: Any) -> ActionResult:
    """ListDataCatalogs: Glue's is always there."""
    own = sorted(self.athena_backend.data_catalogs.values(), key=lambda catalog: catalog.name.lower())
    listed = [{"CatalogName": catalog.name, "Type": catalog.type} for catalog in own]
    return ActionResult({"DataCatalogsSummary": [{"CatalogName": LAKE_NAME, "Type": "GLUE"}, *listed]})


def _find(self: Any, name: str) -> DataCatalog:
    found = lookup(self.athena_backend.data_catalogs, name)
    if found is None:
        raise AwsError(INVALID, f"Data catalog {name} was not found.")
    return self.athena_backend.data_catalogs[found[0]]


def _described(catalog: DataCatalog) -> dict[str, Any]:
    described = {"Name": catalog.name, "Type": catalog.type, "Parameters": catalog.parameters}
    return described | ({"Description": catalog.description} if catalog.description else {})


def _require_functions(kind: str, parameters: Mapping[str, str]) -> None:
    if kind != "LAMBDA":
        raise NotImplementedError(f"data catalogs of the type {kind}")
    if set(parameters) not in ({"function"}, {"metadata-function", "record-function"}):
        needed = "function, or metadata-function and record-function"
        raise AwsError(INVALID, f"A data catalog of the type LAMBDA has the parameters {needed}.")
