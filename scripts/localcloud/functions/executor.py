"""One execution environment: the deployed zip in a process of its own under AWS's runtime interface client.

The process asks a Runtime API on loopback for its invocations, as it would on Lambda:
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import queue
import subprocess
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from localcloud import clock
from localcloud.functions.output import Output

INIT_SECONDS, AHEAD_INIT_SECONDS = 10.0, 130.0
"""Lambda's limit of the init phase: on demand, and ahead of any event, where it is no less than the timeout either."""
RESTORE_SECONDS = 10.0
"""Lambda's limit of what a function does after it was restored."""
DRAIN_SECONDS = 2.0
MOST_ANSWER_BYTES = 6_291_556
TOO_LARGE = json.dumps(
    {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": f"Response payload size exceeded maximum allowed payload size ({MOST_ANSWER_BYTES} bytes).",
    }
).encode()
"""What Lambda makes of an answer that is larger."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """The interpreter that stands in for Lambda's, and the directory that stands in for /var/runtime."""

    python: str
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """What an environment runs: an unpacked zip, its handler, and everything that the deployment says about it."""

    task_root: Path
    handler: str
    runtime: Runtime
    environment: Mapping[str, str]
    timeout_seconds: float
    fault: str | None = None
    """Why this machine cannot run it at all, as a sentence."""

    @property
    def init_seconds(self) -> float:
        """How long its init phase may take."""
        on_demand = self.environment["AWS_LAMBDA_INITIALIZATION_TYPE"] == "on-demand"
        return INIT_SECONDS if on_demand else max(AHEAD_INIT_SECONDS, self.timeout_seconds)


@dataclass(slots=True)
class Outcome:
    """What became of one invocation: `status` is ok, error or timeout; `payload` JSON; `lines` what it printed."""

    status: str
    payload: bytes
    duration_ms: float
    init_ms: float | None
    lines: list[str] = field(default_factory=list)
    restore_ms: float | None = None


class Environment:
    """A process that handles one invocation at a time; the first starts it unless `initialise` did; `close` ends it.

    One whose initialisation type is snap-start stops when it is initialised, as when its snapshot is taken, and its
    first invocation lets it go on.
    """

    def __init__(self, code: Code) -> None:
        self.code = code
        self.stream = f"{clock.now():%Y/%m/%d}/[{code.environment['AWS_LAMBDA_FUNCTION_VERSION']}]{uuid.uuid4().hex}"
        self._events: queue.Queue[_Event | None] = queue.Queue()
        self._answers: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self._asked = threading.Event()
        self._stopped = threading.Event()
        self._go_on = threading.Event()
        self._init_error: bytes | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._output: Output | None = None
        self._api = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(self))
        self._api.daemon_threads = True
        threading.Thread(target=self._api.serve_forever, name="runtime-api", daemon=True).start()

    @property
    def is_running(self) -> bool:
        """Whether it has a process: not before it is initialised, nor after a timeout or an exit."""
        return self._process is not None

    def initialise(self) -> Outcome:
        """Start the process and see it through its init phase; the outcome's status is ok or error."""
        started = time.monotonic()
        failure = self._start()
        init_ms = (time.monotonic() - started) * 1000
        if failure is None:
            return Outcome("ok", b"null", 0.0, init_ms)
        self._end_process()
        return Outcome("error", failure, 0.0, init_ms, self._take_lines())

    def invoke(self, request_id: str, payload: bytes, arn: str) -> Outcome:
        """Run one invocation to its end, starting the process if need be."""
        init_ms = restore_ms = None
        if self._process is None:
            begun = self.initialise()
            init_ms = begun.init_ms
            if begun.status != "ok":
                return begun
        if self._stopped.is_set() and not self._go_on.is_set():
            started = time.monotonic()
            failure = self._restore()
            restore_ms = (time.monotonic() - started) * 1000
            if failure is not None:
                self._end_process()
                return Outcome("error", failure, 0.0, init_ms, self._take_lines(), restore_ms)
        limit = self.code.timeout_seconds
        deadline = (clock.now().timestamp() + limit) * 1000
        self._asked.clear()
        started = time.monotonic()
        self._events.put(_Event(request_id, payload, int(deadline), arn))
        status, answer = self._await_answer(request_id, limit)
        duration_ms = (time.monotonic() - started) * 1000
        if status in ("ok", "error"):
            # The client asks for its next event only after its output was flushed: all of it is in the pipe by then.
            self._asked.wait(DRAIN_SECONDS)
        else:
            self._end_process()
        outcome_status = "error" if status == "exit" else status
        return Outcome(outcome_status, answer, duration_ms, init_ms, self._take_lines(), restore_ms)

    def close(self) -> None:
        """End the process and its Runtime API."""
        self._end_process()
        self._api.shutdown()
        self._api.server_close()

    def _start(self) -> bytes | None:
        """Start the process; None once it is initialised, else the error that Lambda would report."""
        if self.code.fault:
            return json.dumps({"errorType": "LocalCloud.ForeignPayload", "errorMessage": self.code.fault}).encode()
        self._init_error = None
        for event in (self._asked, self._stopped, self._go_on):
            event.clear()
        host, port = self._api.server_address[:2]
        environment = {**self.code.environment, "AWS_LAMBDA_RUNTIME_API": f"{host!s}:{port}"}
        self._process = subprocess.Popen(
            [self.code.runtime.python, "-m", "awslambdaric", self.code.handler],
            cwd=self.code.task_root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
        )
        assert self._process.stdout is not None  # noqa: S101 - it was opened as a pipe
        self._output = Output(self._process.stdout)
        return self._await_ready("Init", self.code.init_seconds)

    def _restore(self) -> bytes | None:
        """Let a stopped process go on; None once it asks for its first event, else the error."""
        self._asked.clear()
        self._go_on.set()
        return self._await_ready("Restore", RESTORE_SECONDS)

    def _await_ready(self, phase: str, seconds: float) -> bytes | None:
        assert self._process is not None  # noqa: S101 - it was started
        end = time.monotonic() + seconds
        while not self._asked.wait(0.01):
            if self._init_error is not None:
                return self._init_error
            if self._process.poll() is not None:
                return self._init_error or _exit_error(self._process.returncode)
            if time.monotonic() > end:
                message = f"{phase} phase timed out after {seconds:.0f} seconds"
                return json.dumps({"errorType": "Sandbox.Timedout", "errorMessage": message}).encode()
        return None

    def _await_answer(self, request_id: str, limit: float) -> tuple[str, bytes]:
        assert self._process is not None  # noqa: S101 - it was started
        end = time.monotonic() + limit
        while True:
            try:
                return self._answers.get(timeout=0.02)
            except queue.Empty:
                if self._process.poll() is not None and self._answers.empty():
                    return "exit", _exit_error(self._process.returncode, request_id)
                if time.monotonic() > end:
                    message = f"RequestId: {request_id} Error: Task timed out after {limit:.2f} seconds"
                    return "timeout", json.dumps({"errorType": "Sandbox.Timedout", "errorMessage": message}).encode()

    def _take_lines(self) -> list[str]:
        return self._output.take() if self._output else []

    def _end_process(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        if self._output:
            self._output.close()
        self._process = None


@dataclass(frozen=True, slots=True)
class _Event:
    request_id: str
    payload: bytes
    deadline_ms: int
    arn: str


def _exit_error(code: int, request_id: str = "") -> bytes:
    what = f"exit status {code}" if code >= 0 else f"signal: {-code}"
    prefix = f"RequestId: {request_id} Error: " if request_id else ""
    message = f"{prefix}Runtime exited with error: {what}"
    return json.dumps({"errorType": "Runtime.ExitError", "errorMessage": message}).encode()


def _handler_for(environment: Environment) -> type[BaseHTTPRequestHandler]:
    class RuntimeApi(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # it would hold back each answer's body for 40 ms

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name in the base class
            """Say nothing."""

        def do_GET(self) -> None:
            """.../invocation/next, which blocks until there is one, and .../restore/next, until that is wanted."""
            stops = self.path.endswith("/restore/next")
            if stops:
                environment._stopped.set()
            environment._asked.set()
            if stops:
                environment._go_on.wait()
                return self._answer(200, b"")
            event = environment._events.get()
            if event is None:
                return self._answer(410, b"")
            headers = {
                "Lambda-Runtime-Aws-Request-Id": event.request_id,
                "Lambda-Runtime-Deadline-Ms": str(event.deadline_ms),
                "Lambda-Runtime-Invoked-Function-Arn": event.arn,
                "Lambda-Runtime-Trace-Id": f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Sampled=0",
                "Content-Type": "application/json",
            }
            return self._answer(200, event.payload, headers)

        def do_POST(self) -> None:
            """.../init/error, .../restore/error, .../invocation/<id>/response and .../invocation/<id>/error."""
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path.endswith(("/init/error", "/restore/error")):
                environment._init_error = body
            elif len(body) > MOST_ANSWER_BYTES:
                environment._answers.put(("error", TOO_LARGE))
            else:
                environment._answers.put(("error" if self.path.endswith("/error") else "ok", body))
            self._answer(202, b'{"status":"OK"}')

        def _answer(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return RuntimeApi
