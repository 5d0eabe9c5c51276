"""Run terraform-compliance once and say what it did. Runs in the policy environment; gate.py starts it.

Its reports cannot be used: the one for JUnit fails where a scenario is skipped, and both name the last of the resources
that fail a step and leave out the others.
"""

import argparse
import json
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from radish.hookregistry import after
from terraform_compliance import main as terraform_compliance
from terraform_compliance.common.error_handling import Error

failures: dict[int, list[str]] = {}


def main(argv: list[str]) -> int:
    """Write to --out the `version` and the `scenarios` that ran (`line`, `file`, `state`, `failures`); returns a code.

    `state` is passed, failed, or skipped when the plan has nothing that the scenario speaks of. When a feature cannot
    be parsed, nothing is written.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plan", type=Path, required=True)
    parser.add_argument("--features", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args(argv)

    after.all(lambda features, marker: arguments.out.write_text(json.dumps(said(features))))
    fail_step = Error._fail_step

    def remember(error: Any, step_id: int) -> None:
        failures.setdefault(id(error.step_obj.parent), []).append(" ".join(error.message))
        fail_step(error, step_id)

    Error._fail_step = remember
    plan = arguments.out.with_name("with_destroyed.json")
    plan.write_text(json.dumps(with_destroyed(json.loads(arguments.plan.read_text()))))
    sys.argv = ["terraform-compliance", "-f", str(arguments.features), "-p", str(plan)]
    return int(terraform_compliance.cli() or 0)


def with_destroyed(plan: dict[str, Any]) -> dict[str, Any]:
    """`plan` with a resource of type `destroyed` for each that it destroys or replaces; its `kind` is the real type.

    terraform-compliance leaves out what a plan destroys.
    """
    changes = plan.get("resource_changes", [])
    plan["resource_changes"] = changes + [
        {
            "address": f"{item['address']} (destroyed)",  # a replaced resource keeps its own
            "mode": "managed",
            "type": "destroyed",
            "name": item["name"],
            "provider_name": item["provider_name"],
            "change": {"actions": ["no-op"], "after": {"kind": item["type"]}, "after_unknown": {}},
        }
        for item in changes
        if "delete" in item["change"]["actions"]
    ]
    return plan


def said(features: list[Any]) -> dict[str, Any]:
    """What is written."""
    return {"version": metadata.version("terraform-compliance"), "scenarios": scenarios(features)}


def scenarios(features: list[Any]) -> list[dict[str, Any]]:
    """What became of each scenario. An exception in a step has no message of ours: its own is taken."""
    return [
        {
            "file": Path(feature.path).name,
            "line": scenario.line,
            "state": state([step.state for step in scenario.all_steps]),
            "failures": failures.get(id(scenario))
            or [step.failure.reason for step in scenario.all_steps if step.state == "failed"],
        }
        for feature in features
        for scenario in feature.all_scenarios
    ]


def state(steps: list[str]) -> str:
    """A scenario's state from that of its steps: those after a failed or skipped one stay untested."""
    if "failed" in steps:
        return "failed"
    return "passed" if steps and set(steps) == {"passed"} else "skipped"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
