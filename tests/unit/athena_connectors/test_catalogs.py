"""Which database a catalog is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import pytest

from athena_connectors.catalogs import Catalogs
from athena_connectors.connections.model import Connection, Oracle, Snowflake
from athena_connectors.federation.errors import EntityNotFound
from athena_connectors.federation.source import Source
from athena_connectors.settings import Kind, Settings, SpillSettings
from athena_connectors.sources.build import build
from common.errors import ConfigurationError

SALES, HR, DEFAULT = (Snowflake("acct.snowflakecomputing.com", name, "secret") for name in ("SALES", "HR", "DEFAULT"))


@dataclass
class Database:
    connection: Connection


def catalogs(
    document: Mapping[str, Connection] | Callable[[], Mapping[str, Connection]], default: Connection | None = None
) -> Catalogs:
    read = document if callable(document) else lambda: document
    return Catalogs(read, default, lambda connection: cast(Source, Database(connection)))


def found(from_: Catalogs, catalog: str) -> Connection:
    return cast(Database, from_.source(catalog)).connection


def test_catalogs_are_found_in_any_case() -> None:
    assert found(catalogs({"sales": SALES, "hr": HR}), "Sales") == SALES


def test_a_default_alone_is_every_catalog() -> None:
    only = catalogs({}, DEFAULT)
    assert found(only, "sales") == found(only, "lambda:demo") == DEFAULT
    assert only.connections == 1


def test_a_function_without_a_catalog_is_the_default_or_the_only_one() -> None:
    assert found(catalogs({"sales": SALES}), "lambda:demo") == SALES
    assert found(catalogs({"sales": SALES, "hr": HR}, DEFAULT), "lambda:demo") == DEFAULT


@pytest.mark.parametrize("catalog", ["finance", "lambda:demo"])
def test_a_catalog_that_is_not_there_is_named_with_those_that_are(catalog: str) -> None:
    with pytest.raises(EntityNotFound, match=f"no connection for the catalog '{catalog}'; it has hr, sales"):
        catalogs({"sales": SALES, "hr": HR}).source(catalog)


def test_a_document_with_a_default_does_not_make_every_name_a_catalog() -> None:
    with pytest.raises(EntityNotFound):
        catalogs({"sales": SALES}, DEFAULT).source("finance")


def test_a_source_is_kept_until_its_connection_changes() -> None:
    current: dict[str, Connection] = {"sales": SALES}
    changing = catalogs(lambda: current)
    first = changing.source("sales")
    assert changing.source("SALES") is first
    current["sales"] = HR
    assert found(changing, "sales") == HR
    assert changing.connections == 2


def test_a_connection_of_another_package_is_refused() -> None:
    settings = Settings(Kind.SNOWFLAKE, SpillSettings("spills", "123456789012"))
    unused = cast(Any, None)
    with pytest.raises(ConfigurationError, match="to oracle, and this function has the package of snowflake"):
        build(Oracle("db.example", "secret", service="S"), unused, settings)
    assert build(SALES, unused, settings).name == "snowflake"
