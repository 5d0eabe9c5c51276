"""What the scene promises, held against what was seen. Pure."""

from collections.abc import Mapping
from typing import Any

from scenes.athena_connectors.account import USER
from scenes.athena_connectors.rows import CUSTOMERS, INVOICES, VISITS

LITERALS = ("'CH'", "'late'", "2025")
"""Values of the queries, which no statement has in it."""


def broken(facts: Mapping[str, Any]) -> list[str]:
    """A sentence for each promise that did not hold."""
    asked = facts["questions"]
    moved = {name: sum(scan["rows"] for scan in found["scans"]) for name, found in asked.items()}
    scanned = asked["scanned"]["scans"][0]
    written = [
        found["title"]
        for name, found in asked.items()
        if name != "scanned" and any(literal in " ".join(found["statements"]) for literal in LITERALS)
    ]
    promises = {
        f"{found['title']}: the answer is that of the rows themselves": found["rows"] == found["truth"]
        for found in asked.values()
    }
    promises |= {
        f"{found['title']}: Snowflake's own history has it as Athena's query": found["snowflake_users"] == [USER]
        for name, found in asked.items()
        if name not in ("oracle", "teradata")
    }
    promises |= {  # what is passed through may hold anything, and is not logged
        f"{found['title']}: the log says what was sent": bool(found["statements"]) == (name != "passed")
        for name, found in asked.items()
    }
    promises |= {
        f"a filter that is pushed down moves fewer rows than none, not {moved['filtered']:,}": (
            0 < moved["filtered"] < moved["unfiltered"] == CUSTOMERS
        ),
        f"of the top five no more than five rows are moved, not {moved['top']:,}": moved["top"] == 5,
        f"Teradata gives no more than the first five rows, not {moved['teradata']:,}": moved["teradata"] == 5,
        f"Oracle gives the late invoices alone, not {moved['oracle']:,}": 0 < moved["oracle"] < INVOICES,
        f"the scan moves {VISITS:,} rows, not {moved['scanned']:,}": moved["scanned"] == VISITS,
        "what the scan spills is encrypted": scanned["spilled_objects"] > 0 and scanned["encrypted"],
        f"a large table is read in parts, not in {scanned['splits']}": scanned["splits"] > 1,
        f"values are bound, not written into SQL: {', '.join(written)}": not written,
        f"the bucket deletes spills, after {facts['spills_expire_after_days']} days": (
            facts["spills_expire_after_days"] == 1
        ),
        f"the bucket encrypts what lies in it, by {facts['spills_encrypted_by']}": (
            facts["spills_encrypted_by"] == "aws:kms"
        ),
    }
    return [f"It was promised that {promise}." for promise, holds in promises.items() if not holds]
