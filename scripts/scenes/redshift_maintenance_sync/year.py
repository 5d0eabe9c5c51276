"""Let a year pass on a local cloud, and read from its account what was announced and what Redshift did."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from localcloud.client import LocalCloud
from scenes import SceneError
from scenes.redshift_maintenance_sync.fleet import Happening

Row = Mapping[str, Any]


def pass_time(
    cloud: LocalCloud, happenings: Iterable[Happening], until: datetime, progress: Callable[[datetime], None]
) -> None:
    """Move the clock to `until`, doing on the way what happens, in order; `progress` hears how far it is."""
    # A clock that has been moved goes on: the second of two that happen at once would be too late.
    for moment, acts in groupby(happenings, key=lambda happening: happening[0]):
        cloud.advance(moment, progress=progress)
        for _, act in acts:
            act(cloud)
    cloud.advance(until, progress=progress)


@dataclass(frozen=True, slots=True)
class Maintained:
    """A maintenance that took place; `announced` is what had been announced for it, None when nothing had."""

    at: datetime
    mandatory: bool
    announced: datetime | None


@dataclass(slots=True)
class Line:
    """The year of one cluster: the dates that were announced, from when until when it was deferred, what was done."""

    announced: list[datetime] = field(default_factory=list)
    deferred: list[tuple[datetime, datetime]] = field(default_factory=list)
    maintained: list[Maintained] = field(default_factory=list)

    def as_facts(self) -> dict[str, Any]:
        """The same as JSON can hold it: times in ISO 8601."""
        return {
            "announced": [moment.isoformat() for moment in self.announced],
            "deferred": [[start.isoformat(), end.isoformat()] for start, end in self.deferred],
            "maintained": [
                {
                    "at": done.at.isoformat(),
                    "mandatory": done.mandatory,
                    "announced": done.announced.isoformat() if done.announced else None,
                }
                for done in self.maintained
            ],
        }


def runs(cloud: LocalCloud, function: str) -> list[Row]:
    """What each run of `function` returned, in order. Raises SceneError for one that failed."""
    found = [item for item in cloud.invocations() if item["function"] == function]
    failed = [item for item in found if item["status"] != "ok"]
    if failed:
        raise SceneError(f"{len(failed)} of {len(found)} runs of {function} failed, the first with {failed[0]}.")
    return [item["result"] for item in found]


def joined(results: Iterable[Row], names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Of each cluster in `names` the first run that changed it: its row, `time`, and whether the date `is_common`.

    A date is common when it was announced for another cluster in the same run.
    """
    found: dict[str, dict[str, Any]] = {}
    for result in results:
        for row in result["clusters"]:
            if row["cluster"] in names and row["outcome"] == "changed" and row["cluster"] not in found:
                others = {other["announced"] for other in result["clusters"] if other is not row}
                is_common = row["announced"] in others - {None}
                found[row["cluster"]] = {**row, "time": result["time"], "is_common": is_common}
    return found


def read(results: Iterable[Row], maintenance: Iterable[Row]) -> dict[str, Line]:
    """The year of each cluster, from what the runs returned and from every maintenance since the clusters exist.

    A maintenance keeps the date that was announced last before it began, unless an earlier one has kept that already.
    A mandatory one keeps none: it comes in between.
    """
    lines: dict[str, Line] = {}
    told: dict[str, list[tuple[datetime, datetime]]] = {}
    for result in results:
        run = datetime.fromisoformat(result["time"])
        for row in result["clusters"]:
            line = lines.setdefault(row["cluster"], Line())
            if row["announced"]:
                date = datetime.fromisoformat(row["announced"])
                told.setdefault(row["cluster"], []).append((run, date))
                if date not in line.announced:
                    line.announced.append(date)
            if row["deferred_until"]:
                end = datetime.fromisoformat(row["deferred_until"])
                if not line.deferred or line.deferred[-1][1] != end:
                    line.deferred.append((run, end))
    for done in maintenance:
        at, line = datetime.fromisoformat(done["started"]), lines.setdefault(done["cluster"], Line())
        last = next((date for run, date in reversed(told.get(done["cluster"], [])) if run < at), None)
        kept = {earlier.announced for earlier in line.maintained if not earlier.mandatory}
        line.maintained.append(Maintained(at, done["mandatory"], None if last in kept else last))
    return lines
