"""The check, over the network, which no other file touches: an API Gateway stage behind a web ACL that knows countries.

One connection is kept between questions. Certificates are verified against the system's authorities.
"""

import http.client
import json
import socket
import ssl
import time
from concurrent.futures import Future
from math import inf
from threading import Thread
from typing import Any, cast

from iam_geofence.model import Answer, Question, Reason, Silence

CONNECT_SECONDS = 2.0
"""For name, connection and TLS together."""
READ_SECONDS = 3.0
"""From sending the question to the last byte of the answer."""
ATTEMPTS = 2
BODY_LIMIT = 4096
HEADERS = {
    "address": "X-Geofence-Client-Ip",
    "nonce": "X-Geofence-Nonce",
    "connection": "X-Geofence-Connection",
    "endpoint": "X-Geofence-Endpoint",
}
DECISION_HEADER = "x-geofence-decision"
"""Set to `blocked` by the web ACL's own response."""


class Checker:
    """Asks the check at `https://<host>/<stage>/check`, of which `host` may end in `:<port>`."""

    def __init__(
        self, host: str, stage: str, connect_seconds: float = CONNECT_SECONDS, read_seconds: float = READ_SECONDS
    ) -> None:
        self._connect_seconds = connect_seconds
        self._read_seconds = read_seconds
        self._path = f"/{stage}/check"
        self._context = ssl.create_default_context()
        self._context.sslsocket_class = _Socket
        self._connection = http.client.HTTPSConnection(host, context=self._context)

    def ask(self, question: Question, until: float) -> Answer | Silence:
        """The answer, if there is one before `until` (of `time.monotonic`): failed connections are tried once more."""
        silence = Silence(Reason.TIMEOUT, "not asked: no time was left")
        for _ in range(ATTEMPTS):
            if time.monotonic() >= until:
                break
            try:
                return self._exchange(question, until)
            except TimeoutError as error:
                silence = Silence(Reason.TIMEOUT, str(error))
            except (OSError, http.client.HTTPException) as error:
                silence = Silence(Reason.UNREACHABLE, f"{type(error).__name__}: {error}"[:200])
        return silence

    def close(self) -> None:
        """End the connection, if there is one; the next question opens another."""
        self._connection.close()

    def _exchange(self, question: Question, until: float) -> Answer:
        connection = self._connection
        try:
            if connection.sock is None:
                connection.sock = self._connect(connection.host, connection.port, until)
            answer, reusable = _ask(connection, self._path, question, min(until, time.monotonic() + self._read_seconds))
        except BaseException:
            connection.close()  # what is left of this answer is no beginning of another
            raise
        if not reusable:
            connection.close()
        return answer

    def _connect(self, host: str, port: int, until: float) -> "_Socket":
        """In a thread, for resolving a name takes as long as it takes. Raises TimeoutError and OSError."""
        seconds = min(self._connect_seconds, until - time.monotonic())
        opened: Future[_Socket] = Future()
        Thread(target=self._open, args=(host, port, seconds, opened), name="connect", daemon=True).start()
        try:
            return opened.result(seconds)
        except TimeoutError:
            opened.add_done_callback(_close)
            raise TimeoutError(f"no connection within {seconds:.1f} s") from None

    def _open(self, host: str, port: int, seconds: float, opened: "Future[_Socket]") -> None:
        try:
            plain = socket.create_connection((host, port), seconds)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            opened.set_result(cast(_Socket, self._context.wrap_socket(plain, server_hostname=host)))
        except BaseException as error:
            opened.set_exception(error)


class _Socket(ssl.SSLSocket):
    """All its operations end at `until` (of `time.monotonic`); a timeout alone would begin anew with each byte."""

    until = inf

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(self._left())
        return super().recv_into(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self.settimeout(self._left())
        super().sendall(*args, **kwargs)

    def _left(self) -> float | None:
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer was not complete in time")
        return None if left == inf else left


def _ask(connection: http.client.HTTPSConnection, path: str, question: Question, until: float) -> tuple[Answer, bool]:
    """The answer, and whether the connection can serve again."""
    cast(_Socket, connection.sock).until = until
    connection.request("GET", path, headers={header: getattr(question, field) for field, header in HEADERS.items()})
    response = connection.getresponse()
    content = response.read(BODY_LIMIT + 1)
    whole = len(content) <= BODY_LIMIT
    if whole and response.length:
        raise http.client.IncompleteRead(content, response.length)
    blocked = response.getheader(DECISION_HEADER) == "blocked"
    return Answer(response.status, blocked, _object(content) if whole else None), whole and response.isclosed()


def _object(content: bytes) -> dict[str, object] | None:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _close(opened: "Future[_Socket]") -> None:
    if opened.exception() is None:
        opened.result().close()
