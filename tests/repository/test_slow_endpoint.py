import http.client
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from benches.slow_endpoint import SlowEndpoint, action, reads

SECONDS = 0.05


class Service(BaseHTTPRequestHandler):
    """Answers 404 with what it received, and is slow when asked to be."""

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(float(self.headers.get("X-Sleep", 0)))
        self.send_response(404)
        self.send_header("X-Amzn-RequestId", "one")
        self.end_headers()
        self.wfile.write(f"{self.path} {self.headers['Authorization']} ".encode() + body)


@pytest.fixture
def endpoint() -> Iterator[SlowEndpoint]:
    """In front of Service, with calls of 50 ms."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        with SlowEndpoint(f"http://127.0.0.1:{server.server_port}", SECONDS) as slow:
            yield slow
        server.shutdown()


def call(endpoint: SlowEndpoint, name: str, **headers: str) -> tuple[int, str | None, bytes]:
    connection = http.client.HTTPConnection(endpoint.url.removeprefix("http://"), timeout=5)
    try:
        connection.request("POST", "/?x=1", f"Action={name}", {"Authorization": "key", **headers})
        response = connection.getresponse()
        return response.status, response.headers["X-Amzn-RequestId"], response.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("target", "body", "expected"),
    [
        ("DynamoDB_20120810.Query", b"{}", "Query"),
        (None, b"Action=DescribeClusters&Version=2012-12-01", "DescribeClusters"),
    ],
)
def test_the_action_of_a_call_is_read_from_either_protocol(target: str | None, body: bytes, expected: str) -> None:
    assert action(target, body) == expected


def test_a_call_without_an_action_is_an_error() -> None:
    with pytest.raises(ValueError, match="names no action"):
        action(None, b"{}")


def test_reads_are_told_from_writes_by_the_name() -> None:
    assert reads({"DescribeClusters": 10, "Query": 1, "GetItem": 2, "PutItem": 100, "ModifyCluster": 100}) == 13


def test_an_answer_passes_unchanged_but_late(endpoint: SlowEndpoint) -> None:
    began = time.monotonic()
    answer = call(endpoint, "DescribeClusters")
    assert answer == (404, "one", b"/?x=1 key Action=DescribeClusters")
    assert time.monotonic() - began >= SECONDS
    assert endpoint.late_seconds == 0


def test_calls_at_the_same_time_are_counted_one_by_one(endpoint: SlowEndpoint) -> None:
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda name: call(endpoint, name), ["ModifyCluster"] * 16 + ["PutItem"] * 8))
    assert endpoint.calls == {"ModifyCluster": 16, "PutItem": 8}


def test_what_the_service_itself_takes_too_long_is_told_apart(endpoint: SlowEndpoint) -> None:
    call(endpoint, "DescribeClusters", **{"X-Sleep": "0.15"})
    assert 0.09 < endpoint.late_seconds < 1
