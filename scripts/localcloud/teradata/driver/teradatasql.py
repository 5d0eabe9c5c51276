"""What a program sees of Teradata's driver, in front of the stand-in's server; of the standard library alone.

It is as strict as the driver, whose numbers, states and words its errors have; what it does not know it refuses.
"""

import base64
import datetime
import decimal
import json
import socket
import threading
from types import TracebackType
from typing import Any

VERSION = "20.0.0.72"
PARAMETERS = frozenset(
    {
        "connect_timeout",
        "database",
        "dbs_port",
        "encryptdata",
        "host",
        "https_port",
        "logmech",
        "logon_timeout",
        "password",
        "redrive",
        "request_timeout",
        "sslca",
        "sslmode",
        "teradata_values",
        "tmode",
        "user",
    }
)
CHOICES = {
    "logmech": {"TD2", "LDAP"},
    "sslmode": {"DISABLE", "ALLOW", "PREFER", "REQUIRE", "VERIFY-CA", "VERIFY-FULL"},
    "tmode": {"ANSI", "TERA", "DEFAULT"},
}
INVALID = {"logmech": 176, "sslmode": 188, "tmode": 189}
FETCHED_ROWS = 1_000

apilevel, threadsafety, paramstyle = "2.0", 2, "qmark"


class Error(Exception):
    """What this module raises."""


class DatabaseError(Error):
    """What the database refuses."""


class OperationalError(DatabaseError):
    """All that the driver raises."""


def connect(**parameters: Any) -> "TeradataConnection":
    """Sign in. Raises OperationalError."""
    for name in parameters:
        if name not in PARAMETERS:
            raise _error("Teradata SQL Driver", 169, "08000", "Unable to parse JSON connection parameters")
    for name, choices in CHOICES.items():
        given = str(parameters.get(name, min(choices)))
        if given.upper() not in choices:
            words = f"Invalid argument {given} was specified for the {name} connection parameter"
            raise _error("Teradata SQL Driver", INVALID[name], "08000", words)
    port, https_port = int(parameters.get("dbs_port", 1025)), int(parameters.get("https_port", 443))
    if port == https_port:
        words = (
            "Different values must be specified for the dbs_port and https_port connection parameters, "
            f"but the same value {port} was specified"
        )
        raise _error("Teradata SQL Driver", 183, "08000", words)
    if str(parameters.get("teradata_values", True)).lower() != "false":
        raise NotImplementedError("Teradata's stand-in sends no objects of Python's: set teradata_values=False.")
    return TeradataConnection(parameters, parameters["host"], port)


class TeradataConnection:
    """A session."""

    def __init__(self, parameters: dict[str, Any], host: str, port: int) -> None:
        self._lock = threading.Lock()
        self._address = (host, port)
        self._stream = self._open(float(parameters.get("connect_timeout", 10_000)) / 1_000)
        who = [parameters["user"], parameters["password"], parameters.get("database", "")]
        self.session = self.ask({"do": "sign in", "as": who})["session"]

    def _open(self, seconds: float) -> Any:
        try:
            connection = socket.create_connection(self._address, seconds)
        except socket.gaierror:
            words = f"Hostname lookup failed for {self._address[0]}"
            raise _error("Teradata SQL Driver", 493, "08000", words) from None
        except OSError:
            raise _error("Teradata SQL Driver", 444, "08001", f"Failed to connect to {self._address[0]}") from None
        connection.settimeout(None)
        stream = connection.makefile("rwb")
        connection.close()  # the stream keeps it open
        return stream

    def ask(self, message: dict[str, Any]) -> dict[str, Any]:
        """Send a message and await its answer. Raises OperationalError."""
        with self._lock:
            return _exchange(self._stream, message)

    def cursor(self) -> "TeradataCursor":
        """A new cursor."""
        return TeradataCursor(self)

    def cancel(self) -> None:
        """End the request that runs, from another thread."""
        stream = self._open(5.0)
        _exchange(stream, {"do": "cancel", "session": self.session})
        stream.close()

    def close(self) -> None:
        """End the session."""
        self._stream.close()


class TeradataCursor:
    """A request and its rows."""

    def __init__(self, connection: TeradataConnection) -> None:
        self.connection = connection
        self.description: list[list[Any]] | None = None
        self.columntypename: list[str] | None = None
        self.rowcount = -1
        self._rows: list[list[Any]] = []
        self._closed = False

    def execute(self, request: str, params: Any = None) -> "TeradataCursor":
        """Run a request; `params` are its values, in order. Raises OperationalError."""
        self._stop_if_closed()
        if params is not None and type(params) not in (list, tuple):
            raise TypeError(f"params unexpected type {type(params)}")
        binds = [_bind(value) for value in params or ()]
        answer = self.connection.ask({"do": "execute", "request": request, "binds": binds})
        columns = answer["columns"]
        self.description = [[name, None, None, None, digits, scale, True] for name, _, digits, scale in columns]
        self.columntypename = [kind for _, kind, _, _ in columns]
        self.rowcount, self._rows = answer["rowcount"], []
        return self

    def fetchmany(self, size: int) -> list[list[Any]]:
        """The next rows, none at the end. Raises OperationalError."""
        self._stop_if_closed()
        found: list[list[Any]] = []
        while len(found) < size:
            if not self._rows:
                self._rows = self._fetch()
                if not self._rows:
                    break
            taken = size - len(found)
            found += self._rows[:taken]
            del self._rows[:taken]
        return found

    def fetchone(self) -> list[Any] | None:
        """The next row."""
        rows = self.fetchmany(1)
        return rows[0] if rows else None

    def fetchall(self) -> list[list[Any]]:
        """All rows that are left."""
        found: list[list[Any]] = []
        while rows := self.fetchmany(FETCHED_ROWS):
            found += rows
        return found

    def _fetch(self) -> list[list[Any]]:
        rows = self.connection.ask({"do": "fetch", "rows": FETCHED_ROWS})["rows"]
        return [[base64.b64decode(value[1]) if isinstance(value, list) else value for value in row] for row in rows]

    def _stop_if_closed(self) -> None:
        if self._closed:
            raise OperationalError("Cursor is closed")

    def close(self) -> None:
        """Let go of the rows."""
        self._closed, self._rows = True, []

    def __enter__(self) -> "TeradataCursor":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _exchange(stream: Any, message: dict[str, Any]) -> dict[str, Any]:
    try:
        stream.write(json.dumps(message).encode() + b"\n")
        stream.flush()
        line = stream.readline()
    except (OSError, ValueError):
        line = b""
    if not line:
        raise _error("Teradata SQL Driver", 804, "08S01", "Socket communication failure")
    answer: dict[str, Any] = json.loads(line)
    if "words" in answer:
        if not answer["number"]:
            raise NotImplementedError(answer["words"])
        raise _error("Teradata Database", answer["number"], answer["state"], answer["words"])
    return answer


def _bind(value: Any) -> Any:
    match value:
        case None | bool() | str() | float():
            return value
        case int() if -(2**63) <= value < 2**63:
            return value
        case decimal.Decimal():
            return ["decimal", f"{value:f}"]
        case datetime.datetime():
            return ["datetime", value.isoformat()]
        case datetime.date():
            return ["date", value.isoformat()]
        case datetime.time():
            return ["time", value.isoformat()]
        case bytes():
            return ["bytes", base64.b64encode(value).decode()]
    raise TypeError(f"seqOfParams unexpected type {type(value)}")


def _error(origin: str, number: int, state: str, words: str) -> OperationalError:
    trace = "\n at gosqldriver/teradatasql.formatError ErrorUtil.go:84"
    return OperationalError(
        f"[Version {VERSION}] [Session 0] [{origin}] [Error {number}] [SQLState {state}] {words}{trace}"
    )
