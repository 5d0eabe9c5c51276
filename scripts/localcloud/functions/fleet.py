"""The environments of one version with one configuration."""

import threading
from concurrent.futures import ThreadPoolExecutor

from localcloud.functions.executor import Code, Environment, Outcome


class ThrottledError(Exception):
    """As many environments as the function may have are busy."""


class Fleet:
    """Idle environments to reuse, and how many exist: `limit` at most."""

    def __init__(self, code: Code, limit: int) -> None:
        self._code = code
        self.limit = limit
        self._lock = threading.Lock()
        self._idle: list[Environment] = []
        self._all: set[Environment] = set()
        self._closed = False

    def acquire(self) -> Environment:
        """An environment for one invocation, to be given back by `release`. Raises ThrottledError."""
        with self._lock:
            if self._idle:
                return self._idle.pop()
            if len(self._all) >= self.limit:
                raise ThrottledError
            return self._another()

    def release(self, environment: Environment) -> None:
        """Let the next invocation have it."""
        with self._lock:
            if not self._closed:
                self._idle.append(environment)
                return
        environment.close()

    def environments(self) -> list[Environment]:
        """All that exist."""
        with self._lock:
            return list(self._all)

    def close(self) -> None:
        """End what is idle now, and what is busy when it is released."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for environment in idle:
            environment.close()

    def _another(self) -> Environment:
        environment = Environment(self._code)
        self._all.add(environment)
        return environment


class ReadyFleet(Fleet):
    """A fleet all of whose environments are initialised before anybody invokes them; only such ones are handed out.

    `from_snapshot`: they cannot be replaced, for another process would not be a copy of the same initialisation.
    """

    def __init__(self, code: Code, limit: int, *, from_snapshot: bool) -> None:
        super().__init__(code, limit)
        self.from_snapshot = from_snapshot
        self.available = 0
        """How many are initialised."""
        self.failure: Outcome | None = None
        """What became of an initialisation that failed; there are no environments then."""

    def start(self) -> None:
        """Initialise all of them; returns when they are, or when one has failed."""
        with self._lock:
            begun = [self._another() for _ in range(self.limit)]
        with ThreadPoolExecutor(self.limit) as threads:
            outcomes = list(threads.map(Environment.initialise, begun))
        with self._lock:
            self.failure = next((outcome for outcome in outcomes if outcome.status != "ok"), None)
            if self.failure is None and not self._closed:
                self._idle, self.available = begun, len(begun)
                return
            self._all.clear()
        for environment in begun:
            environment.close()

    def acquire(self) -> Environment:
        """An environment that has been initialised. Raises ThrottledError when none is idle."""
        with self._lock:
            if not self._idle:
                raise ThrottledError
            return self._idle.pop()

    def release(self, environment: Environment) -> None:
        """As in any fleet; but one that has ended and cannot be replaced is given up."""
        if self.from_snapshot and not environment.is_running:
            environment.close()
        else:
            super().release(environment)
