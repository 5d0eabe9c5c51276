"""What the settings make of a connector."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from typing import Any

import boto3
import pyarrow as pa
import pytest
from botocore.stub import Stubber

from athena_connectors import compose as composing
from athena_connectors.compose import compose
from athena_connectors.federation.errors import AccessDenied, ConnectorError, EntityNotFound, InvalidInput
from athena_connectors.federation.model import (
    Constraints,
    EncryptionKey,
    Envelope,
    Identity,
    ReadRecords,
    Serde,
    SpillLocation,
    Split,
    TableName,
)
from athena_connectors.federation.read.guards import Tally
from athena_connectors.federation.read.read import Inline
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


class Rows:
    """A cursor over some rows."""

    statement = "SELECT"
    queued_seconds = None
    cancelled = False

    def batches(self) -> Iterator[pa.RecordBatch]:
        yield pa.RecordBatch.from_pylist([{"n": Decimal("1.5")}] * 3)

    def cancel(self) -> None:
        self.cancelled = True

    def close(self) -> None:
        pass


def read_split(settings: Settings, declared: pa.DataType) -> list[Any]:
    split = Split(SpillLocation("spills", "athena-spill/q-1/1", directory=True), None, {})
    envelope = Envelope("q-1", "sales", Identity(), Serde.V6)
    schema = pa.schema([("n", declared)])
    request = ReadRecords(envelope, TableName("s", "t"), schema, split, Constraints(), 16_000_000, 5_000_000)
    found = compose(settings).connector.read(request, Rows(), Tally(), lambda: 900)
    assert isinstance(found, Inline)
    return list(found.batch.column("n").to_pylist())


def test_splits_are_read_by_the_guards_and_the_policy_of_the_settings() -> None:
    assert read_split(settings(INEXACT_VALUES="round", WATCH_QUERY="false"), pa.int64()) == [2, 2, 2]
    with pytest.raises(InvalidInput, match="MAXIMUM_ROWS"):
        read_split(settings(MAXIMUM_ROWS="2", WATCH_QUERY="false"), pa.decimal128(5, 1))
    with pytest.raises(InvalidInput, match="INEXACT_VALUES=round"):
        read_split(settings(WATCH_QUERY="false"), pa.int64())


@pytest.mark.parametrize(("watch", "asked"), [("true", 1), ("false", 0)])
def test_athena_is_asked_for_the_query_only_where_it_is_to_be_watched(
    monkeypatch: pytest.MonkeyPatch, watch: str, asked: int
) -> None:
    clients: list[str] = []
    monkeypatch.setattr("athena_connectors.federation.read.watch.connect", lambda: clients.append("athena"))
    read_split(settings(WATCH_QUERY=watch), pa.decimal128(5, 1))
    assert len(clients) == asked


def test_the_spill_buckets_owner_is_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "athena_connectors.federation.read.put.require_bucket",
        lambda client, bucket, owner: checked.append((bucket, owner)),
    )
    spill = compose(settings()).connector.spill
    spill.require_bucket()
    spill.require_bucket()
    assert checked == [("spills", "123456789012")]


@pytest.mark.parametrize(
    ("code", "error"), [("ParameterNotFound", EntityNotFound), ("AccessDeniedException", AccessDenied)]
)
def test_a_parameter_that_cannot_be_read_is_named(
    monkeypatch: pytest.MonkeyPatch, code: str, error: type[ConnectorError]
) -> None:
    client = boto3.client("ssm")
    stubber = Stubber(client)
    stubber.add_client_error("get_parameter", code, expected_params={"Name": "/catalogs", "WithDecryption": True})
    connector = compose(settings(CATALOGS_PARAMETER="/catalogs")).connector
    monkeypatch.setattr(boto3, "client", lambda *_, **__: client)
    with stubber, pytest.raises(error, match="Reading the parameter /catalogs was refused with"):
        connector.source_of("sales")
