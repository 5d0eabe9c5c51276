"""Who may sign in, and how: password, key pair, programmatic access token; what is refused, with Snowflake's codes."""

import base64
import hashlib
import time
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key


class Refused(Exception):  # noqa: N818 - what happened to the request
    """What Snowflake answers instead of a session or a result: its code and its words."""

    def __init__(self, code: int, message: str, sql_state: str = "08001") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.sql_state = sql_state


@dataclass
class User:
    """A user; `public_key` is PEM. `blocked` is what a network policy does to this machine's address."""

    password: str | None = None
    public_key: str | None = None
    tokens: list[str] = field(default_factory=list)
    locked: bool = False
    blocked: bool = False


@dataclass
class Account:
    """An account: users by upper-case name, warehouses, roles, and the SQL file that fills its databases."""

    name: str
    users: dict[str, User]
    warehouses: list[str]
    roles: list[str]
    seed: str

    @classmethod
    def parse(cls, document: dict[str, Any]) -> "Account":
        """From the JSON that `standin.py` writes."""
        users = {name.upper(): User(**user) for name, user in document["users"].items()}
        return cls(document["name"], users, document["warehouses"], document["roles"], document["seed"])

    def sign_in(self, data: dict[str, Any]) -> str:
        """The user whose credentials a login request's `data` holds. Raises Refused."""
        name = str(data.get("LOGIN_NAME", "")).upper()
        user = self.users.get(name)
        match data.get("AUTHENTICATOR", "SNOWFLAKE"):
            case "SNOWFLAKE":
                if user is None or user.password is None or user.password != data.get("PASSWORD"):
                    raise Refused(390100, "Incorrect username or password was specified.")
            case "SNOWFLAKE_JWT":
                if user is None or user.public_key is None or not self._signed_by(name, user.public_key, data["TOKEN"]):
                    raise Refused(390144, "JWT token is invalid. [stand-in]")
            case "PROGRAMMATIC_ACCESS_TOKEN":
                if user is None or data["TOKEN"] not in user.tokens:
                    raise Refused(394400, "Programmatic access token is invalid.")
            case other:
                raise Refused(390104, f"The stand-in knows no authenticator {other}.")
        if user.locked:
            raise Refused(
                390102,
                "Your user account has been temporarily locked. "
                "Try again later or contact your account administrator for assistance.",
            )
        if user.blocked:
            raise Refused(390422, "Incoming request with IP/Token 127.0.0.1 is not allowed to access Snowflake.")
        return name

    def _signed_by(self, user: str, public_key: str, token: str) -> bool:
        """Whether the token is signed by the key and claims its fingerprint, as Snowflake's key-pair login demands."""
        key: Any = load_pem_public_key(public_key.encode())
        der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        fingerprint = base64.b64encode(hashlib.sha256(der).digest()).decode()
        subject = f"{self.name.upper()}.{user}"
        try:
            claims = jwt.decode(token, key, algorithms=["RS256"], issuer=f"{subject}.SHA256:{fingerprint}")
        except jwt.InvalidTokenError:
            return False
        # Snowflake lets a token live for an hour at the most.
        return bool(claims["sub"] == subject and claims["exp"] - claims["iat"] <= 3600 and claims["exp"] > time.time())
