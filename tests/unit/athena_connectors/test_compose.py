"""What the settings make of a connector."""

from itertools import islice

import pytest

from athena_connectors import compose as composing
from athena_connectors.compose import compose
from athena_connectors.federation.errors import EntityNotFound
from athena_connectors.federation.model import EncryptionKey
from athena_connectors.settings import Settings, read
from common.errors import ConfigurationError

LEAST = {
    "SOURCE": "snowflake",
    "DEFAULT_CONNECTION": "snowflake://jdbc:snowflake://acct.snowflakecomputing.com/?db=D&${secret}",
    "SPILL_BUCKET": "spills",
    "SPILL_BUCKET_OWNER": "123456789012",
}


def settings(**changes: str) -> Settings:
    return read(LEAST | changes)


def test_a_connection_string_is_every_catalog() -> None:
    deployed = compose(settings())
    assert deployed.connector.source_of("sales") is deployed.connector.source_of("lambda:f")
    assert deployed.catalogs.connections == 1
    assert deployed.connector.source_type == "snowflake"


def test_splits_have_keys_unless_they_are_written_in_the_clear() -> None:
    first, second = islice(compose(settings()).connector.spill.keys(), 2)
    assert isinstance(first, EncryptionKey)
    assert first != second
    assert next(compose(settings(SPILL_ENCRYPTION="false")).connector.spill.keys()) is None


@pytest.mark.parametrize("where", ["CATALOGS_SECRET", "CATALOGS_PARAMETER"])
def test_a_document_of_catalogs_is_read_once_a_minute(monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    asked: list[str] = []

    def document(name: str) -> str:
        asked.append(name)
        return '{"Sales": {"kind": "snowflake", "host": "acct.snowflakecomputing.com", "database": "S", "secret": "s"}}'

    monkeypatch.setattr(composing.Secrets, "text", lambda _, name: document(name))
    monkeypatch.setattr(composing, "_parameter", document)
    connector = compose(settings(**{where: "catalogs"})).connector
    assert connector.source_of("SALES") is connector.source_of("sales")
    with pytest.raises(EntityNotFound, match="it has sales"):
        connector.source_of("hr")
    assert asked == ["catalogs"]


def test_a_connection_that_cannot_be_read_is_refused_before_anything_is_asked() -> None:
    with pytest.raises(ConfigurationError, match="A connection string begins with the kind"):
        compose(settings(DEFAULT_CONNECTION="mysql://host"))
