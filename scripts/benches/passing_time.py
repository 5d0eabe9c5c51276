"""How fast time passes on the local cloud: a year in which one function runs every day."""

import time
from datetime import timedelta

from benches.figure import BenchError, Figure
from deployment import create_function, schedule, zipped
from local_run import Runtime, start_cloud
from localcloud.client import LocalCloud
from progress import Progress

DAYS = 365
NAME = "echo"
LIMIT_SECONDS = 10
"""A year of ticks has to fit in a test."""


def measure(runtime: Runtime, progress: Progress) -> list[Figure]:
    """Real seconds for a year of the local cloud. Raises BenchError unless the function ran once a day."""
    with start_cloud(runtime, progress) as cloud:
        _deploy(cloud)
        with progress.step(f"{DAYS} days, a tick a day") as step:
            began, left = cloud.now(), time.monotonic()
            cloud.advance(timedelta(days=DAYS), progress=lambda now: step.say(f"day {(now - began).days}"))
            seconds = time.monotonic() - left
        ran = [item["status"] for item in cloud.invocations()]
    if ran != ["ok"] * DAYS:
        raise BenchError(f"In {DAYS} days of `rate(1 day)` the function ran {len(ran)} times: {sorted(set(ran))}.")
    return [figure(seconds, DAYS)]


def figure(seconds: float, days: int) -> Figure:
    """What `days` of one tick each tell of a year, when they took `seconds`."""
    ratio = timedelta(days=days) / timedelta(seconds=seconds)
    detail = {"days": days, "ticks_per_second": round(days / seconds, 1), "times_real_time": round(ratio)}
    return Figure("clock_year", seconds * 365 / days, LIMIT_SECONDS, "s for a year with a tick a day", detail)


def _deploy(cloud: LocalCloud) -> None:
    """A function that returns its event, and the rule that invokes it daily."""
    arn = create_function(cloud, NAME, zipped("def handler(event, context):\n    return event\n"), "payload.handler")
    schedule(cloud, NAME, "rate(1 day)", arn)
