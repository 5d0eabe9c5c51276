"""What a query did, table by table and stage by stage."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(slots=True)
class ScanReport:
    """One table of a query. Seconds are of the machine; bytes are of Arrow buffers, `spilled_bytes` of objects."""

    table: str
    functions: tuple[str, ...] = ()
    """The connector's, by ARN or name; empty for a table of the lake."""
    columns: tuple[str, ...] = ()
    pushed: tuple[str, ...] = ()
    """The predicates that the connector was to apply, as SQL."""
    order_by: tuple[str, ...] = ()
    limit: int | None = None
    splits: int = 0
    invocations: int = 0
    rows: int = 0
    bytes: int = 0
    spilled_objects: int = 0
    spilled_bytes: int = 0
    encrypted: bool = False
    seconds: dict[str, float] = field(default_factory=dict)
    """By stage: `describe`, `plan` (layout and splits), `read`."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time of the block to a stage."""
        begun = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.monotonic() - begun

    def plan(self) -> list[str]:
        """What was asked for, a clause a line."""
        asked = [f"columns: {', '.join(self.columns) or 'none, rows are counted'}"]
        if self.functions:
            asked += [f"pushed down: {' AND '.join(self.pushed) or 'nothing'}"]
            asked += [f"order by: {', '.join(self.order_by)}"] if self.order_by else []
            asked += [f"limit: {self.limit}"] if self.limit is not None else []
        return asked

    def facts(self) -> dict[str, Any]:
        """Everything that is told of it, by name."""
        return {each.name: getattr(self, each.name) for each in fields(self) if not each.name.startswith("_")}

    def add(self, **amounts: int) -> None:
        """Add to counters; from any thread."""
        with self._lock:
            for name, amount in amounts.items():
                setattr(self, name, getattr(self, name) + amount)


@dataclass(slots=True)
class QueryReport:
    """All tables of a query, and what the engine itself took."""

    scans: list[ScanReport] = field(default_factory=list)
    planning_seconds: float = 0.0
    engine_seconds: float = 0.0
    rows: int = 0
    bytes: int = 0
