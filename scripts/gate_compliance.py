"""Run terraform-compliance once and say what it did. Runs in the policy environment; gate.py starts it.

Its reports cannot be used: the one for JUnit fails where a scenario is skipped, and both name the last of the resources
that fail a step and leave out the others.
"""

import argparse
import json
import shutil
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from radish.hookregistry import after
from terraform_compliance import main as terraform_compliance
from terraform_compliance.common.defaults import Defaults
from terraform_compliance.common.error_handling import Error

from each_plan import each_plan

failures: dict[int, list[str]] = {}
met: dict[int, int] = {}


def main(argv: list[str]) -> int:
    """Judge each plan into the file of --out at the same place."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plan", type=Path, nargs="+", required=True)
    parser.add_argument("--features", type=Path, required=True)
    parser.add_argument("--out", type=Path, nargs="+", required=True)
    arguments = parser.parse_args(argv)
    each_plan(zip(arguments.plan, arguments.out, strict=True), lambda plan, out: judge(plan, arguments.features, out))
    shutil.rmtree(Defaults.cache_dir)  # made on import, and unused
    return 0


def judge(plan: Path, features: Path, out: Path) -> None:
    """Write the `version` and the `scenarios` that ran (`line`, `file`, `state`, `met`, `failures`) to `out`.

    `state` is passed, failed, or skipped when the plan has nothing that the scenario speaks of; `met` is of how many
    resources it speaks. When a feature cannot be parsed, nothing is written.
    """
    # It reads a plan once for all features, and takes what lies here for that plan.
    Defaults.cache_dir = str(out.with_suffix(".cache"))
    after.all(lambda run, marker: out.write_text(json.dumps(said(run))))
    after.each_step(remember_met)
    fail_step = Error._fail_step

    def remember(error: Any, step_id: int) -> None:
        failures.setdefault(id(error.step_obj.parent), []).append(" ".join(error.message))
        fail_step(error, step_id)

    Error._fail_step = remember
    whole = out.with_name(f"{plan.stem}.whole.json")
    whole.write_text(json.dumps(with_changes(json.loads(plan.read_text()))))
    sys.argv = ["terraform-compliance", "-f", str(features), "-p", str(whole)]
    terraform_compliance.cli()


def remember_met(step: Any) -> None:
    """Keep how many resources a scenario is about: those that its first step found."""
    if step.state == "passed":
        met.setdefault(id(step.parent), len(getattr(step.context, "stash", [])))


def with_changes(plan: dict[str, Any]) -> dict[str, Any]:
    """`plan` with resources of two types of ours, which speak of changes: terraform-compliance sees what is left only.

    `destroyed` for each resource that is destroyed or replaced, with its type as `kind`; `changed` for each argument
    that is changed in place, as `argument` (`aws_kinesis_stream.shard_count`).
    """
    changes = plan.get("resource_changes", [])
    told = [
        _telling("destroyed", item, "destroyed", {"kind": item["type"]})
        for item in changes
        if "delete" in item["change"]["actions"]
    ]
    for item in changes:
        if item["change"]["actions"] == ["update"]:
            told += [_telling("changed", item, name, {"argument": f"{item['type']}.{name}"}) for name in _changed(item)]
    plan["resource_changes"] = changes + told
    return plan


def _telling(kind: str, item: dict[str, Any], what: str, after: dict[str, Any]) -> dict[str, Any]:
    return {
        "address": f"{item['address']} ({what})",  # the resource itself keeps its own
        "mode": "managed",
        "type": kind,
        "name": item["name"],
        "provider_name": item["provider_name"],
        "change": {"actions": ["no-op"], "after": after, "after_unknown": {}},
    }


def _changed(item: dict[str, Any]) -> list[str]:
    """The arguments that have another value afterwards, as far as that is known."""
    before, after = item["change"].get("before") or {}, item["change"].get("after") or {}
    return sorted(name for name in before.keys() & after.keys() if before[name] != after[name])


def said(features: list[Any]) -> dict[str, Any]:
    """What is written."""
    return {"version": metadata.version("terraform-compliance"), "scenarios": scenarios(features)}


def scenarios(features: list[Any]) -> list[dict[str, Any]]:
    """What became of each scenario. An exception in a step has no message of ours: its own is taken."""
    return [
        {
            "file": Path(feature.path).name,
            "line": scenario.line,
            "met": met.get(id(scenario), 0),
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
