"""What the scene promises, held against what was seen. Pure."""

from collections.abc import Mapping
from typing import Any


def broken(facts: Mapping[str, Any]) -> list[str]:
    """A sentence for each promise that did not hold."""
    ours = facts["year"]["ours"]
    fired = {alarm["alarm"] for alarm in facts["alarms_fired"]}
    promises = {
        f"nine clusters are looked at, not {facts['clusters']}": facts["clusters"] == 9,
        f"the function runs once a day, 365 times, not {facts['runs']}": facts["runs"] == 365,
        "the first tick gives all clusters that it defers one announced date": facts["one_announced_date"],
        "a cluster that is created or resumed in the middle of a cycle joins the date of the others": (
            len(facts["joined"]) == 2 and all(row["is_common"] for row in facts["joined"].values())
        ),
        f"the second tick changes nothing, not {facts['second_tick_changed']} clusters": not facts[
            "second_tick_changed"
        ],
        f"the second tick writes nothing, not {facts['second_tick_writes']} things": not facts["second_tick_writes"],
        f"no maintenance is unannounced, not {ours['unannounced']}": not ours["unannounced"],
        f"one node is replaced, not {ours['mandatory']}": ours["mandatory"] == 1,
        f"all other maintenance comes when it was announced, not {ours['as_announced']} of {ours['maintenances']}": (
            ours["as_announced"] == ours["maintenances"] - ours["mandatory"] > 0
        ),
        f"the alarm unexpected-maintenance reports the node, not only {', '.join(sorted(fired))}": (
            "unexpected-maintenance" in fired
        ),
    }
    return [f"It was promised that {promise}." for promise, holds in promises.items() if not holds]
