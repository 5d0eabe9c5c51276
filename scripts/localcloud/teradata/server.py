"""The stand-in's server: each connection is a session, whose requests and answers are lines of JSON."""

import json
import socket
import socketserver
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from localcloud.teradata.refusal import Refused
from localcloud.teradata.system import Session, System, User

PREPARE = "{fn teradata_rpo(S)}{fn teradata_fake_result_sets}"
READ: dict[str, Callable[[str], Any]] = {
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "decimal": Decimal,
    "bytes": b64decode,
    "time": time.fromisoformat,
}


class Standin:
    """A running stand-in. As a context manager it ends on exit."""

    def __init__(self, system: System) -> None:
        self.system = system
        self._server = _Server(("127.0.0.1", 0), _Connection)
        self._server.system = system
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, name="teradata", daemon=True).start()

    @classmethod
    def start(cls, users: dict[str, User], seed: str) -> "Standin":
        """Start one on a free port of loopback; each statement of `seed` ends a line with `;`."""
        system = System(users)
        for statement in filter(str.strip, seed.split(";\n")):
            system.run(statement)
        return cls(system)

    def stop(self) -> None:
        """End the server."""
        self._server.shutdown()
        self._server.server_close()

    def end_sessions(self) -> None:
        """Close all connections, as an administrator or a firewall can."""
        self._server.close_connections()

    def __enter__(self) -> "Standin":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    system: System

    def __init__(self, address: tuple[str, int], handler: type[socketserver.BaseRequestHandler]) -> None:
        super().__init__(address, handler)
        self.connections: set[Any] = set()

    def close_connections(self) -> None:
        for connection in list(self.connections):
            with suppress(OSError):  # its client was faster
                connection.shutdown(socket.SHUT_RDWR)


class _Connection(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        self.server.connections.add(self.connection)
        with suppress(ConnectionError):
            self._serve()
        self.server.connections.discard(self.connection)

    def _serve(self) -> None:
        session: Session | None = None
        rows: list[Any] = []
        for line in self.rfile:
            message = json.loads(line)
            try:
                match message["do"]:
                    case "sign in":
                        session = self.server.system.sign_in(*message["as"])
                        self._answer(session=session.number)
                    case "cancel":
                        self.server.system.cancel(message["session"])
                        self._answer()
                    case "fetch":
                        self._answer(rows=rows[: message["rows"]])
                        del rows[: message["rows"]]
                    case "execute" if session is not None:
                        rows = self._execute(session, message["request"], [_read(bind) for bind in message["binds"]])
            except Refused as refused:
                self._answer(number=refused.number, state=refused.state, words=str(refused))
            except NotImplementedError as error:
                self._answer(number=0, state="HY000", words=str(error))

    def _execute(self, session: Session, request: str, binds: list[Any]) -> list[Any]:
        if request.startswith(PREPARE):
            described = session.describe(request.removeprefix(PREPARE))
            row = ["", 1, "Select", "Select", 0, 0, "", json.dumps(described), "[]"]
            self._answer(columns=[["Metadata", "VARCHAR", None, None]] * len(row), rowcount=1)
            return [row]
        if "{fn" in request.lower():
            raise NotImplementedError("Teradata's stand-in knows no such function of the driver.")
        result = session.execute(request, binds)
        types = [type_ for _, type_ in result.columns]
        columns = [[name, type_.kind, type_.digits, type_.scale] for name, type_ in result.columns]
        self._answer(columns=columns, rowcount=len(result.rows))
        return [[_sent(type_.sent(value)) for type_, value in zip(types, row, strict=True)] for row in result.rows]

    def _answer(self, **answer: Any) -> None:
        self.wfile.write(json.dumps(answer).encode() + b"\n")
        self.wfile.flush()


def _read(bind: Any) -> Any:
    return READ[bind[0]](bind[1]) if isinstance(bind, list) else bind


def _sent(value: Any) -> Any:
    return ["bytes", b64encode(value).decode()] if isinstance(value, bytes) else value
