"""Reads a plan, and refuses what is none, or none that a verdict could stand on."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from plan_sources import INDEX

NEEDED = {"format_version": str, "terraform_version": str, "planned_values": dict, "configuration": dict}
FORMAT = "1"
"""The major version that can be read: https://developer.hashicorp.com/terraform/internals/json-format"""


class GateError(Exception):
    """The plan cannot be judged; the message says what to do."""


def read_plan(path: Path, name: str) -> dict[str, Any]:
    """The plan in `path`; raises GateError when it is missing, is no plan, or is one that leaves too much open."""
    if not path.is_file():
        raise GateError(f"No plan at {path}: run `make plan ROOT={name}` first.")
    content = path.read_bytes()
    if content.startswith(b"PK"):
        raise GateError(f"{path} is a saved plan: print it with `terraform show -json {path.name} > plan.json`.")
    try:
        plan = json.loads(content)
    except ValueError as error:
        raise GateError(f"{path} is not JSON ({error}): make it with `terraform show -json`.") from error
    if wrong := _wrong(plan):
        raise GateError(f"{path} {wrong}")
    return dict(plan)


def given(module: dict[str, Any], prefix: str = "") -> dict[str, set[str]]:
    """The arguments that the configuration of `module` and those below gives, by address without indexes."""
    found = {prefix + item["address"]: set(item.get("expressions", {})) for item in module.get("resources", [])}
    for name, call in module.get("module_calls", {}).items():
        found |= given(call["module"], f"{prefix}module.{name}.")
    return found


def opaque(plan: dict[str, Any]) -> list[str]:
    """The resources of which a plan knows no argument that the configuration gives: no rule can judge those."""
    arguments = given(plan["configuration"]["root_module"])
    return [
        item["address"]
        for item in _managed(plan)
        if (named := arguments.get(INDEX.sub("", item["address"]), set()))
        and all((item["change"].get("after_unknown") or {}).get(name) is True for name in named)
    ]


def _wrong(plan: Any) -> str | None:
    """What keeps `plan` from being judged and what to do, or None."""
    if not isinstance(plan, dict):
        return "is not a plan: it holds no object. Make it with `terraform show -json`."
    if isinstance(plan.get("values"), dict) and "planned_values" not in plan:
        return "is a state, not a plan: make one with `terraform plan -out=plan`, and print that."
    missing = [name for name, kind in NEEDED.items() if not plan.get(name) or not isinstance(plan[name], kind)]
    if missing:
        return f"is not a plan: it has no {', '.join(missing)}."
    if plan["format_version"].split(".")[0] != FORMAT:
        made = f"of format {plan['format_version']}, by Terraform {plan['terraform_version']}"
        return f"is a plan {made}; the gate reads format {FORMAT}: plan with Terraform 1.1 or newer."
    if broken := next(_misshapen(plan), None):
        return f"is not a plan: {broken}."
    if plan.get("errored"):
        return "is what was planned before an error ended it: mend that, and plan again."
    if deferred := plan.get("deferred_changes"):
        return f"leaves {len(deferred)} changes for a later plan: apply what they wait for, and plan again."
    changing, closed = list(_managed(plan)), opaque(plan)
    if changing and len(closed) == len(changing):
        return (
            f"knows no argument of its {len(changing)} resources before apply, so no rule can judge them: apply what "
            "they wait for (`terraform apply -target=…`), and plan again."
        )
    return None


def _misshapen(plan: dict[str, Any]) -> Iterator[str]:
    """What is not where the format says, beginning with what all else hangs on."""
    for name in ("planned_values", "configuration"):
        if not isinstance(plan[name].get("root_module"), dict):
            yield f"{name} has no root_module"
    changes = plan.get("resource_changes", [])
    if not isinstance(changes, list):
        yield "resource_changes is no list"
        return
    for position, item in enumerate(changes):
        change = item.get("change") if isinstance(item, dict) else None
        if not isinstance(change, dict) or not isinstance(change.get("actions"), list) or not item.get("address"):
            yield f"resource_changes[{position}] has no address or no actions"


def _managed(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The changes of managed resources that leave something behind."""
    for item in plan.get("resource_changes", []):
        if item.get("mode") == "managed" and item["change"].get("after") is not None:
            yield item
