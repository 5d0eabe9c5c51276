"""Reads a request: the event of an invocation becomes one of the model's nouns, or the error says what it is not.

The names of the fields are those of awslabs/aws-athena-query-federation, in any order. The version is told by which of
them are there; a request that does not tell is taken for the newest, and answered with what every version reads.
"""

from base64 import b64decode
from binascii import Error as NoBase64
from collections.abc import Callable

import pyarrow as pa

from athena_connectors.federation.arrow import is_legacy, read_batch, read_schema
from athena_connectors.federation.constraints import read_constraints, read_passthrough
from athena_connectors.federation.errors import InvalidInput, NotSupported
from athena_connectors.federation.fields import Fields
from athena_connectors.federation.model import (
    Constraints,
    EncryptionKey,
    Envelope,
    GetDataSourceCapabilities,
    GetSplits,
    GetTable,
    GetTableLayout,
    Identity,
    ListSchemas,
    ListTables,
    Ping,
    ReadRecords,
    Request,
    Serde,
    SpillLocation,
    Split,
    TableName,
)


def parse(event: object) -> Request:
    """The request that an event is. Raises InvalidInput, and NotSupported for a request that nobody knows."""
    found = Fields(event, "The request")
    kind = found.text("@type")
    read = REQUESTS.get(kind)
    if read is None:
        raise NotSupported(f"The request is a {kind}; this connector answers {', '.join(REQUESTS)}.")
    request = read(found)
    found.end()
    return request


def _ping(found: Fields) -> Ping:
    return Ping(_envelope(found, Serde.V6))


def _list_schemas(found: Fields) -> ListSchemas:
    return ListSchemas(_envelope(found, Serde.V6))


def _list_tables(found: Fields) -> ListTables:
    size = found.number("pageSize", -1)
    return ListTables(
        envelope=_envelope(found, Serde.V6),
        schema=found.text("schemaName"),
        token=found.text_or_null("nextToken"),
        page_size=size if size > 0 else None,
    )


def _get_table(found: Fields) -> GetTable:
    # Version 4 and older look alike: the oldest framing is read by all of them.
    serde = Serde.V6 if "queryPassthroughArguments" in found else Serde.V2
    return GetTable(_envelope(found, serde), _table_name(found), read_passthrough(found))


def _get_table_layout(found: Fields) -> GetTableLayout:
    schema = _schema(found)
    serde, constraints = _constraints(found, schema)
    return GetTableLayout(
        envelope=_envelope(found, serde),
        name=_table_name(found),
        constraints=constraints,
        schema=read_schema(schema),
        partition_columns=found.texts("partitionColumns"),
    )


def _get_splits(found: Fields) -> GetSplits:
    block = found.within("partitions")
    schema = block.text("schema")
    serde, constraints = _constraints(found, schema)
    return GetSplits(
        envelope=_envelope(found, serde),
        name=_table_name(found),
        partitions=_batch(block, read_schema(schema)),
        partition_columns=found.texts("partitionColumns"),
        constraints=constraints,
        token=found.text_or_null("continuationToken"),
    )


def _get_data_source_capabilities(found: Fields) -> GetDataSourceCapabilities:
    return GetDataSourceCapabilities(_envelope(found, Serde.V6))


def _read_records(found: Fields) -> ReadRecords:
    schema = _schema(found)
    serde, constraints = _constraints(found, schema)
    return ReadRecords(
        envelope=_envelope(found, serde),
        name=_table_name(found),
        schema=read_schema(schema),
        split=_split(found.within("split")),
        constraints=constraints,
        max_block_bytes=_size(found, "maxBlockSize"),
        max_inline_bytes=_size(found, "maxInlineBlockSize"),
    )


REQUESTS: dict[str, Callable[[Fields], Request]] = {
    "PingRequest": _ping,
    "ListSchemasRequest": _list_schemas,
    "ListTablesRequest": _list_tables,
    "GetTableRequest": _get_table,
    "GetTableLayoutRequest": _get_table_layout,
    "GetSplitsRequest": _get_splits,
    "GetDataSourceCapabilitiesRequest": _get_data_source_capabilities,
    "ReadRecordsRequest": _read_records,
}


def _envelope(found: Fields, serde: Serde) -> Envelope:
    return Envelope(
        query_id=found.text("queryId"),
        catalog=found.text("catalogName"),
        identity=_identity(found.within_or_null("identity")),
        serde=serde,
    )


def _identity(found: Fields | None) -> Identity:
    if found is None:
        return Identity()
    found.skip("id", "principal", "tags")
    identity = Identity(
        account=found.text_or_null("account") or "",
        arn=found.text_or_null("arn") or "",
        groups=found.texts("groups") if "groups" in found else (),
        options=found.mapping("configOptions") if "configOptions" in found else {},
    )
    found.end()
    return identity


def _table_name(found: Fields) -> TableName:
    name = found.within("tableName")
    table = TableName(name.text("schemaName"), name.text("tableName"))
    name.end()
    return table


def _schema(found: Fields) -> str:
    """The message of the request's schema. Raises NotSupported for version 1, which has an object in its place."""
    if found.is_object("schema"):
        raise NotSupported(
            f"{found.path} is written in version 1 of the wire format. This connector reads 2 to 6, as it says when it "
            "is pinged: ask in one of these."
        )
    return found.text("schema")


def _constraints(found: Fields, schema: str) -> tuple[Serde, Constraints]:
    """The constraints, and the version by their fields and by the framing of `schema`, a message of the request's."""
    constraints = found.within("constraints")
    tells = (("queryPlan", Serde.V6), ("queryPassthroughArguments", Serde.V5), ("limit", Serde.V4))
    oldest = Serde.V2 if is_legacy(schema) else Serde.V3
    serde = next((version for name, version in tells if name in constraints), oldest)
    return serde, read_constraints(constraints)


def _batch(block: Fields, schema: pa.Schema) -> pa.RecordBatch:
    block.skip("aId")
    batch = read_batch(block.text("records"), schema)
    block.end()
    return batch


def _split(found: Fields) -> Split:
    location, key = found.within("spillLocation"), found.within_or_null("encryptionKey")
    split = Split(_spill_location(location), _encryption_key(key) if key else None, found.mapping("properties"))
    found.end()
    return split


def _spill_location(found: Fields) -> SpillLocation:
    kind = found.text("@type")
    if kind != "S3SpillLocation":
        raise NotSupported(f"{found.path} is a {kind}; blocks are spilled to an S3SpillLocation.")
    location = SpillLocation(found.text("bucket"), found.text("key"), found.truth("directory"))
    found.end()
    return location


def _encryption_key(found: Fields) -> EncryptionKey:
    try:
        key = EncryptionKey(b64decode(found.text("key"), validate=True), b64decode(found.text("nonce"), validate=True))
    except NoBase64 as error:
        raise InvalidInput(f"{found.path} is not in base64.") from error
    if len(key.key) not in (16, 32) or len(key.nonce) != 12:
        raise InvalidInput(f"{found.path} is no AES-GCM key of 16 or 32 bytes with a nonce of 12.")
    found.end()
    return key


def _size(found: Fields, name: str) -> int:
    size = found.number(name)
    if size < 0:
        raise InvalidInput(f"The request.{name} is negative.")
    return size
