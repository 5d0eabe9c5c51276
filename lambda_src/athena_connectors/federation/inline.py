"""Reads a split whose rows fit into the answer."""

import time
from typing import Any

import pyarrow as pa

from athena_connectors.federation.errors import NotSupported
from athena_connectors.federation.model import Inexact, ReadRecords
from athena_connectors.federation.source import Cursor


def read_inline(request: ReadRecords, cursor: Cursor, notes: dict[str, Any], inexact: Inexact) -> pa.RecordBatch:
    """All rows of the split. Raises ConnectorError, NotSupported when they are too many."""
    from athena_connectors.federation.read.conform import Conform

    conform, began = Conform(request.schema, inexact), time.monotonic()
    batches: list[pa.RecordBatch] = []
    notes |= {"rows": 0, "bytes": 0}
    for batch in cursor.batches():
        notes.setdefault("first_row_seconds", time.monotonic() - began)
        batches.append(conform(batch))
        notes["rows"] = sum(batch.num_rows for batch in batches)
        notes["bytes"] = size = sum(batch.nbytes for batch in batches)
        if size >= request.max_inline_bytes:
            raise NotSupported(f"The split has more than {request.max_inline_bytes:,} bytes.")
    return pa.concat_batches(batches) if batches else pa.RecordBatch.from_pylist([], request.schema)
