"""The functions of the account: their environments, and how they are invoked synchronously and asynchronously.

Asynchronous invocations are retried and their failures kept as Lambda does it:
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

import json
import os
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from localcloud.cloudwatch import vended_metrics
from localcloud.functions import logs
from localcloud.functions.executor import Code, Environment, Outcome, Runtime
from localcloud.functions.failures import keep_failure
from localcloud.functions.payload import deployed

MOST_ENVIRONMENTS = 10
"""Environments per version, however much concurrency is reserved: this is a laptop."""
RETRY_SECONDS = tuple(float(text) for text in os.environ.get("LOCALCLOUD_RETRY_SECONDS", "1,2").split(","))
"""Waits before the first and the second retry; Lambda waits one and two minutes."""
THROTTLE_SECONDS = 0.2
"""Wait before a throttled asynchronous event is tried again; Lambda backs off from one second to five minutes."""
STUCK_SECONDS = 3 * 900 + 60.0
"""Longer than three attempts of the longest timeout."""


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

    def environments(self) -> list[Environment]:
        with self._lock:
            return list(self._all)


_settings = _Settings()
_lock = threading.Lock()
_changed = threading.Condition()
_fleets: dict[tuple[Any, ...], _Fleet] = {}
_records: list[dict[str, Any]] = []
_pending: dict[str, tuple[str, float]] = {}
"""Asynchronous events that are queued or running: by request id the function's ARN, and since when."""


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
    log = logs.save(function, environment.stream, request_id, outcome)
    _record(function, request_id, attempt, outcome)
    return outcome, log


def invoke_async(function_arn: str, payload: bytes, *, region: str, account_id: str) -> str:
    """Queue an event for the function, as Lambda does when it answers 202; returns the request id."""
    return in_background(
        function_arn, lambda request_id: _deliver(function_arn, payload, region, account_id, request_id)
    )


def in_background(function_arn: str, work: Callable[[str], None]) -> str:
    """Do `work(request_id)` for the function on a thread of its own, for which `wait_idle` waits; returns the id."""
    request_id = str(uuid.uuid4())
    with _changed:
        _pending[request_id] = (function_arn, time.monotonic())
    threading.Thread(target=_do, args=(work, request_id), name=f"event-{request_id}", daemon=True).start()
    return request_id


def wait_idle(timeout_seconds: float) -> bool:
    """Wait until no asynchronous invocation is queued or running; False when some still are after that time."""
    with _changed:
        return _changed.wait_for(lambda: not _pending, timeout_seconds)


def settle(seconds: float) -> bool:
    """As `wait_idle`, but raises RuntimeError for an event that is pending longer than any takes and will not end."""
    if wait_idle(seconds):
        return True
    with _changed:
        for request_id, (arn, since) in _pending.items():
            if (age := time.monotonic() - since) > STUCK_SECONDS:
                raise RuntimeError(
                    f"Time cannot go on: the event {request_id} for {arn} has been queued or running for {age:.0f} s. "
                    "Start another local cloud, and give the function more concurrency or fewer events."
                )
    return False


def records() -> list[dict[str, Any]]:
    """Every attempt so far, oldest first."""
    with _lock:
        return list(_records)


def shutdown() -> None:
    """End every process; all at once, as each takes up to half a second."""
    environments = [environment for fleet in list(_fleets.values()) for environment in fleet.environments()]
    with ThreadPoolExecutor(max(len(environments), 1)) as threads:
        list(threads.map(Environment.close, environments))


def _do(work: Callable[[str], None], request_id: str) -> None:
    try:
        work(request_id)
    finally:
        with _changed:
            del _pending[request_id]
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
            if function.reserved_concurrency == 0:
                condition = "ZeroReservedConcurrency"
                break
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
    network = json.dumps(function.vpc_config, sort_keys=True)
    size = (function.memory_size, function.timeout, function.handler, json.dumps(function.logging_config), network)
    key = (function.function_arn, str(function.version), function.code_sha_256, variables, size, limit)
    with _lock:
        if key not in _fleets:
            runtime = _settings.runtimes.get(function.run_time) or Runtime(sys.executable)
            _fleets[key] = _Fleet(deployed(function, runtime, _settings.directory, _settings.endpoint), limit)
        return _fleets[key]
