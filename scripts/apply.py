"""Apply the plan that the gate passed, and no other: the saved plan, with the zips that it was planned with."""

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import boto3
from rich.console import Console

import gate_evidence
from account import Caller, CredentialsError
from progress import Progress
from terraform import Workspace
from terraform_setup import TerraformError
from toolchain import BUILD, solutions


class RefusedError(Exception):
    """What lies here is not what the gate passed; the message says what to run."""


def main(argv: list[str]) -> int:
    """Apply as the arguments say; returns 0, or 1 with a sentence on standard error that says what to do."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", required=True, help=f"one of: {', '.join(solutions())}")
    parser.add_argument("--backend", action="append", default=[], help="as it was given to plan")
    parser.add_argument("--quiet", action="store_true", help="say nothing but what went wrong")
    arguments = parser.parse_args(argv)
    progress = Progress(Console(), quiet=arguments.quiet)
    try:
        plan = judged(arguments.root, BUILD)
        region = plan.get("variables", {}).get("region", {}).get("value") or boto3.Session().region_name
        progress.line(f"{Caller.find(region)}, {region}")
        workspace = Workspace.create(arguments.root, BUILD / "work" / arguments.root)
        workspace.init(progress, arguments.backend)
        changed = workspace.apply(progress, BUILD / "plans" / f"{arguments.root}.tfplan")
    except (RefusedError, CredentialsError, TerraformError) as error:
        print(error, file=sys.stderr)
        return 1
    progress.line(f"{changed} resources created, changed or destroyed")
    return 0


def judged(root: str, build: Path) -> dict[str, Any]:
    """The plan of `root` below `build`, when the gate passed that plan and its zips have not changed since.

    Raises RefusedError otherwise.
    """
    evidence = build / "gate" / f"{root}.evidence.json"
    if not evidence.is_file():
        raise RefusedError(f"The gate has not judged {root}: run `make gate ROOT={root}` first.")
    record = json.loads(evidence.read_text())
    if record["verdict"] != "pass":
        raise RefusedError(f"The gate does not pass {root}: mend what it says, then plan and judge again.")
    passed = {item["file"]: item["sha256"] for item in record["plan"]}
    for name in (f"{root}.json", f"{root}.tfplan"):
        path = build / "plans" / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != passed.get(name):
            raise RefusedError(
                f"{name} is not the plan that the gate passed on {record['judged_at']}: run `make gate ROOT={root}`."
            )
    plan: dict[str, Any] = json.loads((build / "plans" / f"{root}.json").read_text())
    if changed := gate_evidence.changed(gate_evidence.zips(plan, build.parent / "terraform" / root)):
        raise RefusedError("\n".join(changed))
    return plan


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
