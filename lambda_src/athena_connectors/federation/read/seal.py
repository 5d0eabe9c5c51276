"""Encrypts blocks as Athena decrypts them: AES-GCM, the tag at the end, no associated data, one object at a time."""

from collections.abc import Callable

import pyarrow as pa

from athena_connectors.federation.model import EncryptionKey

TAG_BYTES = 16

Allocate = Callable[[int], pa.Buffer]
"""Gives memory of at least so many bytes."""
Seal = Callable[[pa.Buffer, Allocate], pa.Buffer]


def sealing(key: EncryptionKey | None) -> Seal:
    """What makes of a message what is put; without a key, the message itself. May be called by many threads at once."""
    if key is None:
        return lambda message, allocate: message
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # not where blocks travel in the clear

    cipher, nonce = AESGCM(key.key), key.nonce

    def seal(message: pa.Buffer, allocate: Allocate) -> pa.Buffer:
        size = message.size + TAG_BYTES
        sealed = allocate(size)
        cipher.encrypt_into(nonce, memoryview(message).cast("B"), None, memoryview(sealed).cast("B")[:size])
        return sealed.slice(0, size)

    return seal
