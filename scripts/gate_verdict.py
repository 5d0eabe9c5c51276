"""The verdict on a plan: what checkov and terraform-compliance said, and what they should have said and did not."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gate_evidence
import rules
from costs import prices
from gate_changes import changes, cost
from gate_exceptions import Entry, Exceptions
from gate_plan import opaque
from gate_report import FAILED_BUILTIN, Acceptance, Finding, Report
from plan_sources import PlanSources


@dataclass(frozen=True, slots=True)
class Subject:
    """What is judged: a plan, the directory where it was made, and the directory that reported paths start from."""

    name: str
    plan: Path
    directory: Path | None
    base: Path


@dataclass
class Verdict:
    """Puts together what the tools said; whatever they should have said and did not becomes an error."""

    subject: Subject
    plan: dict[str, Any]
    shelf: rules.Shelf
    exceptions: Exceptions
    errors: list[str]
    tools: dict[str, str] = field(default_factory=dict)
    used: set[Entry] = field(default_factory=set)
    ran: set[str] = field(default_factory=set)
    resources: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sources = PlanSources(self.plan, self.subject.directory) if self.subject.directory else None
        self.addresses = planned_addresses(self.plan["planned_values"]["root_module"])

    def add_checkov(self, said: dict[str, Any]) -> None:
        """What gate_checkov.py wrote."""
        self.errors += said["errors"]
        self.tools["checkov"] = said["version"]
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
        self.resources.update(result["rule"] for result in said["results"] if result["rule"] in by_id)
        for result in said["results"]:
            if result["result"] == "FAILED":
                rule = by_id.get(result["rule"]) or builtin(result)
                self._find(rule, result["address"])

    def add_scenarios(self, said: dict[str, Any]) -> None:
        """What gate_compliance.py wrote."""
        self.tools["terraform-compliance"] = said["version"]
        states = {(item["file"], item["line"]): item for item in said["scenarios"]}
        for rule in (rule for rule in self.shelf.rules if rule.file.endswith(".feature")):
            scenario = states.get((rule.file, rule.line))
            if scenario is None:
                self.errors.append(
                    f"{rule.id} did not run: terraform-compliance has no scenario at {rule.file}:{rule.line}"
                )
                continue
            self.ran.add(rule.id)
            if scenario["state"] != "skipped":
                self.resources[rule.id] += scenario["met"]
            for failure in scenario["failures"]:
                named = [address for address in self.addresses | destroyed(self.plan) if address in failure]
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
        accepted = Acceptance(reason) if reason else self._accepted(rule.id, address)
        self.findings.append(Finding(rule, address, shown, place.line if place else 1, accepted))

    def _accepted(self, rule: str, address: str) -> Acceptance | None:
        entry = self.exceptions.accepting(rule, address, self.subject.name)
        if entry is None:
            return None
        self.used.add(entry)
        return Acceptance(entry.reason, entry.owner, entry.expires)

    def report(self) -> Report:
        """The report; findings that are accepted are in it, and fail nothing."""
        order = [*rules.SEVERITIES, FAILED_BUILTIN]
        key = [(order.index(item.rule.severity), item.rule.id, item.address) for item in self.findings]
        findings = [item for _, item in sorted(zip(key, self.findings, strict=True), key=lambda pair: pair[0])]
        counts = {"rules": self.shelf.count, "ran": len(self.ran), "judged": len(self.resources)}
        planned = changes(self.plan)
        zips = gate_evidence.zips(self.plan, self.subject.directory)
        unused = self.exceptions.unused(self.used, self.subject.name)
        return Report(
            self.subject.name,
            str(self.subject.plan),
            **counts,
            errors=self.errors,
            refused=[*self.exceptions.complaints, *unused, *gate_evidence.changed(zips)],
            findings=findings,
            all_rules=self.shelf.rules,
            zips=zips,
            resources={rule: self.resources[rule] for rule in sorted(self.ran)},
            opaque=opaque(self.plan),
            changes=planned,
            cost=cost(planned, prices()),
            tools={**self.tools, "terraform": self.plan["terraform_version"]},
        )


def builtin(result: dict[str, Any]) -> rules.Rule:
    """A rule of checkov's own that failed. Offline checkov knows neither severity nor remedy."""
    way = f"Mend it, or add {result['rule']} to skip-check in .checkov.yaml with the reason.\n"
    guide = (result["guideline"],) if result["guideline"] else ()
    return rules.Rule(result["rule"], FAILED_BUILTIN, result["title"], result["title"], way, guide, "checkov")


def planned_addresses(module: dict[str, Any]) -> set[str]:
    """The managed resources that exist after apply, in `module` and below."""
    found = {item["address"] for item in module.get("resources", []) if item["mode"] == "managed"}
    return found.union(*(planned_addresses(child) for child in module.get("child_modules", [])))


def destroyed(plan: dict[str, Any]) -> set[str]:
    """Resources that the plan destroys or replaces."""
    changes = plan.get("resource_changes", [])
    return {item["address"] for item in changes if "delete" in item["change"]["actions"]}


def forgotten(plan: dict[str, Any]) -> set[str]:
    """Resources that the plan drops from the state: Terraform lists them without values, checkov leaves them out."""
    changes = plan.get("resource_changes", [])
    return {item["address"] for item in changes if item["change"]["actions"] == ["forget"]}
