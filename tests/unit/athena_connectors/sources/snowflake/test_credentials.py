"""How a secret signs in."""

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from athena_connectors.connections.secrets import Secret
from athena_connectors.federation.errors import InvalidCredentials, NotSupported
from athena_connectors.sources.snowflake.credentials import credentials

KEY = rsa.generate_private_key(65537, 2048)
CLEAR, SEALED = NoEncryption(), BestAvailableEncryption(b"pass phrase")
DER = KEY.private_bytes(Encoding.DER, PrivateFormat.PKCS8, CLEAR)


def pem(sealed: KeySerializationEncryption = CLEAR, form: PrivateFormat = PrivateFormat.PKCS8) -> str:
    return KEY.private_bytes(Encoding.PEM, form, sealed).decode()


def raw(sealed: KeySerializationEncryption = CLEAR) -> str:
    return base64.b64encode(KEY.private_bytes(Encoding.DER, PrivateFormat.PKCS8, sealed)).decode()


SPELLINGS = {
    "PEM": (pem(), None),
    "PEM whose line breaks became blanks": (pem().replace("\n", " "), None),
    "PEM whose line breaks are spelled": (pem().replace("\n", "\\n"), None),
    "PEM of OpenSSL's older form": (pem(form=PrivateFormat.TraditionalOpenSSL), None),
    "PEM with a passphrase": (pem(SEALED), "pass phrase"),
    "base64": (raw(), None),
    "base64 in lines": ("\n".join(raw()[start : start + 64] for start in range(0, len(raw()), 64)), None),
    "base64 with a passphrase": (raw(SEALED), "pass phrase"),
}


def secret(**values: str) -> Secret:
    return Secret("sales", values)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_private_key_is_read_as_secrets_have_it(spelling: str) -> None:
    text, passphrase = SPELLINGS[spelling]
    values = {"sfuser": "athena", "pem_private_key": text}
    if passphrase:
        values["pem_private_key_passphrase"] = passphrase
    found = credentials(secret(**values), "")
    assert (found.user, found.arguments) == ("athena", {"authenticator": "SNOWFLAKE_JWT", "private_key": DER})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"pem_private_key": pem(SEALED)}, "add its pem_private_key_passphrase"),
        ({"pem_private_key": pem(), "pem_private_key_passphrase": "hunter2"}, "needs no passphrase"),
        ({"pem_private_key": pem(SEALED), "pem_private_key_passphrase": "hunter2"}, "or its passphrase is wrong"),
        ({"pem_private_key": "hunter2"}, "PKCS #8 is accepted"),
        ({"pem_private_key": pem()[:200]}, "PKCS #8 is accepted"),
        (
            {
                "pem_private_key": ec.generate_private_key(ec.SECP256R1())
                .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, CLEAR)
                .decode()
            },
            "not RSA",
        ),
    ],
)
def test_what_is_wrong_with_a_key_is_said_without_it(values: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidCredentials, match=message) as refused:
        credentials(secret(username="athena", **values), "")
    assert "hunter2" not in str(refused.value)
    assert "BEGIN" not in str(refused.value)


def test_a_token_signs_in_before_a_password() -> None:
    found = credentials(secret(username="athena", password="p", token="t"), "")
    assert found.arguments == {"authenticator": "PROGRAMMATIC_ACCESS_TOKEN", "token": "t"}


def test_a_password_may_have_any_characters() -> None:
    password = "p'w\"$%{}&;=@/\\ žluť 😀"
    assert credentials(secret(username="athena", password=password), "").arguments == {"password": password}


def test_the_connection_may_name_the_user() -> None:
    assert credentials(secret(password="p"), "athena").user == "athena"


@pytest.mark.parametrize(
    ("values", "kind", "message"),
    [
        ({"password": "p"}, InvalidCredentials, "no user name: add the key username"),
        ({"username": "athena"}, InvalidCredentials, "no password, pem_private_key or token"),
        ({"username": "athena", "auth_code": "c"}, NotSupported, "use a key pair"),
    ],
)
def test_a_secret_that_cannot_sign_in_says_what_to_add(values: dict[str, str], kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        credentials(secret(**values), "")


def test_credentials_never_show() -> None:
    assert "hunter2" not in repr(credentials(secret(username="athena", password="hunter2"), ""))
