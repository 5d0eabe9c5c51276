"""Encrypts blocks as Athena decrypts them: AES-GCM, the tag at the end, no associated data, one object at a time."""

from collections.abc import Callable

import pyarrow as pa

from athena_connectors.federation.model import EncryptionKey

TAG_BYTES = 16

Seal = Callable[[pa.Buffer], pa.Buffer]


def sealing(key: EncryptionKey | None) -> Seal:
    """What makes of a message what is put; without a key, the message itself. May be called by many threads at once."""
    if key is None:
        return lambda message: message
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # not where blocks travel in the clear

    cipher, nonce = AESGCM(key.key), key.nonce

    def seal(message: pa.Buffer) -> pa.Buffer:
        sealed = pa.allocate_buffer(message.size + TAG_BYTES)
        cipher.encrypt_into(nonce, memoryview(message).cast("B"), None, memoryview(sealed).cast("B"))
        return sealed

    return seal
