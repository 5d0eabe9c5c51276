"""Who mends what Teradata refuses, by the texts that its driver 20.0 gives."""

import pytest
import teradatasql

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
from athena_connectors.sources.teradata.failures import Failure, explained, sign_in_failure

TRACE = "\n at gosqldriver/teradatasql.formatError ErrorUtil.go:84\nCaused by secret things"


def database(number: int, state: str, words: str) -> teradatasql.Error:
    prefix = "[Version 20.0.0.72] [Session 1003] [Teradata Database]"
    return teradatasql.OperationalError(f"{prefix} [Error {number}] [SQLState {state}] {words}{TRACE}")


def driver(number: int, state: str, words: str) -> teradatasql.Error:
    prefix = "[Version 20.0.0.72] [Session 0] [Teradata SQL Driver]"
    return teradatasql.OperationalError(f"{prefix} [Error {number}] [SQLState {state}] {words}{TRACE}")


@pytest.mark.parametrize(
    ("number", "state", "kind", "words"),
    [
        (2616, "22003", InvalidInput, "overflows"),
        (2618, "22012", InvalidInput, "divided by zero"),
        (2631, "40001", OperationTimeout, "deadlock"),
        (2646, "HY000", Throttled, "spool space"),
        (3110, "HY008", OperationTimeout, "was cancelled"),
        (3149, "HY000", AccessDenied, "workload management forbids"),
        (3151, "HY000", Throttled, "as many queries as it may"),
        (3156, "HY000", OperationTimeout, "workload management ended"),
        (3523, "42000", AccessDenied, "grant it SELECT"),
        (3706, "42000", InvalidInput, "Words"),
        (3802, "42000", EntityNotFound, "no such database"),
        (3807, "42S02", EntityNotFound, "table is gone"),
        (3810, "42S22", EntityNotFound, "column is gone"),
        (5315, "42000", AccessDenied, "on a column"),
        (5628, "42S22", EntityNotFound, "column is gone"),
        (2828, "HY000", OperationTimeout, "restarted"),
        (9999, "22000", InvalidInput, "Words"),
        (9999, "28000", InvalidCredentials, "Words"),
        (9999, "HY000", InternalError, "Words"),
    ],
)
def test_a_refusal_says_whose_it_is_and_its_number(
    number: int, state: str, kind: type[ConnectorError], words: str
) -> None:
    error = explained(database(number, state, "Words."))
    assert type(error) is kind
    assert words in str(error)
    assert str(error).startswith(kind.code)
    assert str(error).endswith(f"[Teradata {number}]")
    assert "gosqldriver" not in str(error)
    assert "secret things" not in str(error)


def test_values_are_not_repeated() -> None:
    assert "4711" not in str(explained(database(9999, "22018", "Cannot convert '4711 secret' to DATE.")))


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (database(8017, "28000", "The UserId, Password or Account is invalid."), InvalidCredentials, "secret s"),
        (database(8024, "HY000", "All virtual circuits are currently in use."), Throttled, "no more sessions"),
        (database(3802, "42000", "Database 'x' does not exist."), EntityNotFound, "no such database"),
        (driver(444, "08001", "Failed to connect to h"), OperationTimeout, "security groups"),
        (driver(493, "08000", "Hostname lookup failed for h"), OperationTimeout, "no host h"),
        (teradatasql.OperationalError("something else"), OperationTimeout, "something else"),
    ],
)
def test_nobody_is_signed_in_for_a_reason(error: teradatasql.Error, kind: type[ConnectorError], words: str) -> None:
    found = sign_in_failure(error, "s", "h", 1025)
    assert type(found) is kind
    assert words in str(found)


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (driver(804, "08S01", "Socket communication failure"), True),
        (database(8055, "HY000", "Session forced off"), True),
        (database(3807, "42S02", "Object 'x' does not exist."), False),
    ],
)
def test_only_a_session_that_is_gone_is_opened_anew(error: teradatasql.Error, lost: bool) -> None:
    assert Failure.of(error).lost is lost
