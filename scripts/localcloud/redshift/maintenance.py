"""Maintenance of the emulated clusters on the timeline: each cluster's model, when it is due, and what was done.

`cluster_maintenance` decides; this file tells it how time and the clusters' states pass. Whoever looks at a cluster or
changes one does so under `caught_up`: nobody sees a cluster whose window opened a moment ago and nothing happened.
"""

import heapq
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from typing import Any

from moto.redshift.models import redshift_backends

from localcloud import clock, timeline
from localcloud.redshift.cluster_maintenance import ClusterMaintenance, Updates
from localcloud.redshift.deferral import CAP_DAYS
from localcloud.redshift.event_log import record
from localcloud.redshift.maintenance_window import MaintenanceWindow
from localcloud.refusal import RefusalError

CAP_VARIABLE = "LOCALCLOUD_DEFERMENT_DAYS"
STATUSES = {
    "available": "Available",
    "cancelling-resize": "Modifying",
    "creating": "Unavailable",
    "hardware-failure": "Failed",
    "modifying": "Modifying",
    "rebooting": "Unavailable",
    "renaming": "Modifying",
    "resizing": "Modifying",
    "rotating-keys": "Modifying",
    "storage-full": "Unavailable",
    "updating-hsm": "Modifying",
}
"""States that can be put on, with their availability. Which availability goes with which state, AWS does not say."""

_lock = threading.RLock()
_queue: list[tuple[datetime, int, Any]] = []
"""When clusters are due. An entry counts while its cluster exists and expects that very moment."""
_numbers = count()


def cap_days() -> int:
    """How long a deferment may be. Raises ValueError for a variable that is not 1 to 60 days."""
    text = os.environ.get(CAP_VARIABLE, str(CAP_DAYS))
    if not text.isdecimal() or not 1 <= int(text) <= 60:
        raise ValueError(f"{CAP_VARIABLE} must be a number of days from 1 to 60, not {text!r}.")
    return int(text)


@contextmanager
def caught_up() -> Iterator[datetime]:
    """Keep clusters as they are from now on; everything due has happened. The moment is that of whatever is done."""
    with _lock:
        now = clock.now()
        _run_due(now)
        yield now


def begin(cluster: Any, window: MaintenanceWindow) -> None:
    """Give a new cluster its maintenance. No update is pending until `set_updates`."""
    with caught_up() as now:
        cluster.maintenance = ClusterMaintenance(cluster.cluster_identifier, window, now, cap_days=cap_days())
        cluster.maintenance_due = None


def settle(cluster: Any, now: datetime) -> ClusterMaintenance:
    """Let the time until `now` pass for a cluster in the state that it has; call it before that state changes."""
    maintenance: ClusterMaintenance = cluster.maintenance
    before = len(maintenance.completed)
    for event in maintenance.run(now, available=cluster.status == "available"):
        record(cluster.redshift_backend, cluster.cluster_identifier, event, now)
    _performed(cluster.redshift_backend).extend(
        {
            "cluster": cluster.cluster_identifier,
            "started": done.started.isoformat(),
            "completed": done.completed.isoformat(),
            "mandatory": done.mandatory,
        }
        for done in maintenance.completed[before:]
    )
    expect(cluster)
    return maintenance


def expect(cluster: Any) -> None:
    """Look again at when a cluster is due, after a change."""
    due = cluster.maintenance.next_due()
    if due is not None and due != cluster.maintenance_due:
        heapq.heappush(_queue, (due, next(_numbers), cluster))
    cluster.maintenance_due = due


def set_updates(name: str, text: str, *, account: str, region: str) -> None:
    """Whether updates are pending when a window opens: `always`, `never`, or `released`, one at a time by `release`."""
    if text not in set(Updates):
        raise RefusalError(400, f"updates must be one of {', '.join(Updates)}, not {text!r}.")
    with _administered(name, account, region) as (cluster, _):
        cluster.maintenance.updates = Updates(text)


def release(name: str, *, account: str, region: str) -> None:
    """Let one update be pending. Raises RefusalError 409 unless the cluster's updates are `released`."""
    with _administered(name, account, region) as (cluster, now):
        cluster.maintenance.release(now)


def announce_replacement(name: str, *, deferrable: bool, account: str, region: str) -> None:
    """Announce that a node will be replaced as the window opens next. Raises RefusalError 409 if one is already."""
    with _administered(name, account, region) as (cluster, now):
        event = cluster.maintenance.replace_nodes(now, deferrable=deferrable)
        record(cluster.redshift_backend, name, event, now)


def set_status(name: str, status: str, *, account: str, region: str) -> None:
    """Put a cluster in a state, in which it stays. Raises RefusalError 409 while it is paused or being maintained."""
    if status not in STATUSES:
        raise RefusalError(400, f"status must be one of {', '.join(STATUSES)}, not {status!r}.")
    with _administered(name, account, region) as (cluster, now):
        if cluster.maintenance.in_maintenance(now) or cluster.status == "paused":
            state = "paused" if cluster.status == "paused" else "being maintained"
            raise RefusalError(409, f"The cluster {name} is {state}.")
        cluster.status = status


def performed(*, account: str, region: str) -> list[Mapping[str, Any]]:
    """Every maintenance that was completed since the start, in order of completion; the times in ISO 8601."""
    with caught_up():
        return list(_performed(_backend(account, region)))


def existing(name: str, *, account: str, region: str) -> Any:
    """The cluster of that identifier. Raises RefusalError 404 when there is none."""
    clusters = _backend(account, region).clusters
    if name not in clusters:
        raise RefusalError(404, f"There is no cluster {name!r} in {region} of the account {account}.")
    return clusters[name]


@contextmanager
def _administered(name: str, account: str, region: str) -> Iterator[tuple[Any, datetime]]:
    """The cluster of that name, settled. Raises RefusalError: 404 if there is none, 409 for what the model refuses."""
    with caught_up() as now:
        cluster = existing(name, account=account, region=region)
        settle(cluster, now)
        try:
            yield cluster, now
        except ValueError as error:
            raise RefusalError(409, str(error)) from error
        expect(cluster)


def _backend(account: str, region: str) -> Any:
    if region not in redshift_backends[account]:
        raise RefusalError(404, f"There is no Region {region!r}.")
    return redshift_backends[account][region]


def _performed(backend: Any) -> list[Mapping[str, Any]]:
    """Kept on the backend, so that moto's own reset forgets it too."""
    done: list[Mapping[str, Any]] = backend.__dict__.setdefault("localcloud_maintenance", [])
    return done


def _first() -> tuple[datetime, Any] | None:
    while _queue:
        due, _, cluster = _queue[0]
        if (
            cluster.redshift_backend.clusters.get(cluster.cluster_identifier) is cluster
            and cluster.maintenance_due == due
        ):
            return due, cluster
        heapq.heappop(_queue)
    return None


def _next_due() -> datetime | None:
    with _lock:
        first = _first()
        return first[0] if first else None


def _run_due(until: datetime) -> None:
    with _lock:
        while (first := _first()) and first[0] <= until:
            due, cluster = first
            heapq.heappop(_queue)
            cluster.maintenance_due = None
            settle(cluster, due)


MAINTENANCE = timeline.Source("redshift maintenance", _next_due, _run_due)
"""The clusters of every account and Region on the timeline."""
