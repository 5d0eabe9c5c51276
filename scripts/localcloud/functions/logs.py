"""What a function printed, in its CloudWatch log group, between the lines that Lambda itself writes."""

import json
from typing import Any

from moto.core.utils import unix_time_millis
from moto.logs.exceptions import ResourceNotFoundException

from localcloud import clock
from localcloud.functions.executor import Outcome


def save(function: Any, stream: str, request_id: str, outcome: Outcome) -> str:
    """Write one log event per line to the function's log group; returns the text, whose tail Invoke can answer."""
    config = function.logging_config
    lines = _structured(request_id, outcome) if config["LogFormat"] == "JSON" else _text(request_id, outcome)
    logs = function.logs_backend
    group = config["LogGroup"]
    try:
        logs.create_log_stream(group, stream)
    except ResourceNotFoundException:
        # The role may not create log groups: as on AWS, what is printed is then lost.
        return "\n".join(lines) + "\n"
    except Exception as error:
        if type(error).__name__ != "ResourceAlreadyExistsException":
            raise
    now = unix_time_millis(clock.now().replace(tzinfo=None))
    logs.put_log_events(group, stream, [{"timestamp": int(now), "message": line} for line in lines])
    return "\n".join(lines) + "\n"


def _text(request_id: str, outcome: Outcome) -> list[str]:
    init = f"\tInit Duration: {outcome.init_ms:.2f} ms" if outcome.init_ms is not None else ""
    end = f"REPORT RequestId: {request_id}\tDuration: {outcome.duration_ms:.2f} ms{init}"
    return [f"START RequestId: {request_id} Version: $LATEST", *outcome.lines, f"END RequestId: {request_id}", end]


def _structured(request_id: str, outcome: Outcome) -> list[str]:
    """Platform events as Lambda writes them at the system log level WARN: only what went wrong."""
    if outcome.status == "ok":
        return outcome.lines
    record = {
        "requestId": request_id,
        "status": {"error": "error", "timeout": "timeout"}[outcome.status],
        "metrics": {"durationMs": round(outcome.duration_ms, 3)},
    }
    event = {"time": f"{clock.now():%Y-%m-%dT%H:%M:%S.%fZ}", "type": "platform.report", "record": record}
    return [*outcome.lines, json.dumps(event)]
