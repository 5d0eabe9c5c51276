"""How fast traffic is replayed: a month of one trace and one policy, without the optimum."""

import time

from benches.figure import BenchError, Figure
from local_run import Runtime
from progress import Progress
from simulation.replay import replay
from simulation.synthetic import synthetic_traces

DAYS = 30
PEAK_SHARDS = 32
LIMIT_SECONDS = 2
POLICIES = ("step", "target")


def measure(runtime: Runtime, progress: Progress) -> list[Figure]:
    """Seconds of CPU for each of our policies. Raises BenchError for a policy that never resized anything."""
    trace = synthetic_traces(days=DAYS)[0].scaled(PEAK_SHARDS)
    figures = []
    for policy in POLICIES:
        with progress.step(f"{DAYS} days of {trace.name} traffic, policy {policy}"):
            began = time.process_time()
            calls = len(replay(policy, trace).calls)
            seconds = time.process_time() - began
        if not calls:
            raise BenchError(f"In {DAYS} days of {trace.name} traffic {policy} resized nothing.")
        detail = {"days": DAYS, "minutes": trace.demand.size, "resizes": calls}
        figures.append(Figure(f"simulated_month_{policy}", seconds, LIMIT_SECONDS, "s of CPU for a month", detail))
    return figures
