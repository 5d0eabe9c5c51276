"""Start Snowflake's stand-in and talk to it."""

import json
import os
import subprocess
import tempfile
import urllib.request
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
PYTHON = ROOT / ".venv-fakesnow" / "bin" / "python"
STOP_SECONDS = 5.0
REASON_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class User:
    """A user's credentials, `public_key` in PEM; a locked one, and one whose address a network policy blocks."""

    password: str | None = field(default=None, repr=False)
    public_key: str | None = None
    tokens: tuple[str, ...] = field(default=(), repr=False)
    locked: bool = False
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """What the stand-in begins with; `seed` is SQL whose statements each end a line with `;`."""

    users: dict[str, User]
    seed: str
    name: str = "standin"
    warehouses: tuple[str, ...] = ("COMPUTE",)
    roles: tuple[str, ...] = ("ANALYST",)


class StandinError(Exception):
    """The stand-in did not start; the text says why."""


class Standin:
    """A running stand-in: one that `start` started and `stop` ends, or any other at `endpoint`.

    As a context manager it ends on exit if it was started here.
    """

    def __init__(self, endpoint: str, process: subprocess.Popen[bytes] | None = None) -> None:
        self.endpoint = endpoint
        self.port = int(endpoint.rpartition(":")[2])
        self._process = process

    @classmethod
    def start(cls, account: Account, *, until: int | None = None) -> "Standin":
        """Start one on a free port of loopback and wait until its databases are filled. Raises StandinError.

        It ends with the process `until` (an id; default: this one), if `stop` does not end it before.
        """
        if not PYTHON.is_file():
            raise StandinError(f"{PYTHON.parent.parent.name} is missing: run `make setup` first.")
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file, tempfile.TemporaryFile() as errors:
            json.dump(asdict(account), file)
            file.flush()
            process = subprocess.Popen(
                [str(PYTHON), "-m", "localcloud.snowflake.server", file.name, str(until or os.getpid())],
                env={**os.environ, "PYTHONPATH": str(ROOT / "scripts")},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
            line = process.stdout.readline().decode() if process.stdout else ""
            if not line.startswith("ready "):
                process.communicate()
                errors.seek(0)
                reason = errors.read().decode(errors="replace").strip()
                raise StandinError(f"Snowflake's stand-in did not start: {reason[-REASON_CHARACTERS:]}")
        return cls(line.removeprefix("ready ").strip(), process)

    def stop(self) -> None:
        """End the process if it was started here."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def queries(self) -> list[dict[str, Any]]:
        """The statements that arrived, in their order; `sql`, `binds`, `tag`, `status`, `rows` … (see `queries.py`)."""
        found: list[dict[str, Any]] = self.record()["queries"]
        return found

    def record(self) -> dict[str, Any]:
        """Statements, open sessions, and how often the driver told of itself."""
        with urllib.request.urlopen(f"{self.endpoint}/stand-in/record") as response:  # noqa: S310 - loopback
            found: dict[str, Any] = json.load(response)
        return found

    def run(self, sql: str) -> None:
        """Run a statement as the owner of everything. Raises StandinError with what Snowflake would say."""
        answer = self._change(sql=sql)
        if answer.get("error"):
            raise StandinError(answer["error"])

    def change_user(self, name: str, user: User) -> None:
        """Replace a user's credentials, as a rotation does."""
        self._change(user=name, **{"as": asdict(user)})

    def queue(self, seconds: float) -> None:
        """Let every statement from now on wait for so long before it runs."""
        self._change(queue_seconds=seconds)

    def expire_tokens(self) -> None:
        """Let the tokens of all sessions expire, as each does after an hour; the driver renews them."""
        self._change(expire_tokens=True)

    def end_sessions(self) -> None:
        """Forget all sessions, as an administrator can."""
        self._change(end_sessions=True)

    def fail_chunks(self, failing: bool) -> None:
        """Let the storage of results refuse from now on, or no longer."""
        self._change(failing_chunks=failing)

    def _change(self, **what: Any) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 - loopback
            f"{self.endpoint}/stand-in/change", json.dumps(what).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request) as response:  # noqa: S310 - loopback
            answer: dict[str, Any] = json.load(response)
        return answer

    def __enter__(self) -> "Standin":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
