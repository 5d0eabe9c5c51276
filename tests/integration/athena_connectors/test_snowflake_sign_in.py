"""Signing in to Snowflake in every way, and again when a session or a secret is no longer the same."""

import logging
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from athena_connectors.connections.model import Snowflake
from athena_connectors.connections.secrets import Secrets
from athena_connectors.federation.errors import AccessDenied, EntityNotFound, InvalidCredentials
from athena_connectors.federation.model import Constraints, TableName
from athena_connectors.federation.source import Caller, Scan
from athena_connectors.sources.limits import Limits
from athena_connectors.sources.snowflake.source import SnowflakeSource
from localcloud.snowflake.standin import Account, Standin, User

pytestmark = pytest.mark.xdist_group("snowflake_sign_in")  # they share a stand-in
KEY = rsa.generate_private_key(65537, 2048)
OTHER_KEY = rsa.generate_private_key(65537, 2048)
PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
SEED = "CREATE DATABASE sales;\nCREATE SCHEMA sales.shop;\n"


def pem(key: rsa.RSAPrivateKey, passphrase: bytes | None = None) -> str:
    sealed = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, sealed).decode()


@pytest.fixture(scope="module")
def guarded():
    users = {
        "keys": User(public_key=PUBLIC),
        "tokens": User(tokens=("good-token",)),
        "athena": User(password="old"),
        "blocked": User(password="p", blocked=True),
        "leaving": User(password="p"),
    }
    with Standin.start(Account(users, SEED)) as running:
        yield running


@pytest.fixture
def source_of(guarded: Standin, secrets_manager) -> Any:
    def make(secret: Any, **fields: Any) -> SnowflakeSource:
        manager = secret if hasattr(secret, "get_secret_value") else secrets_manager(**secret)
        connection = {
            "host": "127.0.0.1",
            "port": guarded.port,
            "account": "standin",
            "database": "sales",
            "warehouse": "compute",
            "role": "analyst",
            "secret": "sales",
            "tls": False,
        }
        return SnowflakeSource(Snowflake(**connection | fields), Secrets(manager), Limits())

    return make


@pytest.mark.parametrize(
    "secret",
    [
        {"username": "keys", "pem_private_key": pem(KEY)},
        {"sfUser": "keys", "pem_private_key": pem(KEY, b"secret"), "pem_private_key_passphrase": "secret"},
        {"username": "tokens", "token": "good-token"},
        {"USERNAME": "athena", "Password": "old"},
    ],
)
def test_each_kind_of_secret_signs_in(source_of, secret: dict[str, str]) -> None:
    assert source_of(secret).schemas() == ["SHOP"]


@pytest.mark.parametrize(
    ("secret", "message"),
    [
        ({"username": "keys", "pem_private_key": pem(OTHER_KEY)}, "a key pair of the secret sales (390144)"),
        ({"username": "tokens", "token": "old-token"}, "a programmatic access token of the secret sales (394400)"),
        ({"username": "nobody", "password": "old"}, "a password of the secret sales (390100)"),
    ],
)
def test_what_snowflake_refuses_is_named_with_its_secret(source_of, secret: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidCredentials) as refused:
        source_of(secret).schemas()
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("fields", "kind", "message"),
    [
        ({"role": "nobody"}, AccessDenied, "role does not exist"),
        ({"warehouse": "nowhere"}, EntityNotFound, "requested warehouse does not exist"),
        ({"warehouse": ""}, EntityNotFound, "names no warehouse"),
    ],
)
def test_a_connection_that_is_wrong_says_where(source_of, fields: dict[str, str], kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        source_of({"username": "athena", "password": "old"}, **fields).schemas()


def test_a_network_policy_is_told_from_a_wrong_password(source_of) -> None:
    with pytest.raises(AccessDenied, match="network policy"):
        source_of({"username": "blocked", "password": "p"}).schemas()


def test_a_secret_is_read_once_while_it_works(source_of, secrets_manager) -> None:
    manager = secrets_manager(username="athena", password="old")
    source = source_of(manager)
    source.schemas()
    source.tables("SHOP")
    assert manager.reads == 1


def test_a_secret_that_was_rotated_is_read_anew(guarded: Standin, source_of, secrets_manager) -> None:
    manager = secrets_manager(username="leaving", password="p")
    secrets = Secrets(manager)
    secrets.read("sales")
    guarded.change_user("leaving", User(password="rotated"))
    manager.values["password"] = "rotated"
    source = source_of(manager)
    source._session._secrets = secrets
    assert source.schemas() == ["SHOP"]
    assert manager.reads == 2


def test_a_session_that_was_ended_is_opened_anew_with_what_the_secret_holds_by_then(
    own_standin: Standin, secrets_manager
) -> None:
    manager = secrets_manager(username="athena", password="first")
    own_standin.change_user("athena", User(password="first"))
    connection = Snowflake("127.0.0.1", "sales", "sales", own_standin.port, "compute", tls=False)
    source = SnowflakeSource(connection, Secrets(manager), Limits())
    assert source.schemas() == ["SHOP"]
    own_standin.change_user("athena", User(password="second"))
    manager.values["password"] = "second"
    own_standin.end_sessions()
    assert source.schemas() == ["SHOP"]
    table = source.table(source.tables("SHOP")[-1])
    own_standin.end_sessions()
    cursor = source.scan(Scan(table, table.schema, Constraints(), {}, Caller("q", "a")))
    assert sum(batch.num_rows for batch in cursor.batches()) == 2_500


@pytest.mark.parametrize("first", ["dictionary", "scan"])
def test_a_session_outlives_its_token(own_standin: Standin, secrets_manager, first: str) -> None:
    manager = secrets_manager(username="athena", password="first")
    own_standin.change_user("athena", User(password="first"))
    connection = Snowflake("127.0.0.1", "sales", "sales", own_standin.port, "compute", tls=False)
    source = SnowflakeSource(connection, Secrets(manager), Limits())
    table = source.table(TableName("SHOP", "ORDERS"))
    own_standin.expire_tokens()
    if first == "dictionary":
        assert source.schemas() == ["SHOP"]
    cursor = source.scan(Scan(table, table.schema, Constraints(), {}, Caller("q", "a")))
    assert sum(batch.num_rows for batch in cursor.batches()) == 2_500


def test_nothing_secret_is_logged_at_any_level(source_of, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        source = source_of({"username": "athena", "password": "old"})
        source.schemas()
        source.tables("a schema that nobody is to read of")
        with pytest.raises(InvalidCredentials):
            source_of({"username": "athena", "password": "hunter2"}).schemas()
    assert [record.getMessage() for record in caplog.records if record.name.startswith("snowflake")] == []
    assert not [record for record in caplog.records if "hunter2" in record.getMessage()]
    assert not [record for record in caplog.records if "nobody is to read" in record.getMessage()]
