"""What Redshift remembers of events: 14 days, in order (API_DescribeEvents)."""

import bisect
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from localcloud.redshift.cluster_maintenance import MaintenanceEvent

RETENTION = timedelta(days=14)


@dataclass(slots=True)
class EventLog:
    """The events of a Region as DescribeEvents returns them, oldest first; `count` is how many there have ever been."""

    events: list[dict[str, Any]] = field(default_factory=list)
    count: int = 0


def log(backend: Any) -> EventLog:
    """The log of moto's `backend`, kept there so that moto's own reset forgets it too."""
    kept: EventLog = backend.__dict__.setdefault("localcloud_events", EventLog())
    return kept


def record(backend: Any, cluster: str, event: MaintenanceEvent, now: datetime) -> None:
    """Let DescribeEvents return `event` of `cluster`, and forget what is too old."""
    kept = log(backend)
    kept.count += 1
    described = {
        "SourceIdentifier": cluster,
        "SourceType": "cluster",
        "Message": event.message,
        "EventCategories": [event.category],
        "Severity": event.severity,
        "Date": event.at,
        "EventId": event.event_id,
        "key": f"{_sortable(event.at)}#{kept.count:08}",
    }
    bisect.insort(kept.events, described, key=key)
    del kept.events[: bisect.bisect_left(kept.events, _sortable(now - RETENTION), key=key)]


def key(event: Mapping[str, Any]) -> str:
    """Orders events by date, and those of one moment as they were recorded."""
    return str(event["key"])


def _sortable(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}"
