"""Keys for the blocks of splits. Each request begins an iterator of its own: queries share no key."""

import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from athena_connectors.federation.model import EncryptionKey
from athena_connectors.federation.read.refusal import connector_error

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

KEY_BYTES = 32
NONCE_BYTES = 12
RANDOM_BYTES = 1024
"""What GenerateRandom gives at most."""
ROUTE = "A function in a VPC reaches KMS by an interface endpoint for KMS in one of its subnets, or by a NAT gateway."


def local_keys() -> Iterator[EncryptionKey]:
    """Of this machine's own randomness: 256 bits for each split."""
    while True:
        yield EncryptionKey(secrets.token_bytes(KEY_BYTES), secrets.token_bytes(NONCE_BYTES))


def kms_keys(client: "KMSClient", key_id: str) -> Iterator[EncryptionKey]:
    """Data keys of 128 bits, as the official connectors ask KMS for, and nonces of its random numbers.

    A data key serves as many splits as one answer of GenerateRandom has nonces for (85), each with its own: ten
    thousand splits take a few hundred calls, not twenty thousand. Raises ConnectorError.
    """
    while True:
        try:
            key = client.generate_data_key(KeyId=key_id, KeySpec="AES_128")["Plaintext"]
            random = client.generate_random(NumberOfBytes=RANDOM_BYTES)["Plaintext"]
        except (ClientError, BotoCoreError) as error:
            allow = (
                "The function's role needs kms:GenerateDataKey on the key and kms:GenerateRandom, and the key's "
                "policy has to admit it."
            )
            raise connector_error(error, f"Asking KMS for a data key of {key_id}", allow=allow, route=ROUTE) from error
        for start in range(0, RANDOM_BYTES - NONCE_BYTES + 1, NONCE_BYTES):
            yield EncryptionKey(key, random[start : start + NONCE_BYTES])
