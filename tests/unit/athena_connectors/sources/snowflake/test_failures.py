"""What is said when Snowflake or its driver refuses: the code first, then whose it is to mend."""

import pytest
from snowflake.connector.errors import DatabaseError, Error, InterfaceError, OperationalError, ProgrammingError
from snowflake.connector.errors import InternalError as SnowflakeInternalError

from athena_connectors.federation.errors import (
    AccessDenied,
    ConnectorError,
    EntityNotFound,
    InternalError,
    InvalidCredentials,
    InvalidInput,
    OperationTimeout,
    Throttled,
)
from athena_connectors.sources.snowflake.failures import explained, lost, refuses_credentials, sign_in_failure

Case = tuple[Error, type[ConnectorError], str]


def login(code: int, message: str = "…", sqlstate: str = "08001") -> Error:
    """As the driver raises it."""
    return DatabaseError(f"Failed to login: Login error: {message}, code: {code}", errno=code, sqlstate=sqlstate)


def network(message: str) -> Error:
    return DatabaseError(f"Failed to login: {message}", errno=250001, sqlstate="08001")


SIGN_IN: dict[str, Case] = {
    "wrong password": (login(390100, sqlstate="28000"), InvalidCredentials, "a password of the secret sales (390100)"),
    "disabled": (login(390101), InvalidCredentials, "the user is disabled"),
    "locked": (login(390102), InvalidCredentials, "the user is locked"),
    "key pair": (login(390144), InvalidCredentials, "is the public key set for this user"),
    "token": (login(394400), InvalidCredentials, "invalid, expired or removed"),
    "role": (login(390189), AccessDenied, "role does not exist, or is not granted"),
    "network policy": (login(390422), AccessDenied, "NAT gateways or its VPC endpoint"),
    "warehouse": (
        login(390201, "The requested warehouse does not exist or not authorized."),
        EntityNotFound,
        "The requested warehouse does not exist or not authorized. Correct",
    ),
    "no account": (network("… error status: 404 Not Found, message: …"), EntityNotFound, "no Snowflake account at h"),
    "too many": (network("… last status 429 Too Many Requests"), Throttled, "HTTP 429"),
    "broken": (network("… last status 503 Service Unavailable"), OperationTimeout, "run the query again"),
    "refused": (network("login request. Connection refused"), OperationTimeout, "Connection refused"),
    "blackhole": (
        OperationalError("Failed to login: login timed out after 10s", errno=14, sqlstate="HYT00"),
        OperationTimeout,
        "is the host right",
    ),
}
STATEMENTS: dict[str, Case] = {
    "no warehouse": (ProgrammingError("…", errno=606, sqlstate="57P03"), EntityNotFound, "names no warehouse"),
    "dropped": (ProgrammingError("Object 'T' …", errno=2003, sqlstate="42S02"), EntityNotFound, "A table is gone"),
    "altered": (ProgrammingError("…", errno=904, sqlstate="42000"), EntityNotFound, "A column is gone"),
    "recreated": (ProgrammingError("…", errno=707, sqlstate="02000"), OperationTimeout, "run it again"),
    "cancelled": (ProgrammingError("…", errno=604, sqlstate="57014"), OperationTimeout, "The query was cancelled"),
    "too long": (ProgrammingError("…", errno=630, sqlstate="57014"), OperationTimeout, "took longer"),
    "no privilege": (ProgrammingError("…", errno=3001, sqlstate="42501"), AccessDenied, "grant it SELECT"),
    "no credits": (ProgrammingError("…", errno=90073, sqlstate="57014"), Throttled, "resource monitor"),
    "syntax": (
        ProgrammingError("unexpected 'SELEC'", errno=1003, sqlstate="42000"),
        InvalidInput,
        "unexpected 'SELEC'",
    ),
    "defect": (ProgrammingError("…", errno=603, sqlstate="XX000"), InternalError, "Snowflake 603"),
    "no route to results": (
        InterfaceError("… cause: error getting next batch: External error: …", errno=252005),
        OperationTimeout,
        "a route to the account's storage",
    ),
    "chunk": (
        SnowflakeInternalError("Failed to fetch chunk data. Snowflake responded with …", errno=6),
        OperationTimeout,
        "a route to the account's storage",
    ),
    "not to be read": (InterfaceError("cause: Invalid argument error: …", errno=252005), InternalError, "252005"),
    "no answer": (OperationalError("HTTP request failed after retries", errno=4), OperationTimeout, "after retries"),
    "connection": (OperationalError("reset by peer", errno=4, sqlstate="08006"), OperationTimeout, "reset by peer"),
}


@pytest.mark.parametrize("case", SIGN_IN)
def test_a_refused_sign_in_says_who_mends_it(case: str) -> None:
    error, kind, message = SIGN_IN[case]
    said = sign_in_failure(error, "sales", "h", "a password")
    assert type(said) is kind
    assert str(said).startswith(kind.code)
    assert message in str(said)


@pytest.mark.parametrize("case", STATEMENTS)
def test_a_failed_statement_says_who_mends_it(case: str) -> None:
    error, kind, message = STATEMENTS[case]
    said = explained(error)
    assert type(said) is kind
    assert str(said).startswith(kind.code)
    assert message in str(said)


def test_a_value_that_cannot_be_converted_is_not_repeated() -> None:
    said = str(
        explained(ProgrammingError("Numeric value '4111-1111' is not recognized", errno=100038, sqlstate="22018"))
    )
    assert "Numeric value '…' is not recognized." in said
    assert "4111" not in said


def test_the_query_of_snowflake_is_named() -> None:
    assert "query 01b2-c3" in str(explained(ProgrammingError("…", errno=603, sqlstate="XX000", sfqid="01b2-c3")))


@pytest.mark.parametrize(("code", "again"), [(390100, True), (390144, True), (394400, True), (390189, False)])
def test_only_refused_credentials_are_read_anew(code: int, again: bool) -> None:
    assert refuses_credentials(login(code)) is again


@pytest.mark.parametrize(("code", "gone"), [(390111, True), (390112, True), (390114, True), (2003, False)])
def test_a_session_that_is_gone_is_told_from_a_statement_that_fails(code: int, gone: bool) -> None:
    assert lost(ProgrammingError("…", errno=code)) is gone
