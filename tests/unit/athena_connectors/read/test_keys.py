"""No two splits share a key and a nonce; KMS is asked as seldom as can be, and refuses in words."""

from collections.abc import Callable
from itertools import islice
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ConnectTimeoutError
from botocore.stub import Stubber

from athena_connectors.federation.errors import AccessDenied, EntityNotFound, OperationTimeout, Throttled
from athena_connectors.federation.read.keys import kms_keys, local_keys

ONCE = Config(retries={"mode": "standard", "total_max_attempts": 1})


@pytest.fixture(scope="module")
def kms() -> Any:
    return boto3.client("kms", config=ONCE)


def test_local_keys_are_of_256_bits_and_each_is_another() -> None:
    keys = list(islice(local_keys(), 100))
    assert {(len(key.key), len(key.nonce)) for key in keys} == {(32, 12)}
    assert len({key.key for key in keys}) == len({key.nonce for key in keys}) == 100


def test_a_key_does_not_show_itself() -> None:
    key = next(local_keys())
    assert repr(key) == "EncryptionKey()"


def test_kms_gives_one_data_key_for_as_many_splits_as_it_gives_nonces(kms: Any) -> None:
    with Stubber(kms) as stub:
        for number in range(2):
            stub.add_response(
                "generate_data_key",
                {"Plaintext": bytes([number]) * 16, "CiphertextBlob": b"unused"},
                {"KeyId": "alias/spill", "KeySpec": "AES_128"},
            )
            random = bytes(index % 251 + number for index in range(1024))
            stub.add_response("generate_random", {"Plaintext": random}, {"NumberOfBytes": 1024})
        keys = list(islice(kms_keys(kms, "alias/spill"), 170))
        stub.assert_no_pending_responses()
    assert {(len(key.key), len(key.nonce)) for key in keys} == {(16, 12)}
    assert [key.key[0] for key in keys] == [0] * 85 + [1] * 85
    assert len({(key.key, key.nonce) for key in keys}) == 170


@pytest.mark.parametrize(
    ("code", "error", "says"),
    [
        ("AccessDeniedException", AccessDenied, "kms:GenerateDataKey"),
        ("NotFoundException", EntityNotFound, "alias/spill"),
        ("ThrottlingException", Throttled, "run fewer queries"),
        ("KMSInternalException", OperationTimeout, "Run the query again"),
    ],
)
def test_a_refusal_of_kms_says_who_mends_it(kms: Any, code: str, error: type[Exception], says: str) -> None:
    with Stubber(kms) as stub:
        stub.add_client_error("generate_data_key", code, "no", 500 if "Internal" in code else 400)
        with pytest.raises(error, match=says):
            next(kms_keys(kms, "alias/spill"))


def test_a_kms_that_is_not_reached_names_the_endpoint_to_add(answering: Callable[..., Any]) -> None:
    kms = answering("kms", ConnectTimeoutError(endpoint_url="https://kms"))
    with pytest.raises(OperationTimeout, match="interface endpoint for KMS"):
        next(kms_keys(kms, "alias/spill"))
