"""What one split may take at most, and how much it took."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from athena_connectors.federation.errors import InvalidInput
from athena_connectors.federation.read.cut import measure


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one split; None is no limit. Bytes are of Arrow buffers."""

    rows: int | None = None
    bytes: int | None = None


NO_LIMITS = Limits()
ADVICE = "Narrow the query by a condition on the source's own columns, or unload the table to S3 and query it there."


@dataclass(slots=True)
class Tally:
    """What was read so far; it stays when reading fails. `first_row_seconds` None: no row came."""

    rows: int = 0
    bytes: int = 0
    blocks: int = 0
    first_row_seconds: float | None = None
    unwatched: str | None = None
    """Why nobody looks whether the query still runs in Athena; None where somebody does, or is not to."""


def guarded(
    batches: Iterable[pa.RecordBatch], limits: Limits, tally: Tally, elapsed: Callable[[], float]
) -> Iterator[pa.RecordBatch]:
    """The batches, counted. Raises InvalidInput as soon as a limit is passed, so that no part of them is an answer."""
    for batch in batches:
        if batch.num_rows and tally.first_row_seconds is None:
            tally.first_row_seconds = elapsed()
        tally.rows += batch.num_rows
        tally.bytes += measure(batch)
        if limits.rows is not None and tally.rows > limits.rows:
            raise InvalidInput(f"The split has more than the {limits.rows:,} rows that MAXIMUM_ROWS allows. {ADVICE}")
        if limits.bytes is not None and tally.bytes > limits.bytes:
            raise InvalidInput(f"The split has more than the {limits.bytes:,} bytes MAXIMUM_BYTES allows. {ADVICE}")
        yield batch
