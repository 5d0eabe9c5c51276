"""What the driver is given to sign in with, out of a secret of the published form or a programmatic access token."""

import base64
import binascii
import re
from dataclasses import dataclass, field

from athena_connectors.connections.secrets import Secret
from athena_connectors.federation.errors import InvalidCredentials, NotSupported

USER = ("username", "sfuser", "user")
KEY = ("pem_private_key", "private_key")
PASSPHRASE = ("pem_private_key_passphrase", "private_key_passphrase")
TOKEN = ("token", "programmatic_access_token")
PEM = re.compile(r"-----BEGIN ([A-Z ]+)-----(.*?)-----END \1-----", re.S)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Arguments of `snowflake.connector.connect`; `method` says how, for messages."""

    user: str
    method: str
    arguments: dict[str, str | bytes] = field(repr=False)


def credentials(secret: Secret, user: str) -> Credentials:
    """Read a secret: a key pair before a token before a password, as more than one may be there while one is replaced.

    `user` is who signs in when the secret does not say. Raises InvalidCredentials, NotSupported.
    """
    name = secret.get(*USER) or user
    if not name:
        raise InvalidCredentials(f"The secret {secret.name} has no user name: add the key username.")
    if key := secret.get(*KEY):
        signed = _private_key(secret, key)
        return Credentials(name, "a key pair", {"authenticator": "SNOWFLAKE_JWT", "private_key": signed})
    if token := secret.get(*TOKEN):
        method = "PROGRAMMATIC_ACCESS_TOKEN"
        return Credentials(name, "a programmatic access token", {"authenticator": method, "token": token})
    if password := secret.get("password"):
        return Credentials(name, "a password", {"password": password})
    if secret.get("auth_code"):
        raise NotSupported(
            f"The secret {secret.name} holds an OAuth code, whose refresh would write the secret from many functions "
            "at once: use a key pair (pem_private_key) or a programmatic access token (token)."
        )
    raise InvalidCredentials(
        f"The secret {secret.name} holds no password, pem_private_key or token (programmatic access token)."
    )


def _private_key(secret: Secret, text: str) -> bytes:
    """PKCS #8 in DER, without a passphrase, of what secrets hold: PEM with or without its line breaks, raw base64."""
    from cryptography.exceptions import UnsupportedAlgorithm  # 35 ms that other ways to sign in do not need
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        load_der_private_key,
        load_pem_private_key,
    )

    passphrase = secret.get(*PASSPHRASE)
    password = passphrase.encode() if passphrase else None
    try:
        pem = PEM.search(text.replace("\\n", "\n"))
        if pem:
            label, body = pem[1], "\n".join(pem[2].split())
            key = load_pem_private_key(f"-----BEGIN {label}-----\n{body}\n-----END {label}-----\n".encode(), password)
        else:
            key = load_der_private_key(base64.b64decode("".join(text.split()), validate=True), password)
    except TypeError:
        needed = "is encrypted: add its pem_private_key_passphrase" if password is None else "needs no passphrase"
        raise InvalidCredentials(f"The private key of the secret {secret.name} {needed}.") from None
    except (ValueError, binascii.Error, UnsupportedAlgorithm):
        wrong = "it or its passphrase is wrong" if password else "PKCS #8 is accepted, as PEM or base64"
        raise InvalidCredentials(f"The private key of the secret {secret.name} cannot be read: {wrong}.") from None
    if not isinstance(key, RSAPrivateKey):
        raise InvalidCredentials(f"The private key of the secret {secret.name} is not RSA, which Snowflake wants.")
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
