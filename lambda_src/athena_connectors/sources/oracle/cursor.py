"""A statement that runs at Oracle, read as Arrow."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

import oracledb
import pyarrow as pa

from athena_connectors.dialects.operand import Column
from athena_connectors.dialects.oracle import CHARACTER, LARGE, LONG
from athena_connectors.dialects.statement import Statement
from athena_connectors.federation.errors import InternalError, InvalidInput, OperationTimeout
from athena_connectors.federation.source import Caller
from athena_connectors.sources.oracle.failures import explained
from athena_connectors.sources.oracle.session import Session
from athena_connectors.sources.oracle.types import fetched

FETCHED_BYTES = 8_000_000
"""About as much is asked for at once: the driver makes one batch of it."""
MOST_ROWS, FEWEST_ROWS = 20_000, 32
LARGE_BYTES = 250_000
"""A LOB is taken to be of so many bytes when a fetch is sized; most are shorter."""
TEXT_BYTES = 40
LARGEST = 16_000_000
"""Bytes of one LOB that are taken: a row of Athena's ends at 32 MB, a block at about this."""
COUNTED_ROWS = 1_000_000
"""Of one batch without columns."""
T = TypeVar("T")
END = "Leave it out of the query, or cut it by DBMS_LOB.SUBSTR in a view of the source or a query passed through."


class OracleCursor:
    """Sent with the first batch that is asked for; any thread can end it, while it runs or before."""

    queued_seconds: float | None = None  # Oracle lets no statement wait in a queue that it would tell of

    def __init__(
        self,
        session: Session,
        statement: Statement,
        columns: Sequence[Column],
        caller: Caller,
    ) -> None:
        """`columns` are as the statement selects them; for none it selects COUNT(*)."""
        self.statement = statement.sql
        self._session, self._binds, self._caller = session, statement.binds, caller
        self._kinds = [column.kind for column in columns]
        self._requested = pa.schema([(column.name, fetched(column)) for column in columns])
        self._cancelled, self._running, self._finished = threading.Event(), threading.Event(), False
        self._connection: oracledb.Connection | None = None

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows: numbers as their types say, those without precision as text, times in UTC."""
        try:
            if self._requested.names:
                yield from self._frames()
            else:
                yield from counted(self._count())
        except oracledb.Error as error:
            raise explained(error) from error
        self._finished = True

    def _frames(self) -> Iterator[pa.RecordBatch]:
        frames = self._session.retrying(self._first)
        while (frame := self._called(partial(next, frames, None))) is not None:
            for batch in pa.RecordBatchReader.from_stream(frame):
                yield tidied(batch, self._kinds)

    def _first(self) -> Iterator[oracledb.DataFrame]:
        """The frames, of which the first has come: a session that is gone shows by then, and nothing is read yet."""
        connection, binds = self._begun()
        frames = iter(
            connection.fetch_df_batches(self.statement, binds, self._fetch_rows(), requested_schema=self._requested)
        )
        first = self._called(partial(next, frames, None))
        return iter(()) if first is None else _chained(first, frames)

    def _count(self) -> int:
        def run() -> int:
            connection, binds = self._begun()
            with connection.cursor() as cursor:
                ((rows,),) = self._called(lambda: (cursor.execute(self.statement, binds), cursor.fetchall())[1])
            return int(rows)

        return self._session.retrying(run)

    def _begun(self) -> tuple[oracledb.Connection, list[Any]]:
        """The connection, which names who asks from now on, and the values as it binds them."""
        self._session.tag(self._caller)
        self._connection = self._session.connection()
        return self._connection, self._session.bound(self._binds)

    def _called(self, call: Callable[[], T]) -> T:
        """What the driver answers; meanwhile it can be interrupted."""
        self._running.set()
        try:
            if self._cancelled.is_set():
                raise OperationTimeout("The query was cancelled.")
            return call()
        except (ValueError, OverflowError) as error:  # the driver's, of the calendar that Python has
            raise InvalidInput(
                "A date or time of a column is in no calendar of Athena's: before our era, or a 29 February that only "
                "the Julian calendar has. Leave it out by the query's WHERE, or convert it in a query passed through."
            ) from error
        finally:
            self._running.clear()

    def _fetch_rows(self) -> int:
        width = sum(
            LARGE_BYTES if kind in LARGE | LONG else TEXT_BYTES if pa.types.is_large_string(field.type) else 8
            for kind, field in zip(self._kinds, self._requested, strict=True)
        )
        return max(FEWEST_ROWS, min(MOST_ROWS, FETCHED_BYTES // width))

    def cancel(self) -> None:
        """End it at Oracle; one that has ended, or that cannot be reached any more, is let be."""
        if not self._finished:
            self._cancelled.set()
            if self._running.is_set() and self._connection is not None:
                with suppress(Exception):  # nobody is there to be told: the query it was for has ended
                    self._connection.cancel()

    def close(self) -> None:
        """Let go of the result. A session that was interrupted may yet answer to that: the next one is a new one."""
        if self._cancelled.is_set() and self._connection is not None:
            self._session.forget(self._connection)
            self._connection = None
        self._finished = True


def tidied(batch: pa.RecordBatch, kinds: Sequence[str]) -> pa.RecordBatch:
    """Without the blanks that pad CHARs. Raises InvalidInput for a LOB that is too large, and InternalError.

    That is for columns of different lengths, which a version of the driver has sent (oracle/python-oracledb#605).
    """
    import pyarrow.compute as pc  # what metadata is asked for needs none of it

    columns = list(batch.columns)
    if any(len(column) != batch.num_rows for column in columns):
        raise InternalError("Oracle's driver sent columns of different lengths: run the query again.")
    for index, (kind, column) in enumerate(zip(kinds, columns, strict=True)):
        if kind in CHARACTER:
            columns[index] = pc.utf8_rtrim(column, characters=" ")
        elif kind in LARGE | LONG and (pc.max(pc.binary_length(column)).as_py() or 0) > LARGEST:
            raise InvalidInput(
                f"Column {batch.schema.names[index]} has a value of more than {LARGEST // 1_000_000} MB. {END}"
            )
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _chained(first: oracledb.DataFrame, frames: Iterator[oracledb.DataFrame]) -> Iterator[oracledb.DataFrame]:
    yield first
    yield from frames


def counted(rows: int) -> Iterator[pa.RecordBatch]:
    """So many rows of no column."""
    for start in range(0, rows, COUNTED_ROWS):
        nothing = pa.nulls(min(COUNTED_ROWS, rows - start))
        yield pa.RecordBatch.from_arrays([nothing], names=["nothing"]).select([])
