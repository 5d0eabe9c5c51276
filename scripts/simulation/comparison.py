"""Every policy over every trace, in figures."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from math import exp, log
from multiprocessing import get_context
from os import cpu_count
from typing import Any

from simulation import prices
from simulation.optimum import optimal_shard_hours
from simulation.replay import Replay, replay
from simulation.trace import Trace

RECORD_BYTES = 1024.0
"""The size of a trace's records, which have none of their own."""

EQUAL_PROTECTION = 0.001
HEADROOMS = (0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.9, 1.0, 1.15, 1.3, 1.5, 1.8)


@dataclass(frozen=True, slots=True)
class Task:
    """One policy over one trace, or, without a policy, the optimum."""

    trace: Trace
    policy: str | None
    headroom: float = 1.0


@dataclass(frozen=True, slots=True)
class Done:
    """A task and what came of it; minute by minute only where no headroom was added."""

    task: Task
    shard_hours: float
    throttled_share: float = 0.0
    replay: Replay | None = None


def carry_out(task: Task) -> Done:
    """Do one task."""
    if task.policy is None:
        return Done(task, optimal_shard_hours(task.trace.demand))
    replayed = replay(task.policy, task.trace, task.headroom)
    kept = replayed if task.headroom == 1 else None
    return Done(task, replayed.shard_hours, replayed.throttled_share, kept)


def carry_out_all(tasks: Sequence[Task]) -> Iterator[Done]:
    """Do all tasks on all processors, each given out as soon as it is done."""
    with ProcessPoolExecutor(min(len(tasks), cpu_count() or 1), mp_context=get_context("spawn")) as pool:
        for future in as_completed([pool.submit(carry_out, task) for task in tasks]):
            yield future.result()


def figures(policy: str, replayed: Replay, optimum: float, record_bytes: float = RECORD_BYTES) -> dict[str, Any]:
    """What the summary says of a policy over a trace."""
    accepted = replayed.offered - replayed.rejected
    return {
        "shard_hours": round(replayed.shard_hours, 2),
        "cost_ratio": round(replayed.shard_hours / optimum, 4),
        "throttled_share": float(f"{replayed.throttled_share:.4g}"),
        "calls_per_day": round(replayed.calls_per_day, 3),
        "max_calls_24h": replayed.most_calls,
        "refused_calls": len(replayed.refusals),
        "dollars_per_month": round(prices.provisioned(policy, replayed.shard_hours, accepted, record_bytes), 2),
    }


def cheapest_protected(done: Sequence[Done]) -> Done | None:
    """Of one policy and trace at several headrooms, the least shard-hours that throttle no more than a thousandth."""
    protected = [each for each in done if each.throttled_share <= EQUAL_PROTECTION]
    return min(protected, key=lambda each: each.shard_hours, default=None)


def geometric_mean(values: Sequence[float]) -> float:
    """The mean of ratios."""
    return exp(sum(map(log, values)) / len(values))
