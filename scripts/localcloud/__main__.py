"""`python -m localcloud`: run the local cloud until it is told to end."""

import argparse
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from localcloud import clock


def main(argv: list[str] | None = None) -> int:
    """Parse the command line and serve; returns the exit code."""
    parser = argparse.ArgumentParser(prog="localcloud", description="An AWS account on 127.0.0.1, and nowhere else.")
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free port")
    parser.add_argument("--time", type=_moment, help="where its clock begins: ISO 8601 with an offset; default: now")
    parser.add_argument("--verbose", action="store_true", help="log every request to stderr")
    parser.add_argument("--parent-pid", type=int, help="end when this process, which started us, has ended")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="localcloud-", ignore_cleanup_errors=True) as directory:
        clock.start(arguments.time, Path(directory) / "clock")
        # Only now: moto stamps some of what it knows when it is imported.
        from localcloud.server import serve

        return serve(arguments.port, Path(directory), verbose=arguments.verbose, parent_pid=arguments.parent_pid)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text} has no offset from UTC: write {text}+00:00")
    return moment


if __name__ == "__main__":
    sys.exit(main())
