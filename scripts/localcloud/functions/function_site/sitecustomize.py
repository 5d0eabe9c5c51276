"""Puts a function's process into the local cloud: its time, and its APIs; Python imports a module of this name when it
starts.

It lies outside the zip, which knows nothing of it. `LOCALCLOUD_CLOCK` names the file that holds how many seconds the
cloud's clock is ahead of the machine's. A process that the function starts gets here too and stays at that offset; the
function itself catches up before each invocation. `time.monotonic` stays the machine's.

`LOCALCLOUD_DRIVERS` is a search path of modules that are imported in place of those of the zip: what
stands in for the driver of a source that cannot be had on a laptop.

`LOCALCLOUD_EXECUTE_API` is where the APIs answer on this machine: their host names resolve to it, as does port 443
there. TLS is as on AWS, with certificates for these very names.
"""

import os
import re
import socket
import sys
import time
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any

import time_machine


def _published() -> float:
    return float(Path(os.environ["LOCALCLOUD_CLOCK"]).read_text())


_ahead = _published()
_began, _now = time.monotonic(), time.time() + _ahead
_traveller = time_machine.travel(_now, tick=True).start()
time.time()  # from the first look at it on, time passes
_traveller.shift(_now + time.monotonic() - _began - time.time())  # and what passed before it


def _catch_up() -> None:
    global _ahead
    published = _published()
    _traveller.shift(published - _ahead)
    _ahead = published


_API = re.compile(r"[a-z0-9-]+\.execute-api\.[a-z0-9-]+\.amazonaws\.com\.?", re.IGNORECASE)
_getaddrinfo = socket.getaddrinfo


def _resolve(host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
    """Resolve a name as ever, that of an API to this machine."""
    name = host.decode() if isinstance(host, bytes) else host
    if name is None or not _API.fullmatch(name):
        return _getaddrinfo(host, port, *arguments, **options)
    here, _, https = os.environ["LOCALCLOUD_EXECUTE_API"].partition(":")
    return _getaddrinfo(here, https if port in (443, "443", "https") else port, *arguments, **options)


socket.getaddrinfo = _resolve


class _Drivers:
    """Finds modules before the zip is searched, each once: a stand-in may import what it stands in for."""

    def __init__(self, places: list[str]) -> None:
        self._places = places
        self._found: set[str] = set()

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Of a module of no package."""
        if path is not None or name in self._found:
            return None
        spec = PathFinder.find_spec(name, self._places)
        if spec is not None:
            self._found.add(name)
        return spec


if _places := os.environ.get("LOCALCLOUD_DRIVERS"):
    sys.meta_path.insert(0, _Drivers(_places.split(os.pathsep)))

if sys.orig_argv[1:3] == ["-m", "awslambdaric"]:
    from awslambdaric.lambda_runtime_client import LambdaRuntimeClient

    _wait_next_invocation = LambdaRuntimeClient.wait_next_invocation

    def _wait_and_catch_up(self: Any) -> Any:
        """Wait for an event, for hours of the cloud's time perhaps, and handle it at the time when it came."""
        request = _wait_next_invocation(self)
        _catch_up()
        return request

    LambdaRuntimeClient.wait_next_invocation = _wait_and_catch_up
