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
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from localcloud.cloudwatch import vended_metrics
from localcloud.functions import logs
from localcloud.functions.executor import Code, Environment, Outcome, Runtime
from localcloud.functions.failures import keep_failure
from localcloud.functions.fleet import Fleet, ReadyFleet, ThrottledError
from localcloud.functions.payload import deployed

MOST_ENVIRONMENTS = 10
"""Environments per version, however much concurrency is reserved: this is a laptop."""
RETRY_SECONDS = tuple(float(text) for text in os.environ.get("LOCALCLOUD_RETRY_SECONDS", "1,2").split(","))
"""Waits before the first and the second retry; Lambda waits one and two minutes."""
THROTTLE_SECONDS = 0.2
"""Wait before a throttled asynchronous event is tried again; Lambda backs off from one second to five minutes."""
STUCK_SECONDS = 3 * 900 + 60.0
"""Longer than three attempts of the longest timeout."""


@dataclass(slots=True)
class _Settings:
    endpoint: str = ""
    runtimes: Mapping[str, Runtime] = field(default_factory=dict)
    directory: Path = field(default_factory=Path)
    quiet: bool = True


@dataclass(frozen=True, slots=True)
class _Ahead:
    function: Any
    fleet: ReadyFleet


_settings = _Settings()
_lock = threading.Lock()
_changed = threading.Condition()
_fleets: dict[tuple[Any, ...], Fleet] = {}
_ahead: dict[str, _Ahead] = {}
"""Environments that wait for who invokes by this very ARN, of a version or an alias."""
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
    try:
        fleet, environment = _acquire(function, arn)
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


def start_ahead(function: Any, arn: str, count: int, initialization: str) -> ReadyFleet:
    """Let `count` environments of moto's `function` wait for who invokes it by `arn`, in the place of those that do.

    They are initialised in the background, as provisioned-concurrency or snap-start.
    """
    fleet = ReadyFleet(_code(function, initialization), count, from_snapshot=initialization == "snap-start")
    stop_ahead(arn)
    with _lock:
        _ahead[arn] = _Ahead(function, fleet)
    in_background(arn, lambda _: fleet.start())
    return fleet


def stop_ahead(arn: str) -> None:
    """Let nothing wait any more for who invokes by `arn`."""
    with _lock:
        former = _ahead.pop(arn, None)
    if former:
        former.fleet.close()


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
    fleets = [*_fleets.values(), *(waiting.fleet for waiting in _ahead.values())]
    environments = [environment for fleet in fleets for environment in fleet.environments()]
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
        "restore_ms": None if outcome.restore_ms is None else round(outcome.restore_ms, 1),
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


def _acquire(function: Any, arn: str) -> tuple[Fleet, Environment]:
    """An environment that waits if there is one, else one on demand. Raises ThrottledError."""
    with _lock:
        waiting = [_ahead[key] for key in dict.fromkeys((arn, function.function_arn)) if key in _ahead]
    ready = [item.fleet for item in waiting if item.function is function]
    on_demand = [] if any(fleet.from_snapshot for fleet in ready) else [_fleet(function)]
    for fleet in (*ready, *on_demand):
        with suppress(ThrottledError):
            return fleet, fleet.acquire()
    raise ThrottledError


def _fleet(function: Any) -> Fleet:
    """The environments on demand for the function's present code and configuration; older ones end with the server."""
    limit = _on_demand_limit(function)
    variables = json.dumps(function.environment_vars, sort_keys=True)
    network = json.dumps(function.vpc_config, sort_keys=True)
    size = (function.memory_size, function.timeout, function.handler, json.dumps(function.logging_config), network)
    key = (function.function_arn, str(function.version), function.code_sha_256, variables, size, limit)
    with _lock:
        if key not in _fleets:
            _fleets[key] = Fleet(_code(function, "on-demand"), limit)
        return _fleets[key]


def _on_demand_limit(function: Any) -> int:
    """What is reserved for the function, less what waits for its versions and aliases."""
    from moto.awslambda.exceptions import UnknownFunctionException
    from moto.awslambda.utils import get_backend

    name = function.function_name
    try:  # a version is a copy of the function as it was when it was published
        reserved = get_backend(function.account_id, function.region).get_function(name).reserved_concurrency
    except UnknownFunctionException:  # deleted, and its last events are being handled
        reserved = None
    if reserved is None:
        return MOST_ENVIRONMENTS
    with _lock:
        waiting = sum(item.fleet.limit for item in _ahead.values() if item.function.function_name == name)
    return min(max(int(reserved) - waiting, 0), MOST_ENVIRONMENTS)


def _code(function: Any, initialization: str) -> Code:
    runtime = _settings.runtimes.get(function.run_time) or Runtime(sys.executable)
    return deployed(function, runtime, _settings.directory, _settings.endpoint, initialization)
