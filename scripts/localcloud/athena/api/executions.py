"""Queries that were started: each runs on a thread of its own, and stays to be asked about."""

import threading
import time
import traceback
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from localcloud import clock
from localcloud.athena.query.failure import QueryCancelled, QueryFailed

if TYPE_CHECKING:  # they cost half a second, which only the first query pays
    from athena_connectors.federation.model import Identity
    from localcloud.athena.api.boto_account import BotoAccount
    from localcloud.athena.engine.report import QueryReport
    from localcloud.athena.engine.run import Result, Run
    from localcloud.athena.query.statement import Statement

ENDED = frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})


@dataclass(slots=True)
class Execution:
    """One query. `output` is where its result goes: `s3://bucket/key.csv`."""

    query: str
    context: dict[str, str]
    work_group: str
    output: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    state: str = "QUEUED"
    reason: str = ""
    submitted: datetime = field(default_factory=clock.now)
    completed: datetime | None = None
    seconds: float = 0.0
    result: "Result | None" = None
    run: "Run | None" = None
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _stopped: bool = False

    @property
    def report(self) -> "QueryReport | None":
        """What it did so far."""
        return self.run.report if self.run else None

    def start(self, account: "BotoAccount", statement: "Statement", identity: "Identity") -> None:
        """Run it on a thread of its own."""
        from localcloud.athena.engine.run import Run

        self.run = Run(account, self.id, identity, self.submitted)
        arguments = (account, statement, self.run)
        threading.Thread(target=self._run, args=arguments, name=f"query-{self.id}", daemon=True).start()

    def stop(self) -> None:
        """Let it end as CANCELLED; nothing when it has ended."""
        with self._lock:
            if self.state in ENDED:
                return
            self._stopped = True
            self.state, self.completed = "CANCELLED", clock.now()  # connectors that watch see it at once
        if self.run:
            self.run.stop()

    def _run(self, account: "BotoAccount", statement: "Statement", run: "Run") -> None:
        from localcloud.athena.api import result_text

        with self._lock:
            if self._stopped:
                return
            self.state = "RUNNING"
        begun = time.monotonic()
        try:
            result = run.run(statement)
            bucket, _, key = self.output.removeprefix("s3://").partition("/")
            account.put_object(bucket, key, result_text.csv(result))
            state, reason = "SUCCEEDED", ""
        except QueryCancelled:
            result, state, reason = None, "CANCELLED", "Query cancelled by user"
        except QueryFailed as failure:
            result, state, reason = None, "FAILED", str(failure)
        except NotImplementedError as refused:
            result, state, reason = None, "FAILED", f"NOT_IMPLEMENTED: The local cloud does not emulate {refused}."
        except Exception as error:
            traceback.print_exc()
            result, state = None, "FAILED"
            reason = f"GENERIC_INTERNAL_ERROR: The local cloud failed over it: {type(error).__name__}: {error}"
        self.seconds = time.monotonic() - begun
        with self._lock:
            if self._stopped:
                return
            self.result, self.state, self.reason, self.completed = result, state, reason, clock.now()


@dataclass(slots=True)
class Executions:
    """The queries of one account and Region, by id and by the token of the request that started them."""

    by_id: dict[str, Execution] = field(default_factory=dict)
    by_token: dict[str, Execution] = field(default_factory=dict)


_all: dict[tuple[str, str], Executions] = {}


def of(account: str, region: str) -> Executions:
    """The queries of an account in a Region."""
    return _all.setdefault((account, region), Executions())


def shutdown() -> None:
    """Stop every query: a thread that waits for this process's own answers would keep it from ending."""
    for each in list(_all.values()):
        for execution in list(each.by_id.values()):
            execution.stop()


def detail(query_id: str) -> dict[str, Any] | None:
    """What a query did, table by table, as the admin endpoint tells it; None when there is no such query."""
    execution = next((each.by_id[query_id] for each in list(_all.values()) if query_id in each.by_id), None)
    if execution is None:
        return None
    report = execution.report
    return {
        "state": execution.state,
        "seconds": execution.seconds,
        "planning_seconds": report.planning_seconds if report else 0.0,
        "engine_seconds": report.engine_seconds if report else 0.0,
        "rows": report.rows if report else 0,
        "scans": [scan.facts() for scan in report.scans] if report else [],
    }
