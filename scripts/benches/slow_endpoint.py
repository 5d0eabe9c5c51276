"""A loopback proxy that makes every AWS call take its time, and counts the calls by action."""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

READING = ("BatchGet", "Describe", "Get", "List", "Query", "Scan")
TIMEOUT_SECONDS = 60
HOP_BY_HOP = {"connection", "content-length", "date", "keep-alive", "server", "transfer-encoding"}
"""What concerns one connection only, or is written anew for the next."""


def action(target: str | None, body: bytes) -> str:
    """The API action that a request asks for: the JSON protocol has it in the header X-Amz-Target, query in the body.

    Raises ValueError when the request names none.
    """
    if target:
        return target.rpartition(".")[2]
    if named := parse_qs(body.decode()).get("Action"):
        return named[0]
    raise ValueError("The request names no action, neither in X-Amz-Target nor in its body.")


def reads(calls: Mapping[str, int]) -> int:
    """How many of `calls` (a number per action) change nothing, by the names that AWS gives such actions."""
    return sum(number for name, number in calls.items() if name.startswith(READING))


class SlowEndpoint:
    """A context manager: `url` answers as `endpoint` does, but no sooner than after `seconds`.

    `calls` counts them by action; `late_seconds` is how much longer than `seconds` `endpoint` took, all calls together.
    """

    def __init__(self, endpoint: str, seconds: float) -> None:
        self.calls: Counter[str] = Counter()
        self.late_seconds = 0.0
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler(self, urlsplit(endpoint).netloc, seconds))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "SlowEndpoint":
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="slow-endpoint", daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def count(self, name: str, late: float) -> None:
        """Add one call of the action `name`, which came so many seconds late."""
        with self._lock:
            self.calls[name] += 1
            self.late_seconds += late


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    """Connections that wait to be accepted; a client whose connection does not fit tries again after a second."""


def _handler(proxy: SlowEndpoint, address: str, seconds: float) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # clients keep their connections, as they do with AWS
        disable_nagle_algorithm = True  # an answer in two segments would wait for the client's delayed ACK

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name in the base class
            """Say nothing."""

        def do_POST(self) -> None:
            began = time.monotonic()
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            name = action(self.headers.get("X-Amz-Target"), body)
            upstream = http.client.HTTPConnection(address, timeout=TIMEOUT_SECONDS)
            try:
                upstream.request("POST", self.path, body, dict(self.headers.items()))
                response = upstream.getresponse()
                content = response.read()
            finally:
                upstream.close()
            left = began + seconds - time.monotonic()
            proxy.count(name, max(0.0, -left))
            time.sleep(max(0.0, left))
            self.send_response_only(response.status)
            for header, value in response.getheaders():
                if header.lower() not in HOP_BY_HOP:
                    self.send_header(header, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler
