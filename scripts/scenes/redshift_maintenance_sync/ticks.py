"""Ticks of the schedule, and how the clusters look before and after one."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from rich.box import HORIZONTALS
from rich.table import Table

from localcloud.client import LocalCloud
from scenes import SceneError

DAY = timedelta(days=1)
HEADINGS = ("cluster", "window (UTC)", "deferred until", "next maintenance", "outcome", "reason")


def next_tick(cloud: LocalCloud, function: str) -> dict[str, Any]:
    """Let a day pass, with its tick of the schedule; returns the invocation. Raises SceneError unless it went well."""
    seen = len(cloud.invocations())
    cloud.advance(DAY)
    found = [item for item in cloud.invocations()[seen:] if item["function"] == function]
    if [item["status"] for item in found] != ["ok"]:
        raise SceneError(f"In a day {function} should run once and well; what ran was: {found}.")
    return found[0]


def observe(cloud: LocalCloud) -> dict[str, Any]:
    """Each cluster's window, end of deferment, and next maintenance as AWS sees it; times in ISO 8601."""
    observed = {}
    for cluster in cloud.client("redshift").describe_clusters()["Clusters"]:
        ends = [item["DeferMaintenanceEndTime"] for item in cluster.get("DeferredMaintenanceWindows", [])]
        observed[cluster["ClusterIdentifier"]] = {
            "status": cluster["ClusterStatus"],
            "window": cluster["PreferredMaintenanceWindow"],
            "deferred_until": max(ends).isoformat() if ends else None,
            "next_maintenance": cluster["NextMaintenanceWindowStartTime"].isoformat(),
        }
    return observed


def remembered(cloud: LocalCloud, table: str) -> dict[str, Any]:
    """The items of the function's table, by cluster."""
    items = cloud.client("dynamodb").scan(TableName=table, ConsistentRead=True)["Items"]
    return {item["cluster"]["S"]: item for item in items}


def settings(observed: Mapping[str, Any]) -> dict[str, Any]:
    """What somebody has set about each of the `observed` clusters; the next maintenance moves on by itself."""
    return {name: (item["window"], item["deferred_until"]) for name, item in observed.items()}


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The names under which the two hold different things."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def rows(facts: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """The cells under HEADINGS for each cluster of the scene's facts; what changed has a line before and one after."""
    found = []
    for name, before in sorted(facts["before"].items()):
        after, row = facts["after"][name], facts["first_tick"][name]
        cells = [
            (before["window"], after["window"]),
            (minute(before["deferred_until"]), minute(after["deferred_until"])),
            (minute(before["next_maintenance"]), minute(after["next_maintenance"])),
        ]
        sides = [old if old == new else f"{old}\n{new}" for old, new in cells]
        found.append((name, *sides, row["outcome"], short(row["reason"])))
    return found


def short(reason: str) -> str:
    """What a reason says beyond window, deferment and date, which have columns of their own."""
    last = reason.split("; ")
    text = next((part for part in last if "announced" in part), last[0])
    if text.endswith(")") and "announced for" in text:
        return text[text.rindex(" (") + 2 : -1]
    return text.split(", maintenance is announced")[0].split(", changes need")[0]


def table(facts: Mapping[str, Any]) -> Table:
    """The rows as the terminal shows them."""
    shown = plain_table("before and after the first tick", show_lines=True)
    for heading in HEADINGS:
        shown.add_column(heading, no_wrap=heading != "reason", overflow="fold")
    for row in rows(facts):
        shown.add_row(*row)
    return shown


def plain_table(title: str, *, show_lines: bool = False) -> Table:
    """A table with lines between rows at most, which leave the most room for words."""
    edges: dict[str, Any] = {"show_edge": False, "show_lines": show_lines, "padding": (0, 1, 0, 0)}
    return Table(title=title, title_justify="left", title_style="bold", box=HORIZONTALS, **edges)


def minute(moment: str | None) -> str:
    """A time of the facts as tables show it."""
    return f"{datetime.fromisoformat(moment):%Y-%m-%d %H:%M}" if moment else "-"
