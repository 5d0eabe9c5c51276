"""Answers, read as strictly as Athena's Java reads them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from athena_connectors.federation.model import EncryptionKey, SpillLocation, Split, TableName
from localcloud.athena.wire import framing
from localcloud.athena.wire.blocks import read_block
from localcloud.athena.wire.fields import Fields
from localcloud.athena.wire.violation import ProtocolViolation

AES_BYTES = (16, 24, 32)
NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Pong:
    """Who the connector is. `serde` is the newest version of the wire format that it speaks."""

    catalog: str
    query_id: str
    source_type: str
    capabilities: int
    serde: int


@dataclass(frozen=True, slots=True)
class TablePage:
    """Some of a schema's tables; `token` None: there are no more."""

    tables: tuple[TableName, ...]
    catalog: str
    token: str | None


@dataclass(frozen=True, slots=True)
class TableDescription:
    """A table with its name as the source spells it, its columns, and which of them are partitions."""

    catalog: str
    name: TableName
    schema: pa.Schema
    partition_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """The partitions of what is asked for; no row is an empty result."""

    catalog: str
    name: TableName
    partitions: pa.RecordBatch


@dataclass(frozen=True, slots=True)
class SplitPage:
    """Some of the splits; `token` None: there are no more."""

    catalog: str
    splits: tuple[Split, ...]
    token: str | None


@dataclass(frozen=True, slots=True)
class Advertised:
    """What may be pushed down: by name, each kind of it with its properties."""

    catalog: str
    capabilities: Mapping[str, Mapping[str, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class InlineRecords:
    """The rows of a split."""

    catalog: str
    records: pa.RecordBatch


@dataclass(frozen=True, slots=True)
class RemoteRecords:
    """Where the rows of a split were spilled, in order."""

    catalog: str
    schema: pa.Schema
    blocks: tuple[SpillLocation, ...]
    key: EncryptionKey | None


def read_pong(answer: Any) -> Pong:
    """Read a PingResponse. Raises ProtocolViolation, as the other functions do, for what Athena would refuse."""
    fields = _begin(answer, "PingResponse")
    return Pong(
        catalog=fields.text("catalogName"),
        query_id=fields.text("queryId"),
        source_type=fields.text("sourceType"),
        capabilities=fields.whole("capabilities"),
        serde=fields.whole("serDeVersion") if fields.has("serDeVersion") else 1,
    )


def read_schemas(answer: Any) -> tuple[str, ...]:
    """Read a ListSchemasResponse."""
    fields = _begin(answer, "ListSchemasResponse")
    fields.text("catalogName")
    return tuple(fields.texts("schemas"))


def read_tables(answer: Any) -> TablePage:
    """Read a ListTablesResponse; its token may be absent."""
    fields = _begin(answer, "ListTablesResponse")
    tables = tuple(fields.nested_list("tables", _name))
    catalog = fields.text("catalogName")
    return TablePage(tables, catalog, fields.text_or_null("nextToken") if fields.has("nextToken") else None)


def read_table(answer: Any) -> TableDescription:
    """Read a GetTableResponse."""
    fields = _begin(answer, "GetTableResponse")
    return TableDescription(
        catalog=fields.text("catalogName"),
        name=_name(fields.nested("tableName")),
        schema=framing.read_schema(framing.from_text(fields.text("schema"))),
        partition_columns=tuple(fields.texts("partitionColumns")),
    )


def read_layout(answer: Any) -> Layout:
    """Read a GetTableLayoutResponse."""
    fields = _begin(answer, "GetTableLayoutResponse")
    return Layout(
        catalog=fields.text("catalogName"),
        name=_name(fields.nested("tableName")),
        partitions=read_block(fields.nested("partitions")),
    )


def read_splits(answer: Any) -> SplitPage:
    """Read a GetSplitsResponse."""
    fields = _begin(answer, "GetSplitsResponse")
    return SplitPage(
        catalog=fields.text("catalogName"),
        splits=tuple(fields.nested_list("splits", _split)),
        token=fields.text_or_null("continuationToken"),
    )


def read_capabilities(answer: Any) -> Advertised:
    """Read a GetDataSourceCapabilitiesResponse."""
    fields = _begin(answer, "GetDataSourceCapabilitiesResponse")
    catalog = fields.text("catalogName")
    capabilities: dict[str, dict[str, tuple[str, ...]]] = {}
    for name, kinds in fields.nested("capabilities").remaining():
        capabilities[name] = dict(Fields({name: kinds}, "capabilities").nested_list(name, _capability))
    return Advertised(catalog, capabilities)


def read_records(answer: Any) -> InlineRecords | RemoteRecords:
    """Read a ReadRecordsResponse or a RemoteReadRecordsResponse."""
    fields = Fields(answer, "response")
    kind = fields.text("@type")
    if kind == "ReadRecordsResponse":
        return InlineRecords(fields.text("catalogName"), read_block(fields.nested("records")))
    if kind == "RemoteReadRecordsResponse":
        return RemoteRecords(
            catalog=fields.text("catalogName"),
            schema=framing.read_schema(framing.from_text(fields.text("schema"))),
            blocks=tuple(fields.nested_list("remoteBlocks", _location)),
            key=_key(fields.nested_or_null("encryptionKey")),
        )
    raise ProtocolViolation(f"A ReadRecordsRequest was answered with a {kind}.")


def _begin(answer: Any, expected: str) -> Fields:
    fields = Fields(answer, expected)
    kind = fields.text("@type")
    if kind != expected:
        raise ProtocolViolation(f"A {expected} was expected, and a {kind} came.")
    return fields


def _name(fields: Fields) -> TableName:
    name = TableName(fields.text("schemaName"), fields.text("tableName"))
    fields.end()
    return name


def _split(fields: Fields) -> Split:
    split = Split(
        location=_location(fields.nested("spillLocation")),
        key=_key(fields.nested_or_null("encryptionKey")),
        properties=fields.text_map("properties"),
    )
    fields.end()
    return split


def _location(fields: Fields) -> SpillLocation:
    kind = fields.text("@type")
    if kind != "S3SpillLocation":
        raise ProtocolViolation(f"An S3SpillLocation was expected, and a {kind} came.")
    location = SpillLocation(fields.text("bucket"), fields.text("key"), fields.flag("directory"))
    fields.end()
    return location


def _key(fields: Fields | None) -> EncryptionKey | None:
    if fields is None:
        return None
    key = EncryptionKey(framing.from_text(fields.text("key")), framing.from_text(fields.text("nonce")))
    fields.end()
    if len(key.key) not in AES_BYTES or len(key.nonce) != NONCE_BYTES:
        raise ProtocolViolation(f"A key of {len(key.key)} bytes and a nonce of {len(key.nonce)}: no key for AES-GCM.")
    return key


def _capability(fields: Fields) -> tuple[str, tuple[str, ...]]:
    kind = fields.text("subType")
    properties = tuple(fields.texts("properties"))
    fields.end()
    return kind, properties
