"""Many Redshift clusters on a local cloud, each with one completed maintenance, and the table that the sync needs."""

import json
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from localcloud import DEFAULT_REGION
from localcloud.client import LocalCloud
from progress import Progress, Step

TABLE = "states"
EVENTS = {"REDSHIFT-EVENT-2003": timedelta(hours=30), "REDSHIFT-EVENT-2004": timedelta(hours=29)}
"""Maintenance of each cluster was started and completed so long ago."""
THREADS = 8


def environment(now: datetime) -> dict[str, str]:
    """The sync's own variables, for a table as `create` makes it; its window is three days from `now` (UTC)."""
    schedule = {
        "mode": "interval",
        "day": _day(now + timedelta(days=3)),
        "hour": 6,
        "minute": 0,
        "window_minutes": 30,
        "time_zone": "Europe/Berlin",
        "deferment_days": 28,
        "deferment_cap_days": 45,
    }
    settings = {
        "selector": {"tags": {}, "opt_out_tag": "opt-out"},
        "schedule": schedule,
        "groups": {},
        "regions": [DEFAULT_REGION],
        "accounts": {},
        "alignment": "window",
        "foreign_deferments": "respect",
        "state_table": TABLE,
        "dry_run": False,
    }
    return {"SETTINGS": json.dumps(settings), "POWERTOOLS_SERVICE_NAME": "redshift_maintenance_sync"}


def create(cloud: LocalCloud, clusters: int, now: datetime, progress: Progress) -> None:
    """Create them, with a window five days from `now` (UTC): none opens while they are looked at."""
    cloud.client("dynamodb").create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "scope", "KeyType": "HASH"}, {"AttributeName": "cluster", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "scope", "AttributeType": "S"},
            {"AttributeName": "cluster", "AttributeType": "S"},
        ],
    )
    redshift = cloud.client("redshift")
    day = _day(now + timedelta(days=5))

    def create_cluster(name: str) -> None:
        redshift.create_cluster(
            ClusterIdentifier=name,
            NodeType="ra3.large",
            NumberOfNodes=2,
            MasterUsername="admin",
            MasterUserPassword="Holds-nothing-1",
            PreferredMaintenanceWindow=f"{day}:01:00-{day}:01:30",
        )

    def maintain(name: str) -> None:
        for event, ago in EVENTS.items():
            cloud.add_redshift_event(name, event, "maintenance", now - ago)

    names = [f"cluster-{number:04}" for number in range(clusters)]
    with progress.step(f"{clusters:,} clusters with one completed maintenance each") as step:
        _for_each(create_cluster, names, step, "created")
        _for_each(maintain, names, step, "maintained")


def _for_each(do: Callable[[str], None], names: Iterable[str], step: Step, done: str) -> None:
    with ThreadPoolExecutor(THREADS) as threads:
        for number, _ in enumerate(threads.map(do, names), 1):
            step.say(f"{number:,} {done}")


def _day(moment: datetime) -> str:
    return f"{moment:%a}".lower()
