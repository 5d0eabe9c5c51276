"""What a plan would change, and what that adds to a month's bill, by docs/prices.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from costs import watched

KINDS = ("destroy", "replace", "update", "create", "forget", "import")
"""What can become of a resource, the hardest to undo first."""
ADDS = {"create": 1, "destroy": -1}


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a managed resource: `kind` is one of KINDS, `charged` how often its type's price counts."""

    kind: str
    address: str
    type: str
    charged: int = 1


@dataclass(frozen=True, slots=True)
class Cost:
    """What the changes add to a month (US dollars), as far as it is known: what is charged used or not.

    `by_use` counts resources that are charged by use alone; `unknown` names types without a price.
    """

    usd: float = 0.0
    by_use: int = 0
    unknown: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = [f"{self.usd:+,.2f} US dollars a month"]
        parts += [f"{self.by_use} charged by use"] if self.by_use else []
        parts += [f"unknown for {', '.join(self.unknown)}"] if self.unknown else []
        return "; ".join(parts)


def changes(plan: Mapping[str, Any]) -> list[Change]:
    """The changes of managed resources, the hardest to undo first."""
    found = [
        Change(kind, item["address"], item["type"], _charged(item))
        for item in plan.get("resource_changes", [])
        if item.get("mode") == "managed" and (kind := _kind(item["change"]))
    ]
    return sorted(found, key=lambda change: (KINDS.index(change.kind), change.address))


def cost(found: list[Change], prices: Mapping[str, Any]) -> Cost:
    """What `found` adds to the bill. A function costs by use; what replaces or updates is taken to cost what it did."""
    usd, by_use, unknown = 0.0, 0, set()
    for change in found:
        if not (sign := ADDS.get(change.kind)):
            continue
        if price := prices["monthly"].get(change.type):
            usd += sign * change.charged * price["usd"]
        elif change.type in prices["by_use"] or change.type == "aws_lambda_function":
            by_use += 1
        elif change.type not in prices["free"]:
            unknown.add(change.type)
    return Cost(usd, by_use, tuple(sorted(unknown)))


def _charged(item: Mapping[str, Any]) -> int:
    """An alarm is charged for by the metrics that it watches, any other resource as one."""
    values = item["change"].get("after") or item["change"].get("before") or {}
    return len(list(watched([values]))) if item["type"] == "aws_cloudwatch_metric_alarm" else 1


def _kind(change: Mapping[str, Any]) -> str | None:
    match change["actions"]:
        case [_, _]:
            return "replace"
        case ["delete"]:
            return "destroy"
        case [("create" | "update" | "forget") as kind]:
            return str(kind)
        case _:
            return "import" if change.get("importing") else None
