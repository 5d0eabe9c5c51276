"""Start Oracle's stand-in, and see what reached it. What speaks to it is `driver/standin_connection.py`."""

import base64
import json
import socket
import threading
import time
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import pyarrow as pa

from localcloud.oracle.database import Contents, Database
from localcloud.oracle.refusal import CALL_TIMED_OUT, CANCELLED, Refused

DRIVER = Path(__file__).resolve().parent / "driver"
"""Put before the driver's own place, this makes `import oracledb` connect to the stand-in."""
SESSION_STATEMENT = "ALTER SESSION SET"


@dataclass(frozen=True, slots=True)
class User:
    """Who may sign in; a locked one, and one whose password has expired."""

    password: str = field(repr=False)
    locked: bool = False
    expired: bool = False


@dataclass
class Session:
    """Who is signed in, as V$SESSION shows it, and what runs for them."""

    user: str
    tags: dict[str, str] = field(default_factory=dict)
    running: duckdb.DuckDBPyConnection | None = None
    settings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Statement:
    """One that arrived: its SQL, what was bound, the session's tags, the rows that it gave, or why it failed."""

    sql: str
    binds: list[Any]
    tags: dict[str, str]
    described: bool
    rows: int = 0
    error: str | None = None


class Standin:
    """A database at a port of loopback, of the service `service`. As a context manager it ends on exit."""

    def __init__(
        self, users: dict[str, User], contents: Contents, *, service: str = "sales", dbms_flashback: bool = True
    ) -> None:
        self.service = service
        self.database = Database(contents, dbms_flashback)
        self.queries: list[Statement] = []
        self.sign_ins = 0
        self._users = {name.upper(): user for name, user in users.items()}
        self._sessions: dict[str, Session] = {}
        self._busy: list[int] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.standin = self
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Let go of the port."""
        self._server.shutdown()
        self._server.server_close()

    def run(self, sql: str) -> None:
        """A statement of a table's owner, in DuckDB's SQL, such as DELETE FROM shop.orders."""
        self.database.change(sql)

    def change_user(self, name: str, user: User) -> None:
        """Replace a user's password, as a rotation does."""
        self._users[name.upper()] = user

    def end_sessions(self) -> None:
        """Kill all sessions, as an administrator can."""
        self._sessions.clear()

    def refuse_sign_ins(self, times: int, number: int = 12516) -> None:
        """Let the listener refuse the next ones: it has no handler left."""
        self._busy = [number] * times

    # What the driver's stand-in asks.

    def sign_in(self, asked: dict[str, Any]) -> dict[str, Any]:
        """A session. Raises Refused."""
        self.sign_ins += 1
        if self._busy:
            raise Refused(self._busy.pop(), "no appropriate service handler found")
        if asked.get("service_name") != self.service:
            raise Refused(12514, "service is not registered with the listener")
        user = self._users.get(str(asked["user"]).upper())
        if user is None or user.password != asked["password"]:
            raise Refused(1017, "invalid username/password; logon denied")
        if user.locked:
            raise Refused(28000, "The account is locked.")
        if user.expired:
            raise Refused(28001, "the password has expired")
        key = str(self.sign_ins)
        self._sessions[key] = Session(str(asked["user"]).upper())
        return {"session": key}

    def describe(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The columns of a query. Raises Refused."""
        session = self._session(asked)
        try:
            columns = self.database.describe(asked["sql"])
        except Refused as error:
            self.queries.append(Statement(asked["sql"], [], session.tags, True, error=str(error)))
            raise
        self.queries.append(Statement(asked["sql"], [], session.tags, True))
        return {"columns": columns}

    def execute(self, asked: dict[str, Any]) -> pa.Table:
        """The rows of a query. Raises Refused."""
        session, sql, binds = self._session(asked), asked["sql"], [_value(bind) for bind in asked["binds"]]
        if sql.upper().startswith(SESSION_STATEMENT):
            session.settings.append(sql)
            return pa.table({})
        session.running = self.database.cursor()
        timer = threading.Timer(asked["seconds"] or threading.TIMEOUT_MAX, session.running.interrupt)
        timer.daemon = True
        timer.start()
        began = time.monotonic()
        try:
            rows = self.database.run(session.running, sql, binds)
        except Refused as error:
            self.queries.append(Statement(sql, binds, session.tags, False, error=str(error)))
            if error.number == CANCELLED and 0 < asked["seconds"] <= time.monotonic() - began:
                raise Refused(CALL_TIMED_OUT, "the driver's own time is over") from error
            raise
        finally:
            session.running = None
            timer.cancel()
        self.queries.append(Statement(sql, binds, session.tags, False, rows.num_rows))
        return rows

    def cancel(self, asked: dict[str, Any]) -> dict[str, Any]:
        """End what runs for a session."""
        running = self._session(asked).running
        if running is not None:
            running.interrupt()
        return {}

    def _session(self, asked: dict[str, Any]) -> Session:
        if asked["session"] not in self._sessions:
            raise Refused(28, "your session has been killed")
        session = self._sessions[asked["session"]]
        session.tags = asked.get("tags", session.tags)
        return session

    def __enter__(self) -> "Standin":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _value(bind: dict[str, Any]) -> Any:
    value = bind["value"]
    match bind["type"]:
        case "decimal":
            return Decimal(value)
        case "datetime":
            return datetime.fromisoformat(value)
        case "date":
            return date.fromisoformat(value)
        case "bytes":
            return base64.b64decode(value)
        case _:
            return float(value) if bind["type"] == "float" else value


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    standin: Standin


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        standin = self.server.standin  # type: ignore[attr-defined]
        do = {
            "/sign-in": standin.sign_in,
            "/describe": standin.describe,
            "/execute": standin.execute,
            "/cancel": standin.cancel,
        }[self.path]
        try:
            answer = do(asked)
        except Refused as error:
            answer = {"number": error.number, "message": str(error)}
        except NotImplementedError as error:
            answer = {"number": 3001, "message": f"ORA-03001: unimplemented feature: {error}"}
        if isinstance(answer, pa.Table):
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, answer.schema) as writer:
                writer.write_table(answer)
            self._send("application/vnd.apache.arrow.stream", sink.getvalue().to_pybytes())
        else:
            self._send("application/json", json.dumps(answer).encode())

    def _send(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""
