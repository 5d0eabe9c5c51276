"""What Snowflake and its driver refuse, as the user of Athena is told: whose it is to mend, and how.

Codes are Snowflake's own (error_value.errno), classes those of SQLSTATE. Nothing of the data is repeated.
"""

import re

from snowflake.connector.errors import Error, OperationalError

from athena_connectors.federation.errors import (
    AccessDenied,
    ConnectorError,
    EntityNotFound,
    InternalError,
    InvalidCredentials,
    InvalidInput,
    NotSupported,
    OperationTimeout,
    Throttled,
)

NO_SESSION = frozenset({390104, 390110, 390111, 390112, 390114, 390195})
"""The session is gone (idle, ended, its token expired): signing in again mends it."""
FIRST_CODE = 100
"""Lower ones are the driver's own kinds of errors."""
SIGN_IN = {
    390101: "the user is disabled",
    390102: "the user is locked: it is unlocked in 15 minutes, or by an administrator",
    390144: "the key pair does not fit: is the public key set for this user, and the account's name right?",
    394400: "the programmatic access token is invalid, expired or removed",
}
POLICIES = frozenset({390420, 390422, 390432})
UNKNOWN_ROLE, UNKNOWN_OBJECT = 390189, 390201
CANCELLED, TIMED_OUT = 604, 630
CHUNK, BATCH = 6, 252005
"""The driver's own: a chunk of a result, or the next batch of one, is not to be had."""
UNFETCHED = re.compile("External error|Failed to fetch chunk")
QUERY: dict[int, tuple[type[ConnectorError], str]] = {
    606: (
        EntityNotFound,
        "The connection names no warehouse that its role may use: correct it, or grant USAGE.",
    ),
    707: (OperationTimeout, "The table was recreated or its history dropped while the query ran: run it again."),
    708: (OperationTimeout, "The table was recreated or its history dropped while the query ran: run it again."),
    904: (EntityNotFound, "A column is gone: the table was altered while the query ran. Run it again."),
    CANCELLED: (OperationTimeout, "The query was cancelled."),
    TIMED_OUT: (OperationTimeout, "The query took longer than the session or the warehouse allows."),
    2003: (EntityNotFound, "A table is gone, or the connection's role does not see it."),
    2043: (EntityNotFound, "A table is gone, or the connection's role does not see it."),
    3001: (AccessDenied, "The connection's role lacks a privilege: grant it SELECT and USAGE."),
    90073: (Throttled, "A resource monitor has suspended the warehouse."),
}
CLASSES: dict[str, type[ConnectorError]] = {
    "02": EntityNotFound,
    "08": OperationTimeout,
    "0A": NotSupported,
    "22": InvalidInput,
    "28": InvalidCredentials,
    "42": InvalidInput,
    "53": Throttled,
    "54": InvalidInput,
    "57": OperationTimeout,
}
QUOTED = re.compile(r"'[^']*'")
STATUS = re.compile(r"status:? (\d{3})\b")
PREFIX = re.compile(r"^\d{6} \(\w{5}\): ")


def sign_in_failure(error: Error, secret: str, host: str, method: str) -> ConnectorError:
    """Why nobody is signed in."""
    code = error.errno
    if code in POLICIES:
        return AccessDenied(
            f"A network policy of Snowflake refuses this connector's address ({code}): let the addresses of its NAT "
            "gateways or its VPC endpoint in."
        )
    if code == UNKNOWN_ROLE:
        return AccessDenied("The connection's role does not exist, or is not granted to its user.")
    if code == UNKNOWN_OBJECT:
        return EntityNotFound(
            f"{_plain(error)} Correct the connection's database, schema or warehouse, or grant its role USAGE."
        )
    if 390000 <= code < 395000 or error.sqlstate == "28000":
        reason = SIGN_IN.get(code, "the user name or what proves it is wrong")
        return InvalidCredentials(f"Snowflake refuses {method} of the secret {secret} ({code}): {reason}.")
    return _unreached(error, host) if error.sqlstate in ("08001", "HYT00") else explained(error)


def _unreached(error: Error, host: str) -> ConnectorError:
    answered = STATUS.search(str(error.raw_msg))
    status = int(answered[1]) if answered else None
    if status in (403, 404):
        return EntityNotFound(
            f"There is no Snowflake account at {host} (HTTP {status}): correct the connection's host."
        )
    if status == 429:
        return Throttled("Snowflake takes no more sign-ins for now (HTTP 429).")
    if status is not None:
        return OperationTimeout(f"Snowflake does not work at {host} for now (HTTP {status}): run the query again.")
    return OperationTimeout(
        f"Snowflake is not reached at {host}: is the host right, and have the connector's subnets a route to it (NAT "
        f"or PrivateLink) and its security groups a way out? {_plain(error)}"
    )


def refuses_credentials(error: Error) -> bool:
    """Whether other credentials might be let in: those that a rotation has brought meanwhile."""
    return error.errno in (390100, 390144, 394400) or error.sqlstate == "28000"


def explained(error: Error) -> ConnectorError:
    """Why a statement failed."""
    identity = f" [Snowflake {error.errno}{f', query {error.sfqid}' if error.sfqid else ''}]"
    if error.errno in QUERY:
        kind, sentence = QUERY[error.errno]
        return kind(f"{sentence} {_plain(error)}{identity}")
    message = _plain(error)
    if error.errno in (CHUNK, BATCH) and UNFETCHED.search(message):
        return OperationTimeout(
            "A part of the result cannot be fetched from where Snowflake keeps it: the function's subnets need a route "
            f"to the account's storage too (SYSTEM$ALLOWLIST() names it). {message}{identity}"
        )
    kind = CLASSES.get((error.sqlstate or "")[:2], InternalError)
    if kind is InternalError and isinstance(error, OperationalError):
        kind = OperationTimeout
    if kind is InvalidInput and str(error.sqlstate).startswith("22"):
        message = QUOTED.sub("'…'", message)  # it quotes the value that cannot be converted
    return kind(f"{message}{identity}")


def lost(error: Error) -> bool:
    """Whether a new session may do what this one could not."""
    return error.errno in NO_SESSION


def unexplained(error: Error) -> bool:
    """Whether the driver gave no code of Snowflake's: of a statement that is sent asynchronously it drops that."""
    return error.errno < FIRST_CODE


def _plain(error: Error) -> str:
    message = (
        " ".join(PREFIX.sub("", str(error.raw_msg)).split())
        .removeprefix("Failed to login: ")
        .removeprefix("Login error: ")
    )
    return re.sub(r"\.?, code: \d+$", "", message).rstrip(".") + "."
