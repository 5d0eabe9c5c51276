"""What the scene promises, held against what was seen. Pure."""

from collections.abc import Mapping
from typing import Any

PERMITTED = {"AT", "CH", "DE"}
"""As terraform/iam_geofence/example.tfvars has it."""
CAPACITY, DENY_BYTES, SCP_BYTES = 60, 3000, 5120


def broken(facts: Mapping[str, Any]) -> list[str]:
    """A sentence for each promise that did not hold."""
    promises = {
        f"the web ACL takes at most {CAPACITY} capacity units, not {facts['capacity']}": facts["capacity"] <= CAPACITY,
        f"the deny policy has at most {DENY_BYTES} characters": facts["deny_policy_bytes"] <= DENY_BYTES,
        f"the SCP has at most {SCP_BYTES} characters": facts["scp_bytes"] <= SCP_BYTES,
    }
    waiting = facts["waiting"]
    promises[f"of {waiting['asked']} who asked the handler nobody waited for it to start"] = (
        waiting["ready"] > 0 and waiting["cold_starts"] == 0
    )
    sampled = facts["sampled"]
    promises[f"of {sampled['asked']} addresses at random just those in permitted countries are let in"] = (
        0 < sampled["admitted"] < sampled["asked"] and not sampled["wrong"]
    )
    for caller in facts["callers"]:
        wanted = caller["country"] in PERMITTED
        said = "is let in" if wanted else "is not"
        promises[f"{caller['who']} ({caller['country']}) {said}, but: {caller['reason']}"] = (
            caller["admitted"] is wanted
        )
    for tried in facts["tampering"]:
        when = f"while the web ACL is {tried['attempt']}"
        promises |= {
            f"nobody is let in {when}, but: {tried['permitted_reason']}, {tried['elsewhere_reason']}": not (
                tried["permitted_admitted"] or tried["elsewhere_admitted"]
            ),
            f"an alarm is on {when}": bool(tried["alarms"]),
            f"once it is no longer {tried['attempt']}, permitted callers are let in": tried["admitted_after"],
        }
    for row in facts["matrix"]:
        said = "may" if row["wanted"] else "may not"
        promises[f"{row['who']}: {said}, by the attached policy and by the SCP"] = (
            row["policy"] is row["wanted"] and row["scp"] is row["wanted"]
        )
    return [f"It was promised that {promise}." for promise, holds in promises.items() if not holds]
