"""Judge a plan: checkov with its own rules and ours, terraform-compliance; a rule that did not run fails the gate.

Exit code 0: every rule passes. 1: a rule fails. 2: no verdict, because something could not be read or did not run.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import rules
from gate_report import FAILED_BUILTIN, Finding, Report, sarif, summary
from plan_sources import PlanSources
from toolchain import BUILD, POLICY_PYTHON, ROOT

SCRIPTS = Path(__file__).resolve().parent
SOURCE_HELP = (
    "with --root: the copy of the repository that was planned; with --plan: the directory where it was planned"
)
POLICIES_HELP = "default: this repository's; .checkov.yaml lies beside the directory"
Tool = tuple[str, Path, subprocess.Popen[str]]


class GateError(Exception):
    """The plan cannot be judged; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is judged: a plan, the directory where it was made, and the directory that reported paths start from."""

    name: str
    plan: Path
    directory: Path | None
    base: Path


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


def judge_and_write(subject: Subject, policies: Path = rules.POLICIES, out: Path = BUILD / "gate") -> Report:
    """Judge; leaves <out>/<name>.json and .sarif in every case. An unreadable plan is an error of the report."""
    try:
        report = judge(subject, policies)
    except GateError as error:
        report = Report(subject.name, str(subject.plan), errors=[str(error)])
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{subject.name}.json").write_text(json.dumps(report.as_dict(), indent=2) + "\n")
    (out / f"{subject.name}.sarif").write_text(json.dumps(sarif(report), indent=2) + "\n")
    return report


def judge(subject: Subject, policies: Path) -> Report:
    """Run both tools on the plan and compare what they did with what they should have done.

    Raises GateError when the plan cannot be read.
    """
    plan = read_plan(subject)
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
    verdict = Verdict(subject, plan, shelf, [*shelf.errors, *checkov_errors, *scenario_errors])
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


@dataclass
class Verdict:
    """Puts together what the tools said; whatever they should have said and did not becomes an error."""

    subject: Subject
    plan: dict[str, Any]
    shelf: rules.Shelf
    errors: list[str]
    ran: set[str] = field(default_factory=set)
    judged: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sources = PlanSources(self.plan, self.subject.directory) if self.subject.directory else None
        self.addresses = planned_addresses(self.plan["planned_values"]["root_module"])

    def add_checkov(self, said: dict[str, Any]) -> None:
        self.errors += said["errors"]
        ours = {rule.file: rule for rule in self.shelf.rules if not rule.file.endswith(".feature")}
        for name, rule in ours.items():
            if said["loaded"].get(name) == rule.id:
                self.ran.add(rule.id)
            else:
                self.errors.append(f"{rule.id} did not run: checkov did not load {name}, or .checkov.yaml skips it")
        unlisted = sorted(said["loaded"].keys() - ours.keys())
        self.errors += [f"{name} holds a rule that the catalogue does not know" for name in unlisted]
        unseen = sorted(self.addresses - forgotten(self.plan) - set(said["addresses"]))
        self.errors += [f"checkov did not see {address}" for address in unseen]
        by_id = {rule.id: rule for rule in ours.values()}
        self.judged |= {result["rule"] for result in said["results"]} & by_id.keys()
        for result in said["results"]:
            if result["result"] == "FAILED":
                rule = by_id.get(result["rule"]) or builtin(result)
                self._find(rule, result["address"])

    def add_scenarios(self, said: list[dict[str, Any]]) -> None:
        states = {(item["file"], item["line"]): item for item in said}
        for rule in (rule for rule in self.shelf.rules if rule.file.endswith(".feature")):
            scenario = states.get((rule.file, rule.line))
            if scenario is None:
                self.errors.append(
                    f"{rule.id} did not run: terraform-compliance has no scenario at {rule.file}:{rule.line}"
                )
                continue
            self.ran.add(rule.id)
            if scenario["state"] != "skipped":
                self.judged.add(rule.id)
            for failure in scenario["failures"]:
                named = [address for address in self.addresses if address in failure]
                if named:
                    self._find(rule, max(named, key=len))
                else:
                    self.errors.append(f"{rule.id} failed on no resource of this plan: {failure}")

    def _find(self, rule: rules.Rule, address: str) -> None:
        place = self.sources.find(address) if self.sources else None
        # Without the files, a finding points at the plan.
        file = place.file if place else self.subject.plan.resolve()
        base = self.subject.base.resolve()
        shown = str(file.relative_to(base)) if file.is_relative_to(base) else str(file)
        reason = place.skips.get(rule.id) if place else None
        self.findings.append(Finding(rule, address, shown, place.line if place else 1, reason))

    def report(self) -> Report:
        """The report; findings that a comment accepts are in it, and fail nothing."""
        order = [*rules.SEVERITIES, FAILED_BUILTIN]
        key = [(order.index(item.rule.severity), item.rule.id, item.address) for item in self.findings]
        findings = [item for _, item in sorted(zip(key, self.findings, strict=True), key=lambda pair: pair[0])]
        counts = {"rules": self.shelf.count, "ran": len(self.ran), "judged": len(self.judged)}
        return Report(self.subject.name, str(self.subject.plan), **counts, errors=self.errors, findings=findings,
                      all_rules=self.shelf.rules)  # fmt: skip


def builtin(result: dict[str, Any]) -> rules.Rule:
    """A rule of checkov's own that failed. Offline checkov knows neither severity nor remedy."""
    way = f"Mend it, or add {result['rule']} to skip-check in .checkov.yaml with the reason.\n"
    guide = (result["guideline"],) if result["guideline"] else ()
    return rules.Rule(result["rule"], FAILED_BUILTIN, result["title"], result["title"], way, guide, "checkov")


def planned_addresses(module: dict[str, Any]) -> set[str]:
    """The managed resources that exist after apply, in `module` and below."""
    found = {item["address"] for item in module.get("resources", []) if item["mode"] == "managed"}
    return found.union(*(planned_addresses(child) for child in module.get("child_modules", [])))


def forgotten(plan: dict[str, Any]) -> set[str]:
    """Resources that the plan drops from the state: Terraform lists them without values, checkov leaves them out."""
    changes = plan.get("resource_changes", [])
    return {item["address"] for item in changes if item["change"]["actions"] == ["forget"]}


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
