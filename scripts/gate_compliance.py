"""Run terraform-compliance once and say what it did. Runs in the policy environment; gate.py starts it.

Its reports cannot be used: the one for JUnit fails where a scenario is skipped, and both name the last of the resources
that fail a step and leave out the others.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from radish.hookregistry import after
from terraform_compliance import main as terraform_compliance
from terraform_compliance.common.error_handling import Error

failures: dict[int, list[str]] = {}


def main(argv: list[str]) -> int:
    """Write to --out a list of the scenarios that ran (`line`, `file`, `state`, `failures`); returns the tool's code.

    `state` is passed, failed, or skipped when the plan has nothing that the scenario speaks of. When a feature cannot
    be parsed, nothing is written.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plan", type=Path, required=True)
    parser.add_argument("--features", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args(argv)

    after.all(lambda features, marker: arguments.out.write_text(json.dumps(scenarios(features))))
    fail_step = Error._fail_step

    def remember(error: Any, step_id: int) -> None:
        failures.setdefault(id(error.step_obj.parent), []).append(" ".join(error.message))
        fail_step(error, step_id)

    Error._fail_step = remember
    sys.argv = ["terraform-compliance", "-f", str(arguments.features), "-p", str(arguments.plan)]
    return int(terraform_compliance.cli() or 0)


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
