"""Start a local cloud and talk to it."""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

import boto3
from botocore.config import Config

from localcloud import ACCOUNT_ID, DEFAULT_REGION
from localcloud.execute_api import ExecuteApi

START_TIMEOUT_SECONDS = 30.0
STOP_TIMEOUT_SECONDS = 15.0
POLL_SECONDS = 0.02
REQUEST_TIMEOUT_SECONDS = 30.0
CONNECT_SECONDS = 60.0
"""Longer than Client VPN waits for a connect handler that has yet to start."""
ADVANCE_SECONDS = 5.0
"""How long one of the requests of `advance` takes, so that `progress` hears of it."""


class LocalCloudError(Exception):
    """The local cloud did not start, refused an admin request or cannot be reached; the text says which and why."""


class LocalCloud:
    """A running local cloud: one that `start` started and `stop` ends, or any other at `endpoint`.

    As a context manager it ends on exit if it was started here.
    """

    def __init__(self, endpoint: str, process: subprocess.Popen[bytes] | None = None) -> None:
        self.endpoint = endpoint
        self._process = process

    @classmethod
    def start(
        cls,
        python: str | None = None,
        *,
        environment: dict[str, str] | None = None,
        log: Path | None = None,
        time: datetime | None = None,
        detached: bool = False,
    ) -> "LocalCloud":
        """Start a server on a free port and wait until it is ready.

        `python` is the interpreter (default: this one), `environment` adds to this process's variables, `log` receives
        the server's stderr, the clock begins at `time` (aware; default: the machine's time). A `detached` server
        outlives this process, the others end with it. Raises LocalCloudError, with the end of the log, when the server
        does not become ready.
        """
        command = [python or sys.executable, "-m", "localcloud", "--port", "0"]
        command += ["--time", time.isoformat()] if time else []
        command += [] if detached else ["--parent-pid", str(os.getpid())]
        scripts = str(Path(__file__).resolve().parent.parent)
        search_path = os.pathsep.join(filter(None, [scripts, os.environ.get("PYTHONPATH")]))
        with tempfile.TemporaryFile() if log is None else log.open("w+b") as stderr:
            process = subprocess.Popen(
                command,
                env={**os.environ, **(environment or {}), "PYTHONPATH": search_path},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                start_new_session=detached,
            )
            try:
                return cls(_await_ready(process), process)
            except LocalCloudError as error:
                process.kill()
                process.wait()
                stderr.seek(0)
                tail = stderr.read().decode(errors="replace").splitlines()[-20:]
                raise LocalCloudError("\n".join([str(error), *tail])) from None

    @property
    def pid(self) -> int | None:
        """The process id of a server started here, None for another."""
        return self._process.pid if self._process else None

    def stop(self) -> None:
        """End a server started here and wait for it; nothing for another."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise LocalCloudError(f"The local cloud {self.endpoint} had to be killed: it did not end.") from None
        self._process = None

    def __enter__(self) -> "LocalCloud":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def environment(self, account: str = ACCOUNT_ID) -> dict[str, str]:
        """The variables that direct an AWS SDK or Terraform here, to that account."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "test" if account == ACCOUNT_ID else account,
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": DEFAULT_REGION,
            "AWS_DEFAULT_REGION": DEFAULT_REGION,
        }

    def client(
        self, service: str, region: str = DEFAULT_REGION, *, account: str = ACCOUNT_ID, config: Config | None = None
    ) -> Any:
        """A boto3 client of `service` that talks to this cloud, whatever the process's own configuration is."""
        keys = self.environment(account)
        return self._session.client(
            service,
            region_name=region,
            endpoint_url=self.endpoint,
            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
            config=config,
        )

    @cached_property
    def _session(self) -> Any:
        return boto3.Session()

    def is_ready(self) -> bool:
        """Whether a local cloud answers at the endpoint."""
        try:
            return bool(self._call("GET", "health") == {"status": "ok"})
        except LocalCloudError:
            return False

    def tick(self, rule: str, region: str = DEFAULT_REGION) -> dict[str, Any]:
        """Fire a scheduled EventBridge rule once: `{"event_id": ..., "time": ..., "targets": n}`."""
        return self._call("POST", f"rules/{urllib.parse.quote(rule, safe='')}/tick", {"region": region})

    def execute_api(self, source: str) -> ExecuteApi:
        """The APIs of this cloud as a caller from the address `source` reaches them."""
        answer = self._call("POST", "execute-api", body={"source": source})
        return ExecuteApi(answer["host"], answer["port"], Path(answer["certificates"]))

    def wait_idle(self, timeout_seconds: float = 30) -> bool:
        """Wait until no asynchronous invocation is queued or running; False when some still are after the time."""
        query = {"timeout_seconds": str(timeout_seconds)}
        answer = self._call("POST", "idle", query, timeout=timeout_seconds + REQUEST_TIMEOUT_SECONDS)
        return bool(answer["idle"])

    def now(self) -> datetime:
        """The time of this cloud, aware, in UTC."""
        return datetime.fromisoformat(self._call("GET", "clock")["now"])

    def advance(self, to: datetime | timedelta, *, progress: Callable[[datetime], None] | None = None) -> datetime:
        """Move the clock to or by `to`, doing on the way whatever is due; returns the time it is then.

        `progress` is called with the time reached every few seconds of the machine's time. Raises LocalCloudError when
        `to` has passed, or when something that was due failed; the clock then stands where that happened.
        """
        wanted = {"by_seconds": to.total_seconds()} if isinstance(to, timedelta) else {"to": to.isoformat()}
        while True:
            body = wanted | {"within_seconds": ADVANCE_SECONDS}
            answer = self._call("POST", "clock", body=body, timeout=ADVANCE_SECONDS + REQUEST_TIMEOUT_SECONDS)
            now = datetime.fromisoformat(answer["now"])
            if progress:
                progress(now)
            if answer["reached"]:
                return now
            wanted = {"to": answer["to"]}

    def invocations(self) -> list[dict[str, Any]]:
        """Every invocation so far, oldest first; the fields are those of scripts/localcloud/README.md."""
        invocations: list[dict[str, Any]] = self._call("GET", "invocations")["invocations"]
        return invocations

    def calls(self, access_key: str) -> dict[str, int]:
        """How often each action (`redshift:ModifyCluster`) was called with that access key since the start."""
        called: dict[str, int] = self._call("GET", "calls", {"access_key": access_key})["calls"]
        return called

    def athena_query(self, query_id: str) -> dict[str, Any]:
        """What a query of Athena did, table by table; the fields are those of scripts/localcloud/README.md."""
        return self._call("GET", f"athena/queries/{urllib.parse.quote(query_id, safe='')}")

    def set_faults(self, rules: list[dict[str, Any]], seed: int = 0) -> None:
        """Let requests fail by these rules, as scripts/localcloud/README.md describes them, and by no others."""
        self._call("POST", "faults", body={"seed": seed, "rules": rules})

    def clear_faults(self) -> dict[str, Any]:
        """Let nothing fail any more; returns what `faults` would have."""
        return self._call("DELETE", "faults")

    def faults(self) -> dict[str, Any]:
        """The rules, each with the requests that it matched and the faults applied, and the faults by kind."""
        return self._call("GET", "faults")

    def add_redshift_event(
        self,
        cluster: str,
        event_id: str,
        message: str,
        date: datetime,
        region: str = DEFAULT_REGION,
        *,
        account: str = ACCOUNT_ID,
    ) -> None:
        """Let `DescribeEvents` return an event of `cluster`; `date` is aware."""
        body = {"event_id": event_id, "message": message, "date": date.isoformat()}
        self._call_redshift(cluster, "events", body, region, account)

    def set_redshift_updates(
        self, cluster: str, updates: str, region: str = DEFAULT_REGION, *, account: str = ACCOUNT_ID
    ) -> None:
        """Let an update of `cluster` be pending `always`, `never` (as of a new one) or only when one is `released`."""
        self._call_redshift(cluster, "updates", {"updates": updates}, region, account)

    def release_redshift_update(self, cluster: str, region: str = DEFAULT_REGION, *, account: str = ACCOUNT_ID) -> None:
        """Let one update be pending until it is installed; the cluster's updates must be `released`."""
        self._call_redshift(cluster, "updates", {"release": True}, region, account)

    def announce_redshift_replacement(
        self, cluster: str, deferrable: bool, region: str = DEFAULT_REGION, *, account: str = ACCOUNT_ID
    ) -> None:
        """Announce (event 3602 or 3601) that a node is replaced as the window opens next, deferred or not."""
        self._call_redshift(cluster, "replacement", {"deferrable": deferrable}, region, account)

    def set_redshift_status(
        self, cluster: str, status: str, region: str = DEFAULT_REGION, *, account: str = ACCOUNT_ID
    ) -> None:
        """Put `cluster` in a state such as `resizing`, in which it stays until the next call."""
        self._call_redshift(cluster, "status", {"status": status}, region, account)

    def redshift_maintenance(self, region: str = DEFAULT_REGION, *, account: str = ACCOUNT_ID) -> list[dict[str, Any]]:
        """Every maintenance completed since the start: cluster, started, completed (ISO 8601), mandatory."""
        query = {"region": region, "account": account}
        done: list[dict[str, Any]] = self._call("GET", "redshift/maintenance", query)["maintenance"]
        return done

    def kinesis_traffic(
        self,
        stream: str,
        start: datetime | None = None,
        *,
        bytes: Sequence[float],  # noqa: A002 - as the metrics call it
        records: Sequence[float],
        seconds_per_point: int = 60,
        iterator_age_ms: Sequence[float | None] | None = None,
        hot_share: float = 0.0,
        region: str = DEFAULT_REGION,
    ) -> datetime:
        """Offer traffic to a provisioned stream, in place of any to come; returns when it ends.

        Each point is what is offered within `seconds_per_point` (whole minutes), the first from `start` on (a full
        minute, aware; default: the next one). `hot_share` of it goes to one shard, the rest evenly to all.
        `iterator_age_ms` is published as it is, None as nothing.
        """
        body = {
            "bytes": list(bytes),
            "records": list(records),
            "seconds_per_point": seconds_per_point,
            "iterator_age_ms": None if iterator_age_ms is None else list(iterator_age_ms),
            "hot_share": hot_share,
            "start": start.isoformat() if start else None,
        }
        path = f"kinesis/{urllib.parse.quote(stream, safe='')}/traffic"
        return datetime.fromisoformat(self._call("POST", path, {"region": region}, body)["until"])

    def set_kinesis_shard_limit(self, shards: int, region: str = DEFAULT_REGION) -> None:
        """Let the account have so many open shards of provisioned streams in `region`."""
        self._call("POST", "kinesis/limits", {"region": region}, {"shard_limit": shards})

    def vpn_connect(
        self,
        endpoint_id: str,
        *,
        public_ip: str,
        username: str = "",
        groups: Iterable[str] = (),
        common_name: str = "",
        platform: str = "mac",
        schema: str = "v2",
        authenticates: bool = True,
        region: str = DEFAULT_REGION,
    ) -> dict[str, Any]:
        """Connect a client to a Client VPN endpoint, whose handler is asked in that schema: v1, v2 or v3.

        Returns allowed, reason (as in the connection log, None when allowed), message (what a denied client is shown),
        statuses and connection_id.
        """
        body = {
            "public_ip": public_ip,
            "username": username,
            "groups": list(groups),
            "common_name": common_name,
            "platform": platform,
            "schema": schema,
            "authenticates": authenticates,
        }
        path = f"client-vpn/{urllib.parse.quote(endpoint_id, safe='')}/connections"
        return self._call("POST", path, {"region": region}, body, timeout=CONNECT_SECONDS)

    def _call_redshift(self, cluster: str, what: str, body: dict[str, Any], region: str, account: str) -> None:
        query = {"region": region, "account": account}
        self._call("POST", f"redshift/{urllib.parse.quote(cluster, safe='')}/{what}", query, body)

    def _call(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        body: dict[str, Any] | None = None,
        timeout: float = REQUEST_TIMEOUT_SECONDS,
    ) -> dict[str, Any]:
        url = f"{self.endpoint}/_localcloud/{path}?{urllib.parse.urlencode(query or {})}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)  # noqa: S310
        # A proxy of the machine has no business between this process and loopback.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=timeout) as response:
                answer: dict[str, Any] = json.load(response)
                return answer
        except urllib.error.HTTPError as error:
            with error:
                raise LocalCloudError(f"{method} {url}: {error.code} {error.read().decode()}") from None
        except (OSError, ValueError) as error:
            raise LocalCloudError(f"{method} {url}: {error}") from error


def _await_ready(process: subprocess.Popen[bytes]) -> str:
    """The endpoint that the server announces. Raises LocalCloudError when it ends first or takes too long."""
    assert process.stdout is not None  # noqa: S101 - it was opened as a pipe
    os.set_blocking(process.stdout.fileno(), False)
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    line = b""
    with process.stdout as stdout:
        while not line.endswith(b"\n"):
            if process.poll() is not None:
                raise LocalCloudError(f"The local cloud ended with exit code {process.returncode} while starting.")
            if time.monotonic() > deadline:
                raise LocalCloudError(f"The local cloud was not ready within {START_TIMEOUT_SECONDS:.0f} s.")
            line += stdout.read() or b""
            time.sleep(POLL_SECONDS)
    return line.decode().removeprefix("ready ").strip()
