"""Call APIs of a local cloud by their own host names over TLS, as somebody at a given address."""

import http.client
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """What an API answered; the names of the headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class ExecuteApi:
    """The APIs as callers from one address reach them: `host` and `port` on this machine, `certificates` to trust."""

    host: str
    port: int
    certificates: Path

    def request(
        self, url: str, *, method: str = "GET", headers: Mapping[str, str] | None = None, body: str | None = None
    ) -> ApiResponse:
        """Send one request to `https://{api}.execute-api.{region}.amazonaws.com/...`. Raises OSError as sockets do."""
        parts = urlsplit(url)
        context = ssl.create_default_context(cafile=str(self.certificates))
        connection = http.client.HTTPSConnection(parts.netloc, timeout=TIMEOUT_SECONDS, context=context)
        try:
            connection.sock = plain = socket.create_connection((self.host, self.port), TIMEOUT_SECONDS)
            connection.sock = context.wrap_socket(plain, server_hostname=parts.hostname)
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request(method, target, body, dict(headers or {}))
            answer = connection.getresponse()
            text = answer.read().decode()
            return ApiResponse(answer.status, {name.lower(): value for name, value in answer.getheaders()}, text)
        finally:
            connection.close()
