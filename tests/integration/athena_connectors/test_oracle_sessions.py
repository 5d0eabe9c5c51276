"""Signing in to Oracle, again when a session or a secret is no longer the same, and in a storm of others."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pytest
from source_contract import CALLER

from athena_connectors.connections.model import Oracle
from athena_connectors.connections.secrets import Secrets
from athena_connectors.federation.errors import ConnectorError, InvalidCredentials, OperationTimeout, Throttled
from athena_connectors.federation.model import Constraints, TableName
from athena_connectors.federation.source import Caller, Scan
from athena_connectors.sources.limits import Limits
from athena_connectors.sources.oracle.session import CONNECT_SECONDS, IDLE_SECONDS, WAITS, Session
from athena_connectors.sources.oracle.source import OracleSource
from localcloud.oracle.database import Contents, Table
from localcloud.oracle.driver.standin_connection import connect
from localcloud.oracle.standin import Standin, User

ORDERS = Table({"ID": "NUMBER(10)"}, pa.table({"id": range(3_000)}))


@pytest.fixture
def standin() -> Iterator[Standin]:
    with Standin(
        {"athena": User("old"), "late": User("p", expired=True)}, Contents({("SHOP", "T"): ORDERS})
    ) as running:
        yield running


@pytest.fixture
def session_of(standin: Standin, secrets_manager) -> Callable[..., Session]:
    def make(secret: Any = None, **arguments: Any) -> Session:
        secrets = Secrets(secret or secrets_manager(username="athena", password="old"))
        connection = Oracle("127.0.0.1", "oracle", "sales", port=standin.port)
        return Session(connection, secrets, 30, **{"connect": connect, "sleep": lambda _: None} | arguments)

    return make


def test_a_secret_is_read_once_while_it_works(session_of, secrets_manager) -> None:
    manager = secrets_manager(username="athena", password="old")
    session = session_of(manager)
    assert session.rows("SELECT 1 FROM DUAL") == session.rows("SELECT 1 FROM DUAL") == [(1,)]
    assert manager.reads == 1


def test_whatever_is_asked_takes_one_connection(standin: Standin, secrets_manager) -> None:
    """Issues #3495 and #1921: pools grew until the database took no more."""
    connection = Oracle("127.0.0.1", "oracle", "sales", port=standin.port)
    source = OracleSource(connection, Secrets(secrets_manager(username="athena", password="old")), Limits(), connect)
    for _ in range(3):
        table = source.table(source.tables("SHOP")[0])
        list(source.scan(Scan(table, table.schema, Constraints(), {}, CALLER)).batches())
        source.query_schema("SELECT 1 AS one FROM DUAL", CALLER)
    assert standin.sign_ins == 1


def test_a_secret_that_was_rotated_is_read_anew(standin: Standin, session_of, secrets_manager) -> None:
    manager = secrets_manager(username="athena", password="old")
    session = session_of(manager)
    session.rows("SELECT 1 FROM DUAL")
    standin.change_user("athena", User("new"))
    standin.end_sessions()
    manager.values["password"] = "new"
    assert session.rows("SELECT 1 FROM DUAL") == [(1,)]
    assert manager.reads == 2


def test_a_password_that_is_wrong_is_tried_once(standin: Standin, session_of, secrets_manager) -> None:
    """Every other attempt brings the account closer to being locked."""
    session = session_of(secrets_manager(username="athena", password="wrong"))
    with pytest.raises(InvalidCredentials, match="ORA-01017"):
        session.rows("SELECT 1 FROM DUAL")
    assert standin.sign_ins == 1


@pytest.mark.parametrize(
    ("secret", "message"),
    [
        ({"username": "late", "password": "p"}, "has expired"),
        ({"username": "athena"}, "has no password"),
        ({"password": "old"}, "has no user name"),
    ],
)
def test_a_secret_that_does_not_do_says_why(session_of, secrets_manager, secret: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidCredentials, match=message):
        session_of(secrets_manager(**secret)).rows("SELECT 1 FROM DUAL")


def test_who_is_kept_out_by_a_storm_comes_back_later_and_not_all_at_once(standin: Standin, session_of) -> None:
    """Issue #466: throttled connections failed the query."""
    waits: list[float] = []
    standin.refuse_sign_ins(3)
    assert session_of(sleep=waits.append).rows("SELECT 1 FROM DUAL") == [(1,)]
    assert [least <= wait < 2 * least for least, wait in zip(WAITS, waits, strict=False)] == [True] * 3


def test_a_storm_that_does_not_end_is_throttling(standin: Standin, session_of) -> None:
    waits: list[float] = []
    standin.refuse_sign_ins(100)
    with pytest.raises(Throttled, match=r"^THROTTLING_EXCEPTION: .*ORA-12516"):
        session_of(sleep=waits.append).rows("SELECT 1 FROM DUAL")
    assert sum(waits) + (len(WAITS) + 1) * CONNECT_SECONDS < 60


def test_the_session_has_the_settings_that_the_statements_mean(standin: Standin, session_of) -> None:
    session_of().rows("SELECT 1 FROM DUAL")
    (session,) = standin._sessions.values()
    assert session.settings == ["ALTER SESSION SET NLS_COMP = BINARY NLS_SORT = BINARY NLS_CALENDAR = GREGORIAN"]


def test_a_connection_that_nobody_used_for_long_is_asked_whether_it_lives(standin: Standin, session_of) -> None:
    """One that a firewall has forgotten would let the query wait for its whole time."""
    now = [1_000.0]
    session = session_of(clock=lambda: now[0])
    session.rows("SELECT 1 FROM DUAL")
    standin.end_sessions()
    now[0] += IDLE_SECONDS + 1
    session.connection()
    assert standin.sign_ins == 2
    now[0] += IDLE_SECONDS + 1
    session.connection()
    assert standin.sign_ins == 2


def test_a_call_that_takes_too_long_ends_with_its_time(standin: Standin, secrets_manager) -> None:
    connection = Oracle("127.0.0.1", "oracle", "sales", port=standin.port)
    secrets = Secrets(secrets_manager(username="athena", password="old"))
    source = OracleSource(connection, secrets, Limits(statement_seconds=1), connect)
    query = "SELECT COUNT(*) AS n FROM shop.t a, shop.t b, shop.t c, shop.t d"
    schema = source.query_schema(query, CALLER)
    began = time.monotonic()
    with pytest.raises(OperationTimeout, match=r"in the time that the function has\. \[DPY-4024\]"):
        list(source.scan(Scan(None, schema, Constraints(passthrough={"QUERY": query}), {}, CALLER)).batches())
    assert time.monotonic() - began < 10


def test_a_session_that_is_killed_between_requests_is_replaced_before_a_row_is_read(
    standin: Standin, secrets_manager
) -> None:
    connection = Oracle("127.0.0.1", "oracle", "sales", port=standin.port)
    secrets = Secrets(secrets_manager(username="athena", password="old"))
    source = OracleSource(connection, secrets, Limits(), connect)
    table = source.table(TableName("SHOP", "T"))
    standin.end_sessions()
    cursor = source.scan(Scan(table, table.schema, Constraints(), {}, CALLER))
    assert sum(batch.num_rows for batch in cursor.batches()) == 3_000
    standin.end_sessions()
    empty = source.scan(Scan(table, pa.schema([]), Constraints(), {}, CALLER))
    assert sum(batch.num_rows for batch in empty.batches()) == 3_000


def test_the_names_of_caller_and_query_fit_what_oracle_keeps_of_them(standin: Standin, session_of) -> None:
    session = session_of()
    role = "arn:aws:sts::123456789012:assumed-role/" + "a" * 64 + "/someone@example.com"
    session.tag(Caller("11111111-2222-3333-4444-555555555555", role))
    session.rows("SELECT 1 FROM DUAL")
    tags = standin.queries[-1].tags
    assert tags["client_identifier"] == "11111111-2222-3333-4444-555555555555"
    assert tags["clientinfo"] == role[-64:]
    assert tags["action"].endswith("someone@example.com")


def test_an_interrupted_session_is_replaced_and_a_new_one_never_closed_for_it(
    standin: Standin, secrets_manager
) -> None:
    connection = Oracle("127.0.0.1", "oracle", "sales", port=standin.port)
    source = OracleSource(connection, Secrets(secrets_manager(username="athena", password="old")), Limits(), connect)
    table = source.table(TableName("SHOP", "T"))
    cursor = source.scan(Scan(table, table.schema, Constraints(), {}, CALLER))
    next(iter(cursor.batches()))
    cursor.cancel()
    cursor.close()
    source.schemas()
    assert standin.sign_ins == 2
    cursor.close()
    source.schemas()
    assert standin.sign_ins == 2


def test_a_cursor_that_was_cancelled_before_it_ran_reads_nothing(standin: Standin, secrets_manager) -> None:
    connection = Oracle("127.0.0.1", "oracle", "sales", port=standin.port)
    source = OracleSource(connection, Secrets(secrets_manager(username="athena", password="old")), Limits(), connect)
    table = source.table(TableName("SHOP", "T"))
    for schema in (table.schema, pa.schema([])):
        cursor = source.scan(Scan(table, schema, Constraints(), {}, CALLER))
        cursor.cancel()
        with pytest.raises(ConnectorError, match="The query was cancelled"):
            list(cursor.batches())
        cursor.close()
