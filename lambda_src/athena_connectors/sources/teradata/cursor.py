"""A statement that runs at Teradata, read as Arrow."""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from threading import Event
from typing import Any

import pyarrow as pa
import teradatasql

from athena_connectors.dialects.statement import Bind, Statement
from athena_connectors.federation.errors import ConnectorError, InternalError, OperationTimeout
from athena_connectors.federation.source import Caller
from athena_connectors.sources.rows import ROWS
from athena_connectors.sources.teradata.columns import Fetched, batch
from athena_connectors.sources.teradata.failures import explained
from athena_connectors.sources.teradata.query_band import query_band
from athena_connectors.sources.teradata.session import Session

FIRST_ROWS = 100
BATCH_BYTES = 4_000_000
"""Rows are fetched so many at a time as make about this; a row of Teradata's has up to 1 MB."""
COUNTED_ROWS = 1_000_000
"""Of one batch without columns."""
CANCEL_SECONDS, CANCEL_PAUSE = 5.0, 0.05


class TeradataCursor:
    """Sent when its batches are asked for: the driver returns from that when the first rows are there, not before."""

    queued_seconds: float | None = None

    def __init__(
        self,
        session: Session,
        statement: Statement,
        caller: Caller,
        columns: Sequence[Fetched],
        projection: Sequence[str],
    ) -> None:
        """Without a `projection` the statement selects COUNT(*); `columns` are all that it selects, maybe more."""
        self.statement = statement.sql
        self._session, self._binds, self._caller = session, statement.binds, caller
        self._columns, self._projection = columns, list(projection)
        self._connection: Any = None
        self._driver: Any = None
        self._running, self._ended, self._cancelled = False, Event(), False

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows: decimals or their text, timestamps in ms or µs of UTC, whole numbers of 64 bits."""
        self._running = True
        try:
            self._driver = self._session.retrying(self._send)
            yield from self._fetch() if self._projection else counted(int(self._driver.fetchone()[0]))
        except teradatasql.Error as error:
            raise self._ending(explained(error)) from error
        except ConnectorError as error:
            raise self._ending(error) from error
        finally:
            self._ended.set()

    def _send(self, connection: Any) -> Any:
        self._stop_if_cancelled()
        self._connection, cursor = connection, connection.cursor()
        cursor.execute(query_band(self._caller))
        self._stop_if_cancelled()
        return cursor.execute(self.statement, [bound(bind) for bind in self._binds] or None)

    def _fetch(self) -> Iterator[pa.RecordBatch]:
        announced, fetched, size = self._driver.rowcount, 0, FIRST_ROWS
        while rows := self._driver.fetchmany(size):
            found = batch(rows, self._columns).select(self._projection)
            fetched += found.num_rows
            size = max(1, min(ROWS, BATCH_BYTES * found.num_rows // max(1, found.nbytes)))
            yield found
            self._stop_if_cancelled()
        if fetched != announced:
            raise InternalError(f"Teradata announced {announced} rows and sent {fetched}.")

    def _stop_if_cancelled(self) -> None:
        if self._cancelled:
            raise OperationTimeout("The query was cancelled.")

    def _ending(self, error: ConnectorError) -> ConnectorError:
        return OperationTimeout("The query was cancelled.") if self._cancelled else error

    def cancel(self) -> None:
        """End it at Teradata; as the driver overlooks what comes before a request, it is told until that has ended."""
        self._cancelled = True
        if not self._running:
            return
        give_up = time.monotonic() + CANCEL_SECONDS
        while not self._ended.wait(CANCEL_PAUSE) and time.monotonic() < give_up:
            with suppress(Exception):  # nobody is there to be told: the query it was for has ended
                self._connection.cancel()

    def close(self) -> None:
        """Let go of the result, and of the request if it was not read to its end."""
        self._ended.set()
        if self._driver is not None:
            with suppress(teradatasql.Error):  # the session is gone, and the result with it
                self._driver.close()


def bound(bind: Bind) -> Any:
    """A value as the driver takes it. It knows naive datetimes as TIMESTAMP and aware ones as that with time zone."""
    value = bind.value
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(UTC)
    return value


def counted(rows: int) -> Iterator[pa.RecordBatch]:
    """So many rows of no column."""
    for start in range(0, rows, COUNTED_ROWS):
        nothing = pa.nulls(min(COUNTED_ROWS, rows - start))
        yield pa.RecordBatch.from_arrays([nothing], names=["nothing"]).select([])
