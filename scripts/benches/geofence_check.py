"""The check of the geofence as its functions see it: TLS on loopback, a web ACL that knows some addresses, a MOCK."""

import json
import ssl
import threading
from collections.abc import Set
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

import trustme

HOST = "127.0.0.1"
STAGE, API, ACL = "live", "bench", "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/bench/1"


class GeofenceCheck:
    """A context manager: `environment` points a function to it; it admits `permitted` and counts `requests`.

    `directory` receives the certificate of the authority that signed its own.
    """

    def __init__(self, permitted: Set[str], directory: Path) -> None:
        self.requests = 0
        self.connections = 0
        self._lock = threading.Lock()
        authority = trustme.CA()
        certificate = directory / "authority.pem"
        authority.cert_pem.write_to_path(str(certificate))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(HOST).configure_cert(context)
        self._server = _Server((HOST, 0), _handler(self, permitted, context))
        self.environment = {
            "CHECK_HOST": f"{HOST}:{self._server.server_port}",
            "CHECK_STAGE": STAGE,
            "CHECK_API_ID": API,
            "CHECK_WEB_ACL_ARN": ACL,
            "SSL_CERT_FILE": str(certificate),
        }

    def __enter__(self) -> "GeofenceCheck":
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="geofence-check", daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def count(self, *, requests: int = 0, connections: int = 0) -> None:
        """Add what came."""
        with self._lock:
            self.requests += requests
            self.connections += connections


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def _handler(check: GeofenceCheck, permitted: Set[str], context: ssl.SSLContext) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # connections are kept, as API Gateway keeps them
        wbufsize = -1  # an answer in one segment: in two, the second would wait for the client's delayed ACK

        def setup(self) -> None:
            self.request = context.wrap_socket(self.request, server_side=True)
            check.count(connections=1)
            super().setup()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name in the base class
            """Say nothing."""

        def do_GET(self) -> None:
            check.count(requests=1)
            if self.headers["X-Geofence-Client-Ip"] in permitted and self.path == f"/{STAGE}/check":
                self._answer(200, _proof(self.headers["X-Geofence-Nonce"], self.headers["X-Geofence-Endpoint"]))
            else:
                self._answer(403, {}, "x-geofence-decision", "blocked")

        def _answer(self, status: int, body: dict[str, str], *header: str) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            if header:
                self.send_header(*header)
            self.end_headers()
            self.wfile.write(content)

    return Handler


def _proof(nonce: str, endpoint: str) -> dict[str, str]:
    return {"nonce": nonce, "waf": "WAF_ALLOW", "acl": ACL, "api": API, "stage": STAGE, "endpoint": endpoint}
