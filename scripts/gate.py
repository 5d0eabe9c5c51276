"""Judge a plan: checkov with its own rules and ours, terraform-compliance; a rule that did not run fails the gate.

Exit code 0: every rule passes. 1: a rule fails, an exception is refused, or a zip is no longer the planned one. 2: no
verdict, because something could not be read or did not run.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import gate_evidence
import gate_exceptions
import rules
from gate_report import Report, sarif, summary
from gate_verdict import Subject, Verdict
from toolchain import BUILD, POLICY_PYTHON, ROOT

SCRIPTS = Path(__file__).resolve().parent
SOURCE_HELP = (
    "with --root: the copy of the repository that was planned; with --plan: the directory where it was planned"
)
POLICIES_HELP = "default: this repository's; .checkov.yaml lies beside the directory"
Tool = tuple[str, Path, subprocess.Popen[str]]


class GateError(Exception):
    """The plan cannot be judged; the message says what to do."""


def main(argv: list[str]) -> int:
    """Judge as the arguments say; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--root", help="a root of terraform/, planned by `make plan`")
    what.add_argument("--plan", type=Path, help="any plan, as `terraform show -json` prints it")
    parser.add_argument("--source", type=Path, help=SOURCE_HELP)
    parser.add_argument("--policies", type=Path, default=rules.POLICIES, help=POLICIES_HELP)
    parser.add_argument("--out", type=Path, default=BUILD / "gate", help="default: build/gate")
    parser.add_argument("--quiet", action="store_true", help="print one line")
    arguments = parser.parse_args(argv)
    if arguments.root:
        base = arguments.source or ROOT
        plan = BUILD / "plans" / f"{arguments.root}.json"
        subject = Subject(arguments.root, plan, base / "terraform" / arguments.root, base)
    else:
        subject = Subject(arguments.plan.stem, arguments.plan, arguments.source, Path.cwd())
    report = judge_and_write(subject, arguments.policies, arguments.out)
    text = summary(report)
    print(text.splitlines()[0] if arguments.quiet else text)
    return report.exit_code


def judge_and_write(
    subject: Subject, policies: Path = rules.POLICIES, out: Path = BUILD / "gate", now: datetime | None = None
) -> Report:
    """Judge as of `now`; leaves <out>/<name>.json, .sarif and .evidence.json, whatever happens.

    What cannot be read is an error of the report.
    """
    now = now or datetime.now(UTC)
    try:
        report = judge(subject, policies, now)
    except (GateError, gate_exceptions.ExceptionsError) as error:
        report = Report(subject.name, str(subject.plan), errors=[str(error)])
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{subject.name}.json").write_text(json.dumps(report.as_dict(), indent=2) + "\n")
    (out / f"{subject.name}.sarif").write_text(json.dumps(sarif(report), indent=2) + "\n")
    evidence = gate_evidence.record(report, subject.plan, policies, now)
    (out / f"{subject.name}.evidence.json").write_text(json.dumps(evidence, indent=2) + "\n")
    return report


def judge(subject: Subject, policies: Path, now: datetime) -> Report:
    """Run both tools on the plan and compare what they did with what they should have done.

    Raises GateError when the plan cannot be read, and ExceptionsError when the exceptions cannot.
    """
    plan = read_plan(subject)
    exceptions = gate_exceptions.read(policies / "exceptions.yaml", now.date())
    shelf = rules.read(policies)
    with tempfile.TemporaryDirectory(prefix="gate-") as scratch:
        # One line: terraform-compliance reads only the second line of a longer file, and overwrites the file with it.
        copy = Path(scratch) / "plan.json"
        copy.write_text(json.dumps(plan))
        tools = [
            start("gate_checkov.py", copy, "--policies", policies),
            start("gate_compliance.py", copy, "--features", policies / "compliance"),
        ]
        (checkov, checkov_errors), (scenarios, scenario_errors) = [finish(tool) for tool in tools]
    verdict = Verdict(subject, plan, shelf, exceptions, [*shelf.errors, *checkov_errors, *scenario_errors])
    if checkov is not None:
        verdict.add_checkov(checkov)
    if scenarios is not None:
        verdict.add_scenarios(scenarios)
    return verdict.report()


def read_plan(subject: Subject) -> dict[str, Any]:
    """The plan; raises GateError when it is missing, is not JSON, or is not a plan."""
    if not subject.plan.is_file():
        raise GateError(f"No plan at {subject.plan}: run `make plan ROOT={subject.name}` first.")
    try:
        plan = json.loads(subject.plan.read_text())
    except ValueError as error:
        raise GateError(f"{subject.plan} is not JSON ({error}): make it with `terraform show -json`.") from error
    needed = ("format_version", "terraform_version", "planned_values", "configuration")
    missing = [name for name in needed if not isinstance(plan, dict) or not plan.get(name)]
    if missing:
        raise GateError(f"{subject.plan} is not a plan: it has no {', '.join(missing)}.")
    return dict(plan)


def start(script: str, plan: Path, option: str, directory: Path) -> Tool:
    """Start a tool in the policy environment."""
    out = plan.with_name(f"{script}.json")
    command = [
        str(POLICY_PYTHON),
        str(SCRIPTS / script),
        "--plan",
        str(plan),
        "--out",
        str(out),
        option,
        str(directory),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return script, out, process


def finish(tool: Tool) -> tuple[Any, list[str]]:
    """What the tool wrote, and what went wrong; None when it wrote nothing."""
    script, out, process = tool
    said, _ = process.communicate()
    if not out.is_file():
        lines = [line for line in said.splitlines() if line.strip()]
        return None, [f"{script} ended with code {process.returncode} before it judged anything:", *lines[-6:]]
    return json.loads(out.read_text()), []


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
