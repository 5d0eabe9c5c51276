"""What is said when Oracle or its driver refuses: the code first, then whose it is to mend."""

import importlib

import oracledb
import pytest

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
from athena_connectors.sources.oracle.failures import busy, code, explained, lost, refuses_credentials, sign_in_failure

errors = importlib.import_module("oracledb.errors")

Case = tuple[oracledb.Error, type[ConnectorError], str]


def oracle(number: int, words: str = "…") -> oracledb.Error:
    """As the driver raises what the server says."""
    details = errors._Error(f"ORA-{number:05}: {words}", code=number)
    return details.exc_type(details)


def driver(name: str, **arguments: object) -> oracledb.Error:
    """As the driver raises what it finds itself."""
    return errors._create_exception(getattr(errors, name), **arguments)


UNREACHED = driver("ERR_CONNECTION_FAILED", cause=TimeoutError("timed out"), connection_id="x")
SIGN_IN: dict[str, Case] = {
    "wrong password": (oracle(1017), InvalidCredentials, "the secret sales (ORA-01017): the user name or the password"),
    "locked": (oracle(28000), InvalidCredentials, "the account is locked"),
    "expired": (oracle(28001), InvalidCredentials, "has expired"),
    "no session": (oracle(1045), AccessDenied, "grant it CREATE SESSION"),
    "unknown service": (
        driver("ERR_INVALID_SERVICE_NAME", service_name="s", host="h", port=1),
        EntityNotFound,
        "There is no service orders at h:1521 (DPY-6001)",
    ),
    "unknown sid": (driver("ERR_INVALID_SID", sid="s", host="h", port=1), EntityNotFound, "(DPY-6003)"),
    "no handler": (driver("ERR_LISTENER_REFUSED_CONNECTION", error_code=12516), Throttled, "(ORA-12516)"),
    "too many processes": (oracle(20), Throttled, "raise PROCESSES"),
    "too many sessions": (oracle(2391), Throttled, "reserved concurrency"),
    "unreachable": (UNREACHED, OperationTimeout, "Oracle is not reached at h:1521 (DPY-6005)"),
    "starting": (oracle(1033), OperationTimeout, "starts or stops"),
    "native encryption": (
        driver("ERR_FEATURE_NOT_SUPPORTED", feature="Native Network Encryption", driver_type="thick"),
        NotSupported,
        "connect by tcps",
    ),
    "old server": (driver("ERR_SERVER_VERSION_NOT_SUPPORTED"), NotSupported, "older than 12.1"),
    "other certificate": (driver("ERR_INVALID_SERVER_CERT_DN", expected_dn="x"), AccessDenied, "correct server_dn"),
}
STATEMENTS: dict[str, Case] = {
    "dropped": (oracle(942, 'table or view "SHOP"."T" does not exist'), EntityNotFound, "A table is gone, or the"),
    "altered": (oracle(904, '"X": invalid identifier'), EntityNotFound, '"X" [ORA-00904]'),
    "cancelled": (oracle(1013), OperationTimeout, "The query was cancelled."),
    "too long": (driver("ERR_CALL_TIMEOUT_EXCEEDED", timeout=1), OperationTimeout, "in the time"),
    "no privilege": (oracle(1031), AccessDenied, "grant it SELECT"),
    "old snapshot": (oracle(1555), OperationTimeout, "keep more undo"),
    "moved": (oracle(1466), OperationTimeout, "run it again"),
    "partition": (oracle(2149), OperationTimeout, "A partition is gone"),
    "division": (oracle(1476), InvalidInput, "divides by zero"),
    "syntax": (oracle(933, "SQL command not properly ended"), InvalidInput, "SQL command not properly ended."),
    "placeholder": (oracle(1008), InvalidInput, "write the value"),
    "temporary space": (oracle(1652), Throttled, "temporary space"),
    "broken": (oracle(3113), OperationTimeout, "broke while the query ran"),
    "too large": (errors._create_exception(4042, value="9", precision=1, scale=0), InvalidInput, "beyond what"),
    "defect": (oracle(7445, "exception encountered: core dump"), InternalError, "[ORA-07445]"),
}


@pytest.mark.parametrize("case", SIGN_IN)
def test_a_refused_sign_in_says_who_mends_it(case: str) -> None:
    error, kind, message = SIGN_IN[case]
    said = sign_in_failure(error, "sales", "h:1521", "orders")
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


def test_an_unreachable_host_is_told_from_a_wrong_address_by_its_cause() -> None:
    """Issue #823: what was wrong with the address could not be told from the message."""
    assert "TimeoutError" in str(sign_in_failure(UNREACHED, "sales", "h:1521", "orders"))


def test_a_value_is_not_repeated() -> None:
    said = str(explained(oracle(921, "unexpected '4111-1111' in the query")))
    assert "4111" not in said


@pytest.mark.parametrize(("number", "again"), [(1017, True), (28001, True), (28000, False), (1045, False)])
def test_only_refused_credentials_are_read_anew(number: int, again: bool) -> None:
    """A locked account would be locked for longer by every attempt."""
    assert refuses_credentials(oracle(number)) is again


@pytest.mark.parametrize(("number", "gone"), [(28, True), (3113, True), (3135, True), (2396, True), (942, False)])
def test_a_session_that_is_gone_is_told_from_a_statement_that_fails(number: int, gone: bool) -> None:
    assert lost(oracle(number)) is gone


@pytest.mark.parametrize(("number", "later"), [(12516, True), (12520, True), (18, True), (12514, False), (1017, False)])
def test_only_who_is_kept_out_for_now_asks_again(number: int, later: bool) -> None:
    assert busy(oracle(number)) is later


def test_an_error_of_nobodys_has_no_code() -> None:
    assert code(ValueError("year 0 is out of range")) == ""
