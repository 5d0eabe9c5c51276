"""Ports on loopback behind which the APIs answer, one for each place that callers come from.

What a caller sends cannot choose where it comes from: that is the port it connects to.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from localcloud import clock
from localcloud.apigateway import certificates
from localcloud.apigateway.answer import not_emulated
from localcloud.apigateway.data_plane import Received, answer

HOST = "127.0.0.1"
IDLE_SECONDS = 60.0
MOST_BODY_BYTES = 10 * 1024 * 1024

Source = Callable[[], str | None]
"""The address of a connection; None when its packets get nowhere."""

_listeners: dict[Any, ThreadingHTTPServer] = {}
_lock = threading.Lock()


def port(place: Any, source: Source) -> int:
    """The port for callers at `place` (anything hashable), which is opened when it is asked for first."""
    with _lock:
        if place not in _listeners:
            server = ThreadingHTTPServer((HOST, 0), _handler_for(source))
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, name="execute-api", daemon=True).start()
            _listeners[place] = server
        return int(_listeners[place].server_address[1])


def shutdown() -> None:
    """Close every port."""
    with _lock:
        for server in _listeners.values():
            server.shutdown()
            server.server_close()
        _listeners.clear()


def _handler_for(source: Source) -> type[BaseHTTPRequestHandler]:
    class ExecuteApi(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        timeout = IDLE_SECONDS
        address: str | None = None
        refused: str | None = None

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name in the base class
            """Say nothing."""

        def handle(self) -> None:
            """Take the connection into TLS and answer its requests; one that gets nowhere is never answered."""
            try:
                self.address = source()
            except NotImplementedError as error:
                self.refused = str(error)
            with suppress(OSError):  # the client does not trust us, asks for another name or goes away
                if self.address is None and self.refused is None:
                    self.request.settimeout(IDLE_SECONDS)
                    while self.request.recv(4096):
                        pass
                    return
                with certificates.server_context().wrap_socket(self.request, server_side=True) as secured:
                    self.connection = secured
                    self.rfile, self.wfile = secured.makefile("rb"), secured.makefile("wb")
                    super().handle()

        def _serve(self) -> None:
            length = min(int(self.headers.get("Content-Length") or 0), MOST_BODY_BYTES)
            body = self.rfile.read(length).decode(errors="replace")
            if self.refused or self.address is None:
                answered = not_emulated(self.refused or "a caller without an address")
            else:
                host = self.headers.get("Host", "")
                received = Received(self.address, host, self.command, self.path, self.headers.items(), body)
                answered = answer(received)
            content = answered.body.encode()
            self.send_response_only(answered.status)
            self.send_header("Date", self.date_time_string(int(clock.now().timestamp())))
            for name, value in answered.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve  # noqa: N815

    return ExecuteApi
