"""The functions of the account: their environments, and how they are invoked synchronously and asynchronously.

Asynchronous invocations are retried and their failures kept as Lambda does it:
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

import hashlib
import io
import json
import os
import platform
import sys
import tempfile
import threading
import time
import uuid
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from localcloud import clock, function_logs, vended_metrics
from localcloud.executor import Code, Environment, Outcome, Runtime
from localcloud.failures import keep_failure

MOST_ENVIRONMENTS = 10
"""Environments per version, however much concurrency is reserved: this is a laptop."""
RETRY_SECONDS = tuple(float(text) for text in os.environ.get("LOCALCLOUD_RETRY_SECONDS", "1,2").split(","))
"""Waits before the first and the second retry; Lambda waits one and two minutes."""
THROTTLE_SECONDS = 0.2
"""Wait before a throttled asynchronous event is tried again; Lambda backs off from one second to five minutes."""
FUNCTION_SITE = Path(__file__).parent / "function_site"
ELF_MACHINES = {62: "x86_64", 183: "arm64"}
MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


class ThrottledError(Exception):
    """As many environments as the function may have are busy."""


@dataclass(slots=True)
class _Settings:
    endpoint: str = ""
    runtimes: Mapping[str, Runtime] = field(default_factory=dict)
    directory: Path = field(default_factory=Path)
    quiet: bool = True


class _Fleet:
    """The environments of one version with one configuration: idle ones to reuse, and how many exist."""

    def __init__(self, code: Code, limit: int) -> None:
        self._code = code
        self._limit = limit
        self._lock = threading.Lock()
        self._idle: list[Environment] = []
        self._all: set[Environment] = set()

    def acquire(self) -> Environment:
        with self._lock:
            if self._idle:
                return self._idle.pop()
            if len(self._all) >= self._limit:
                raise ThrottledError
            environment = Environment(self._code)
            self._all.add(environment)
            return environment

    def release(self, environment: Environment) -> None:
        with self._lock:
            self._idle.append(environment)

    def close(self) -> None:
        for environment in list(self._all):
            environment.close()


_settings = _Settings()
_lock = threading.Lock()
_changed = threading.Condition()
_fleets: dict[tuple[Any, ...], _Fleet] = {}
_records: list[dict[str, Any]] = []
_pending = 0


def configure(endpoint: str, runtimes: Mapping[str, Mapping[str, str]], directory: Path, quiet: bool) -> None:
    """Say where functions reach AWS, what runs each runtime (`{"python3.13": {"python": ..., "path": ...}}`), and the
    directory in which payloads are unpacked.
    """
    _settings.endpoint = endpoint
    _settings.runtimes = {name: Runtime(item["python"], item.get("path")) for name, item in runtimes.items()}
    _settings.directory = directory
    _settings.quiet = quiet


def invoke(function: Any, payload: bytes, arn: str, request_id: str, attempt: int = 1) -> tuple[Outcome, str]:
    """Invoke moto's `function` once; returns what became of it and the log as Lambda returns its tail.

    Raises ThrottledError when it may not start.
    """
    fleet = _fleet(function)
    try:
        environment = fleet.acquire()
    except ThrottledError:
        _record(function, request_id, attempt, Outcome("throttled", b"null", 0.0, None))
        raise
    try:
        outcome = environment.invoke(request_id, payload, arn)
    finally:
        fleet.release(environment)
    log = function_logs.save(function, environment.stream, request_id, outcome)
    _record(function, request_id, attempt, outcome)
    return outcome, log


def invoke_async(function_arn: str, payload: bytes, *, region: str, account_id: str) -> str:
    """Queue an event for the function, as Lambda does when it answers 202; returns the request id."""
    global _pending
    request_id = str(uuid.uuid4())
    with _changed:
        _pending += 1
    arguments = (function_arn, payload, region, account_id, request_id)
    threading.Thread(target=_handle_event, args=arguments, name=f"event-{request_id}", daemon=True).start()
    return request_id


def wait_idle(timeout_seconds: float) -> bool:
    """Wait until no asynchronous invocation is queued or running; False when some still are after that time."""
    with _changed:
        return _changed.wait_for(lambda: _pending == 0, timeout_seconds)


def invocations() -> list[dict[str, Any]]:
    """Every attempt so far, oldest first."""
    with _lock:
        return list(_records)


def shutdown() -> None:
    """End every process."""
    for fleet in list(_fleets.values()):
        fleet.close()


def _handle_event(arn: str, payload: bytes, region: str, account_id: str, request_id: str) -> None:
    global _pending
    try:
        _deliver(arn, payload, region, account_id, request_id)
    finally:
        with _changed:
            _pending -= 1
            _changed.notify_all()


def _deliver(arn: str, payload: bytes, region: str, account_id: str, request_id: str) -> None:
    """Try until it succeeds, the retries are used up or the event is too old; keep it then."""
    from moto.awslambda.utils import get_backend

    function = get_backend(account_id, region).get_function(arn)
    config = function.event_invoke_config[0].config if function.event_invoke_config else {}
    retries = config.get("MaximumRetryAttempts", 2)
    too_old = time.monotonic() + config.get("MaximumEventAgeInSeconds", 21600)
    attempts = 0
    outcome: Outcome | None = None
    while True:
        if time.monotonic() >= too_old:
            condition = "EventAgeExceeded"
            break
        try:
            outcome, _ = invoke(function, payload, arn, request_id, attempts + 1)
        except ThrottledError:
            time.sleep(THROTTLE_SECONDS)
            continue
        attempts += 1
        if outcome.status == "ok":
            return
        if attempts > retries:
            condition = "RetriesExhausted"
            break
        time.sleep(RETRY_SECONDS[min(attempts, len(RETRY_SECONDS)) - 1])
    keep_failure(function, arn, payload, request_id, condition, attempts, outcome)


def _record(function: Any, request_id: str, attempt: int, outcome: Outcome) -> None:
    record = {
        "function": function.function_name,
        "version": str(function.version),
        "request_id": request_id,
        "attempt": attempt,
        "status": outcome.status,
        "cold_start": outcome.init_ms is not None,
        "init_ms": round(outcome.init_ms or 0.0, 1),
        "duration_ms": round(outcome.duration_ms, 1),
        "result": _json(outcome.payload),
    }
    with _lock:
        _records.append(record)
    vended_metrics.record_invocation(function, outcome.status, outcome.duration_ms)
    if not _settings.quiet:
        print(json.dumps(record), flush=True)


def _json(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return payload.decode(errors="replace")


def _fleet(function: Any) -> _Fleet:
    """The environments for the function's present code and configuration; older ones end with the server."""
    reserved = function.reserved_concurrency
    limit = MOST_ENVIRONMENTS if reserved is None else min(int(reserved), MOST_ENVIRONMENTS)
    variables = json.dumps(function.environment_vars, sort_keys=True)
    size = (function.memory_size, function.timeout, function.handler, json.dumps(function.logging_config))
    key = (function.function_arn, str(function.version), function.code_sha_256, variables, size, limit)
    with _lock:
        if key not in _fleets:
            _fleets[key] = _Fleet(_code(function), limit)
        return _fleets[key]


def _code(function: Any) -> Code:
    task_root = _unpack(function)
    runtime = _settings.runtimes.get(function.run_time) or Runtime(sys.executable)
    home = _settings.directory / "home"
    home.mkdir(exist_ok=True)
    logging_config = function.logging_config
    environment = {
        "PATH": os.defpath,
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "HOME": str(home),
        "LAMBDA_TASK_ROOT": str(task_root),
        "LAMBDA_RUNTIME_DIR": runtime.path or "",
        # Lambda searches the payload first, then what the runtime brings. What moves the clock comes last.
        "PYTHONPATH": os.pathsep.join(filter(None, [str(task_root), runtime.path, str(FUNCTION_SITE)])),
        # Lambda's image may have no time-zone data: a payload that needs some has to bring it.
        "PYTHONTZPATH": "",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "_HANDLER": function.handler,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.run_time}",
        "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
        "AWS_LAMBDA_FUNCTION_VERSION": str(function.version),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": logging_config["LogGroup"],
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "AWS_LAMBDA_LOG_FORMAT": logging_config["LogFormat"],
        "AWS_REGION": function.region,
        "AWS_DEFAULT_REGION": function.region,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_SESSION_TOKEN": "test",
    }
    if level := logging_config.get("ApplicationLogLevel"):
        environment["AWS_LAMBDA_LOG_LEVEL"] = level
    # What the deployment sets comes last but one: it may not redirect the function away from this machine.
    environment |= function.environment_vars or {}
    environment["AWS_ENDPOINT_URL"] = _settings.endpoint
    environment["LOCALCLOUD_CLOCK"] = str(clock.offset_file())
    fault = foreign_library(task_root)
    return Code(task_root, function.handler, runtime, environment, float(function.timeout), fault)


def _unpack(function: Any) -> Path:
    digest = hashlib.sha256(function.code_bytes).hexdigest()
    target = _settings.directory / digest[:24]
    if not target.is_dir():
        part = Path(tempfile.mkdtemp(dir=_settings.directory))
        with zipfile.ZipFile(io.BytesIO(function.code_bytes)) as archive:
            archive.extractall(part)
        part.rename(target)
    return target


def foreign_library(task_root: Path) -> str | None:
    """The first native library in the payload that this machine cannot load, as a sentence; None when there is none."""
    here = MACHINES.get(platform.machine().lower(), platform.machine())
    for path in sorted(task_root.rglob("*.so*")):
        with path.open("rb") as file:
            head = file.read(20)
        built_for = ELF_MACHINES.get(int.from_bytes(head[18:20], "little"), "another machine")
        if head[:4] == b"\x7fELF" and built_for != here:
            name = path.relative_to(task_root)
            return f"{name} is built for {built_for} and this machine is {here}: deploy the {here} zip locally"
    return None
