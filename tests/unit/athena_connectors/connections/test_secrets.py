"""Secrets, by the exact requests that are sent."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError
from botocore.stub import Stubber

from athena_connectors.connections.secrets import Secret, Secrets
from athena_connectors.federation.errors import (
    AccessDenied,
    ConnectorError,
    EntityNotFound,
    InvalidCredentials,
    OperationTimeout,
    Throttled,
)

AWKWARD = "p'w\"$%{}&;=@/\\\t\nžluť 😀"


@pytest.fixture
def client() -> Any:
    return boto3.client("secretsmanager", region_name="us-east-1")


def answer(stubber: Stubber, text: str, name: str = "sales") -> None:
    stubber.add_response("get_secret_value", {"SecretString": text}, {"SecretId": name})


def test_keys_are_found_whatever_their_case_and_values_are_kept_to_the_letter(client: Any) -> None:
    with Stubber(client) as stubber:
        answer(stubber, json.dumps({"UserName": "athena", "PASSWORD": AWKWARD}))
        secret = Secrets(client).read("sales")
    assert secret.get("sfuser", "username") == "athena"
    assert secret.get("password") == AWKWARD


def test_a_password_that_looks_like_a_number_stays_as_it_is_spelled(client: Any) -> None:
    with Stubber(client) as stubber:
        answer(stubber, '{"username": "athena", "password": 1.50}')
        assert Secrets(client).read("sales").get("password") == "1.50"


def test_a_line_break_inside_a_key_is_taken_as_it_is(client: Any) -> None:
    with Stubber(client) as stubber:
        answer(stubber, '{"pem_private_key": "-----BEGIN\nA\n-----END"}')
        assert Secrets(client).read("sales").get("pem_private_key") == "-----BEGIN\nA\n-----END"


def test_a_secret_is_asked_for_once_until_a_fresh_one_is_wanted(client: Any) -> None:
    with Stubber(client) as stubber:
        answer(stubber, '{"password": "old"}')
        answer(stubber, '{"password": "new"}')
        secrets = Secrets(client)
        assert [secrets.read("sales").get("password") for _ in range(3)] == ["old"] * 3
        assert secrets.read("sales", fresh=True).get("password") == "new"
        assert secrets.read("sales").get("password") == "new"
        stubber.assert_no_pending_responses()


def test_a_secret_never_shows_its_values() -> None:
    assert "hunter2" not in repr(Secret("sales", {"password": "hunter2"}))


@pytest.mark.parametrize("text", ["hunter2", '"hunter2"', "[1]", '{"password": ["hunter2"]}', '{"password": "hunter2'])
def test_a_secret_that_is_no_object_of_texts_is_refused_and_not_repeated(client: Any, text: str) -> None:
    with Stubber(client) as stubber, pytest.raises(InvalidCredentials) as refused:
        answer(stubber, text)
        Secrets(client).read("sales")
    assert "sales is no JSON object of texts" in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_a_binary_secret_is_refused(client: Any) -> None:
    with Stubber(client) as stubber, pytest.raises(InvalidCredentials, match="binary"):
        stubber.add_response("get_secret_value", {"SecretBinary": b"x"}, {"SecretId": "sales"})
        Secrets(client).read("sales")


@pytest.mark.parametrize(
    ("code", "status", "kind", "message"),
    [
        ("ResourceNotFoundException", 400, EntityNotFound, "the secret sales .* has to be in this Region"),
        ("AccessDeniedException", 400, AccessDenied, "secretsmanager:GetSecretValue"),
        ("DecryptionFailure", 400, AccessDenied, "kms:Decrypt"),
        ("ThrottlingException", 400, Throttled, "the query again"),
        ("InternalServiceError", 500, OperationTimeout, "the query again"),
    ],
)
def test_what_secrets_manager_refuses_is_said_with_the_fix(
    client: Any, code: str, status: int, kind: type[ConnectorError], message: str
) -> None:
    with Stubber(client) as stubber, pytest.raises(kind, match=message):
        stubber.add_client_error("get_secret_value", code, http_status_code=status)
        Secrets(client).read("sales")


def test_a_missing_route_to_secrets_manager_is_named(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(**_: object) -> None:
        raise ConnectTimeoutError(endpoint_url="https://secretsmanager")

    monkeypatch.setattr(client, "get_secret_value", unreachable)
    with pytest.raises(OperationTimeout, match="interface endpoint"):
        Secrets(client).read("sales")
