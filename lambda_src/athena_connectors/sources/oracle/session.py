"""The one connection that an environment of the function has with an Oracle database."""

import random
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any, TypeVar

import oracledb

from athena_connectors.connections.model import Oracle
from athena_connectors.connections.secrets import Secret, Secrets
from athena_connectors.dialects.oracle import Oracle as OracleDialect
from athena_connectors.dialects.statement import Bind
from athena_connectors.federation.errors import InvalidCredentials
from athena_connectors.federation.source import Caller
from athena_connectors.sources.oracle.failures import (
    busy,
    explained,
    lost,
    refuses_credentials,
    sign_in_failure,
)

CONNECT_SECONDS, SIGN_IN_SECONDS = 5, 10
"""For the network, and for all of a sign-in: the driver waits without end for a listener that accepts and is silent."""
WAITS = (0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds before a sign-in is tried again that a storm of them kept out; each is stretched at random by up to as much,
so that those who were refused together do not come back together."""
IDLE_SECONDS, PING_SECONDS = 30, 3
"""A connection that nobody used for so long is asked whether it lives: a firewall may have forgotten it while the
environment was frozen, and then nothing would ever answer."""
PROGRAM = "groundcrew"
CLIENT_ID_BYTES, INFO_BYTES, ACTION_BYTES = 64, 64, 32
"""As much as V$SESSION holds of CLIENT_IDENTIFIER, CLIENT_INFO and ACTION."""

T = TypeVar("T")
Connect = Callable[..., oracledb.Connection]


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who signs in, and what opens the wallet."""

    user: str
    password: str = field(repr=False)
    wallet_password: str | None = field(repr=False)


class Session:
    """Signs in when it is first needed, and again when the session is gone or the secret was rotated.

    Oracle runs the statements of a session one after another, so one thread uses it at a time.
    """

    def __init__(
        self,
        connection: Oracle,
        secrets: Secrets,
        statement_seconds: int,
        connect: Connect = oracledb.connect,
        sign_in_seconds: float = SIGN_IN_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._connection, self._secrets, self._statement_seconds = connection, secrets, statement_seconds
        self._connect, self._sign_in_seconds = connect, sign_in_seconds
        self._sleep, self._clock = sleep, clock
        self._lock = threading.Lock()
        self._used = 0.0
        self._open: oracledb.Connection | None = None

    def rows(self, sql: str, *binds: object) -> list[tuple[Any, ...]]:
        """All rows of a short statement. Raises ConnectorError."""

        def run() -> list[tuple[Any, ...]]:
            with self.connection().cursor() as cursor:
                cursor.execute(sql, list(binds))
                found: list[tuple[Any, ...]] = cursor.fetchall()
                return found

        return self.retrying(run)

    def describe(self, sql: str) -> list[oracledb.FetchInfo]:
        """The columns of a query, which is not run. Raises ConnectorError."""

        def run() -> list[oracledb.FetchInfo]:
            with self.connection().cursor() as cursor:
                cursor.parse(sql)
                return list(cursor.description or ())

        return self.retrying(run)

    def retrying(self, run: Callable[[], T]) -> T:
        """What `run` returns, by a new session if this one is gone. Raises ConnectorError."""
        opened = self.connection()
        try:
            return run()
        except oracledb.Error as error:
            if not lost(error):
                raise explained(error) from error
        self.forget(opened)
        try:
            return run()
        except oracledb.Error as error:
            raise explained(error) from error

    def tag(self, caller: Caller) -> None:
        """Let V$SESSION, and what samples it, name the query of Athena and who runs it. Raises ConnectorError."""
        connection = self.connection()
        connection.module = PROGRAM
        connection.action = _last(caller.arn.rpartition(":")[2], ACTION_BYTES)
        connection.client_identifier = _last(caller.query_id, CLIENT_ID_BYTES)
        connection.clientinfo = _last(caller.arn, INFO_BYTES)

    def bound(self, binds: Iterable[Bind]) -> list[Any]:
        """Values as the driver binds them truly: it would bind a datetime as DATE, and a double as NUMBER."""
        with self.connection().cursor() as cursor:
            return [_bound(cursor, bind.value) for bind in binds]

    def connection(self) -> oracledb.Connection:
        """The driver's connection, signed in. Raises ConnectorError."""
        with self._lock:
            if self._open is not None and self._clock() - self._used > IDLE_SECONDS and not self._lives(self._open):
                self._open = None
            if self._open is None:
                self._open = self._sign_in()
            self._used = self._clock()
            return self._open

    def _lives(self, opened: oracledb.Connection) -> bool:
        opened.call_timeout = PING_SECONDS * 1_000
        try:
            opened.ping()
        except oracledb.Error:
            return False
        opened.call_timeout = self._statement_seconds * 1_000
        return True

    def forget(self, gone: oracledb.Connection) -> None:
        """Sign in anew next time, unless that was done. What is left of the old one is let go of, whatever it says."""
        with self._lock:
            if self._open is gone:
                self._open = None
        with suppress(oracledb.Error):  # the session is gone: that is why
            gone.close()

    def _sign_in(self) -> oracledb.Connection:
        name, user = self._connection.secret, self._connection.user
        given = credentials(self._secrets.read(name), user)
        failure: oracledb.Error | OSError
        try:
            return self._admitted(given)
        except (oracledb.Error, OSError) as error:
            failure = error
        if refuses_credentials(failure):
            fresh = credentials(self._secrets.read(name, fresh=True), user)
            if fresh != given:
                try:
                    return self._admitted(fresh)
                except (oracledb.Error, OSError) as error:
                    failure = error
        address = f"{self._connection.host}:{self._connection.port}"
        service = self._connection.service or self._connection.sid
        raise sign_in_failure(failure, name, address, service) from failure

    def _admitted(self, given: Credentials) -> oracledb.Connection:
        """A connection, asked for again while a storm of connections keeps it out."""
        for wait in WAITS:
            try:
                return within(self._sign_in_seconds, partial(self._connected, given))
            except oracledb.Error as error:
                if not busy(error):
                    raise
            self._sleep(wait * (1 + random.random()))  # noqa: S311 - spreads load, keeps no secret
        return within(self._sign_in_seconds, partial(self._connected, given))

    def _connected(self, given: Credentials) -> oracledb.Connection:
        where = self._connection
        tls: dict[str, Any] = {}
        if where.tls:
            tls = {
                "ssl_server_dn_match": True,
                "ssl_server_cert_dn": where.server_dn or None,
                "wallet_location": where.wallet or None,
                "wallet_password": given.wallet_password,
            }
        opened = self._connect(
            user=given.user,
            password=given.password,
            host=where.host,
            port=where.port,
            protocol="tcps" if where.tls else "tcp",
            **({"service_name": where.service} if where.service else {"sid": where.sid}),
            tcp_connect_timeout=CONNECT_SECONDS,
            retry_count=0,
            program=PROGRAM,
            **tls,
        )
        opened.call_timeout = self._statement_seconds * 1_000
        with opened.cursor() as cursor:
            for statement in OracleDialect.session:
                cursor.execute(statement)
        return opened


def within(seconds: float, call: Callable[[], T]) -> T:
    """What `call` returns or raises; TimeoutError when it does not in time, and then it is left behind."""
    ended: Future[T] = Future()

    def run() -> None:
        try:
            ended.set_result(call())
        except BaseException as error:  # raised where it is waited for
            ended.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return ended.result(seconds)


def credentials(secret: Secret, user: str) -> Credentials:
    """Read a secret; `user` is who signs in when it does not say. Raises InvalidCredentials."""
    name, password = secret.get("username", "user") or user, secret.get("password")
    if not name:
        raise InvalidCredentials(f"The secret {secret.name} has no user name: add the key username.")
    if not password:
        raise InvalidCredentials(f"The secret {secret.name} has no password: add the key password.")
    return Credentials(name, password, secret.get("wallet_password"))


def _bound(cursor: oracledb.Cursor, value: object) -> object:
    match value:
        case datetime():
            kind = oracledb.DB_TYPE_TIMESTAMP
        case date():
            kind = oracledb.DB_TYPE_DATE
        case float():
            kind = oracledb.DB_TYPE_BINARY_DOUBLE
        case _:
            return value
    variable = cursor.var(kind)
    variable.setvalue(0, value)
    return variable


def _last(text: str, most: int) -> str:
    """As much of the end of a text as fits in so many bytes: ends of ARNs tell more than their beginnings."""
    return text.encode()[-most:].decode(errors="ignore")
