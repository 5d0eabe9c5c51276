"""Every request as Athena's Java writes it, key by key, for the versions 2 to 6 of the wire format."""

from typing import Any, assert_never

from athena_connectors.federation.model import (
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
    Split,
    TableName,
)
from localcloud.athena.wire import framing
from localcloud.athena.wire.blocks import block_json
from localcloud.athena.wire.constraints import constraints_json

UNLIMITED_PAGE = -1


def request_json(request: Request) -> dict[str, Any]:
    """The event that Athena invokes a connector with.

    Raises ValueError for what the version of `request.envelope` cannot say.
    """
    serde = request.envelope.serde.value
    legacy = serde == 2
    match request:
        case Ping():
            # The only request with the query's id last.
            return {
                "@type": "PingRequest",
                "identity": _identity_json(request.envelope.identity),
                "catalogName": request.envelope.catalog,
                "queryId": request.envelope.query_id,
            }
        case ListSchemas():
            return _begin("ListSchemasRequest", request.envelope)
        case ListTables():
            return _begin("ListTablesRequest", request.envelope) | {
                "schemaName": request.schema,
                "nextToken": request.token,
                "pageSize": UNLIMITED_PAGE if request.page_size is None else request.page_size,
            }
        case GetTable():
            if request.passthrough and serde < 5:
                raise ValueError(f"serde {serde} has no query passthrough")
            arguments = {"queryPassthroughArguments": dict(request.passthrough)} if serde >= 5 else {}
            return _begin("GetTableRequest", request.envelope) | {"tableName": _name_json(request.name)} | arguments
        case GetTableLayout():
            return _begin("GetTableLayoutRequest", request.envelope) | {
                "tableName": _name_json(request.name),
                "constraints": constraints_json(request.constraints, serde),
                "schema": framing.to_text(framing.schema_message(request.schema, legacy=legacy)),
                "partitionColumns": list(request.partition_columns),
            }
        case GetSplits():
            return _begin("GetSplitsRequest", request.envelope) | {
                "tableName": _name_json(request.name),
                "partitions": block_json(request.partitions, legacy=legacy),
                "partitionColumns": list(request.partition_columns),
                "constraints": constraints_json(request.constraints, serde),
                "continuationToken": request.token,
            }
        case GetDataSourceCapabilities():
            if serde < 4:
                raise ValueError(f"serde {serde} has no capabilities")
            return _begin("GetDataSourceCapabilitiesRequest", request.envelope)
        case ReadRecords():
            return _begin("ReadRecordsRequest", request.envelope) | {
                "tableName": _name_json(request.name),
                "schema": framing.to_text(framing.schema_message(request.schema, legacy=legacy)),
                "split": _split_json(request.split),
                "constraints": constraints_json(request.constraints, serde),
                "maxBlockSize": str(request.max_block_bytes),
                "maxInlineBlockSize": str(request.max_inline_bytes),
            }
        case _:
            assert_never(request)


def _begin(kind: str, envelope: Envelope) -> dict[str, Any]:
    identity = _identity_json(envelope.identity)
    return {"@type": kind, "identity": identity, "queryId": envelope.query_id, "catalogName": envelope.catalog}


def _identity_json(identity: Identity) -> dict[str, Any]:
    return {
        "id": "UNKNOWN",
        "principal": "UNKNOWN",
        "account": identity.account,
        "arn": identity.arn,
        "tags": {},
        "groups": list(identity.groups),
        "configOptions": dict(identity.options),
    }


def _name_json(name: TableName) -> dict[str, str]:
    return {"schemaName": name.schema, "tableName": name.table}


def _split_json(split: Split) -> dict[str, Any]:
    location = {
        "@type": "S3SpillLocation",
        "bucket": split.location.bucket,
        "key": split.location.key,
        "directory": split.location.directory,
    }
    return {
        "spillLocation": location,
        "encryptionKey": _key_json(split.key),
        "properties": dict(split.properties),
    }


def _key_json(key: EncryptionKey | None) -> dict[str, str] | None:
    return None if key is None else {"key": framing.to_text(key.key), "nonce": framing.to_text(key.nonce)}
