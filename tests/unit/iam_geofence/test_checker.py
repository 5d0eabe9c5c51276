"""The check over real sockets and TLS: whatever the peer does, there is an answer or a silence in time."""

import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from email.parser import BytesHeaderParser
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import trustme

from iam_geofence import checker as client
from iam_geofence.checker import BODY_LIMIT, Checker
from iam_geofence.model import Answer, Question, Reason, Silence

QUESTION = Question("8.8.8.8", "cvpn-endpoint-1", "cvpn-connection-1", "0f" * 16)
IMPATIENCE = 0.3
Serve = Callable[[ssl.SSLSocket], bool | None]


class Peer:
    """`serve` answers each request, and ends the connection by returning True; `heads` are those of the requests."""

    def __init__(self, context: ssl.SSLContext, serve: Serve, address: str = "127.0.0.1") -> None:
        self.heads: list[dict[str, str]] = []
        self.lines: list[str] = []
        self.connections = 0
        self.ended = 0
        self._context = context
        self._serve = serve
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._listener = socket.create_server((address, 0), family=family)
        self.port: int = self._listener.getsockname()[1]
        Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                plain, _ = self._listener.accept()
                self.connections += 1
                Thread(target=self._converse, args=(plain,), daemon=True).start()

    def _converse(self, plain: socket.socket) -> None:
        with suppress(OSError), plain, self._context.wrap_socket(plain, server_side=True) as stream:
            self._answer_all(stream)
        self.ended += 1

    def _answer_all(self, stream: ssl.SSLSocket) -> None:
        while head := _read_head(stream):
            line, _, fields = head.partition(b"\r\n")
            self.lines.append(line.decode())
            self.heads.append(dict(BytesHeaderParser().parsebytes(fields).items()))
            if self._serve(stream):
                return


def _read_head(stream: ssl.SSLSocket) -> bytes:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        received = stream.recv(4096)
        if not received:
            return b""
        head += received
    return head


def reply(body: bytes = b"{}", status: str = "200 OK", *fields: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", *fields, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def sends(*answers: bytes, ends: bool = False) -> Serve:
    """Each request gets the next of `answers`, the last one for ever."""
    left = list(answers)

    def serve(stream: ssl.SSLSocket) -> bool:
        stream.sendall(left.pop(0) if len(left) > 1 else left[0])
        return ends

    return serve


def says_nothing(stream: ssl.SSLSocket) -> bool:
    stream.recv(1)  # until the client gives up
    return True


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def make_peer(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., tuple[Peer, Checker]]]:
    """A peer and a client that trusts its authority, as the system's are trusted, and has little patience."""
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    opened: list[Peer | Checker] = []

    def make(
        serve: Serve, address: str = "127.0.0.1", name: str = "", issuer: trustme.CA = authority, **patience: float
    ) -> tuple[Peer, Checker]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        issuer.issue_cert(name or address).configure_cert(context)
        peer = Peer(context, serve, address)
        host = f"[{address}]" if ":" in address else address
        limits = {"connect_seconds": 2.0, "read_seconds": 2.0, **patience}
        checker = Checker(f"{host}:{peer.port}", "live", **limits)
        opened.extend([peer, checker])
        return peer, checker

    yield make
    for item in opened:
        item.close()


MakePeer = Callable[..., tuple[Peer, Checker]]


def ask(checker: Checker, seconds: float = 8.0, question: Question = QUESTION) -> Answer | Silence:
    return checker.ask(question, time.monotonic() + seconds)


def require_silence(found: Answer | Silence, reason: Reason) -> None:
    assert isinstance(found, Silence)
    assert found.reason is reason
    assert 0 < len(found.detail) <= 200


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888"])
def test_asks_with_its_own_headers_and_reads_the_answer(make_peer: MakePeer, address: str) -> None:
    peer, checker = make_peer(sends(reply(b'{"nonce": "0f", "waf": "WAF_ALLOW"}')))
    answer = ask(checker, question=Question(address, "cvpn-endpoint-1", "cvpn-connection-1", "0f" * 16))
    assert answer == Answer(200, blocked=False, body={"nonce": "0f", "waf": "WAF_ALLOW"})
    assert peer.lines == ["GET /live/check HTTP/1.1"]
    assert peer.heads == [
        {
            "Host": f"127.0.0.1:{peer.port}",
            "Accept-Encoding": "identity",
            "X-Geofence-Client-Ip": address,
            "X-Geofence-Nonce": "0f" * 16,
            "X-Geofence-Connection": "cvpn-connection-1",
            "X-Geofence-Endpoint": "cvpn-endpoint-1",
        }
    ]


def test_keeps_its_connection(make_peer: MakePeer) -> None:
    peer, checker = make_peer(sends(reply(), reply(b"", "403 Forbidden", "x-geofence-decision: blocked"), reply()))
    assert ask(checker) == Answer(200, blocked=False, body={})
    assert ask(checker) == Answer(403, blocked=True, body=None)
    assert ask(checker) == Answer(200, blocked=False, body={})
    assert (peer.connections, len(peer.heads)) == (1, 3)


@pytest.mark.parametrize("fields", [[], ["Connection: close"]])
def test_a_connection_dropped_between_questions_is_opened_again(make_peer: MakePeer, fields: list[str]) -> None:
    peer, checker = make_peer(sends(reply(b"{}", "200 OK", *fields), ends=True))
    assert [ask(checker) for _ in range(3)] == [Answer(200, blocked=False, body={})] * 3
    assert (peer.connections, len(peer.heads)) == (3, 3)


def test_an_answer_in_chunks_is_read(make_peer: MakePeer) -> None:
    chunks = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{"a"\r\n4\r\n: 1}\r\n0\r\n\r\n'
    peer, checker = make_peer(sends(chunks))
    assert [ask(checker) for _ in range(2)] == [Answer(200, blocked=False, body={"a": 1})] * 2
    assert peer.connections == 1


def test_is_reached_over_ipv6(make_peer: MakePeer) -> None:
    _, checker = make_peer(sends(reply()), address="::1")
    assert ask(checker) == Answer(200, blocked=False, body={})


def test_waits_once_more_for_a_peer_that_says_nothing(make_peer: MakePeer) -> None:
    peer, checker = make_peer(says_nothing, read_seconds=IMPATIENCE)
    began = time.monotonic()
    require_silence(ask(checker), Reason.TIMEOUT)
    assert 2 * IMPATIENCE <= time.monotonic() - began < 8
    assert (peer.connections, len(peer.heads)) == (2, 2)


def test_a_second_attempt_may_succeed(make_peer: MakePeer) -> None:
    fates = [says_nothing, sends(reply())]
    peer, checker = make_peer(lambda stream: fates.pop(0)(stream), read_seconds=IMPATIENCE)
    assert ask(checker) == Answer(200, blocked=False, body={})
    assert len(peer.heads) == 2


@pytest.mark.parametrize("head", [b"", reply(b"x" * 1000)[:-1000], b"HTTP/1.1 200 OK\r\n"])
def test_a_peer_that_trickles_has_no_more_time_than_others(make_peer: MakePeer, head: bytes) -> None:
    def trickle(stream: ssl.SSLSocket) -> None:
        stream.sendall(head)
        while True:
            stream.sendall(b"x")
            time.sleep(0.02)

    _, checker = make_peer(trickle, read_seconds=IMPATIENCE)
    began = time.monotonic()
    require_silence(ask(checker), Reason.TIMEOUT)
    assert time.monotonic() - began < 3


def test_all_attempts_share_the_time_there_is(make_peer: MakePeer) -> None:
    _, checker = make_peer(says_nothing)
    began = time.monotonic()
    require_silence(ask(checker, seconds=IMPATIENCE), Reason.TIMEOUT)
    assert time.monotonic() - began < 1.5


def test_nothing_is_asked_when_no_time_is_left(make_peer: MakePeer) -> None:
    peer, checker = make_peer(sends(reply()))
    require_silence(ask(checker, seconds=0), Reason.TIMEOUT)
    assert peer.connections == 0


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n",
        b'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{"nonce": ',
        b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n{}",
        b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70_000 + b"\r\n\r\n{}",
    ],
)
def test_half_an_answer_is_none(make_peer: MakePeer, sent: bytes) -> None:
    peer, checker = make_peer(sends(sent, ends=True))
    require_silence(ask(checker), Reason.UNREACHABLE)
    assert len(peer.heads) == 2


def test_a_peer_that_hangs_up_in_the_middle_of_a_connection_is_asked_again(make_peer: MakePeer) -> None:
    peer, checker = make_peer(sends(reply(), b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", reply()))
    peer._serve = _ending_after(peer._serve, requests=2)
    assert [ask(checker), ask(checker)] == [Answer(200, blocked=False, body={})] * 2
    assert (peer.connections, len(peer.heads)) == (2, 3)


def _ending_after(serve: Serve, requests: int) -> Serve:
    served = 0

    def counted(stream: ssl.SSLSocket) -> bool:
        nonlocal served
        served += 1
        serve(stream)
        return served == requests

    return counted


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b'"{}"', b"{", b"{}{}", b"\xff\xfe", b"<html></html>", b"[" * 4000, b'{"nonce": "\xff"}'],
)
def test_a_body_that_is_no_json_object_is_none(make_peer: MakePeer, body: bytes) -> None:
    peer, checker = make_peer(sends(reply(body)))
    assert ask(checker) == Answer(200, blocked=False, body=None)
    ask(checker)
    assert peer.connections == 1


@pytest.mark.parametrize(
    "sent",
    [
        reply(json.dumps({"a": "x" * BODY_LIMIT}).encode()),
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n" + b" " * 10_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + (b"1000\r\n" + b" " * 4096 + b"\r\n") * 3,
        b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 10_000,
    ],
)
def test_no_more_is_read_than_an_answer_can_have(make_peer: MakePeer, sent: bytes) -> None:
    peer, checker = make_peer(sends(sent, reply()))
    assert ask(checker) == Answer(200, blocked=False, body=None)
    assert ask(checker) == Answer(200, blocked=False, body={})
    assert (peer.connections, len(peer.heads)) == (2, 2)


def test_an_answer_of_the_greatest_size_is_read(make_peer: MakePeer) -> None:
    _, checker = make_peer(sends(reply(b"{}".ljust(BODY_LIMIT))))
    assert ask(checker) == Answer(200, blocked=False, body={})


@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "307 Temporary Redirect"])
def test_a_redirect_is_not_followed(make_peer: MakePeer, status: str) -> None:
    elsewhere, _ = make_peer(sends(reply()))
    peer, checker = make_peer(sends(reply(b"", status, f"Location: https://127.0.0.1:{elsewhere.port}/live/check")))
    assert ask(checker) == Answer(int(status[:3]), blocked=False, body=None)
    assert (len(peer.heads), elsewhere.connections) == (1, 0)


@pytest.mark.parametrize("kind", ["another name", "another authority"])
def test_a_certificate_that_does_not_fit_is_no_peer(make_peer: MakePeer, kind: str) -> None:
    certificate: dict[str, Any] = {"name": "example.com"} if kind == "another name" else {"issuer": trustme.CA()}
    peer, checker = make_peer(sends(reply()), **certificate)
    found = ask(checker)
    require_silence(found, Reason.UNREACHABLE)
    assert isinstance(found, Silence)
    assert "certificate verify failed" in found.detail
    assert peer.heads == []


def test_a_port_that_nobody_listens_at_is_unreachable(make_peer: MakePeer) -> None:
    peer, checker = make_peer(sends(reply()))
    peer.close()
    require_silence(ask(checker), Reason.UNREACHABLE)


def test_tls_that_does_not_begin_is_given_up(make_peer: MakePeer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        host = f"127.0.0.1:{mute.getsockname()[1]}"
        with closing(Checker(host, "live", connect_seconds=IMPATIENCE, read_seconds=2.0)) as checker:
            began = time.monotonic()
            require_silence(ask(checker), Reason.TIMEOUT)
            assert 2 * IMPATIENCE <= time.monotonic() - began < 3
        with closing(Checker(host, "live", connect_seconds=9.0, read_seconds=9.0)) as checker:
            began = time.monotonic()
            require_silence(ask(checker, seconds=IMPATIENCE), Reason.TIMEOUT)
            assert time.monotonic() - began < 3


def test_a_name_that_takes_too_long_is_given_up_and_what_it_led_to_is_closed(
    make_peer: MakePeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve = socket.getaddrinfo

    def resolve_late(*where: Any, **how: Any) -> Any:
        time.sleep(4 * IMPATIENCE)
        return resolve(*where, **how)

    monkeypatch.setattr(socket, "getaddrinfo", resolve_late)
    peer, checker = make_peer(sends(reply()), connect_seconds=IMPATIENCE)
    began = time.monotonic()
    require_silence(ask(checker), Reason.TIMEOUT)
    assert time.monotonic() - began < 4 * IMPATIENCE
    while peer.ended < 2 and time.monotonic() - began < 8:
        time.sleep(0.02)
    assert (peer.connections, peer.ended, peer.heads) == (2, 2, [])


def test_a_connection_is_not_used_again_after_something_unforeseen(
    make_peer: MakePeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(content: bytes) -> None:
        raise KeyboardInterrupt

    peer, checker = make_peer(sends(reply()))
    ask(checker)
    with monkeypatch.context() as patch:
        patch.setattr(client, "_object", interrupt)
        with pytest.raises(KeyboardInterrupt):
            ask(checker)
    assert ask(checker) == Answer(200, blocked=False, body={})
    assert peer.connections == 2
