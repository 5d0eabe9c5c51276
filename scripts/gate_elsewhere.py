#!/usr/bin/env python3
"""Run the gate in another repository: by its pipeline (action.yml), or before a commit (.pre-commit-hooks.yaml).

`plan …` judges plans and takes the arguments of gate.py; `source FILE…` judges the directories of Terraform files by
the rules that need no plan. Fills this checkout's environments first. Standard library only: it runs before anything
is installed.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import bootstrap

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ROOT / "scripts"
USAGE = "gate_elsewhere.py plan --plan FILE [--source DIRECTORY] … | gate_elsewhere.py source FILE…"


def main(argv: list[str]) -> int:
    """Return the gate's exit code: 0 passes, 1 fails, 2 is no verdict."""
    match argv:
        case ["plan", *arguments] if arguments:
            if bootstrap.main(["--only", "dev", "--only", "policy"]):
                return 2
            return run("dev", "gate.py", *arguments)
        case ["source", *files] if files:
            if bootstrap.main(["--only", "policy"]):
                return 2
            return max(judge(directory) for directory in outermost(Path(file).parent for file in files))
    print(USAGE, file=sys.stderr)
    return 2


def outermost(directories: Iterable[Path]) -> list[Path]:
    """`directories` without those that lie in another of them, which is judged with all that is below it."""
    unique = set(directories)
    return sorted(path for path in unique if not unique & set(path.parents))


def judge(directory: Path) -> int:
    """Judge the Terraform files below `directory`, and print what fails."""
    with tempfile.TemporaryDirectory(prefix="gate-") as scratch:
        out = Path(scratch) / "checkov.json"
        arguments = ["--directory", str(directory), "--policies", str(ROOT / "policies"), "--out", str(out)]
        code = run("policy", "gate_checkov.py", *arguments)
        if not out.is_file():
            print(f"gate_checkov.py ended with code {code} before it judged anything", file=sys.stderr)
            return 2
        report: dict[str, Any] = json.loads(out.read_text())
    failed = [item for item in report["results"] if item["result"] == "FAILED"]
    for item in failed:
        file = Path(item["file"])
        shown = file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file
        print(f"{shown}: {item['address']}: {item['rule']} {item['title']}")
    for error in report["errors"]:
        print(f"error: {error}", file=sys.stderr)
    return 2 if report["errors"] else int(bool(failed))


def run(environment: str, script: str, *arguments: str) -> int:
    """Run a script of ours in one of the environments, and return its exit code."""
    python = bootstrap.ENVIRONMENTS[environment] / "bin" / "python"
    return subprocess.run([str(python), str(SCRIPTS / script), *arguments], check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
