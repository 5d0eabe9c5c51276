"""Two clusters, each patched on its own day, before and after one tick of the schedule."""

from datetime import UTC, datetime, timedelta
from typing import Any

from matplotlib.dates import DateFormatter, WeekdayLocator, date2num
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from localcloud.client import LocalCloud

# The window each cluster has before, and how many days ago AWS finished maintaining it.
CLUSTERS = {"sales": ("mon:03:00-mon:03:30", 3), "finance": ("thu:22:15-thu:22:45", 9)}


def variables(now: datetime) -> dict[str, Any]:
    """What differs from example.tfvars: on Saturdays its window may be open, and an open window is not changed."""
    if now.weekday() != 5:
        return {}
    return {"schedule": {"day": "wed", "hour": 6, "minute": 0, "deferment_days": 28, "frequency_hours": 12}}


def prepare(cloud: LocalCloud, console: Console) -> dict[str, Any]:
    """Create the clusters and their past maintenance; returns how they look before the sync."""
    redshift = cloud.client("redshift")
    completed = datetime.now(UTC).replace(microsecond=0)
    for cluster, (window, days_ago) in CLUSTERS.items():
        redshift.create_cluster(
            ClusterIdentifier=cluster,
            NodeType="ra3.large",
            NumberOfNodes=2,
            MasterUsername="admin",
            ManageMasterPassword=True,
            PreferredMaintenanceWindow=window,
        )
        when = completed - timedelta(days=days_ago)
        message = f"Maintenance on Amazon Redshift cluster '{cluster}' completed at {when:%Y-%m-%d %H:%M} UTC."
        cloud.add_redshift_event(cluster, "REDSHIFT-EVENT-2004", message, when)
    before = _observe(cloud)
    _show(console, "before", before)
    return before


def play(cloud: LocalCloud, outputs: dict[str, Any], console: Console) -> dict[str, Any]:
    """Let the schedule tick twice; returns what is then true of the account."""
    first = _tick(cloud, outputs["schedule_rule_name"])
    after = _observe(cloud)
    _show(console, "after one tick of the schedule", after)
    for item in first["result"]["clusters"]:
        console.print(f"  {item['cluster']}: {item['outcome']}")
        for part in item["reason"].split("; "):
            console.print(f"    {part}", highlight=False)
    second = _tick(cloud, outputs["schedule_rule_name"])
    changed = [item for item in second["result"]["clusters"] if item["outcome"] != "unchanged"]
    console.print(f"  the next tick changes {len(changed)} clusters", highlight=False)
    deferrals = {item["deferred_until"] for item in after.values()}
    return {
        "clusters": len(after),
        "windows": sorted({item["window"] for item in after.values()}),
        "deferred_until": sorted(filter(None, deferrals)),
        "one_announced_date": len(deferrals) == 1 and None not in deferrals,
        "after": after,
        "outcomes": {item["cluster"]: item["outcome"] for item in first["result"]["clusters"]},
        "second_tick_changed": len(changed),
        "cold_start_ms": round(first["init_ms"] + first["duration_ms"]),
        "warm_ms": round(second["duration_ms"]),
    }


def _tick(cloud: LocalCloud, rule: str) -> dict[str, Any]:
    seen = len(cloud.invocations())
    cloud.tick(rule)
    if not cloud.wait_idle(60):
        raise RuntimeError(f"The function behind {rule} did not come to rest within 60 s.")
    invocations = cloud.invocations()[seen:]
    if [item["status"] for item in invocations] != ["ok"]:
        raise RuntimeError(f"One successful invocation was expected of {rule}; there were: {invocations}")
    return invocations[0]


def _observe(cloud: LocalCloud) -> dict[str, Any]:
    clusters = cloud.client("redshift").describe_clusters()["Clusters"]
    observed = {}
    for cluster in clusters:
        deferments = cluster.get("DeferredMaintenanceWindows", [])
        ends = sorted(deferment["DeferMaintenanceEndTime"] for deferment in deferments)
        observed[cluster["ClusterIdentifier"]] = {
            "window": cluster["PreferredMaintenanceWindow"],
            "deferred_until": ends[-1].isoformat() if ends else None,
            "next_maintenance": cluster["NextMaintenanceWindowStartTime"].isoformat(),
        }
    return observed


def _show(console: Console, title: str, observed: dict[str, Any]) -> None:
    table = Table(title=title, title_justify="left", title_style="bold")
    for heading in ("cluster", "window (UTC)", "deferred until", "next maintenance"):
        table.add_column(heading)
    for cluster, item in sorted(observed.items()):
        table.add_row(cluster, item["window"], _minute(item["deferred_until"]), _minute(item["next_maintenance"]))
    console.print(table)


def _minute(moment: str | None) -> str:
    return f"{datetime.fromisoformat(moment):%a %Y-%m-%d %H:%M}" if moment else "-"


def draw(facts: dict[str, Any]) -> Figure:
    """When each cluster may be maintained next, before and after: deferments as bars, maintenance as diamonds."""
    figure = Figure(figsize=(10, 1 + 0.8 * len(facts["after"])))
    axes = figure.subplots()
    clusters = sorted(facts["after"])
    now = date2num(datetime.now(UTC))
    for row, cluster in enumerate(clusters):
        before, after = facts["before"][cluster], facts["after"][cluster]
        axes.plot([_day(before["next_maintenance"])], [row], "D", color="#9aa4af", label="next maintenance before")
        if after["deferred_until"]:
            axes.barh(
                row, _day(after["deferred_until"]) - now, left=now, height=0.25, color="#54aeff", label="deferred"
            )
        axes.plot([_day(after["next_maintenance"])], [row], "D", color="#1a7f37", label="next maintenance after")
    axes.set_yticks(range(len(clusters)), clusters)
    axes.set_ylim(-0.6, len(clusters) - 0.4)
    axes.xaxis.set_major_locator(WeekdayLocator(byweekday=5))
    axes.xaxis.set_major_formatter(DateFormatter("%a %d %b"))
    axes.grid(axis="x", color="#d0d7de")
    handles, labels = axes.get_legend_handles_labels()
    once = dict(zip(labels, handles, strict=True))
    axes.legend(once.values(), once.keys(), loc="upper center", ncols=3, frameon=False, bbox_to_anchor=(0.5, 1.3))
    return figure


def _day(moment: str) -> float:
    return float(date2num(datetime.fromisoformat(moment)))
