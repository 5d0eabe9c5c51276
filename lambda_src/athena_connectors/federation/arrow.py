"""Arrow schemas and record batches as single messages: how the protocol carries them, and how blocks are spilled.

Since Arrow 0.15 a message begins with FF FF FF FF ("modern"); before, with its length at once ("legacy"). Version 2 of
the wire format and all spilled objects are legacy with metadata V4; every reader takes either.
"""

from base64 import b64decode, b64encode
from binascii import Error as NoBase64
from collections.abc import Callable

import pyarrow as pa

from athena_connectors.federation.errors import InvalidInput

MARKER = b"\xff\xff\xff\xff"
END_OF_STREAM = 4
"""Bytes that end a legacy stream."""

LEGACY = pa.ipc.IpcWriteOptions(metadata_version=pa.ipc.MetadataVersion.V4, use_legacy_format=True)


def is_legacy(encoded: str) -> bool:
    """Whether a message in base64 is framed in the legacy way. Raises InvalidInput when it is no base64."""
    return not _decode(encoded[:8]).startswith(MARKER)


def read_schema(encoded: str) -> pa.Schema:
    """The schema that a message in base64 holds. Raises InvalidInput."""
    try:
        return pa.ipc.read_schema(pa.py_buffer(_decode(encoded)))
    except (pa.ArrowException, OSError, EOFError) as error:
        raise InvalidInput(f"An Arrow schema cannot be read: {error}. Athena's connector SDK writes it.") from error


def read_batch(encoded: str, schema: pa.Schema) -> pa.RecordBatch:
    """The batch that a message in base64 holds; an empty text is a batch of no row. Raises InvalidInput."""
    if not encoded:
        return pa.RecordBatch.from_arrays([pa.array([], kind) for kind in schema.types], schema=schema)
    try:
        batch = pa.ipc.read_record_batch(pa.py_buffer(_decode(encoded)), schema)
        for column in batch.columns:
            # Offsets that point out of their buffer would end the process, not the request. A full look at DATEMILLI
            # would find fault with its time of day.
            column.validate(full=not pa.types.is_date64(column.type))
    except (pa.ArrowException, OSError, EOFError) as error:
        raise InvalidInput(f"An Arrow record batch cannot be read: {error}.") from error
    return batch


def write_schema(schema: pa.Schema, *, legacy: bool) -> str:
    """The schema as a message in base64."""
    return b64encode(legacy_schema(schema) if legacy else schema.serialize()).decode()


def write_batch(batch: pa.RecordBatch, *, legacy: bool) -> str:
    """The batch as a message in base64; nothing when it has no row, as the Java SDK writes it."""
    if not batch.num_rows:
        return ""
    return b64encode(legacy_batch(batch) if legacy else batch.serialize()).decode()


def legacy_schema(schema: pa.Schema) -> pa.Buffer:
    """The schema as one message in the legacy framing."""
    sink = pa.BufferOutputStream()
    pa.ipc.new_stream(sink, schema, options=LEGACY).close()
    stream = sink.getvalue()
    return stream.slice(0, stream.size - END_OF_STREAM)


def legacy_batch(batch: pa.RecordBatch, allocate: Callable[[int], pa.Buffer] = pa.allocate_buffer) -> pa.Buffer:
    """The batch as one message in the legacy framing; its columns are copied once.

    `allocate` gives memory of at least so many bytes, of which the message is a part.
    """
    head = legacy_schema(batch.schema).size
    counted = pa.MockOutputStream()
    _write_stream(batch, counted)
    stream = allocate(counted.size())  # at once: memory that grows is copied as it does
    _write_stream(batch, pa.FixedSizeBufferWriter(stream))
    return stream.slice(head, counted.size() - head - END_OF_STREAM)


def _write_stream(batch: pa.RecordBatch, sink: pa.NativeFile) -> None:
    with pa.ipc.new_stream(sink, batch.schema, options=LEGACY) as stream:  # RecordBatch.serialize takes no options
        stream.write_batch(batch)


def _decode(encoded: str) -> bytes:
    try:
        return b64decode(encoded, validate=True)
    except NoBase64 as error:
        raise InvalidInput(f"An Arrow message is not in base64: {error}.") from error
