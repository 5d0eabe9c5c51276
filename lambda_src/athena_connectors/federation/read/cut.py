"""Cuts batches, whatever their size, to blocks that Athena takes: between rows, merging small ones, in order."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from athena_connectors.federation.errors import InvalidInput

ROW_BYTES = 32_000_000
"""Athena's limit of a row (32 MB)."""
COLUMN_BYTES = 64
"""At most what a column's buffers are padded by in a message, all together."""


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that travel together; `size` in bytes of Arrow buffers, at least what they are in a message."""

    parts: tuple[pa.RecordBatch, ...]
    size: int

    def batch(self) -> pa.RecordBatch:
        """The rows as one batch; they are copied when they came in several parts."""
        return self.parts[0] if len(self.parts) == 1 else pa.concat_batches(self.parts)


def cut(batches: Iterable[pa.RecordBatch], most: int) -> Iterator[Block]:
    """Blocks of at most `most` bytes; a row that alone is larger is a block of its own.

    Batches without rows make no block. Raises InvalidInput for a row that Athena would not take.
    """
    parts: list[pa.RecordBatch] = []
    size = done = 0
    for batch in batches:
        rest = batch
        overhead = COLUMN_BYTES * batch.num_columns
        while rest.num_rows:
            fit = _rows_that_fit(rest, most - overhead - size)
            if not fit and not parts:
                _require_row(rest, done)
                fit = 1
            if fit:
                part = rest.slice(0, fit)
                parts.append(part)
                size, done, rest = size + measure(part), done + fit, rest.slice(fit)
            if rest.num_rows:
                yield Block(tuple(parts), size + overhead)
                parts, size = [], 0
    if parts:
        yield Block(tuple(parts), size + COLUMN_BYTES * parts[0].num_columns)


def measure(batch: pa.RecordBatch) -> int:
    """Bytes of its rows, as the official SDK counts them: each column has a bit per row that says what is NULL."""
    validity: int = batch.num_columns * ((batch.num_rows + 7) // 8)
    return int(batch.nbytes) + validity


def _rows_that_fit(batch: pa.RecordBatch, room: int) -> int:
    """How many of the first rows take at most `room` bytes."""
    if measure(batch) <= room:
        return int(batch.num_rows)
    fit, too_many = 0, batch.num_rows
    while too_many - fit > 1:
        middle = (fit + too_many) // 2
        if measure(batch.slice(0, middle)) <= room:
            fit = middle
        else:
            too_many = middle
    return fit


def _require_row(batch: pa.RecordBatch, done: int) -> None:
    size = measure(batch.slice(0, 1))
    if size > ROW_BYTES:
        raise InvalidInput(
            f"Row {done + 1:,} of the split takes {size:,} bytes, and Athena reads rows of at most {ROW_BYTES:,}: "
            "leave its largest columns out of the query, or cut them in a view of the source."
        )
