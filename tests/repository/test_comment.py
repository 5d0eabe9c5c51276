"""What the gate said, in a pull request: one comment for each plan, written once and then replaced."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

import comment

MARK = "<!-- groundcrew-gate: kinesis_autoscaler -->"
TEXT = f"{MARK}\n### The gate passes\n"
OURS, SOMEBODY = {"login": "github-actions[bot]"}, {"login": "octocat"}


class CodeHost(ThreadingHTTPServer):
    """The part of the code host's API that lists, writes and replaces the comments of pull request 7."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Requests)
        self.comments: list[dict[str, Any]] = []
        self.calls: list[str] = []
        self.status = 200


class Requests(BaseHTTPRequestHandler):
    server: CodeHost

    def log_request(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        page, size = int(query["page"][0]), int(query["per_page"][0])
        self._answer(self.server.comments[(page - 1) * size : page * size])

    def do_POST(self) -> None:
        self.server.comments.append({"id": len(self.server.comments), "user": OURS, **self._body()})
        self._answer({})

    def do_PATCH(self) -> None:
        self.server.comments[int(self.path.rpartition("/")[2])].update(self._body())
        self._answer({})

    def _body(self) -> dict[str, Any]:
        return dict(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _answer(self, content: Any) -> None:
        self.server.calls.append(f"{self.command} {urlsplit(self.path).path}")
        known = self.headers["Authorization"] == "Bearer a-token"
        body = json.dumps(content).encode()
        self.send_response(self.server.status if known else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def host() -> Iterator[CodeHost]:
    with CodeHost() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def gate(host: CodeHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the gate left, in a job that belongs to pull request 7."""
    (tmp_path / "event.json").write_text(json.dumps({"pull_request": {"number": 7}}))
    job = {
        "GITHUB_API_URL": f"http://127.0.0.1:{host.server_port}",
        "GITHUB_REPOSITORY": "acme/groundcrew",
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "GITHUB_TOKEN": "a-token",
    }
    for name, value in job.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "gate").mkdir()
    (tmp_path / "gate" / "kinesis_autoscaler.md").write_text(TEXT)
    return tmp_path / "gate"


def say(gate: Path) -> int:
    return comment.main(["--gate", str(gate)])


def test_a_comment_is_written_once_and_then_replaced(host: CodeHost, gate: Path) -> None:
    assert say(gate) == 0
    (gate / "kinesis_autoscaler.md").write_text(f"{MARK}\n### The gate fails\n")
    assert say(gate) == 0
    assert [item["body"] for item in host.comments] == [f"{MARK}\n### The gate fails\n"]
    assert host.calls == [
        "GET /repos/acme/groundcrew/issues/7/comments",
        "POST /repos/acme/groundcrew/issues/7/comments",
        "GET /repos/acme/groundcrew/issues/7/comments",
        "PATCH /repos/acme/groundcrew/issues/comments/0",
    ]
    assert (gate.parent / "summary.md").read_text() == f"{TEXT}{MARK}\n### The gate fails\n"


def test_each_plan_has_its_comment(host: CodeHost, gate: Path) -> None:
    (gate / "iam_geofence.md").write_text("<!-- groundcrew-gate: iam_geofence -->\n### The gate passes\n")
    assert say(gate) == say(gate) == 0
    assert len(host.comments) == 2


def test_ours_is_found_behind_a_hundred_others(host: CodeHost, gate: Path) -> None:
    host.comments = [{"id": index, "user": SOMEBODY, "body": ""} for index in range(100)]
    host.comments.append({"id": 100, "user": OURS, "body": f"{MARK}\nolder"})
    assert say(gate) == 0
    assert host.comments[100]["body"] == TEXT
    assert len(host.comments) == 101


def test_a_quoted_mark_is_left_alone(host: CodeHost, gate: Path) -> None:
    host.comments = [{"id": 0, "user": SOMEBODY, "body": TEXT}]
    assert say(gate) == 0
    assert [item["user"] for item in host.comments] == [SOMEBODY, OURS]


def test_a_push_only_fills_the_summary(host: CodeHost, gate: Path) -> None:
    (gate.parent / "event.json").write_text(json.dumps({"head_commit": {}}))
    assert say(gate) == 0
    assert host.calls == []
    assert (gate.parent / "summary.md").read_text() == TEXT


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("token", "pull-requests: write"),
        ("wrong token", "is answered with 401"),
        ("forbidden", "is answered with 403"),
        ("no gate", "run `make gate"),
        ("no job", "a job of GitHub Actions"),
        ("no host", "cannot be reached"),
    ],
)
def test_what_cannot_be_said_fails(
    host: CodeHost,
    gate: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    change: str,
    said: str,
) -> None:
    match change:
        case "token":
            monkeypatch.delenv("GITHUB_TOKEN")
        case "wrong token":
            monkeypatch.setenv("GITHUB_TOKEN", "another")
        case "forbidden":
            host.status = 403
        case "no gate":
            (gate / "kinesis_autoscaler.md").unlink()
        case "no job":
            monkeypatch.delenv("GITHUB_EVENT_PATH")
        case "no host":
            monkeypatch.setenv("GITHUB_API_URL", "http://127.0.0.1:9")
    assert say(gate) == 1
    error = capsys.readouterr().err
    assert said in error
    assert "token" not in error.replace("GITHUB_TOKEN", "").replace("job's token", "")
