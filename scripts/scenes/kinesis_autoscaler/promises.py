"""What the scene promises, held against what was seen. Pure."""

from collections.abc import Mapping
from typing import Any

CALLS_PER_DAY = 10
"""API_UpdateShardCount."""
THROTTLED_AT_MOST = 0.0005
SAVED_AT_LEAST = 0.1


def broken(facts: Mapping[str, Any]) -> list[str]:
    """A sentence for each promise that did not hold."""
    static, step, target = (facts["streams"][policy] for policy in ("static", "step", "target"))
    most_calls = CALLS_PER_DAY * facts["days"]
    promises = {
        f"every run of the function ends well, not all but {facts['failed_runs']}": not facts["failed_runs"],
        f"nothing is left in the failure queue, not {facts['kept_failures']} messages": not facts["kept_failures"],
        "in the end every alarm computes with its stream's shard count": facts["alarms_agree"],
        f"the stream that nobody scales keeps its shards, not {static['resizes']} resizes": not static["resizes"],
    }
    for policy, figures in (("step", step), ("target", target)):
        promises[f"{policy} resizes its stream, and at most {most_calls} times, not {figures['resizes']}"] = (
            0 < figures["resizes"] <= most_calls
        )
    saved = 1 - target["shard_hours"] / static["shard_hours"]
    promises[f"target saves {SAVED_AT_LEAST:.0%} of the shard-hours, not {saved:.0%}"] = saved >= SAVED_AT_LEAST
    share = target["throttled_share"]
    promises[f"target rejects at most {THROTTLED_AT_MOST:.2%} of the records, not {share:.3%}"] = (
        share <= THROTTLED_AT_MOST
    )
    return [f"It was promised that {promise}." for promise, holds in promises.items() if not holds]
