"""Reads one split: its rows inline when they are few, else where they were put.

A thread reads, a few more put blocks, and the calling one waits for whatever comes first: the answer, an error of any
of them, the end of the query in Athena, or of the function's time. What comes first is the outcome; on all but an
answer the source's query is cancelled. So a query cut short by its cancellation is never taken for a result.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, InvalidStateError, wait
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, islice
from threading import Event, Thread

import pyarrow as pa

from athena_connectors.federation.errors import OperationTimeout, QueryEnded
from athena_connectors.federation.model import Inexact, ReadRecords, SpillLocation
from athena_connectors.federation.read.conform import Conform
from athena_connectors.federation.read.cut import Block, cut
from athena_connectors.federation.read.guards import NO_LIMITS, Limits, Tally, guarded
from athena_connectors.federation.read.pipeline import Pipeline
from athena_connectors.federation.read.put import Put
from athena_connectors.federation.read.seal import sealing
from athena_connectors.federation.read.watch import StateOf, Unwatchable, await_end, delays
from athena_connectors.federation.source import Cursor

INLINE_BYTES = 4_400_000
"""Of messages; in base64 they are a third more, and Lambda returns at most 6 MB."""
CANCEL_SECONDS = 5
"""How long the source may take to cancel a query and to let it go, before the outcome is returned anyway."""


@dataclass(frozen=True, slots=True)
class Inline:
    """All rows of the split."""

    batch: pa.RecordBatch


@dataclass(frozen=True, slots=True)
class Remote:
    """Where all rows of the split are, in order."""

    blocks: tuple[SpillLocation, ...]


@dataclass(frozen=True, slots=True)
class ReadSettings:
    """How to read. `reserve_seconds` before the end of the function's time, reading ends with an error of ours."""

    inexact: Inexact = Inexact.ERROR
    limits: Limits = NO_LIMITS
    threads: int = 3
    reserve_seconds: float = 10


@dataclass(frozen=True, slots=True)
class Ports:
    """What reading needs of the world: S3, the function's seconds left, and Athena (None: nobody watches)."""

    put: Put
    seconds_left: Callable[[], float]
    state_of: StateOf | None = None
    waits: Callable[[], Iterator[float]] = delays


def read_records(
    request: ReadRecords, cursor: Cursor, settings: ReadSettings, ports: Ports, tally: Tally
) -> Inline | Remote:
    """Read the split, and close the cursor; `tally` tells how far it came, also when it fails.

    Raises ConnectorError, and whatever else the cursor raises: then nothing of the split is an answer.
    """
    reading = _Reading(request, cursor, settings, ports, tally)
    reader = Thread(target=reading.read, name="read", daemon=True)
    reader.start()
    if ports.state_of is not None:
        Thread(target=reading.watch, args=(ports.state_of,), name="watch", daemon=True).start()
    wait([reading.outcome], timeout=max(0.0, ports.seconds_left() - settings.reserve_seconds))
    reading.fail(OperationTimeout(_out_of_time(tally)))
    until = time.monotonic() + CANCEL_SECONDS
    if reading.outcome.exception():
        cancelling = Thread(target=cursor.cancel, name="cancel", daemon=True)  # a network that is gone answers never
        cancelling.start()
        cancelling.join(CANCEL_SECONDS)
    reader.join(max(0.0, until - time.monotonic()))
    return reading.outcome.result()


@dataclass(frozen=True, slots=True)
class _Reading:
    """One split, while it is read; what settles `outcome` first decides."""

    request: ReadRecords
    cursor: Cursor
    settings: ReadSettings
    ports: Ports
    tally: Tally
    outcome: Future[Inline | Remote] = field(default_factory=Future)

    def fail(self, error: BaseException) -> None:
        """Make the error the outcome, unless there is one."""
        with suppress(InvalidStateError):
            self.outcome.set_exception(error)

    def read(self) -> None:
        """Settle the outcome by reading."""
        try:
            answer = self._answer()
        except BaseException as error:
            self.fail(error)
        else:
            with suppress(InvalidStateError):
                self.outcome.set_result(answer)
        with suppress(Exception):  # the outcome is known by now, and is not changed by how the query is let go
            self.cursor.close()

    def watch(self, state_of: StateOf) -> None:
        """Settle it by the end of the query in Athena."""
        stop = Event()
        self.outcome.add_done_callback(lambda _: stop.set())
        query_id = self.request.envelope.query_id
        try:
            state = await_end(state_of, query_id, stop, self.ports.waits())
        except Unwatchable as error:
            self.tally.unwatched = str(error)
            return
        if state is not None:
            self.fail(QueryEnded(f"Query {query_id} has {state} in Athena, so reading for it ended."))

    def _answer(self) -> Inline | Remote:
        request = self.request
        inline_bytes = min(request.max_inline_bytes, INLINE_BYTES - request.schema.serialize().size)
        blocks = cut(self._batches(), request.max_block_bytes)
        ahead = list(islice(blocks, 1))
        if not ahead:
            return Inline(pa.RecordBatch.from_pylist([], schema=request.schema))
        if ahead[0].size < inline_bytes:
            ahead.extend(islice(blocks, 1))
            if len(ahead) == 1:
                return Inline(ahead[0].batch())
        blocks = chain(ahead, blocks)
        del ahead  # it would hold its blocks until the last one is put
        return self._spill(blocks)

    def _spill(self, blocks: Iterator[Block]) -> Remote:
        split, seal = self.request.split, sealing(self.request.split.key)
        with Pipeline(split.location, seal, self.ports.put, self.settings.threads, self.fail) as pipeline:
            for block in blocks:
                pipeline.add(block)
                self.tally.blocks += 1
            return Remote(pipeline.finish())

    def _batches(self) -> Iterator[pa.RecordBatch]:
        """As they are declared, and counted; they end when there is an outcome, which then is an error."""
        began = time.monotonic()
        conformed = map(Conform(self.request.schema, self.settings.inexact), self.cursor.batches())
        for batch in guarded(conformed, self.settings.limits, self.tally, lambda: time.monotonic() - began):
            if self.outcome.done():
                return
            yield batch


def _out_of_time(tally: Tally) -> str:
    return (
        f"The function's time is over after {tally.rows:,} rows of the split. Give the function a longer timeout or "
        "more memory (which is processors, too), lower SPLIT_ROWS where the table can be split, or narrow the query."
    )
