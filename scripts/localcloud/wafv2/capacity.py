"""Web ACL capacity units. "Using match rule statements in AWS WAF" and the page of each statement in its guide."""

from collections.abc import Iterable, Mapping
from typing import Any

from localcloud.wafv2.statements import parts

MOST_UNITS = 5000
"""Of one web ACL; those above 1,500 cost extra ("AWS WAF quotas")."""
EVERY_ADDRESS_UNITS = 4
"""Of an IP set for forwarded addresses in the position ANY, besides its one."""
TRANSFORMATION_UNITS = 10
CONSTRAINT_UNITS = {"EXACTLY": 2, "STARTS_WITH": 2, "ENDS_WITH": 2, "CONTAINS": 10}


def units(rules: Iterable[Mapping[str, Any]]) -> int:
    """What rules in the shape of the API take; logical statements take what is in them."""
    return sum(_units(kind, body) for rule in rules for kind, body in parts(rule["Statement"]))


def _units(kind: str, body: Mapping[str, Any]) -> int:
    match kind:
        case "GeoMatchStatement":
            return 1
        case "IPSetReferenceStatement":
            config = body.get("IPSetForwardedIPConfig") or {}
            return 1 + (EVERY_ADDRESS_UNITS if config.get("Position") == "ANY" else 0)
        case "ByteMatchStatement":
            transformations = [step for step in body["TextTransformations"] if step["Type"] != "NONE"]
            return CONSTRAINT_UNITS[body["PositionalConstraint"]] + TRANSFORMATION_UNITS * len(transformations)
        case _:
            return 0
