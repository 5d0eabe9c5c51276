"""A Block: a schema and one record batch of it."""

import uuid
from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from athena_connectors.federation.model import Value
from localcloud.athena.wire import framing, values
from localcloud.athena.wire.fields import Fields

VALUE_COLUMN = "col1"
"""The one column of a block that holds a constraint's values (BlockUtils.newBlock)."""


def block_json(batch: pa.RecordBatch, *, legacy: bool) -> dict[str, Any]:
    """A block as BlockSerDe writes it; the records of an empty one are an empty string."""
    records = framing.to_text(framing.batch_message(batch, legacy=legacy)) if batch.num_rows else ""
    schema = framing.to_text(framing.schema_message(batch.schema, legacy=legacy))
    return {"aId": str(uuid.uuid4()), "schema": schema, "records": records}


def values_json(held: Iterable[Value | None], of: pa.DataType, *, legacy: bool) -> dict[str, Any]:
    """A block of the values of a constraint."""
    array = values.to_array(held, of)
    return block_json(pa.record_batch([array], pa.schema([(VALUE_COLUMN, of)])), legacy=legacy)


def read_block(fields: Fields) -> pa.RecordBatch:
    """The record batch of a block; the object must end after it."""
    fields.text("aId")
    schema = framing.read_schema(framing.from_text(fields.text("schema")))
    records = framing.from_text(fields.text("records"))
    fields.end()
    if not records:
        return pa.record_batch([pa.array([], field.type) for field in schema], schema)
    return framing.read_batch(records, schema)
