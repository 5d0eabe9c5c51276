"""A table of a connector, read: layout, splits, then all splits in parallel."""

import threading
from collections.abc import Mapping
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import replace

import pyarrow as pa

from athena_connectors.federation.model import Constraints, Split
from localcloud.athena.engine import conformance
from localcloud.athena.engine.account import Account, Missing
from localcloud.athena.engine.connector import Connector
from localcloud.athena.engine.report import ScanReport
from localcloud.athena.query.failure import QueryCancelled, QueryFailed
from localcloud.athena.query.pushdown import Asked
from localcloud.athena.wire.answers import InlineRecords, TableDescription
from localcloud.athena.wire.spill import open_block
from localcloud.athena.wire.values import unpacked

PARALLEL_SPLITS = 8
COUNTED = "groundcrew counted rows"
"""The column of a table of which only the rows are counted: DuckDB has no table without columns."""


class Scan:
    """Reads one table for one query."""

    def __init__(
        self,
        account: Account,
        connector: Connector,
        table: TableDescription,
        asked: Asked,
        passthrough: Mapping[str, str],
        report: ScanReport,
        stopping: threading.Event,
    ) -> None:
        self._account = account
        self._connector = connector
        self._table = table
        self._constraints: Constraints = replace(asked.constraints, passthrough=passthrough)
        self._projection = pa.schema([table.schema.field(name) for name in asked.columns])
        self._report = report
        self._stopping = stopping

    def run(self) -> pa.Table:
        """The rows, with the columns named in lower case, as types that mean what they say."""
        with self._report.stage("plan"):
            splits = self._splits()
        self._report.splits = len(splits)
        self._report.encrypted = bool(splits) and all(split.key is not None for split in splits)
        with self._report.stage("read"):
            batches = self._read_all(splits)
        return _as_table(batches, self._projection)

    def _splits(self) -> list[Split]:
        layout = self._connector.layout(self._table, self._constraints)
        if layout.partitions.num_rows == 0:
            return []
        splits: list[Split] = []
        ledger = conformance.SplitLedger()
        token = None
        while True:
            self._require_wanted()
            page = self._connector.splits(self._table, layout, self._constraints, token)
            ledger.enter(page.splits, page.token)
            splits += page.splits
            token = page.token
            if token is None:
                return splits

    def _read_all(self, splits: list[Split]) -> list[pa.RecordBatch]:
        if not splits:
            return []
        with ThreadPoolExecutor(min(PARALLEL_SPLITS, len(splits)), "split") as threads:
            futures = [threads.submit(self._read, split) for split in splits]
            done, waiting = wait(futures, return_when=FIRST_EXCEPTION)
            for future in waiting:
                future.cancel()
            for future in done:
                future.result()  # raises what ended the scan
            return [batch for future in futures for batch in future.result()]

    def _read(self, split: Split) -> list[pa.RecordBatch]:
        self._require_wanted()
        records = self._connector.read(self._table, self._projection, split, self._constraints)
        if isinstance(records, InlineRecords):
            conformance.require_fitting(records.records, inline=True)
            batches = [records.records]
        else:
            conformance.require_own_blocks(split, records.blocks, records.key)
            batches = []
            for block in records.blocks:
                self._require_wanted()
                content = self._object(block.bucket, block.key)
                self._report.add(spilled_objects=1, spilled_bytes=len(content))
                batch = open_block(content, records.schema, records.key)
                conformance.require_fitting(batch, inline=False)
                batches.append(batch)
            conformance.require_same_columns(records.schema, self._projection)
        for batch in batches:
            conformance.require_same_columns(batch.schema, self._projection)
            self._report.add(rows=batch.num_rows, bytes=batch.nbytes)
        conformance.require_limited(sum(batch.num_rows for batch in batches), self._constraints)
        return batches

    def _object(self, bucket: str, key: str) -> bytes:
        try:
            return self._account.get_object(bucket, key)
        except Missing as error:
            raise QueryFailed(f"GENERIC_INTERNAL_ERROR: A spilled block cannot be read: {error}") from error

    def _require_wanted(self) -> None:
        if self._stopping.is_set():
            raise QueryCancelled


def _as_table(batches: list[pa.RecordBatch], projection: pa.Schema) -> pa.Table:
    if not projection.names:
        return pa.table({COUNTED: pa.nulls(sum(batch.num_rows for batch in batches), pa.bool_())})
    table = pa.Table.from_batches([batch.cast(projection) for batch in batches], projection)
    columns = [meaning(column) for column in table.columns]
    return pa.table(columns, [name.lower() for name in projection.names])


def meaning(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A DATEMILLI as the timestamp that it is, and a packed timestamp unpacked."""
    if pa.types.is_date64(column.type):
        chunks = [chunk.view(pa.int64()).view(pa.timestamp("ms")) for chunk in column.chunks]
        return pa.chunked_array(chunks, pa.timestamp("ms"))
    return pa.chunked_array([unpacked(chunk) for chunk in column.chunks], column.type)
