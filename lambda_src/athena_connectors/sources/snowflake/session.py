"""The one session that an environment of the function has with a Snowflake account."""

import json
import logging
import os
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import snowflake.connector
from snowflake.connector import SnowflakeConnection
from snowflake.connector.cursor import DictCursor
from snowflake.connector.errors import Error

from athena_connectors.connections.model import Snowflake
from athena_connectors.connections.secrets import Secrets
from athena_connectors.federation.source import Caller
from athena_connectors.sources.snowflake.binding import Bound
from athena_connectors.sources.snowflake.credentials import Credentials, credentials
from athena_connectors.sources.snowflake.failures import (
    explained,
    lost,
    refuses_credentials,
    sign_in_failure,
    unexplained,
)

CONNECT_SECONDS = 5
SIGN_IN_SECONDS = 10
"""In all, with what is tried again; a function that waits longer says nothing of use."""
SIGN_OUT_SECONDS = 2
ATTEMPTS, LONGEST_PAUSE_MS = 5, 1_000
"""Of a request that gets no answer."""
CHUNK_MB = 48
"""Of a result, as it is fetched: the least that Snowflake takes for it (CLIENT_RESULT_CHUNK_SIZE), 160 by default."""
TAG_CHARACTERS = 2_000
"""As much as Snowflake takes of a QUERY_TAG."""

T = TypeVar("T")

# The driver's own records name statements, addresses and, at DEBUG, more: what matters of them is in our errors.
logging.getLogger("snowflake.connector").setLevel(logging.CRITICAL)
# It would ask the metadata services of three clouds where it runs, to tell Snowflake.
os.environ["SNOWFLAKE_DISABLE_PLATFORM_DETECTION"] = "true"


class Session:
    """Signs in when it is first needed, and again when the session is gone or the secret was rotated.

    Threads may share it: Snowflake runs a session's statements side by side.
    """

    def __init__(self, connection: Snowflake, secrets: Secrets, statement_seconds: int) -> None:
        self._connection, self._secrets, self._statement_seconds = connection, secrets, statement_seconds
        self._lock = threading.Lock()
        self._open: SnowflakeConnection | None = None

    @property
    def database(self) -> str:
        """The connection's database, as Snowflake spells it."""
        return _spelled(self._connection.database)

    def rows(self, sql: str, binds: Sequence[Bound] = (), caller: Caller | None = None) -> list[tuple[Any, ...]]:
        """All rows of a short statement, which is for `caller` alone, or None: others have it from the cache.

        Raises ConnectorError.
        """
        return [tuple(record.values()) for record in self.records(sql, binds, caller)]

    def records(self, sql: str, binds: Sequence[Bound] = (), caller: Caller | None = None) -> list[dict[str, Any]]:
        """The same, by the names of the columns."""
        tag = tagged(caller) if caller else None

        def run(connection: SnowflakeConnection) -> list[dict[str, Any]]:
            with connection.cursor(DictCursor) as cursor:
                return list(cursor.execute(sql, list(binds) or None, _statement_params=tag).fetchall())

        return self.retrying(run)

    def retrying(self, run: Callable[[SnowflakeConnection], T]) -> T:
        """What `run` returns, by a new session if this one is gone. Raises ConnectorError."""
        connection = self.connection()
        try:
            return run(connection)
        except Error as error:
            if not (lost(error) or (unexplained(error) and not connection.is_valid())):
                raise explained(error) from error
        self.forget(connection)
        try:
            return run(self.connection())
        except Error as error:
            raise explained(error) from error

    def connection(self) -> SnowflakeConnection:
        """The driver's connection, signed in. Raises ConnectorError."""
        with self._lock:
            if self._open is None:
                self._open = self._sign_in()
            return self._open

    def forget(self, connection: SnowflakeConnection) -> None:
        """Sign in anew next time, unless another thread has done so; what the driver holds of the old one is freed."""
        with self._lock:
            if self._open is not connection:
                return
            self._open = None
        try:
            connection.close(retry=False)
        except Error:
            return  # the session is gone: that is why

    def _sign_in(self) -> SnowflakeConnection:
        name, user = self._connection.secret, self._connection.user
        given = credentials(self._secrets.read(name), user)
        try:
            return self._connect(given)
        except Error as error:
            failure = error
        if refuses_credentials(failure):
            fresh = credentials(self._secrets.read(name, fresh=True), user)
            if fresh != given:
                given = fresh
                try:
                    return self._connect(given)
                except Error as error:
                    failure = error
        raise sign_in_failure(failure, name, self._connection.host, given.method) from failure

    def _connect(self, given: Credentials) -> SnowflakeConnection:
        connection = self._connection
        return snowflake.connector.connect(
            account=connection.account or connection.host.partition(".")[0],
            host=connection.host,
            port=connection.port,
            protocol="https" if connection.tls else "http",
            user=given.user,
            database=connection.database,
            **{
                name: value
                for name, value in (
                    ("schema", connection.schema),
                    ("warehouse", connection.warehouse),
                    ("role", connection.role),
                )
                if value
            },
            **given.arguments,
            application="Groundcrew",
            validate_default_parameters=True,
            session_parameters=self._parameters(),
            paramstyle="qmark",
            connect_timeout=CONNECT_SECONDS,
            login_timeout=SIGN_IN_SECONDS,
            retry_max_attempts=ATTEMPTS,
            retry_backoff_cap_ms=LONGEST_PAUSE_MS,
            client_store_temporary_credential=False,
            crl_enable_disk_caching=False,
            # An environment is frozen and killed, not shut down.
            auto_cleanup=False,
            logout_total_timeout_seconds=SIGN_OUT_SECONDS,
            enable_server_session_keep_alive_auto_detection=False,
        )

    def _parameters(self) -> dict[str, Any]:
        """What an account or a user may have set otherwise, and what the meaning of our statements depends on."""
        return {
            "CLIENT_RESULT_CHUNK_SIZE": CHUNK_MB,
            "CLIENT_TELEMETRY_ENABLED": False,
            "JSON_INDENT": 0,
            "QUOTED_IDENTIFIERS_IGNORE_CASE": False,
            "ROWS_PER_RESULTSET": 0,  # it would cut results, without a word
            "STATEMENT_TIMEOUT_IN_SECONDS": self._statement_seconds,
            "TIMESTAMP_INPUT_FORMAT": "AUTO",
            "TIMEZONE": "UTC",
        }


def tagged(caller: Caller) -> dict[str, str]:
    """What QUERY_HISTORY shows of a statement: the query of Athena and who runs it, as JSON."""
    tag = {"athena_query_id": caller.query_id, "caller": caller.arn}
    return {"QUERY_TAG": json.dumps({name: value for name, value in tag.items() if value})[:TAG_CHARACTERS]}


def _spelled(identifier: str) -> str:
    """An identifier of a connection string as Snowflake reads it."""
    if len(identifier) > 1 and identifier[0] == identifier[-1] == '"':
        return identifier[1:-1].replace('""', '"')
    return identifier.upper()
