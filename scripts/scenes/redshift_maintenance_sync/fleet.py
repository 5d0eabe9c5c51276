"""Nine clusters, and what happens to them in a year whoever looks after their maintenance. Moments are in UTC."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import partial

from localcloud.client import LocalCloud

OPT_OUT_TAG = "groundcrew:maintenance-sync-opt-out"


@dataclass(frozen=True, slots=True)
class Member:
    """A cluster: its weekly window before anybody aligns it, and when an update is pending (see the local cloud)."""

    window: str
    updates: str
    opted_out: bool = False


FLEET = {
    "archive": Member("wed:20:00-wed:20:30", "released"),
    "audit": Member("mon:09:00-mon:10:00", "released"),
    "finance": Member("thu:22:15-thu:22:45", "always"),
    "labs": Member("fri:15:00-fri:15:30", "released"),
    "logistics": Member("sun:23:45-mon:00:15", "released"),
    "marketing": Member("tue:05:00-tue:06:00", "released"),
    "risk": Member("fri:01:30-fri:02:00", "never"),
    "sales": Member("mon:03:00-mon:03:30", "always"),
    "sandbox": Member("sun:12:00-sun:12:30", "released", opted_out=True),
}
OPTED_OUT = sorted(name for name, member in FLEET.items() if member.opted_out)
PAUSED, FOREIGN, CREATED_LATER, REPLACED = "archive", "audit", "labs", "logistics"

# In days since the sync began, which is a Tuesday at 10:00.
FOREIGN_DAYS = 38.5
CREATED_DAY = 42
RESUMED_DAY = 91
REPLACED_DAY = 174
"""A Monday between two announced dates: the node is replaced on the Saturday of that week, whatever is announced."""
RELEASE_EVERY = timedelta(weeks=3)
HISTORY = timedelta(weeks=2)
"""How long the clusters exist before the sync begins: so long they are maintained as each one likes."""

Happening = tuple[datetime, Callable[[LocalCloud], None]]


def beginning(now: datetime) -> datetime:
    """The first Tuesday, 10:00, that is HISTORY away, give or take the time for which the local cloud runs already."""
    earliest = now + HISTORY - timedelta(days=1)
    return datetime.combine(earliest.date() + timedelta(days=(1 - earliest.weekday()) % 7), time(10), UTC)


def settle_in(cloud: LocalCloud, begins: datetime) -> None:
    """Create all clusters but one, let time pass until `begins`, then pause one and let somebody defer another."""
    for name in FLEET:
        if name != CREATED_LATER:
            create(name, cloud)
    release(cloud)
    cloud.advance(begins)
    redshift = cloud.client("redshift")
    redshift.pause_cluster(ClusterIdentifier=PAUSED)
    redshift.modify_cluster_maintenance(
        ClusterIdentifier=FOREIGN,
        DeferMaintenance=True,
        DeferMaintenanceIdentifier="year-end-close",
        DeferMaintenanceEndTime=begins + timedelta(days=FOREIGN_DAYS),
    )


def create(name: str, cloud: LocalCloud) -> None:
    """Create the cluster `name`."""
    member = FLEET[name]
    cloud.client("redshift").create_cluster(
        ClusterIdentifier=name,
        NodeType="ra3.large",
        NumberOfNodes=2,
        MasterUsername="admin",
        ManageMasterPassword=True,
        PreferredMaintenanceWindow=member.window,
        Tags=[{"Key": OPT_OUT_TAG, "Value": "true"}] if member.opted_out else [],
    )
    cloud.set_redshift_updates(name, member.updates)


def release(cloud: LocalCloud) -> None:
    """Release an update for each cluster, of those there are, whose updates come one at a time."""
    for described in cloud.client("redshift").describe_clusters()["Clusters"]:
        name = described["ClusterIdentifier"]
        if FLEET[name].updates == "released":
            cloud.release_redshift_update(name)


def happenings(begins: datetime, until: datetime) -> list[Happening]:
    """What is done to the clusters in the year after `begins`, in order."""
    on_day: dict[int, Callable[[LocalCloud], None]] = {
        CREATED_DAY: partial(create, CREATED_LATER),
        RESUMED_DAY: resume,
        REPLACED_DAY: replace_node,
    }
    found: list[Happening] = [(begins + timedelta(days=day), act) for day, act in on_day.items()]
    moment = begins
    while (moment := moment + RELEASE_EVERY) < until:
        found.append((moment, release))
    return sorted(found, key=lambda happening: happening[0])


def resume(cloud: LocalCloud) -> None:
    """Resume the cluster that was paused."""
    cloud.client("redshift").resume_cluster(ClusterIdentifier=PAUSED)


def replace_node(cloud: LocalCloud) -> None:
    """Let Redshift announce that a node must be replaced, deferred or not (event 3601)."""
    cloud.announce_redshift_replacement(REPLACED, deferrable=False)


def particulars(begins: datetime) -> dict[str, dict[str, list[str]]]:
    """What is special about some clusters, with the moments (ISO 8601) from and to which it is."""
    day = {n: (begins + timedelta(days=n)).isoformat() for n in (0, FOREIGN_DAYS, CREATED_DAY, RESUMED_DAY)}
    return {
        "paused": {PAUSED: [day[0], day[RESUMED_DAY]]},
        "deferred_by_somebody_else": {FOREIGN: [day[0], day[FOREIGN_DAYS]]},
        "created": {CREATED_LATER: [day[CREATED_DAY]]},
        "opted_out": {name: [] for name in OPTED_OUT},
    }
