"""Connections, typed. None holds a credential: `secret` names where they are kept."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from common.settings import Accepts, one_of, text, true_or_false, whole_number

HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?")
LOOPBACK = re.compile(r"localhost|127(\.\d{1,3}){3}")


def host_name() -> Accepts:
    """A name or an IPv4 address, without scheme, port or path."""
    return _matching(HOST, "a host name or address without scheme and port")


def _matching(pattern: re.Pattern[str], description: str) -> Accepts:
    def parse(given: str) -> str:
        if not pattern.fullmatch(given):
            raise ValueError(given)
        return given

    return Accepts(description, parse)


def tcp_port() -> Accepts:
    """A TCP port."""
    return whole_number(1, 65535)


@dataclass(frozen=True, slots=True)
class Snowflake:
    """A database of a Snowflake account.

    `database`, `schema`, `warehouse` and `role` are spelled as in a connection string: Snowflake reads them in upper
    case unless they stand in double quotes. `user` is for secrets that hold no user name. `tls` false is for a
    stand-in on loopback.
    """

    host: Annotated[str, host_name()]
    database: Annotated[str, text()]
    secret: Annotated[str, text()]
    port: Annotated[int, tcp_port()] = 443
    warehouse: Annotated[str, text()] = ""
    schema: Annotated[str, text()] = ""
    role: Annotated[str, text()] = ""
    user: Annotated[str, text()] = ""
    account: Annotated[str, text()] = ""
    tls: Annotated[bool, true_or_false()] = True


class Numbers(StrEnum):
    """What Athena sees of numbers that are declared without precision, whose point is anywhere within 40 digits."""

    DECIMAL = "decimal"
    DOUBLE = "double"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Oracle:
    """An Oracle database: by its service, or by the SID of an instance where that is all there is.

    With `tls` the server's certificate is verified, its name against `server_dn` where given; `wallet` is a directory
    of the deployment package or a layer. `numbers` without precision are decimals of 38 digits, `number_scale` of
    them after the point, that refuse what has more.
    """

    host: Annotated[str, host_name()]
    secret: Annotated[str, text()]
    service: Annotated[str, text()] = ""
    sid: Annotated[str, text()] = ""
    port: Annotated[int, tcp_port()] = 1521
    tls: Annotated[bool, true_or_false()] = False
    server_dn: Annotated[str, text()] = ""
    wallet: Annotated[str, text()] = ""
    user: Annotated[str, text()] = ""
    numbers: Annotated[Numbers, one_of(Numbers)] = Numbers.DECIMAL
    number_scale: Annotated[int, whole_number(0, 38)] = 10


class LogonMechanism(StrEnum):
    """How Teradata authenticates (LOGMECH)."""

    TD2 = "TD2"
    LDAP = "LDAP"


class TransactionMode(StrEnum):
    """The session's semantics (TMODE)."""

    ANSI = "ANSI"
    TERA = "TERA"
    DEFAULT = "DEFAULT"


class TeradataTls(StrEnum):
    """Whether the connection is encrypted, and how the server is verified (SSLMODE)."""

    DISABLE = "DISABLE"
    ALLOW = "ALLOW"
    PREFER = "PREFER"
    REQUIRE = "REQUIRE"
    VERIFY_CA = "VERIFY-CA"
    VERIFY_FULL = "VERIFY-FULL"


@dataclass(frozen=True, slots=True)
class Teradata:
    """A Teradata system.

    With `tls` it is `https_port` that is connected to, except that PREFER and ALLOW fall back on the other.
    `certificates` is a PEM file of the deployment package or a layer that `tls` verifies by. `numbers` without
    precision are decimals of 38 digits, `number_scale` of them after the point, that refuse what has more.
    """

    host: Annotated[str, host_name()]
    secret: Annotated[str, text()]
    port: Annotated[int, tcp_port()] = 1025
    https_port: Annotated[int, tcp_port()] = 443
    database: Annotated[str, text()] = ""
    logon_mechanism: Annotated[LogonMechanism, one_of(LogonMechanism)] = LogonMechanism.TD2
    transaction_mode: Annotated[TransactionMode, one_of(TransactionMode)] = TransactionMode.ANSI
    tls: Annotated[TeradataTls, one_of(TeradataTls)] = TeradataTls.PREFER
    certificates: Annotated[str, text()] = ""
    encrypt_data: Annotated[bool, true_or_false()] = False
    user: Annotated[str, text()] = ""
    numbers: Annotated[Numbers, one_of(Numbers)] = Numbers.DECIMAL
    number_scale: Annotated[int, whole_number(0, 38)] = 10


Connection = Snowflake | Oracle | Teradata

KINDS: dict[str, type[Snowflake] | type[Oracle] | type[Teradata]] = {
    "snowflake": Snowflake,
    "oracle": Oracle,
    "teradata": Teradata,
}
"""By the name that begins a connection string and that `kind` has in the typed form."""


def faults(connection: Connection) -> list[str]:
    """What is wrong with a connection whose fields, each by itself, are right."""
    match connection:
        case Snowflake(tls=False, host=host) if not LOOPBACK.fullmatch(host):
            return ["tls is false, which is accepted for a stand-in on loopback alone"]
        case Oracle(service="", sid=""):
            return ["service is missing: name the service of the database (or its sid)"]
        case Oracle(service=str(service), sid=str(sid)) if service and sid:
            return ["service and sid are both given: name one of them"]
        case Teradata(port=port, https_port=https_port) if port == https_port:
            return ["port and https_port are the same, which the driver refuses: one is for TLS, the other is not"]
        case Oracle(tls=False, server_dn=str(dn), wallet=str(wallet)) if dn or wallet:
            return ["server_dn and wallet are for tls: set it"]
    return []
