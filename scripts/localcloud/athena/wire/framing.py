"""Arrow as it travels: one schema or one record batch, each an encapsulated IPC message."""

import base64
import binascii

import pyarrow as pa

from localcloud.athena.wire.violation import ProtocolViolation

_LEGACY = pa.ipc.IpcWriteOptions(metadata_version=pa.ipc.MetadataVersion.V4, use_legacy_format=True)
_MARKER = b"\xff\xff\xff\xff"
"""What the modern framing begins with; the legacy one begins with the metadata's length."""
_LEGACY_END_BYTES = 4


def schema_message(schema: pa.Schema, *, legacy: bool) -> bytes:
    """The message that holds a schema; `legacy` is metadata V4 without the marker, as in serde 2 and in spills."""
    if not legacy:
        return bytes(schema.serialize().to_pybytes())
    return _legacy_stream(schema, None)


def batch_message(batch: pa.RecordBatch, *, legacy: bool) -> bytes:
    """The message that holds a record batch."""
    if not legacy:
        return bytes(batch.serialize().to_pybytes())
    return _legacy_stream(batch.schema, batch)[len(_legacy_stream(batch.schema, None)) :]


def read_schema(message: bytes) -> pa.Schema:
    """The schema in a message of either framing. Raises ProtocolViolation for anything else."""
    try:
        return pa.ipc.read_schema(pa.py_buffer(message))
    except (pa.ArrowException, OSError) as error:
        raise ProtocolViolation(f"No Arrow schema: {error}") from error


def read_batch(message: bytes, schema: pa.Schema) -> pa.RecordBatch:
    """The record batch in a message of either framing. Raises ProtocolViolation for anything else."""
    try:
        batch = pa.ipc.read_record_batch(pa.py_buffer(message), schema)
        for column in batch.columns:
            # Arrow's own rule that a DATEMILLI is a whole day is none of Athena's.
            column.validate(full="date64" not in str(column.type))
    except (pa.ArrowException, OSError) as error:
        raise ProtocolViolation(f"No Arrow record batch of the schema {schema.names}: {error}") from error
    return batch


def is_modern(message: bytes) -> bool:
    """Whether a message is framed as serde 3 and later do it."""
    return message.startswith(_MARKER)


def to_text(message: bytes) -> str:
    """A message as JSON carries it."""
    return base64.b64encode(message).decode("ascii")


def from_text(text: str) -> bytes:
    """The bytes of a message. Raises ProtocolViolation when it is no base64."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ProtocolViolation(f"No base64: {error}") from error


def _legacy_stream(schema: pa.Schema, batch: pa.RecordBatch | None) -> bytes:
    """A stream without its end: pyarrow writes single messages only in the modern framing."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema, options=_LEGACY) as writer:
        if batch is not None:
            writer.write_batch(batch)
    return bytes(sink.getvalue().to_pybytes()[:-_LEGACY_END_BYTES])
