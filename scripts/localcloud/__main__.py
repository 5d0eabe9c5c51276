"""`python -m localcloud`: run the local cloud until it is told to end."""

import argparse
import sys

from localcloud.server import serve


def main(argv: list[str] | None = None) -> int:
    """Parse the command line and serve; returns the exit code."""
    parser = argparse.ArgumentParser(prog="localcloud", description="An AWS account on 127.0.0.1, and nowhere else.")
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free port")
    parser.add_argument("--verbose", action="store_true", help="log every request to stderr")
    parser.add_argument("--parent-pid", type=int, help="end when this process, which started us, has ended")
    arguments = parser.parse_args(argv)
    return serve(arguments.port, verbose=arguments.verbose, parent_pid=arguments.parent_pid)


if __name__ == "__main__":
    sys.exit(main())
