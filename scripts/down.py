"""End the local cloud that `make up` or `make demo KEEP=1` left running, and forget what was applied there."""

import json
import shutil
import sys

import psutil

from local_run import STATE
from toolchain import BUILD


def main() -> int:
    """Stop exactly the process that was recorded; 0 also when there is none."""
    if not STATE.is_file():
        print("No local cloud is up.")
        return 0
    recorded = json.loads(STATE.read_text())
    try:
        process = psutil.Process(recorded["pid"])
        # A process id is reused after a while: end it only while it still is the local cloud.
        if "localcloud" in " ".join(process.cmdline()):
            process.terminate()
            process.wait(timeout=15)
    except psutil.NoSuchProcess:
        print("The local cloud had already ended.")
    STATE.unlink()
    shutil.rmtree(BUILD / "work" / "local", ignore_errors=True)
    print(f"The local cloud at {recorded['endpoint']} is down.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
