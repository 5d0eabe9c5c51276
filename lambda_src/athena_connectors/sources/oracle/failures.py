"""What Oracle and its driver refuse, as the user of Athena is told: whose it is to mend, and how.

Codes are Oracle's (ORA-) and python-oracledb's (DPY-). Nothing of the data is repeated.
"""

import re
from typing import Any

import oracledb

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

CODE = re.compile(r"\b(?:ORA|DPY|TNS)-(\d{4,5})\b")
LOST = frozenset({"DPY-4011", "DPY-1001", "DPY-4033", "ORA-03113", "ORA-03114", "ORA-03135", "ORA-02396", "ORA-00028"})
"""The session is gone (idle, killed, its host restarted): signing in again mends it."""
BUSY = frozenset(
    {
        "ORA-00018",
        "ORA-00020",
        "ORA-02391",
        "ORA-12516",
        "ORA-12518",
        "ORA-12519",
        "ORA-12520",
        "ORA-12528",
        "ORA-12564",
    }
)
"""The listener or the instance takes no more connections for now."""
CREDENTIALS = {
    "ORA-01017": "the user name or the password is wrong",
    "ORA-01005": "the password is empty",
    "ORA-28000": "the account is locked: an administrator unlocks it",
    "ORA-28001": "the password has expired: it is to be changed, and the secret with it",
    "ORA-01988": "the user may not sign in this way",
    "DPY-3015": "the user has only a password verifier of before Oracle 11, which the driver does not take: "
    "its password is to be set anew",
}
CANCELLED, TIMED_OUT = "ORA-01013", "DPY-4024"
UNSUPPORTED_SCN = frozenset({"ORA-01031", "ORA-08181", "ORA-01466", "ORA-00942", "ORA-41900"})
STATEMENT: dict[str, tuple[type[ConnectorError], str]] = {
    CANCELLED: (OperationTimeout, "The query was cancelled."),
    TIMED_OUT: (OperationTimeout, "Oracle did not answer in the time that the function has."),
    "ORA-00942": (EntityNotFound, "A table is gone, or the connection's user does not see it."),
    "ORA-04043": (EntityNotFound, "An object is gone, or the connection's user does not see it."),
    "ORA-00980": (EntityNotFound, "A synonym's object is gone."),
    "ORA-08103": (OperationTimeout, "The table was truncated or rebuilt while the query ran: run it again."),
    "ORA-02149": (OperationTimeout, "A partition is gone: the table was altered while the query ran. Run it again."),
    "ORA-14501": (OperationTimeout, "The table was altered while the query ran: run it again."),
    "ORA-00904": (EntityNotFound, "A column is gone: the table was altered while the query ran. Run it again."),
    "ORA-01031": (AccessDenied, "The connection's user lacks a privilege: grant it SELECT."),
    "ORA-01720": (AccessDenied, "The connection's user lacks a privilege: grant it SELECT."),
    "ORA-41900": (AccessDenied, "The connection's user lacks a privilege: grant it SELECT."),
    "ORA-01466": (OperationTimeout, "The table was altered while the query ran: run it again."),
    "ORA-01555": (OperationTimeout, "What the table was is no longer kept: run the query again, or keep more undo."),
    "ORA-08181": (OperationTimeout, "What the table was is no longer kept: run the query again, or keep more undo."),
    "ORA-01652": (Throttled, "Oracle has no temporary space left to sort in."),
    "ORA-04036": (Throttled, "Oracle has no memory left for the query."),
    "ORA-01008": (InvalidInput, "The query has a placeholder, for which there is no value: write the value."),
    "DPY-4009": (InvalidInput, "The query has a placeholder, for which there is no value: write the value."),
    "DPY-4010": (InvalidInput, "The query has a placeholder, for which there is no value: write the value."),
    "ORA-01427": (InvalidInput, "A subquery gives more than one row."),
    "ORA-01476": (InvalidInput, "The query divides by zero."),
    "ORA-01722": (InvalidInput, "A text is no number, and the query takes it as one."),
    "ORA-01426": (InvalidInput, "A number is too large to compute with."),
    "ORA-00932": (InvalidInput, "The query compares or computes with types that do not go together."),
    "DPY-4036": (InvalidInput, "A value is beyond what its declared type holds."),
    "DPY-4037": (InvalidInput, "A value is beyond what its declared type holds."),
    "DPY-4039": (InvalidInput, "A value is beyond what its declared type holds."),
    "DPY-4042": (InvalidInput, "A value is beyond what its declared type holds."),
    "DPY-8002": (InvalidInput, "The texts of one fetch are too long together."),
}
SIGN_IN: dict[str, tuple[type[ConnectorError], str]] = {
    "ORA-01045": (AccessDenied, "The user may not sign in: grant it CREATE SESSION."),
    "ORA-01033": (OperationTimeout, "The database starts or stops: run the query again."),
    "ORA-01034": (OperationTimeout, "The database is not open: run the query again."),
    "ORA-01035": (AccessDenied, "The database is open to its administrators alone."),
    "DPY-3001": (
        NotSupported,
        "The database wants its native encryption of the network, which the driver's thin mode "
        "has not: connect by tcps, or set SQLNET.ENCRYPTION_SERVER to ACCEPTED.",
    ),
    "DPY-3010": (NotSupported, "The database is older than 12.1, the oldest that the driver's thin mode speaks to."),
    "DPY-6002": (AccessDenied, "The server's certificate has another name: correct server_dn or the host."),
    "DPY-6006": (AccessDenied, "The server's certificate has another name: correct server_dn or the host."),
    "DPY-6008": (AccessDenied, "The server's certificate cannot be verified: is the wallet the right one?"),
    "DPY-4026": (
        EntityNotFound,
        "The wallet is not there: it is a directory of the package or of a layer that holds ewallet.pem.",
    ),
    "DPY-4027": (EntityNotFound, "The wallet is not there."),
}
UNKNOWN_SERVICE = frozenset({"DPY-6001", "DPY-6003", "ORA-12514", "ORA-12505"})


def code(error: BaseException) -> str:
    """`ORA-00942`, `DPY-6005`: of a refusal by the listener Oracle's own; empty of what is no error of the driver's."""
    details: Any = error.args[0] if error.args else None
    full = str(getattr(details, "full_code", ""))
    if full == "DPY-6000" and (similar := re.search(r"Similar to ORA-(\d+)", str(details.message))):
        return f"ORA-{int(similar[1]):05}"
    number = getattr(details, "code", 0)
    return f"ORA-{number:05}" if number else full


def sign_in_failure(error: oracledb.Error | OSError, secret: str, address: str, service: str) -> ConnectorError:
    """Why nobody is signed in."""
    found = code(error)
    if found in CREDENTIALS:
        return InvalidCredentials(f"Oracle refuses the secret {secret} ({found}): {CREDENTIALS[found]}.")
    if found in UNKNOWN_SERVICE:
        return EntityNotFound(
            f"There is no service {service} at {address} ({found}): correct the connection's service or sid, or wait "
            "until the database has registered with its listener."
        )
    if found in BUSY:
        return Throttled(
            f"Oracle takes no more connections for now ({found}): cap the function's connections (reserved "
            "concurrency), or raise PROCESSES or SESSIONS_PER_USER."
        )
    if found in SIGN_IN:
        kind, sentence = SIGN_IN[found]
        return kind(f"{sentence} [{found}]")
    if isinstance(error, OSError) or found.startswith(("DPY-6", "DPY-4011", "DPY-4024")) or found in LOST:
        return OperationTimeout(
            f"Oracle is not reached at {address} ({found or type(error).__name__}): are host and port right, and have "
            f"the connector's subnets a route to it, and its security groups a way out? {_cause(error)}"
        )
    return explained(error)


def refuses_credentials(error: BaseException) -> bool:
    """Whether other credentials might be let in: those that a rotation has brought meanwhile."""
    return code(error) in ("ORA-01017", "ORA-28001")


def busy(error: oracledb.Error) -> bool:
    """Whether the same may be let in a moment later."""
    return code(error) in BUSY


def lost(error: oracledb.Error) -> bool:
    """Whether a new session may do what this one could not."""
    return code(error) in LOST or bool(getattr(error.args[0] if error.args else None, "is_session_dead", False))


def explained(error: BaseException) -> ConnectorError:
    """Why a statement failed."""
    found = code(error)
    if found in STATEMENT:
        kind, sentence = STATEMENT[found]
        return kind(f"{sentence} {_named(error)}[{found}]")
    if found in BUSY:
        return Throttled(f"Oracle takes no more of this for now. [{found}]")
    if found in LOST or found.startswith("DPY-6"):
        return OperationTimeout(f"The connection to Oracle broke while the query ran: run it again. [{found}]")
    number = int(found[4:]) if found.startswith("ORA-") else 0
    if 900 <= number < 1000 or number in (1719, 1788, 1789, 1790, 6550, 6553, 30076):
        return InvalidInput(f"Oracle does not take the query: {_sentence(error)} [{found}]")
    if 1800 <= number < 1900:
        return InvalidInput(f"A date or time of the query makes no sense to Oracle. [{found}]")
    return InternalError(f"Oracle failed: {_sentence(error)} [{found or type(error).__name__}]")


def _sentence(error: BaseException) -> str:
    """What Oracle says in its first line, without code and quoted values."""
    first = str(error).partition("\n")[0]
    return re.sub(r"'[^']*'", "'…'", CODE.sub("", first).lstrip(": ")).rstrip(".") + "."


def _named(error: BaseException) -> str:
    """The object that Oracle quotes in its message: names stand in double quotes, values do not."""
    names = re.findall(r'"[^"]+"(?:\."[^"]+")*', str(error).partition("\n")[0])
    return f"{names[0]} " if names else ""


def _cause(error: BaseException) -> str:
    cause = error.__cause__
    return f"{type(cause).__name__}." if cause else ""
