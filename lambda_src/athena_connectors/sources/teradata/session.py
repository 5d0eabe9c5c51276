"""The one session that an environment of the function has with a Teradata database."""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import teradatasql

from athena_connectors.connections.model import Teradata
from athena_connectors.connections.secrets import Secret, Secrets
from athena_connectors.dialects.teradata import Teradata as TeradataDialect
from athena_connectors.federation.errors import InvalidCredentials
from athena_connectors.federation.source import Caller
from athena_connectors.sources.teradata.failures import Failure, explained, sign_in_failure
from athena_connectors.sources.teradata.query_band import query_band

CONNECT_MILLISECONDS = 5_000
SIGN_IN_SECONDS = 10
USER = ("username", "user")

T = TypeVar("T")


class Session:
    """Signs in when it is first needed, and again when the session is gone or the secret was rotated.

    Teradata runs the requests of one session one after another; only `cancel` may come from another thread.
    """

    def __init__(self, connection: Teradata, secrets: Secrets, statement_seconds: int) -> None:
        self._connection, self._secrets, self._statement_seconds = connection, secrets, statement_seconds
        self._lock = threading.Lock()
        self._open: Any = None

    def rows(self, sql: str, binds: Sequence[Any] = (), caller: Caller | None = None) -> list[list[Any]]:
        """All rows of a short statement, which Teradata's logs have as the caller's. Raises ConnectorError."""

        def run(connection: Any) -> list[list[Any]]:
            with connection.cursor() as cursor:
                if caller is not None:
                    cursor.execute(query_band(caller))
                found: list[list[Any]] = cursor.execute(sql, list(binds) or None).fetchall()
                return found

        return self.retrying(run)

    def retrying(self, run: Callable[[Any], T]) -> T:
        """What `run` makes of the connection, by a new session if this one is gone. Raises ConnectorError."""
        connection = self.connection()
        try:
            return run(connection)
        except teradatasql.Error as error:
            if not Failure.of(error).lost:
                raise explained(error) from error
        self.forget(connection)
        try:
            return run(self.connection())
        except teradatasql.Error as error:
            raise explained(error) from error

    def connection(self) -> Any:
        """The driver's connection, signed in. Raises ConnectorError."""
        with self._lock:
            if self._open is None:
                self._open = self._sign_in()
            return self._open

    def forget(self, connection: Any) -> None:
        """Sign in anew next time, unless another thread has done so."""
        with self._lock:
            if self._open is not connection:
                return
            self._open = None
        with suppress(teradatasql.Error):  # the session is gone: that is why
            connection.close()

    def _sign_in(self) -> Any:
        name = self._connection.secret
        secret = self._secrets.read(name)
        try:
            return self._connect(secret)
        except teradatasql.Error as error:
            failure = error
        if Failure.of(failure).refuses_credentials:
            fresh = self._secrets.read(name, fresh=True)
            if fresh != secret:
                try:
                    return self._connect(fresh)
                except teradatasql.Error as error:
                    failure = error
        raise sign_in_failure(failure, name, self._connection.host, self._connection.port) from failure

    def _connect(self, secret: Secret) -> Any:
        connection = self._connection
        user, password = secret.get(*USER) or connection.user, secret.get("password")
        if not user or not password:
            missing = "user name: add the key username" if not user else "password: add the key password"
            raise InvalidCredentials(f"The secret {secret.name} has no {missing}.")
        named = {"database": connection.database, "sslca": connection.certificates}
        opened = teradatasql.connect(
            host=connection.host,
            dbs_port=connection.port,
            https_port=connection.https_port,
            user=user,
            password=password,
            logmech=connection.logon_mechanism,
            tmode=connection.transaction_mode,
            sslmode=connection.tls,
            encryptdata=connection.encrypt_data,
            connect_timeout=CONNECT_MILLISECONDS,
            logon_timeout=SIGN_IN_SECONDS,
            request_timeout=self._statement_seconds,
            # Dates and decimals as text, which Arrow parses by columns, not as objects that are made one by one.
            teradata_values=False,
            # A session that comes back after minutes is too late for a function.
            redrive=0,
            **{name: value for name, value in named.items() if value},
        )
        with opened.cursor() as cursor:
            for statement in TeradataDialect.session:
                cursor.execute(statement)
        return opened
