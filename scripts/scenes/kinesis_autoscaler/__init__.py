"""Three days of one trace's traffic, offered to three streams alike.

On the first nobody scales them. On the other two one is scaled by `step`, one by `target`, and one still by nobody.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from localcloud.client import LocalCloud
from progress import Progress
from report import Chapter
from scenes import SceneError
from scenes.kinesis_autoscaler import story, streams, traffic
from scenes.kinesis_autoscaler.promises import broken

DAYS_BEFORE, DAYS = 1, 2
LOOK = timedelta(minutes=5)
"""How often the shard counts are looked at while time passes."""
SETTLES_WITHIN = timedelta(hours=2)
"""How long a resize that is under way at the end may take, and the repair of the alarms after it."""


def variables(prepared: Mapping[str, Any]) -> dict[str, Any]:
    """What differs from example.tfvars: the two streams that are scaled."""
    return {
        "streams": {
            policy: {"name": streams.NAMES[policy], "policy": policy, "bounds": {"minimum": 1, "maximum": 64}}
            for policy in streams.SCALED
        },
        "dry_run": False,
    }


def prepare(cloud: LocalCloud, progress: Progress) -> dict[str, Any]:
    """Create the streams, each with enough shards for the peak, and let the first day pass; returns what is offered."""
    offered = traffic.offered(DAYS_BEFORE + DAYS)
    with progress.step(
        f"three streams of {offered.most_shards} shards, and a day of {offered.name} before the scaling"
    ):
        streams.create(cloud, offered.most_shards)
        begins = streams.offer(cloud, offered)
        cloud.advance(begins + timedelta(days=DAYS_BEFORE))
    return {"trace": offered.name, "most_shards": offered.most_shards, "offered_from": begins.isoformat()}


def play(
    cloud: LocalCloud, outputs: Mapping[str, Any], prepared: Mapping[str, Any], progress: Progress
) -> dict[str, Any]:
    """Let two days of traffic pass; returns what was seen. Raises SceneError for a broken promise."""
    begins = cloud.now().replace(second=0, microsecond=0) + timedelta(minutes=1)
    ends = begins + timedelta(days=DAYS)
    minutes_before = (begins - datetime.fromisoformat(prepared["offered_from"])) // timedelta(minutes=1)
    demand = traffic.offered(DAYS_BEFORE + DAYS).demand[minutes_before:]
    seen: list[streams.Look] = []
    with progress.step("two days of traffic, through the deployed alarms and the zip that ships") as step:
        while (now := cloud.advance(LOOK)) < ends:
            seen.append(streams.look(cloud, now))
            step.say(f"{now:%A %H:%M}")
        made = streams.decisions(cloud, outputs["log_group_name"])
    with progress.step("what is under way comes to its end"):
        agreed = streams.settle(cloud, outputs["stream_alarm_names"], LOOK, SETTLES_WITHIN)
    runs = [run for run in cloud.invocations() if run["function"] == outputs["function_name"]]
    facts = {
        **prepared,
        "begins": begins.isoformat(),
        "days": DAYS,
        "demand": demand.round(3).tolist(),
        "runs": len(runs),
        "failed_runs": sum(run["status"] != "ok" for run in runs),
        "kept_failures": streams.messages(cloud, outputs["failure_queue_url"]),
        "alarms_agree": agreed,
        "streams": streams.figures(cloud, seen, made, begins, ends),
    }
    story.tell(facts, progress.console)
    if problems := broken(facts):
        raise SceneError("\n".join(problems))
    return facts


def draw(facts: Mapping[str, Any]) -> Chapter:
    """The scene's part of the report."""
    return story.chapter(facts)
