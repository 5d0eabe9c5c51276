"""A connector of one table that answers by hand, so that a test can let it break one promise."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from localcloud.athena.wire import framing
from localcloud.athena.wire.blocks import block_json

Rows = Callable[[pa.Table, dict[str, Any]], pa.Table]


def all_rows(table: pa.Table, event: dict[str, Any]) -> pa.Table:
    """A connector that applies nothing."""
    return table


@dataclass
class StubConnector:
    """Answers as the handler of a connector does. `parts` are the rows of each split; `rows` picks from one of them.

    With `objects` it spills, to the bucket `spill`, in blocks of `block_rows`; with `key_bytes` it encrypts.
    """

    parts: list[pa.Table]
    capabilities: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    rows: Rows = all_rows
    objects: dict[tuple[str, str], bytes] | None = None
    block_rows: int = 1000
    key_bytes: int = 0
    serde: int = 6
    page: int = 1000
    change: Callable[[dict[str, Any]], dict[str, Any]] = lambda answer: answer

    def __call__(self, event: dict[str, Any]) -> dict[str, Any]:
        kind = event["@type"].removesuffix("Request")
        answer = {"@type": f"{kind}Response", **getattr(self, f"_{kind}")(event)}
        return self.change(answer)

    @property
    def schema(self) -> pa.Schema:
        return self.parts[0].schema

    def _Ping(self, event: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - as the request is called
        names = {"catalogName": event["catalogName"], "queryId": event["queryId"], "sourceType": "stub"}
        return {**names, "capabilities": 24, "serDeVersion": self.serde}

    def _GetDataSourceCapabilities(self, event: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"catalogName": event["catalogName"], "capabilities": self.capabilities}

    def _GetTable(self, event: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        names = {"catalogName": event["catalogName"], "tableName": event["tableName"]}
        schema = framing.to_text(framing.schema_message(self.schema, legacy=self.serde == 2))
        return {**names, "schema": schema, "partitionColumns": []}

    def _GetTableLayout(self, event: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        partitions = pa.record_batch({"partitionId": pa.array([1], pa.int32())})
        names = {"catalogName": event["catalogName"], "tableName": event["tableName"]}
        return {**names, "partitions": block_json(partitions, legacy=self.serde == 2)}

    def _GetSplits(self, event: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        begin = int(event["continuationToken"] or 0)
        end = min(begin + self.page, len(self.parts))
        splits = [self._split(index) for index in range(begin, end)]
        token = str(end) if end < len(self.parts) else None
        return {"catalogName": event["catalogName"], "splits": splits, "continuationToken": token}

    def _split(self, index: int) -> dict[str, Any]:
        key = None
        if self.key_bytes:
            held = bytes([index + 1]) * self.key_bytes
            key = {"key": framing.to_text(held), "nonce": framing.to_text(bytes(12))}
        location = {"@type": "S3SpillLocation", "bucket": "spill", "key": f"p/{uuid.uuid4()}", "directory": True}
        return {"spillLocation": location, "encryptionKey": key, "properties": {"part": str(index)}}

    def _ReadRecords(self, event: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        projection = framing.read_schema(framing.from_text(event["schema"]))
        split = event["split"]
        picked = self.rows(self.parts[int(split["properties"]["part"])], event).combine_chunks()
        batch = (picked.to_batches() or [pa.record_batch(picked.slice(0, 0).columns, schema=picked.schema)])[0]
        batch = batch.select(projection.names)
        if self.objects is None:
            return {"catalogName": event["catalogName"], "records": block_json(batch, legacy=self.serde == 2)}
        blocks = [self._spill(batch, begin, split) for begin in range(0, batch.num_rows, self.block_rows)]
        return {
            "@type": "RemoteReadRecordsResponse",
            "catalogName": event["catalogName"],
            "schema": event["schema"],
            "remoteBlocks": blocks,
            "encryptionKey": split["encryptionKey"],
        }

    def _spill(self, batch: pa.RecordBatch, begin: int, split: dict[str, Any]) -> dict[str, Any]:
        assert self.objects is not None
        location = split["spillLocation"]
        content = framing.batch_message(batch.slice(begin, self.block_rows), legacy=True)
        if key := split["encryptionKey"]:
            content = AESGCM(framing.from_text(key["key"])).encrypt(framing.from_text(key["nonce"]), content, None)
        name = f"{location['key']}.{begin // self.block_rows}"
        self.objects[location["bucket"], name] = content
        return {"@type": "S3SpillLocation", "bucket": location["bucket"], "key": name, "directory": False}
