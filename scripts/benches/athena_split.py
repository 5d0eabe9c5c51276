"""Reads a split of a made-up table through the connectors' own code, in a process of its own; S3 is a sink.

Arguments: `speed`, `memory` or `rows`, the number of rows, and the file that receives what was measured.

`speed` takes rows of batches that lie ready, and measures the parts alone in turn with the whole: by STEPS the seconds
for a million rows, each a list. `oracle` is the whole of the same rows in data frames of Oracle's driver. `convert` is
of rows that come as tuples, told the types of their columns; `convert_dear` of their decimals and timestamps alone,
`convert_whole` of these as whole numbers. The three are one thread's work, and CPU seconds.

`memory` takes rows that are decoded as they come, as a driver does it, and tells `{"peak_mb", "rows", "bytes",
"blocks"}`; `rows` tells the same of rows that come as tuples.
"""

import json
import pickle
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import oracledb
import pyarrow as pa
import pyarrow.compute as pc
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from athena_connectors.dialects.operand import Column
from athena_connectors.dialects.statement import Statement
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
from athena_connectors.federation.read.conform import Conform
from athena_connectors.federation.read.cut import cut
from athena_connectors.federation.read.guards import Tally
from athena_connectors.federation.read.keys import local_keys
from athena_connectors.federation.read.read import Ports, ReadSettings, Remote, read_records
from athena_connectors.federation.source import Caller, Cursor
from athena_connectors.sources.oracle.cursor import OracleCursor
from athena_connectors.sources.oracle.types import fetched
from athena_connectors.sources.rows import Arrival, batch_of
from benches.invoke_once import peak_mb

BATCH_ROWS = 50_000
"""5 MB, about what a chunk of a driver's result is."""
BATCHES = 20
BLOCK_BYTES = 16_000_000
INLINE_BYTES = 3_465_000
"""Both as Athena has been seen to ask for."""
CONVERTED_ROWS = 100_000
CHUNK_ROWS = 20_000
REPETITIONS = 9
STEPS = ("read", "oracle", "serialise", "encrypt", "convert", "convert_dear", "convert_whole")

DECLARED = pa.schema(
    [
        ("id", pa.int64()),
        ("customer", pa.int64()),
        ("quantity", pa.int32()),
        ("weight", pa.float64()),
        ("price", pa.decimal128(18, 2)),
        ("name", pa.string()),
        ("city", pa.string()),
        ("ordered", pa.date32()),
        ("changed", pa.date64()),
        ("paid", pa.bool_()),
    ]
)
DEAR = pa.schema([DECLARED.field("price"), DECLARED.field("changed")])
"""What costs most to convert from Python's own decimals and datetimes."""
ARRIVALS = [Arrival("price", pa.decimal128(18, 2)), Arrival("changed", pa.timestamp("ms"))]
ORACLE_COLUMNS = [
    Column("id", pa.int64(), "NUMBER(18,0)"),
    Column("customer", pa.int64(), "NUMBER(18,0)"),
    Column("quantity", pa.int32(), "NUMBER(9,0)"),
    Column("weight", pa.float64(), "BINARY_DOUBLE"),
    Column("price", pa.decimal128(18, 2), "NUMBER(18,2)"),
    Column("name", pa.string(), "VARCHAR2"),
    Column("city", pa.string(), "VARCHAR2"),
    Column("ordered", pa.date64(), "DATE"),
    Column("changed", pa.date64(), "TIMESTAMP(6)"),
    Column("paid", pa.bool_(), "BOOLEAN"),
]
ORACLE_DECLARED = pa.schema([(column.name, column.type) for column in ORACLE_COLUMNS])
LEGACY = pa.ipc.IpcWriteOptions(metadata_version=pa.ipc.MetadataVersion.V4, use_legacy_format=True)


def driver_batch(number: int) -> pa.RecordBatch:
    """Ten columns as drivers send them: decimals of 38 digits, timestamps of nanoseconds."""
    ids = pa.array(range(number * BATCH_ROWS, (number + 1) * BATCH_ROWS), pa.int64())
    columns = [
        ids,
        pc.multiply(ids, 7),
        ids.cast(pa.int32()),
        pc.divide(ids.cast(pa.float64()), 3),
        ids.cast(pa.decimal128(38, 2)),
        pa.array([f"customer {row} of many" for row in range(BATCH_ROWS)]),
        pa.array([f"street {row % 999}, some city" for row in range(BATCH_ROWS)]),
        pc.bit_wise_and(ids, 8191).cast(pa.int32()).view(pa.date32()),
        pc.multiply(ids, 1_000_000).view(pa.timestamp("ns")),
        pc.equal(pc.bit_wise_and(ids, 1), 0),
    ]
    return pa.RecordBatch.from_arrays(columns, names=DECLARED.names)


class Rows:
    """A cursor over batches that are there, or are made as they are asked for."""

    statement = "SELECT"
    queued_seconds: float | None = None

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self._batches = batches

    def batches(self) -> Iterator[pa.RecordBatch]:
        return self._batches

    def cancel(self) -> None:
        """Nothing runs."""

    def close(self) -> None:
        """Nothing is held."""


class Frames:
    """A session of Oracle's whose driver has the frames ready; as a connection, too."""

    def __init__(self, frames: Iterator[oracledb.DataFrame]) -> None:
        self._frames = frames

    def retrying(self, run: Callable[[], Any]) -> Any:
        return run()

    def tag(self, caller: Caller) -> None:
        """Nobody looks."""

    def bound(self, binds: object) -> list[Any]:
        return []

    def connection(self) -> "Frames":
        return self

    def fetch_df_batches(self, *_: object, **__: object) -> Iterator[oracledb.DataFrame]:
        return self._frames


def oracle_frame(batch: pa.RecordBatch) -> oracledb.DataFrame:
    """The same rows as Oracle's driver sends them: long texts, decimals as declared, dates as times of seconds."""
    kinds = pa.schema([(column.name, fetched(column)) for column in ORACLE_COLUMNS])
    columns = [column.cast(field.type) for column, field in zip(batch.columns, kinds, strict=True)]
    reader = pa.RecordBatchReader.from_batches(kinds, [pa.RecordBatch.from_arrays(columns, schema=kinds)])
    frame: Any = oracledb.DataFrame
    made: oracledb.DataFrame = frame._from_arrow(reader)
    return made


def oracle_cursor(frames: Iterator[oracledb.DataFrame]) -> OracleCursor:
    """One that reads the frames."""
    session: Any = Frames(frames)
    return OracleCursor(session, Statement("SELECT", ()), ORACLE_COLUMNS, Caller("bench", "bench"))


class Sink:
    """Takes what is put, and counts it."""

    def __init__(self) -> None:
        self.bytes = 0

    def put(self, location: SpillLocation, content: pa.Buffer) -> None:
        self.bytes += content.size


def read(cursor: Cursor, rows: int, declared: pa.Schema = DECLARED) -> dict[str, Any]:
    """Read it all. Raises AssertionError when the answer is not all of them."""
    sink, tally = Sink(), Tally()
    split = Split(SpillLocation("spill", "bench", directory=True), next(local_keys()), {})
    request = ReadRecords(
        Envelope("bench", "bench", Identity(), Serde.V6),
        TableName("PUBLIC", "ORDERS"),
        declared,
        split,
        Constraints(),
        BLOCK_BYTES,
        INLINE_BYTES,
    )
    answer = read_records(request, cursor, ReadSettings(), Ports(sink.put, lambda: 900.0), tally)
    if not isinstance(answer, Remote) or tally.rows != rows or sink.bytes < tally.bytes * 0.9:
        raise AssertionError(f"{rows} rows went in, {tally.rows} rows and {sink.bytes} bytes came out.")
    return {"rows": tally.rows, "bytes": sink.bytes, "blocks": len(answer.blocks)}


def serialise(batch: pa.RecordBatch) -> pa.Buffer:
    """A block as a message by pyarrow alone."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema, options=LEGACY) as stream:
        stream.write_batch(batch)
    return sink.getvalue()


def encrypt(message: pa.Buffer, key: EncryptionKey) -> bytes:
    """A message encrypted by cryptography alone."""
    return AESGCM(key.key).encrypt(key.nonce, memoryview(message).cast("B"), None)


def convert(rows: list[tuple[Any, ...]], declared: pa.Schema) -> list[pa.RecordBatch]:
    """What becomes of rows that come as tuples, by columns of chunks: the fastest of the ways to."""
    told = [pa.timestamp("ms") if pa.types.is_date64(kind) else kind for kind in declared.types]
    batches = []
    for start in range(0, len(rows), CHUNK_ROWS):
        columns = zip(*rows[start : start + CHUNK_ROWS], strict=True)
        arrays = [pa.array(values, kind) for values, kind in zip(columns, told, strict=True)]
        views = [array.view(kind) for array, kind in zip(arrays, declared.types, strict=True)]
        batches.append(pa.RecordBatch.from_arrays(views, schema=declared))
    return batches


def convert_whole(rows: list[tuple[Any, ...]]) -> list[pa.RecordBatch]:
    """The same of rows of whole numbers, as the connectors do it."""
    conform = Conform(DEAR, ReadSettings().inexact)
    chunks = (rows[start : start + CHUNK_ROWS] for start in range(0, len(rows), CHUNK_ROWS))
    return [conform(batch_of(chunk, ARRIVALS)) for chunk in chunks]


def as_tuples(table: pa.Table) -> list[tuple[Any, ...]]:
    """Its rows."""
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def seconds(work: Callable[[], object], rows: int, clock: Callable[[], float] = time.perf_counter) -> float:
    """What a million rows take."""
    began = clock()
    work()
    return (clock() - began) * 1_000_000 / rows


def speed(rows: int) -> dict[str, list[float]]:
    """The whole, and each part alone over the same rows."""
    batches = [driver_batch(number) for number in range(BATCHES)]
    frames = [oracle_frame(batch) for batch in batches]
    conform = Conform(DECLARED, ReadSettings().inexact)
    blocks = [block.batch() for block in cut(map(conform, batches), BLOCK_BYTES)]
    messages = [serialise(block) for block in blocks]
    key = next(local_keys())
    table = pa.Table.from_batches([conform(batch) for batch in batches]).slice(0, CONVERTED_ROWS).combine_chunks()
    moments = table["changed"].chunk(0).view(pa.timestamp("ms"))
    rows_of_all = as_tuples(table.set_column(8, "changed", moments))
    rows_of_dear = as_tuples(pa.table([table["price"], moments], names=DEAR.names))
    prices = pc.multiply(table["price"], 100).cast(pa.int64())
    whole_rows = as_tuples(pa.table([prices, moments.view(pa.int64())], names=DEAR.names))
    there = BATCHES * BATCH_ROWS

    def whole() -> object:
        return read(Rows(islice(cycle(batches), rows // BATCH_ROWS)), rows)

    def whole_of_oracle() -> object:
        return read(oracle_cursor(islice(cycle(frames), rows // BATCH_ROWS)), rows, ORACLE_DECLARED)

    def cpu(work: Callable[[], object]) -> float:
        return seconds(work, CONVERTED_ROWS, time.thread_time)

    measured: dict[str, list[float]] = {step: [] for step in STEPS}
    for _ in range(REPETITIONS):
        measured["read"].append(seconds(whole, rows))
        measured["oracle"].append(seconds(whole_of_oracle, rows))
        measured["serialise"].append(seconds(lambda: [serialise(block) for block in blocks], there))
        measured["encrypt"].append(seconds(lambda: [encrypt(message, key) for message in messages], there))
        measured["convert"].append(cpu(lambda: convert(rows_of_all, DECLARED)))
        measured["convert_dear"].append(cpu(lambda: convert(rows_of_dear, DEAR)))
        measured["convert_whole"].append(cpu(lambda: convert_whole(whole_rows)))
    return measured


def memory(rows: int) -> dict[str, Any]:
    """What reading so many rows takes, of batches that are decompressed one after another, as a driver's are."""
    compressed = pa.BufferOutputStream()
    with pa.ipc.new_stream(
        compressed, driver_batch(0).schema, options=pa.ipc.IpcWriteOptions(compression="lz4")
    ) as stream:
        stream.write_batch(driver_batch(0))
    content = compressed.getvalue()

    def decoded() -> Iterator[pa.RecordBatch]:
        for _ in range(rows // BATCH_ROWS):
            yield from pa.ipc.open_stream(content)

    return {**read(Rows(decoded()), rows), "peak_mb": peak_mb()}


def memory_of_rows(rows: int) -> dict[str, Any]:
    """The same of whole numbers that come as tuples, made anew for every fetch, as such a driver does."""
    copies = range(5)  # of both columns, so that a million rows fill the pipeline, too
    declared = pa.schema([pa.field(f"{field.name}_{copy}", field.type) for copy in copies for field in DEAR])
    arrivals = [replace(arrival, name=f"{arrival.name}_{copy}") for copy in copies for arrival in ARRIVALS]
    content = pickle.dumps([(number, number * 1_000) * len(copies) for number in range(CHUNK_ROWS)])
    fetched = (batch_of(pickle.loads(content), arrivals) for _ in range(rows // CHUNK_ROWS))  # noqa: S301 - our own
    return {**read(Rows(fetched), rows, declared), "peak_mb": peak_mb()}


def main(argv: list[str]) -> int:
    """Measure; what fails ends the process."""
    kind, rows, result = argv
    Path(result).write_text(json.dumps({"speed": speed, "memory": memory, "rows": memory_of_rows}[kind](int(rows))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
