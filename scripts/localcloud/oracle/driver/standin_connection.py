"""Connections to Oracle's stand-in, with as much of python-oracledb's interface as the connector uses.

Errors and data frames are the driver's own. What a frame holds is converted as the driver converts it: to the requested
schema, exactly or by its error.
"""

import base64
import http.client
import importlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import oracledb
import pyarrow as pa

errors: Any = importlib.import_module("oracledb.errors")

CALL_TIMED_OUT = -1
TAGS = ("module", "action", "client_identifier", "clientinfo")
MOST_BYTES = {"module": 48, "action": 32, "client_identifier": 64, "clientinfo": 64}
ACCEPTED = {
    "user",
    "password",
    "host",
    "port",
    "protocol",
    "service_name",
    "sid",
    "tcp_connect_timeout",
    "retry_count",
    "program",
}


@dataclass(frozen=True)
class FetchInfo:
    """A column of a query."""

    name: str
    type: Any
    precision: int | None
    scale: int | None


class Variable:
    """A value and the type that it is bound as."""

    def __init__(self, kind: Any) -> None:
        self.kind, self.value = kind, None

    def setvalue(self, position: int, value: Any) -> None:
        """The value."""
        self.value = value


class Cursor:
    """Of a connection."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._rows: list[tuple[Any, ...]] = []
        self.description: list[FetchInfo] | None = None

    def __enter__(self) -> "Cursor":
        return self

    def __exit__(self, *_: object) -> None:
        self._rows = []

    def var(self, kind: Any) -> Variable:
        """One of a type."""
        return Variable(kind)

    def parse(self, statement: str) -> None:
        """Describes a query without running it."""
        found = self._connection.ask("/describe", {"sql": statement})
        self.description = [
            FetchInfo(
                column["name"],
                getattr(oracledb, column["type"]),
                column["precision"] if column["precision"] or column["scale"] else None,
                column["scale"] if column["precision"] or column["scale"] else None,
            )
            for column in found["columns"]
        ]

    def execute(self, statement: str, parameters: Sequence[Any] | None = None) -> None:
        """Runs it; all rows are here at once."""
        table = self._connection.table(statement, parameters or ())
        self._rows = [tuple(row.values()) for row in table.to_pylist()] if table.num_columns else []

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows that are left."""
        rows, self._rows = self._rows, []
        return rows


class Connection:
    """One session at the stand-in."""

    def __init__(self, host: str, port: int, asked: dict[str, Any]) -> None:
        self._address = (host, port)
        self.call_timeout = 0
        self.module = self.action = self.client_identifier = self.clientinfo = ""
        self._session: str | None = None
        self._session = self.ask("/sign-in", asked)["session"]

    def cursor(self) -> Cursor:
        """A new one."""
        return Cursor(self)

    def fetch_df_batches(
        self, statement: str, parameters: Sequence[Any], size: int, *, requested_schema: pa.Schema
    ) -> Iterator["oracledb.DataFrame"]:
        """Frames of `size` rows; one of none where there are none."""
        table = self.table(statement, parameters)
        if table.num_columns != len(requested_schema):
            errors._raise_err(2061)
        frame: Any = oracledb.DataFrame
        for start in range(0, max(table.num_rows, 1), size):
            yield frame._from_arrow(_converted(table.slice(start, size), requested_schema))

    def ping(self) -> None:
        """A round trip."""
        self.table("ALTER SESSION SET CURRENT_SCHEMA = ATHENA", ())

    def cancel(self) -> None:
        """End what runs, from another thread."""
        self.ask("/cancel", {})

    def close(self) -> None:
        """The stand-in keeps nothing of a session that is not used."""

    def table(self, statement: str, parameters: Sequence[Any]) -> pa.Table:
        """All rows of a query."""
        for name in TAGS:
            if len(getattr(self, name).encode()) > MOST_BYTES[name]:
                _refuse(24960, f"the attribute {name} is greater than the maximum allowable length")
        asked = {
            "sql": statement,
            "binds": [_bind(value) for value in parameters],
            "seconds": self.call_timeout / 1_000,
        }
        found = self.ask("/execute", asked)
        return found if isinstance(found, pa.Table) else pa.table({})

    def ask(self, path: str, what: dict[str, Any]) -> Any:
        """What the stand-in answers. Raises oracledb.Error."""
        tags = {name: getattr(self, name) for name in TAGS}
        body = json.dumps(what | ({"session": self._session, "tags": tags} if self._session else {}))
        link = http.client.HTTPConnection(*self._address, timeout=None if self._session else 5)
        try:
            link.request("POST", path, body, {"Content-Type": "application/json"})
            answer = link.getresponse()
            content, kind = answer.read(), answer.headers["Content-Type"]
        except OSError as error:
            errors._raise_err(errors.ERR_CONNECTION_FAILED, cause=error, connection_id="stand-in")
        finally:
            link.close()
        if kind != "application/json":
            return pa.ipc.open_stream(content).read_all()
        found = json.loads(content)
        if "number" in found:
            self._raise(found["number"], found["message"], what)
        return found

    def _raise(self, number: int, message: str, what: dict[str, Any]) -> None:
        host, port = self._address
        if number == CALL_TIMED_OUT:
            errors._raise_err(errors.ERR_CALL_TIMEOUT_EXCEEDED, timeout=self.call_timeout)
        if number == 12514:
            name = what.get("service_name")
            errors._raise_err(errors.ERR_INVALID_SERVICE_NAME, service_name=name, host=host, port=port)
        if 12500 <= number < 12600:
            errors._raise_err(errors.ERR_LISTENER_REFUSED_CONNECTION, error_code=number)
        raise _error(number, message)


def connect(**asked: Any) -> Connection:
    """As `oracledb.connect`, by the arguments that the connector gives; it speaks no TLS."""
    if unknown := set(asked) - ACCEPTED:
        raise NotImplementedError(f"Oracle's stand-in cannot connect by {', '.join(sorted(unknown))}.")
    if asked["protocol"] != "tcp":
        raise NotImplementedError("Oracle's stand-in speaks no TLS.")
    sent = {name: asked.get(name) for name in ("user", "password", "service_name", "sid")}
    return Connection(asked["host"], asked["port"], sent)


def _error(number: int, message: str) -> Exception:
    details = errors._Error(message, code=number)
    error: Exception = details.exc_type(details)
    return error


def _refuse(number: int, words: str) -> None:
    raise _error(number, f"ORA-{number:05}: {words}")


def _bind(value: Any) -> dict[str, Any]:
    kind, value = (value.kind, value.value) if isinstance(value, Variable) else (None, value)
    match value:
        case bool():
            _refuse(932, "inconsistent datatypes")
        case datetime() if kind is not oracledb.DB_TYPE_TIMESTAMP and value.microsecond:
            # The driver binds a datetime as DATE, which has no fractions.
            return {"type": "datetime", "value": value.replace(microsecond=0).isoformat()}
        case datetime():
            return {"type": "datetime", "value": value.isoformat()}
        case date():
            return {"type": "date", "value": value.isoformat()}
        case Decimal():
            return {"type": "decimal", "value": str(value)}
        case float():
            return {"type": "float", "value": repr(value)}
        case bytes():
            return {"type": "bytes", "value": base64.b64encode(value).decode()}
    return {"type": "plain", "value": value}


def _converted(table: pa.Table, schema: pa.Schema) -> pa.RecordBatchReader:
    """As a reader, because a table of no row gives no batch, and the driver gives one of no row."""
    columns = [_cast(column, field).combine_chunks() for column, field in zip(table.columns, schema, strict=True)]
    return pa.RecordBatchReader.from_batches(schema, [pa.RecordBatch.from_arrays(columns, schema=schema)])


def _cast(column: pa.ChunkedArray, field: pa.Field) -> pa.ChunkedArray:
    if pa.types.is_timestamp(field.type):
        if column.type.unit == "ns":
            column = column.cast(pa.timestamp("us"), safe=False)  # the driver keeps no more, and does not tell
        if column.type.tz is not None:
            raise NotImplementedError("Oracle's stand-in: the driver drops zones; select SYS_EXTRACT_UTC.")
    try:
        return column.cast(field.type)
    except pa.ArrowInvalid as error:
        number = errors.ERR_CANNOT_CONVERT_TO_ARROW_DECIMAL
        raise errors._create_exception(number, cause=error, value="…", precision=38, scale=0) from error
