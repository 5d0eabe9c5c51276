"""What Teradata and its driver refuse, as the user of Athena is told: whose it is to mend, and how.

Numbers are those of Teradata's messages (B035-1096) and of the driver. Nothing of the data is repeated.
"""

import re
from dataclasses import dataclass

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

REFUSED = 8017
NO_CONNECTION, NO_HOST = 444, 493
DATABASE_GONE = 3802
SESSIONS = frozenset({3150, 3151, 8024})
"""So many sessions or queries are open already as the system, or a rule of its workload management, allows."""
RESTARTED = frozenset({2825, 2826, 2827, 2828, 3120, 3897, 8055, 8056})
AGAIN = "Run the query again."
QUERY: dict[int, tuple[type[ConnectorError], str]] = {
    2616: (InvalidInput, "A number overflows."),
    2617: (InvalidInput, "A number overflows."),
    2618: (InvalidInput, "A number is divided by zero."),
    2619: (InvalidInput, "A number is divided by zero."),
    2631: (OperationTimeout, f"Teradata ended the query for a deadlock. {AGAIN}"),
    2646: (Throttled, "The connection's user has no more spool space: it takes more, or fewer splits at a time."),
    3110: (OperationTimeout, "The query was cancelled."),
    3111: (OperationTimeout, f"Teradata timed the query out. {AGAIN}"),
    3149: (AccessDenied, "A rule of Teradata's workload management forbids the query."),
    3156: (OperationTimeout, "A rule of Teradata's workload management ended the query."),
    3523: (AccessDenied, "The connection's user lacks a right: grant it SELECT."),
    3524: (AccessDenied, "The connection's user lacks a right: grant it SELECT."),
    3598: (OperationTimeout, f"The table is being changed. {AGAIN}"),
    3603: (OperationTimeout, f"The table is being changed. {AGAIN}"),
    DATABASE_GONE: (EntityNotFound, "There is no such database, or the connection's user does not see it."),
    3807: (EntityNotFound, "A table is gone, or the connection's user does not see it."),
    3810: (EntityNotFound, f"A column is gone: the table was altered while the query ran. {AGAIN}"),
    3853: (EntityNotFound, "That is no table."),
    5315: (AccessDenied, "The connection's user lacks a right on a column: grant it SELECT."),
    5628: (EntityNotFound, f"A column is gone: the table was altered while the query ran. {AGAIN}"),
}
CLASSES: dict[str, type[ConnectorError]] = {
    "08": OperationTimeout,
    "0A": NotSupported,
    "22": InvalidInput,
    "28": InvalidCredentials,
    "40": OperationTimeout,
    "42": InvalidInput,
    "57": OperationTimeout,
}
NUMBER = re.compile(r"\[Error (\d+)\](?: \[SQLState (\w{5})\])? ?")
BRACKETS = re.compile(r"^(?:\[[^]]*\] ?)+")
QUOTED = re.compile(r"'[^']*'")


@dataclass(frozen=True, slots=True)
class Failure:
    """What the driver says: it raises one class of errors, whose text holds the number, the state and its own trace."""

    number: int
    state: str
    message: str

    @classmethod
    def of(cls, error: Exception) -> "Failure":
        """Read the text of the driver's error; without a number in it, that is 0."""
        first = str(error).partition("\n")[0]
        found = NUMBER.search(first)
        number, state = (int(found[1]), found[2] or "") if found else (0, "")
        return cls(number, state, BRACKETS.sub("", first).strip().rstrip(".") + ".")

    @property
    def lost(self) -> bool:
        """Whether the session is gone, so that a new one may do what this one could not."""
        return self.state.startswith("08") or self.number in RESTARTED

    @property
    def refuses_credentials(self) -> bool:
        """Whether other credentials might be let in: those that a rotation has brought meanwhile."""
        return self.number == REFUSED or self.state.startswith("28")


def sign_in_failure(error: Exception, secret: str, host: str, port: int) -> ConnectorError:
    """Why nobody is signed in."""
    failure = Failure.of(error)
    if failure.refuses_credentials:
        return InvalidCredentials(
            f"Teradata refuses the user name and the password of the secret {secret} ({failure.number}): one of them "
            "is wrong or expired, or the user is locked. Correct the secret, or let an administrator release the user."
        )
    if failure.number in SESSIONS:
        return Throttled(f"Teradata takes no more sessions for now ({failure.number}).")
    if failure.number == NO_HOST:
        return OperationTimeout(f"There is no host {host}: correct the connection's host, or the DNS of its subnets.")
    if failure.number in QUERY:
        return explained(error)
    if failure.state.startswith("08") or not failure.number:
        return OperationTimeout(
            f"Teradata is not reached at {host}, port {port}: are they right, and have the connector's subnets a route "
            f"to it (VPN, PrivateLink or NAT) and its security groups a way out? {failure.message}"
        )
    return explained(error)


def explained(error: Exception) -> ConnectorError:
    """Why a statement failed."""
    failure = Failure.of(error)
    identity = f" [Teradata {failure.number}]" if failure.number else ""
    if failure.number in RESTARTED:
        return OperationTimeout(f"Teradata was restarted, or the session was ended. {AGAIN}{identity}")
    if failure.number in SESSIONS:
        return Throttled(f"Teradata runs as many queries as it may. {failure.message}{identity}")
    if failure.number in QUERY:
        kind, sentence = QUERY[failure.number]
        return kind(f"{sentence} {failure.message}{identity}")
    if 3700 <= failure.number < 3800:  # the parser's
        return InvalidInput(f"{failure.message}{identity}")
    kind = CLASSES.get(failure.state[:2], InternalError)
    message = failure.message
    if failure.state.startswith("22"):
        message = QUOTED.sub("'…'", message)  # it may quote the value that cannot be converted
    return kind(f"{message}{identity}")
