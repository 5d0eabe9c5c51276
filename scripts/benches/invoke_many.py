"""Runs a handler over many events, one after another, in a process of its own; the environment is the function's.

Arguments: the module that has `handler`, a file with a JSON list of events, and the file that receives
`{"began", "ended", "cpu_seconds": [...], "answers": [...]}`: moments of `time.monotonic`, and a figure per event.
"""

import importlib
import json
import sys
import time
from pathlib import Path
from types import SimpleNamespace

CONTEXT = SimpleNamespace(
    function_name="bench",
    function_version="$LATEST",
    memory_limit_in_mb=256,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:bench",
    aws_request_id="bench",
)


def main(argv: list[str]) -> int:
    """Run it; what the handler raises ends the process."""
    module, events, result = argv
    handler = importlib.import_module(module).handler
    cpu_seconds, answers = [], []
    began = time.monotonic()
    for event in json.loads(Path(events).read_text()):
        cpu_began = time.process_time()
        answers.append(handler(event, CONTEXT))
        cpu_seconds.append(time.process_time() - cpu_began)
    measured = {"began": began, "ended": time.monotonic(), "cpu_seconds": cpu_seconds, "answers": answers}
    Path(result).write_text(json.dumps(measured))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
