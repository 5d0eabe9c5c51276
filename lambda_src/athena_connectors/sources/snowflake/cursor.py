"""A statement that runs at Snowflake, read as Arrow."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from typing import TypeVar

import pyarrow as pa
from snowflake.connector import QueryStatus, SnowflakeConnection
from snowflake.connector.errors import Error
from snowflake.connector.result_batch import ResultBatch

from athena_connectors.dialects.statement import Statement
from athena_connectors.federation.errors import InternalError
from athena_connectors.federation.source import Caller
from athena_connectors.sources.snowflake.binding import bound
from athena_connectors.sources.snowflake.failures import explained
from athena_connectors.sources.snowflake.session import Session, tagged

WAITING = frozenset({QueryStatus.QUEUED, QueryStatus.RESUMING_WAREHOUSE, QueryStatus.QUEUED_REPARING_WAREHOUSE})
"""Behind other statements, or for the warehouse to start."""
FIRST_POLL_SECONDS, LONGEST_POLL_SECONDS = 0.02, 1.0
FETCHED_AHEAD = 3
"""Chunks of a result; `session.CHUNK_MB` says how large they are."""
COUNTED_ROWS = 1_000_000
"""Of one batch without columns."""


Item = TypeVar("Item")
Done = TypeVar("Done")


class SnowflakeCursor:
    """Sent at once and asynchronously, so that it has an id by which any thread can end it while it runs or waits."""

    def __init__(self, session: Session, statement: Statement, caller: Caller, counts: bool) -> None:
        """Raises ConnectorError. `counts`: the statement selects COUNT(*) in the place of columns."""
        self.statement = statement.sql
        self.queued_seconds: float | None = None
        self._counts, self._finished = counts, False

        def send(connection: SnowflakeConnection) -> str:
            self._connection, self._cursor = connection, connection.cursor()
            sent = self._cursor.execute_async(
                statement.sql, bound(statement.binds) or None, _statement_params=tagged(caller)
            )
            return str(sent["queryId"])

        self.query_id = session.retrying(send)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows, as the driver has them: numbers in the least integers that hold them, times in nanoseconds.

        A batch with a time beyond 1677 to 2262 has microseconds: the driver cuts what is finer.
        """
        try:
            self._wait()
            self._cursor.query_result(self.query_id)
            total = self._cursor.rowcount
            if self._counts:
                ((rows,),) = self._cursor.fetchall()
                yield from counted(rows)
            else:
                fetched = 0
                for chunk in in_order(self._cursor.get_result_batches() or [], arrow):
                    for batch in chunk.to_batches() if chunk is not None else ():
                        fetched += batch.num_rows
                        yield batch
                if fetched != total:
                    raise InternalError(f"Snowflake announced {total} rows and sent {fetched} [query {self.query_id}].")
        except Error as error:
            self._finished = True
            raise explained(error) from error
        self._finished = True

    def _wait(self) -> None:
        """Until it runs; how long it was queued is known to within one question."""
        started, pause = time.monotonic(), FIRST_POLL_SECONDS
        while self._connection.get_query_status(self.query_id) in WAITING:
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_POLL_SECONDS)
            self.queued_seconds = time.monotonic() - started
        self.queued_seconds = self.queued_seconds or 0.0

    def cancel(self) -> None:
        """End it at Snowflake; one that has ended, or that cannot be reached any more, is let be."""
        if not self._finished:
            with suppress(Exception):  # nobody is there to be told: the query it was for has ended
                self._connection.cursor().abort_query(self.query_id)

    def close(self) -> None:
        """Let go of the result, and of the statement if it was not read to its end."""
        self.cancel()
        self._finished = True
        self._cursor.close()


def arrow(chunk: ResultBatch) -> pa.Table | None:
    """A chunk of a result, fetched and by itself; None when it has no row.

    Snowflake sends a NUMBER in the least integers that hold the values of a chunk. The driver's iterator over all
    chunks (fetch_arrow_batches of 5.2) takes the types of the first for those of all, and misreads the others.
    """
    return chunk.to_arrow(number_to_decimal=True)


def in_order(items: Iterable[Item], work: Callable[[Item], Done]) -> Iterator[Done]:
    """What `work` makes of each, a few at a time and none further ahead."""
    left, ahead = iter(items), deque[Future[Done]]()
    threads = ThreadPoolExecutor(FETCHED_AHEAD, thread_name_prefix="fetch")
    try:
        while True:
            ahead.extend(threads.submit(work, item) for item in islice(left, FETCHED_AHEAD - len(ahead)))
            if not ahead:
                return
            yield ahead.popleft().result()
    finally:
        threads.shutdown(wait=False, cancel_futures=True)


def counted(rows: int) -> Iterator[pa.RecordBatch]:
    """So many rows of no column."""
    for start in range(0, rows, COUNTED_ROWS):
        nothing = pa.nulls(min(COUNTED_ROWS, rows - start))
        yield pa.RecordBatch.from_arrays([nothing], names=["nothing"]).select([])
