"""Judge plans: checkov with its own rules and ours, terraform-compliance; a rule that did not run fails the gate.

Exit code 0: every rule passes. 1: a rule fails, an exception is refused, or a zip is no longer the planned one. 2: no
verdict, because something could not be read or did not run.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import gate_evidence
import gate_exceptions
import rules
from gate_comment import comment
from gate_plan import GateError, read_plan
from gate_report import Report, sarif, summary
from gate_verdict import Subject, Verdict
from toolchain import BUILD, POLICY_PYTHON, ROOT

SCRIPTS = Path(__file__).resolve().parent
SOURCE_HELP = (
    "with --root: the copy of the repository that was planned; with --plan: the directory where it was planned"
)
POLICIES_HELP = "default: this repository's; .checkov.yaml lies beside the directory"
Tool = tuple[str, list[Path], subprocess.Popen[str]]


def main(argv: list[str]) -> int:
    """Judge as the arguments say; returns the exit code, of several plans the highest."""
    parser = argparse.ArgumentParser(description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--root", nargs="+", help="roots of terraform/, planned by `make plan`")
    what.add_argument("--plan", nargs="+", type=Path, help="any plans, as `terraform show -json` prints them")
    parser.add_argument("--source", nargs="+", type=Path, default=[], help=SOURCE_HELP)
    parser.add_argument("--policies", "--rules", type=Path, default=rules.POLICIES, help=POLICIES_HELP)
    parser.add_argument("--out", type=Path, default=BUILD / "gate", help="default: build/gate")
    parser.add_argument("--quiet", action="store_true", help="print one line for each plan")
    arguments = parser.parse_args(argv)
    try:
        subjects = chosen(arguments.root, arguments.plan, arguments.source)
        reports = judge_and_write_all(subjects, arguments.policies, arguments.out)
    except GateError as error:
        print(f"gate: {error}", file=sys.stderr)
        return 2
    except Exception:  # uncaught it would end with 1, which says that there is a verdict
        traceback.print_exc()
        print("gate: no verdict, for the gate itself failed", file=sys.stderr)
        return 2
    for report in reports:
        text = summary(report)
        print(text.splitlines()[0] if arguments.quiet else text)
    return max(report.exit_code for report in reports)


def chosen(roots: list[str] | None, plans: list[Path] | None, sources: list[Path]) -> list[Subject]:
    """What the command line names; raises GateError when it is not clear which is which."""
    if roots:
        base = sources[0] if sources else ROOT
        if len(sources) > 1:
            raise GateError("--root takes one --source: the copy of the repository that was planned.")
        return [Subject(root, BUILD / "plans" / f"{root}.json", base / "terraform" / root, base) for root in roots]
    given = plans or []
    if sources and len(sources) != len(given):
        raise GateError(f"{len(given)} plans and {len(sources)} sources: give each plan its own, in the same order.")
    names = [plan.stem for plan in given]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise GateError(f"More than one plan is called {twice[0]}, and so would their reports be: rename one.")
    directories: list[Path | None] = [*sources] or [None] * len(given)
    paired = zip(given, directories, strict=True)
    return [Subject(plan.stem, plan, directory, Path.cwd()) for plan, directory in paired]


def judge_and_write(
    subject: Subject, policies: Path = rules.POLICIES, out: Path = BUILD / "gate", now: datetime | None = None
) -> Report:
    """As judge_and_write_all does, for one."""
    return judge_and_write_all([subject], policies, out, now)[0]


def judge_and_write_all(
    subjects: list[Subject], policies: Path = rules.POLICIES, out: Path = BUILD / "gate", now: datetime | None = None
) -> list[Report]:
    """Judge as of `now`; leaves <out>/<name>.json, .sarif, .md and .evidence.json of each, whatever happens.

    What cannot be read is an error of the report.
    """
    now = now or datetime.now(UTC)
    for subject, end in product(subjects, ("json", "sarif", "md", "evidence.json")):
        (out / f"{subject.name}.{end}").unlink(missing_ok=True)  # should this end early, nobody takes the last for it
    try:
        reports = judge(subjects, policies, now)
    except (GateError, gate_exceptions.ExceptionsError) as error:
        reports = [Report(subject.name, str(subject.plan), errors=[str(error)]) for subject in subjects]
    out.mkdir(parents=True, exist_ok=True)
    for subject, report in zip(subjects, reports, strict=True):
        (out / f"{subject.name}.json").write_text(json.dumps(report.as_dict(), indent=2) + "\n")
        (out / f"{subject.name}.sarif").write_text(json.dumps(sarif(report), indent=2) + "\n")
        (out / f"{subject.name}.md").write_text(comment(report))
        evidence = gate_evidence.record(report, subject.plan, policies, now)
        (out / f"{subject.name}.evidence.json").write_text(json.dumps(evidence, indent=2) + "\n")
    return reports


def judge(subjects: list[Subject], policies: Path, now: datetime) -> list[Report]:
    """Run both tools, each once for all plans, and compare what they did with what they should have done.

    A plan that cannot be read is an error of its report. Raises GateError when nothing can be judged, and
    ExceptionsError when the exceptions cannot be read.
    """
    for directory in (policies / "checkov", policies / "compliance"):
        if not directory.is_dir():
            raise GateError(f"No rules at {directory}: a directory of policies holds checkov/ and compliance/.")
    if not POLICY_PYTHON.is_file():
        raise GateError("The policy tools are not installed: run `make setup`.")
    exceptions = gate_exceptions.read(policies / "exceptions.yaml", now.date())
    shelf = rules.read(policies)
    plans = [_read(subject) for subject in subjects]
    with tempfile.TemporaryDirectory(prefix="gate-") as scratch:
        copies = []
        for number, plan in enumerate(plans):
            if not isinstance(plan, GateError):
                # One line: terraform-compliance reads only the second line of a longer file, and overwrites the file.
                copies.append(Path(scratch) / f"{number}.json")
                copies[-1].write_text(json.dumps(plan))
        tools = [
            start("gate_checkov.py", copies, "--policies", policies),
            start("gate_compliance.py", copies, "--features", policies / "compliance"),
        ]
        said = iter(list(zip(*[finish(tool) for tool in tools], strict=True)))
    reports = []
    for subject, plan in zip(subjects, plans, strict=True):
        if isinstance(plan, GateError):
            reports.append(Report(subject.name, str(subject.plan), rules=shelf.count, errors=[str(plan)]))
            continue
        (checkov, checkov_errors), (scenarios, scenario_errors) = next(said)
        verdict = Verdict(subject, plan, shelf, exceptions, [*shelf.errors, *checkov_errors, *scenario_errors])
        if checkov is not None:
            verdict.add_checkov(checkov)
        if scenarios is not None:
            verdict.add_scenarios(scenarios)
        reports.append(verdict.report())
    return reports


def _read(subject: Subject) -> dict[str, Any] | GateError:
    try:
        return read_plan(subject.plan, subject.name)
    except GateError as error:
        return error


def start(script: str, plans: list[Path], option: str, directory: Path) -> Tool | None:
    """Start a tool in the policy environment, if there is something to judge."""
    if not plans:
        return None
    outs = [plan.with_name(f"{plan.stem}.{script}.json") for plan in plans]
    command = [POLICY_PYTHON, SCRIPTS / script, "--plan", *plans, "--out", *outs, option, directory]
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return script, outs, process


def finish(tool: Tool | None) -> list[tuple[Any, list[str]]]:
    """For each plan what the tool wrote, and what went wrong; None when it wrote nothing."""
    if tool is None:
        return []
    script, outs, process = tool
    said, _ = process.communicate()
    return [_outcome(script, out, said) for out in outs]


def _outcome(script: str, out: Path, said: str) -> tuple[Any, list[str]]:
    if out.is_file():
        return json.loads(out.read_text()), []
    log = Path(f"{out}.log")
    lines = [line for line in (log.read_text() if log.is_file() else said).splitlines() if line.strip()]
    return None, [f"{script} ended before it judged anything:", *lines[-6:]]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
