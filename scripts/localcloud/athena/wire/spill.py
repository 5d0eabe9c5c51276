"""A spilled block: one record-batch message, encrypted as a whole (AesGcmBlockCrypto.java)."""

import pyarrow as pa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from athena_connectors.federation.model import EncryptionKey
from localcloud.athena.wire import framing
from localcloud.athena.wire.violation import ProtocolViolation


def open_block(content: bytes, schema: pa.Schema, key: EncryptionKey | None) -> pa.RecordBatch:
    """The rows of a spilled object, decrypted where there is a key.

    Raises ProtocolViolation when it cannot be decrypted, or is no record batch of that schema.
    """
    if key is None:
        return framing.read_batch(content, schema)
    try:
        clear = AESGCM(key.key).decrypt(key.nonce, content, None)
    except (InvalidTag, ValueError) as error:
        if is_readable(content, schema):
            raise ProtocolViolation("The split has a key, and the spilled block can be read without it.") from error
        raise ProtocolViolation("A spilled block cannot be decrypted with the key of its split.") from error
    return framing.read_batch(clear, schema)


def is_readable(content: bytes, schema: pa.Schema) -> bool:
    """Whether the object is a record batch in the clear."""
    try:
        framing.read_batch(content, schema)
    except ProtocolViolation:
        return False
    return True
