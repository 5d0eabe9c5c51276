"""Statements that run, have run or were cancelled, and the record of them that scenes and tests read."""

import re
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import duckdb
import fakesnow.fakes
import pyarrow as pa
import snowflake.connector.errors
from fakesnow.dialect import parse_one
from fakesnow.instance import FakeSnow
from fakesnow.rowtype import ColumnInfo, describe_as_rowtype
from fakesnow.statement_type import statement_type_id
from sqlglot import Expr, exp
from sqlglot.errors import ParseError

from localcloud.snowflake import bindings, casing, dictionary
from localcloud.snowflake.accounts import Refused
from localcloud.snowflake.history import History

WAIT = re.compile(r"SYSTEM\$WAIT\((\d+)\)", re.I)
CANCEL = re.compile(r"SYSTEM\$CANCEL_QUERY\('([0-9a-f-]+)'\)", re.I)
SLICE_SECONDS = 0.02
CANCELLED = Refused(604, "SQL execution canceled", "57014")
RESULT_SECONDS = 120
"""How long a result can be fetched (Snowflake: a day); the record of what ran holds all."""


@dataclass
class Session:
    """Who is signed in, and the session's current objects; `warehouse` None where the login named none that exists."""

    user: str
    database: str | None
    schema: str | None
    warehouse: str | None
    role: str | None
    parameters: dict[str, Any]


@dataclass
class Query:
    """A statement, from its arrival on."""

    id: str
    request_id: str
    session: Session
    sql: str
    values: list[Any]
    parameters: dict[str, Any]
    arrived: datetime
    describe_only: bool = False
    queued: bool = False
    done: threading.Event = field(default_factory=threading.Event)
    cancelled: threading.Event = field(default_factory=threading.Event)
    table: pa.Table | None = None
    rowtype: list[ColumnInfo] = field(default_factory=list)
    type_id: int = 0
    error: Refused | None = None
    running_on: duckdb.DuckDBPyConnection | None = None
    rows: int = 0
    ended: float | None = None

    @property
    def status(self) -> str:
        """As GET /monitoring/queries words it."""
        if not self.done.is_set():
            return "QUEUED" if self.queued else "RUNNING"
        if self.error is None:
            return "SUCCESS"
        return "ABORTED" if self.error is CANCELLED else "FAILED_WITH_ERROR"

    def cancel(self) -> None:
        """End it, wherever it is."""
        self.cancelled.set()
        if self.running_on is not None:
            self.running_on.interrupt()

    def recorded(self) -> dict[str, Any]:
        """What scenes show: the SQL as it arrived, what was bound, its tag, how it ended."""
        return {
            "id": self.id,
            "sql": self.sql,
            "binds": bindings.shown(self.values),
            "tag": str(self.parameters.get("QUERY_TAG") or self.session.parameters.get("QUERY_TAG") or ""),
            "user": self.session.user,
            "role": self.session.role,
            "warehouse": self.session.warehouse,
            "describe_only": self.describe_only,
            "arrived": self.arrived.isoformat(),
            "status": self.status,
            "rows": self.rows,
            "error": self.error.message if self.error else None,
        }


class Warehouse:
    """Runs statements; `queue_seconds` is how long each waits before it runs, as behind others' statements."""

    def __init__(self) -> None:
        # Databases and schemas come from statements alone: Snowflake makes none for who signs in.
        self._snow = FakeSnow(create_database_on_connect=False, create_schema_on_connect=False)
        self._connection = self._snow.duck_conn.cursor()
        self._connection.execute(dictionary.DECLARATIONS)
        self._history = History(self._connection)
        self._lock = threading.Lock()  # of both connections, which DuckDB refuses to whoever finds them busy
        self.queries: dict[str, Query] = {}
        self.queue_seconds = 0.0

    def start(self, query: Query) -> None:
        """Run it in a thread of its own."""
        self.queries[query.id] = query
        for old in self.queries.values():
            if old.ended is not None and time.monotonic() - old.ended > RESULT_SECONDS:
                old.table = None
        threading.Thread(target=self._run, args=(query,), daemon=True).start()

    def databases(self) -> set[str]:
        """Their names."""
        sql = "SELECT database_name FROM duckdb_databases() WHERE NOT internal"
        with self._lock:
            rows = self._connection.execute(sql).fetchall()
        return {row[0] for row in rows} - {"memory", "_fs_global"}

    def cancel(self, *, query_id: str | None = None, request_id: str | None = None) -> bool:
        """Cancel the running statement of that id or request; whether there was one."""
        for query in list(self.queries.values()):
            if not query.done.is_set() and (query.id == query_id or query.request_id == request_id):
                query.cancel()
                return True
        return False

    def _run(self, query: Query) -> None:
        try:
            query.queued = self.queue_seconds > 0
            self._wait(query, self.queue_seconds)
            query.queued = False
            if query.cancelled.is_set():
                raise CANCELLED
            self._execute(query)
            if query.cancelled.is_set():
                raise CANCELLED
        except Refused as error:
            query.error = error
        except duckdb.InterruptException:
            query.error = CANCELLED
        except snowflake.connector.errors.Error as error:
            query.error = Refused(error.errno, error.raw_msg or str(error), error.sqlstate or "42000")
        except ParseError as error:
            query.error = Refused(1003, f"SQL compilation error: {error}", "42000")
        except duckdb.Error as error:
            query.error = Refused(100183, f"SQL execution error: {error}", "22000")
        except Exception as error:  # a gap of the stand-in's: said to whoever asked, never a hung query
            query.error = Refused(261000, f"The stand-in cannot do this: {error!r}", "0A000")
        finally:
            query.running_on = None
            query.rows = query.table.num_rows if query.table is not None and query.error is None else 0
            query.ended = time.monotonic()
            query.done.set()

    def _wait(self, query: Query, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not query.cancelled.is_set():
            time.sleep(SLICE_SECONDS)

    def _execute(self, query: Query) -> None:
        session = query.session
        if found := CANCEL.search(query.sql):
            self.cancel(query_id=found[1])
            self._answer(query, "SELECT 'query cancelled' AS result")
            return
        if (found := WAIT.search(query.sql)) and not query.describe_only:
            self._wait(query, int(found[1]))
        sql, kind = dictionary.plain(WAIT.sub(r"'waited \1 seconds'", query.sql))
        statement = parse_one(sql)
        self._require(statement, session)
        connection = self._connect(session)
        query.running_on = connection._duck_conn
        with self._lock:
            casing.check(self._connection, statement, session.database, session.schema)
            if self._history.rewrite(statement, session.database, session.schema):
                sql = statement.sql(dialect="snowflake")
            if not query.describe_only:
                self._history.before(statement, session.database, session.schema)
        cursor = connection.cursor()
        query.type_id = statement_type_id(statement)
        if query.describe_only:
            described = cursor._describe_only(sql)
            if described is None:
                raise NotImplementedError(f"describing {sql:.100}")
            query.rowtype = describe_as_rowtype(described)
            return
        cursor.execute(sql, binding_params=tuple(query.values) or None, server=True)
        query.rowtype = describe_as_rowtype(cursor._describe_last_sql())
        query.table = cursor._arrow_table
        with self._lock:
            dictionary.remember(self._connection, sql, kind, session.database, session.schema)
        session.database, session.schema = connection.database, connection.schema

    def _answer(self, query: Query, sql: str) -> None:
        cursor = self._connect(Session("OWNER", None, None, None, None, {})).cursor()
        cursor.execute(sql, server=True)
        query.type_id = statement_type_id(parse_one(sql))
        query.rowtype, query.table = describe_as_rowtype(cursor._describe_last_sql()), cursor._arrow_table

    def _connect(self, session: Session) -> fakesnow.fakes.FakeSnowflakeConnection:
        """A connection of the statement's own."""
        with self._lock:
            connection: fakesnow.fakes.FakeSnowflakeConnection = self._snow.connect(session.database, session.schema)
        return connection

    @staticmethod
    def _require(statement: Expr, session: Session) -> None:
        """What Snowflake wants of a session before it reads a table."""
        reads = isinstance(statement, exp.Query) and statement.find(exp.Table) is not None
        if reads and session.warehouse is None:
            raise Refused(
                606,
                "No active warehouse selected in the current session.  Select an active warehouse with the "
                "'use warehouse' command.",
                "57P03",
            )


def arrived(
    session: Session, request_id: str, sql: str, values: list[Any], parameters: dict[str, Any], describe_only: bool
) -> Query:
    """A statement as it comes in."""
    return Query(
        str(uuid.uuid4()), request_id, session, sql, values, parameters, datetime.now(UTC), describe_only=describe_only
    )


def statements(text: str) -> Iterator[str]:
    """The statements of a SQL file: each ends with `;` at the end of a line, and `--` begins a line of comment."""
    kept = [line for line in text.splitlines() if not line.lstrip().startswith("--")]
    for statement in re.split(r";[ \t]*$", "\n".join(kept), flags=re.M):
        if statement.strip():
            yield statement.strip()
