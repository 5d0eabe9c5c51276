"""Runs a handler once, in a process of its own; the environment is the function's.

Arguments: the module that has `handler`, a file with the event, and the file that receives
`{"seconds", "cpu_seconds", "peak_mb", "answer"}`: the run without the import, the memory of the whole process.
"""

import importlib
import json
import resource
import sys
import time
from pathlib import Path
from types import SimpleNamespace

MEBIBYTE = 2**20
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:bench"


def peak_mb() -> float:
    """The most memory that this process had resident so far, in MB of 2**20 bytes, as Lambda counts them."""
    status = Path("/proc/self/status")
    if status.is_file():
        # Linux's ru_maxrss begins with what the process was forked from; VmHWM (kB) begins at exec.
        (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) * 1024 / MEBIBYTE
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEBIBYTE  # bytes on macOS


def main(argv: list[str]) -> int:
    """Run it; what the handler raises ends the process."""
    module, event, result = argv
    handler = importlib.import_module(module).handler
    context = SimpleNamespace(
        function_name="bench",
        function_version="$LATEST",
        memory_limit_in_mb=256,
        invoked_function_arn=FUNCTION,
        aws_request_id="bench",
    )
    began, cpu_began = time.monotonic(), time.process_time()
    answer = handler(json.loads(Path(event).read_text()), context)
    measured = {
        "seconds": time.monotonic() - began,
        "cpu_seconds": time.process_time() - cpu_began,
        "peak_mb": peak_mb(),
        "answer": answer,
    }
    Path(result).write_text(json.dumps(measured))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
