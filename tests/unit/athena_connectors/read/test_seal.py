"""What is sealed, Athena opens; the vectors are of the official SDK and of what it accepts."""

from pathlib import Path

import pyarrow as pa
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from athena_connectors.federation.arrow import legacy_batch
from athena_connectors.federation.model import EncryptionKey
from athena_connectors.federation.read.seal import sealing

VECTORS = Path(__file__).parents[1] / "vectors"
NONCE = bytes(range(12))


@pytest.mark.parametrize(
    ("bits", "clear", "vector"),
    [
        (128, "py/spill_plain.bin", "py/spill_aes128gcm.bin"),
        (256, "py/spill_plain.bin", "py/spill_aes256gcm.bin"),
        (256, "java/spill_plain_javaencoded.bin", "java/spill_aes256gcm_javaencrypted.bin"),
    ],
)
def test_a_message_is_sealed_as_the_official_sdk_seals_it(bits: int, clear: str, vector: str) -> None:
    seal = sealing(EncryptionKey(bytes(range(bits // 8)), NONCE))
    assert (
        seal(pa.py_buffer((VECTORS / clear).read_bytes()), pa.allocate_buffer).to_pybytes()
        == (VECTORS / vector).read_bytes()
    )


def test_a_batch_comes_back_from_its_block() -> None:
    batch = pa.RecordBatch.from_pydict({"id": [1, None, 3], "name": ["a", "ž", None]})
    key = EncryptionKey(bytes(range(32)), NONCE)
    content = sealing(key)(legacy_batch(batch), pa.allocate_buffer)
    clear = AESGCM(key.key).decrypt(key.nonce, content.to_pybytes(), None)
    assert pa.ipc.read_record_batch(pa.py_buffer(clear), batch.schema).equals(batch)


def test_without_a_key_the_message_is_what_is_put() -> None:
    message = pa.py_buffer(b"message")
    assert sealing(None)(message, pa.allocate_buffer) is message
