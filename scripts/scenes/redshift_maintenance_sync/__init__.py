"""Nine clusters, each patched on its own day: a tick of the schedule, a second one, and the year that follows.

The year passes in two accounts at once: in one the function keeps the date it announces, in the other the same function
follows the published rule.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from local_run import Runtime
from localcloud.client import LocalCloud
from progress import Progress
from report import Chapter
from scenes import SceneError
from scenes.redshift_maintenance_sync import fleet, inbox, story, ticks, year
from scenes.redshift_maintenance_sync.figures import count
from scenes.redshift_maintenance_sync.promises import broken
from scenes.redshift_maintenance_sync.published import deploy_beside
from toolchain import machine_architecture

YEAR = timedelta(days=365, hours=2)
"""Of the sync, from its beginning; the two hours are for the last tick."""
WEEK = timedelta(weeks=1)


def variables(prepared: Mapping[str, Any]) -> dict[str, Any]:
    """What differs from example.tfvars: a zone with daylight saving, an interval that is not whole weeks, a topic."""
    schedule = {
        "day": "sat",
        "hour": 6,
        "minute": 0,
        "time_zone": "Europe/Berlin",
        "deferment_days": 30,
        "frequency_hours": 24,
    }
    return {"schedule": schedule, "announcements": {}, "alarms": {"topic_arns": [inbox.TOPIC_ARN]}}


def prepare(cloud: LocalCloud, progress: Progress) -> dict[str, Any]:
    """Create the clusters and let them be maintained for two weeks; returns when the sync begins, and how they look."""
    begins = fleet.beginning(cloud.now())
    with progress.step("eight clusters, and two weeks in which each is maintained on its own day"):
        inbox.open_inbox(cloud)
        fleet.settle_in(cloud, begins)
    return {"begins": begins.isoformat(), "before": ticks.observe(cloud)}


def play(
    cloud: LocalCloud, outputs: Mapping[str, Any], prepared: Mapping[str, Any], progress: Progress
) -> dict[str, Any]:
    """Let the schedule tick twice, then a year pass; returns what was seen. Raises SceneError for a broken promise."""
    begins, function = datetime.fromisoformat(prepared["begins"]), outputs["function_name"]
    facts = {**prepared, **_tick_twice(cloud, outputs, prepared)}
    story.tell_ticks(facts, progress.console)
    runtime = Runtime.find()
    with LocalCloud.start(environment=runtime.environment(), time=begins - fleet.HISTORY) as other:
        with progress.step("the published rule in a second account, with the same clusters"):
            payload = runtime.payloads / f"redshift_maintenance_sync-{machine_architecture()}.zip"
            fleet.settle_in(other, begins)
            deploy_beside(cloud, function, outputs["schedule_rule_name"], payload, other)
        notices = _pass_year(cloud, other, begins, progress)
        runs = year.runs(cloud, function)
        lines = {
            "ours": year.read(runs, cloud.redshift_maintenance()),
            "published": year.read(year.runs(other, function), other.redshift_maintenance()),
        }
    facts |= {
        "clusters": len(lines["ours"]),
        "runs": len(runs),
        "joined": year.joined(runs, (fleet.CREATED_LATER, fleet.PAUSED)),
        "alarms_fired": [alarm.as_facts(function) for alarm in inbox.fired(notices)],
        "year": {
            "ours": _figures(lines["ours"], begins, "hours"),
            "published": _figures(lines["published"], begins, "days"),
        },
        "calendar": {
            "begins": begins.isoformat(),
            "ends": (begins + YEAR).isoformat(),
            **fleet.particulars(begins),
            "rules": {rule: {name: line.as_facts() for name, line in found.items()} for rule, found in lines.items()},
        },
    }
    story.tell_year(facts, progress.console)
    if problems := broken(facts):
        raise SceneError("\n".join(problems))
    return facts


def draw(facts: Mapping[str, Any]) -> Chapter:
    """The scene's part of the report."""
    return story.chapter(facts)


def _tick_twice(cloud: LocalCloud, outputs: Mapping[str, Any], prepared: Mapping[str, Any]) -> dict[str, Any]:
    function, table = outputs["function_name"], outputs["state_table_name"]
    first = ticks.next_tick(cloud, function)
    after, states = ticks.observe(cloud), ticks.remembered(cloud, table)
    second = ticks.next_tick(cloud, function)
    rows = {row["cluster"]: row for row in first["result"]["clusters"]}
    before = prepared["before"]
    dates = {row["announced"] for name, row in rows.items() if row["announced"] and not before[name]["deferred_until"]}
    writes = [
        *ticks.differing(ticks.settings(after), ticks.settings(ticks.observe(cloud))),
        *ticks.differing(states, ticks.remembered(cloud, table)),
    ]
    return {
        "after": after,
        "first_tick": rows,
        "outcomes": {name: row["outcome"] for name, row in rows.items()},
        "one_announced_date": len(dates) == 1,
        "announced": sorted(dates),
        "second_tick_changed": sum(row["outcome"] == "changed" for row in second["result"]["clusters"]),
        "second_tick_writes": len(writes),
        "cold_start_ms": round(first["init_ms"] + first["duration_ms"]),
        "warm_ms": round(second["duration_ms"]),
    }


def _pass_year(cloud: LocalCloud, other: LocalCloud, begins: datetime, progress: Progress) -> list[inbox.Notice]:
    """Let the same year pass in both accounts; returns what the alarms of `cloud` said."""
    until = begins + YEAR
    happenings = fleet.happenings(begins, until)
    notices = inbox.collect(cloud)

    def collect(cloud: LocalCloud) -> None:
        notices.extend(inbox.collect(cloud))

    rounds = [(begins + n * WEEK, collect) for n in range(1, YEAR // WEEK + 1)]
    ours = sorted([*happenings, *rounds], key=lambda happening: happening[0])
    with progress.step("a year passes in both accounts, a tick a day") as step, ThreadPoolExecutor(2) as threads:
        passing = [
            threads.submit(year.pass_time, cloud, ours, until, lambda now: step.say(f"{now:%B %Y}")),
            threads.submit(year.pass_time, other, happenings, until, lambda now: None),
        ]
        for passed in passing:
            passed.result()
    collect(cloud)
    return notices


def _figures(lines: Mapping[str, year.Line], begins: datetime, unit: str) -> dict[str, float]:
    """The figures of the clusters that are looked after; an error counts in `unit`."""
    return count([line for name, line in lines.items() if name not in fleet.OPTED_OUT], begins).as_facts(unit)
