"""Writes the answers. Athena reads their fields in a fixed order, that of the official SDK's serializers: keep it."""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pyarrow as pa

from athena_connectors.federation.arrow import write_batch, write_schema
from athena_connectors.federation.model import (
    EncryptionKey,
    Function,
    GetDataSourceCapabilities,
    GetSplits,
    GetTable,
    GetTableLayout,
    ListSchemas,
    ListTables,
    Ping,
    ReadRecords,
    Serde,
    SpillLocation,
    Split,
    TableName,
)
from athena_connectors.federation.source import Capabilities

Answer = dict[str, Any]

CAPABILITIES = 24
"""What the official SDK's FederationConstants says since capabilities are asked for one by one."""

SERDE_VERSION = 6
"""The newest version of the wire format that we speak; Athena uses the older of ours and its own."""

SCHEMA_FUNCTION = "SYSTEM.QUERY"
"""The table function that passes a query through."""

ONE_PARTITION = pa.RecordBatch.from_arrays([pa.array([1], pa.int32())], names=["partitionId"])
"""What a table without partitions answers; no row at all would mean an empty result."""


def ping(request: Ping, source_type: str) -> Answer:
    """Who we are, and what we speak."""
    return {
        "@type": "PingResponse",
        "catalogName": request.envelope.catalog,
        "queryId": request.envelope.query_id,
        "sourceType": source_type,
        "capabilities": CAPABILITIES,
        "serDeVersion": SERDE_VERSION,
    }


def list_schemas(request: ListSchemas, schemas: Sequence[str]) -> Answer:
    """The schemas."""
    return {
        "@type": "ListSchemasResponse",
        "catalogName": request.envelope.catalog,
        "schemas": list(schemas),
    }


def list_tables(request: ListTables, tables: Sequence[TableName], token: str | None) -> Answer:
    """A page of tables, and where the next one begins."""
    return {
        "@type": "ListTablesResponse",
        "tables": [_table_name(table) for table in tables],
        "catalogName": request.envelope.catalog,
        "nextToken": token,
    }


def get_table(request: GetTable, name: TableName, schema: pa.Schema) -> Answer:
    """The columns of a table, and how the source spells its name: later requests say it so."""
    return {
        "@type": "GetTableResponse",
        "catalogName": request.envelope.catalog,
        "tableName": _table_name(name),
        "schema": write_schema(schema, legacy=_legacy(request)),
        # A column of partitions would show in `SELECT *`; the parts of a table are the splits' business.
        "partitionColumns": [],
    }


def get_table_layout(request: GetTableLayout) -> Answer:
    """One partition for the whole table."""
    return {
        "@type": "GetTableLayoutResponse",
        "catalogName": request.envelope.catalog,
        "tableName": _table_name(request.name),
        "partitions": _block(ONE_PARTITION, legacy=_legacy(request)),
    }


def get_splits(request: GetSplits, splits: Sequence[Split], token: str | None) -> Answer:
    """A page of splits, and where the next one begins."""
    return {
        "@type": "GetSplitsResponse",
        "catalogName": request.envelope.catalog,
        "splits": [split_json(split) for split in splits],
        "continuationToken": token,
    }


def get_data_source_capabilities(request: GetDataSourceCapabilities, capabilities: Capabilities) -> Answer:
    """What may be pushed down: all value sets, and what the source says."""
    offered: dict[str, list[Answer]] = {
        "supports_filter_pushdown": [
            _capability("sorted_range_set"),
            _capability("equatable_range_set"),
            _capability("all_or_none_value_set"),
            _capability("nullable_comparison"),
        ],
    }
    if capabilities.functions:
        functions = [function.value for function in Function if function in capabilities.functions]
        expressions = [_capability("supported_function_expression_types", *functions)]
        offered["supports_complex_expression_pushdown"] = expressions
    if capabilities.limit:
        offered["supports_limit_pushdown"] = [_capability("integer_constant")]
    if capabilities.top_n:
        offered["supports_top_n_pushdown"] = [_capability("SUPPORTS_ORDER_BY")]
    if capabilities.passthrough:
        schema, _, name = SCHEMA_FUNCTION.lower().partition(".")
        offered[SCHEMA_FUNCTION] = [
            _capability("query_passthrough_schema", schema),
            _capability("query_passthrough_name", name),
            _capability("query_passthrough_arguments", "QUERY"),
        ]
    return {
        "@type": "GetDataSourceCapabilitiesResponse",
        "catalogName": request.envelope.catalog,
        "capabilities": offered,
    }


def read_records(request: ReadRecords, batch: pa.RecordBatch) -> Answer:
    """All rows of a split, when they are few."""
    return {
        "@type": "ReadRecordsResponse",
        "catalogName": request.envelope.catalog,
        "records": _block(batch, legacy=_legacy(request)),
    }


def remote_read_records(request: ReadRecords, blocks: Sequence[SpillLocation]) -> Answer:
    """Where the rows of a split are, in order."""
    return {
        "@type": "RemoteReadRecordsResponse",
        "catalogName": request.envelope.catalog,
        "schema": write_schema(request.schema, legacy=_legacy(request)),
        "remoteBlocks": [_location(block) for block in blocks],
        "encryptionKey": _key(request.split.key),
    }


def split_json(split: Split) -> Answer:
    """One split, as it travels."""
    return {
        "spillLocation": _location(split.location),
        "encryptionKey": _key(split.key),
        "properties": dict(split.properties),
    }


def _legacy(request: GetTable | GetTableLayout | ReadRecords) -> bool:
    return request.envelope.serde is Serde.V2


def _table_name(name: TableName) -> Answer:
    return {"schemaName": name.schema, "tableName": name.table}


def _block(batch: pa.RecordBatch, *, legacy: bool) -> Answer:
    return {
        "aId": str(uuid4()),  # the reader's memory is accounted for under this name
        "schema": write_schema(batch.schema, legacy=legacy),
        "records": write_batch(batch, legacy=legacy),
    }


def _location(location: SpillLocation) -> Answer:
    return {
        "@type": "S3SpillLocation",
        "bucket": location.bucket,
        "key": location.key,
        "directory": location.directory,
    }


def _key(key: EncryptionKey | None) -> Answer | None:
    if key is None:
        return None
    return {"key": b64encode(key.key).decode(), "nonce": b64encode(key.nonce).decode()}


def _capability(sub_type: str, *properties: str) -> Answer:
    return {"subType": sub_type, "properties": list(properties)}
