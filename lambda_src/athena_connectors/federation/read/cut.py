"""Cuts batches, whatever their size, to blocks that Athena takes: between rows, in order, merging what is small."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil

import pyarrow as pa

from athena_connectors.federation.errors import InvalidInput

ROW_BYTES = 32_000_000
"""Athena's limit of a row (32 MB)."""
COLUMN_BYTES = 96
"""At most what a column adds to a message beside its values: the padding of its buffers, and where they are."""
LARGE = 4
"""A batch that fills more than this part of a block, one in so many, is not merged: that would copy it."""


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

    Small batches are merged, large ones cut to pieces of about one size. Batches without rows make no block. Raises
    InvalidInput for a row that Athena would not take.
    """
    parts: list[pa.RecordBatch] = []
    size = done = 0
    for batch in batches:
        overhead = COLUMN_BYTES * batch.num_columns
        room = max(1, most - overhead)
        added = measure(batch)
        small = added <= min(room, most // LARGE)
        if parts and not (small and size + added <= room):
            yield Block(tuple(parts), size + overhead)
            parts, size = [], 0
        if not small:
            for piece in _pieces(batch, room, done):
                yield Block((piece,), measure(piece) + overhead)
        elif batch.num_rows:
            parts.append(batch)
            size += added
        done += batch.num_rows
    if parts:
        yield Block(tuple(parts), size + COLUMN_BYTES * parts[0].num_columns)


def _pieces(batch: pa.RecordBatch, room: int, done: int) -> Iterator[pa.RecordBatch]:
    """The batch in pieces of at most `room` bytes, but for rows that are larger; `done` rows came before it."""
    while batch.num_rows:
        pieces = ceil(measure(batch) / room)
        rows = min(_rows_that_fit(batch, room), ceil(batch.num_rows / pieces))
        if not rows:
            _require_row(batch, done)
            rows = 1
        yield batch.slice(0, rows)
        batch, done = batch.slice(rows), done + rows


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
