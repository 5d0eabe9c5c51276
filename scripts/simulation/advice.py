"""What a stream's own traffic says about how to run it, in money."""

from collections.abc import Mapping
from math import ceil
from typing import Any

from kinesis_autoscaler.target import AIM
from simulation.comparison import EQUAL_PROTECTION
from simulation.trace import Trace


def advise(facts: Mapping[str, Any], trace: Trace) -> list[str]:
    """Sentences: the cheapest policy that protects, its bounds, and whether to be provisioned or on-demand."""
    ours = {name: each for name, each in facts["policies"].items() if name in ("step", "target")} or facts["policies"]
    protecting = {name: each for name, each in ours.items() if each["throttled_share"] <= EQUAL_PROTECTION} or ours
    policy = min(protecting, key=lambda name: protecting[name]["dollars_per_month"])
    chosen = protecting[policy]
    maximum = ceil(float(trace.demand.max()) / AIM)
    on_demand = facts["on_demand_dollars_per_month"]
    lines = [
        f"Policy {policy}: ${chosen['dollars_per_month']:,.2f} a month, {chosen['throttled_share']:.3%} throttled, "
        f"{chosen['calls_per_day']:.1f} resizes a day.",
        f"Bounds: minimum 1, maximum {maximum}: the highest minute of {trace.days:.0f} days at {AIM:.0%} usage.",
        f"On-demand Standard: ${on_demand['standard']:,.2f} a month; Advantage: ${on_demand['advantage']:,.2f}, or "
        f"${on_demand['advantage_alone']:,.2f} when no other stream of the Region uses its minimum.",
    ]
    if chosen["throttled_share"] > EQUAL_PROTECTION:
        lines.append(
            "No policy keeps throttling below 0.1 %: the traffic rises faster than shards can follow. "
            "Raise the minimum, buffer in the producer, or use on-demand."
        )
    best = min(on_demand["standard"], on_demand["advantage_alone"])
    if best < chosen["dollars_per_month"]:
        lines.append(f"On-demand saves ${chosen['dollars_per_month'] - best:,.2f} a month.")
    else:
        lines.append(f"Provisioned with {policy} saves ${best - chosen['dollars_per_month']:,.2f} a month.")
    return lines
