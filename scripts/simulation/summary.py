"""The figures of a comparison, as build/simulate/summary.json and the tables give them."""

from collections.abc import Mapping, Sequence
from typing import Any

from simulation import prices
from simulation.comparison import Done, cheapest_protected, figures, geometric_mean
from simulation.trace import Trace

HEADINGS = ("policy", "shard-hours", "over optimum", "throttled", "calls a day", "most in 24 h", "refused", "a month")


def rows(facts: Mapping[str, Any]) -> list[list[str]]:
    """A row for each policy over a trace, under `HEADINGS`."""
    return [
        [
            policy,
            f"{each['shard_hours']:,.0f}",
            f"{each['cost_ratio']:.2f}",
            f"{each['throttled_share']:.3%}",
            f"{each['calls_per_day']:.1f}",
            str(each["max_calls_24h"]),
            str(each["refused_calls"]),
            f"${each['dollars_per_month']:,.0f}",
        ]
        for policy, each in facts["policies"].items()
    ]


def summarize(
    traces: Sequence[Trace], policies: Sequence[str], done: Sequence[Done], record_bytes: float
) -> dict[str, Any]:
    """What build/simulate/summary.json says."""
    summary: dict[str, Any] = {"traces": {}}
    for trace in traces:
        of_trace = [each for each in done if each.task.trace.name == trace.name]
        optimum = next(each.shard_hours for each in of_trace if each.task.policy is None)
        facts: dict[str, Any] = {
            "days": round(trace.days, 2),
            "clairvoyant_shard_hours": round(optimum, 2),
            "on_demand_dollars_per_month": _on_demand(trace, record_bytes),
            "policies": {},
        }
        scanned: dict[str, Any] = {}
        for policy in policies:
            runs = [each for each in of_trace if each.task.policy == policy]
            replayed = next(each.replay for each in runs if each.task.headroom == 1 and each.replay)
            facts["policies"][policy] = figures(policy, replayed, optimum, record_bytes)
            best = cheapest_protected(runs) if len(runs) > 1 else None
            if len(runs) > 1:
                scanned[policy] = best and {
                    "headroom": best.task.headroom,
                    "shard_hours": round(best.shard_hours, 2),
                    "cost_ratio": round(best.shard_hours / optimum, 4),
                    "throttled_share": float(f"{best.throttled_share:.4g}"),
                }
        if scanned:
            facts["equal_protection"] = scanned
        summary["traces"][trace.name] = facts
    every = summary["traces"].values()
    summary["mean_cost_ratio"] = {
        policy: round(geometric_mean([facts["policies"][policy]["cost_ratio"] for facts in every]), 4)
        for policy in policies
    }
    if equal := [facts["equal_protection"] for facts in every if "equal_protection" in facts]:
        summary["mean_cost_of_equal_protection"] = {
            policy: round(geometric_mean([each[policy]["cost_ratio"] for each in equal]), 4)
            for policy in policies
            if all(each[policy] for each in equal)
        }
    return summary


def _on_demand(trace: Trace, record_bytes: float) -> dict[str, float]:
    cost = prices.on_demand(trace.demand, record_bytes)
    return {
        "standard": round(cost.standard, 2),
        "advantage": round(cost.advantage, 2),
        "advantage_alone": round(cost.advantage_alone, 2),
    }
