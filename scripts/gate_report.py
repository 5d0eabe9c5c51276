"""What the gate says: to a program (JSON), to a code host (SARIF 2.1.0), to a person."""

import hashlib
import textwrap
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from gate_changes import Change, Cost
from rules import Rule

FAILED_BUILTIN = "unrated"
LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note", FAILED_BUILTIN: "warning"}


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Why a finding fails nothing: a skip comment in its block, or an exception with an owner and a last day."""

    reason: str
    owner: str | None = None
    expires: date | None = None

    def as_dict(self) -> dict[str, str]:
        """The reason as `accepted`; of an exception also who and until when."""
        if self.owner is None or self.expires is None:
            return {"accepted": self.reason}
        return {"accepted": self.reason, "owner": self.owner, "expires": self.expires.isoformat()}

    def suppression(self) -> dict[str, str]:
        """As SARIF says it: https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html (3.35)."""
        if self.owner is None:
            return {"kind": "inSource", "justification": self.reason}
        return {"kind": "external", "justification": f"{self.reason} ({self.owner}, until {self.expires})"}

    def __str__(self) -> str:
        return self.reason if self.owner is None else f"{self.reason} ({self.owner}, until {self.expires})"


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that fails on a resource; `accepted` says why that fails nothing, None when it does."""

    rule: Rule
    address: str
    file: str
    line: int
    accepted: Acceptance | None = None

    def as_dict(self) -> dict[str, Any]:
        """As build/gate/<root>.json shows it."""
        place = {"address": self.address, "file": self.file, "line": self.line}
        said = {"rule": self.rule.id, "severity": self.rule.severity, "title": self.rule.title, **place}
        return {**said, "fix": self.rule.fix} if self.accepted is None else {**said, **self.accepted.as_dict()}


@dataclass(frozen=True, slots=True)
class Report:
    """The verdict on one plan. `rules`, `ran` and `judged` count rules and scenarios of ours.

    `errors` leave no verdict; `refused` are exceptions and zips that fail the gate. `resources` says how many of them
    each rule that ran judged, `opaque` is of which the plan knows nothing yet. `zips` and `tools` are for the evidence.
    """

    root: str
    plan: str
    rules: int = 0
    ran: int = 0
    judged: int = 0
    errors: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    all_rules: tuple[Rule, ...] = ()
    zips: list[dict[str, Any]] = field(default_factory=list)
    tools: dict[str, str] = field(default_factory=dict)
    resources: dict[str, int] = field(default_factory=dict)
    opaque: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    cost: Cost = field(default_factory=Cost)

    @property
    def open(self) -> list[Finding]:
        """The findings that fail the gate."""
        return [finding for finding in self.findings if finding.accepted is None]

    @property
    def failed(self) -> int:
        """How many of our rules fail."""
        return len({finding.rule.id for finding in self.open if finding.rule.severity != FAILED_BUILTIN})

    @property
    def builtin_failed(self) -> int:
        """How many of checkov's own rules fail."""
        return len({finding.rule.id for finding in self.open if finding.rule.severity == FAILED_BUILTIN})

    @property
    def exit_code(self) -> int:
        """0 pass, 1 fail, 2 no verdict. A count that is short is no verdict even when nothing says why."""
        if self.errors or self.ran < self.rules or not self.rules:
            return 2
        return 1 if self.open or self.refused else 0

    def as_dict(self) -> dict[str, Any]:
        """The shape of build/gate/<root>.json."""
        names = ("root", "plan", "rules", "ran", "judged", "failed", "builtin_failed")
        return {
            **{name: getattr(self, name) for name in names},
            "verdict": "fail" if self.exit_code else "pass",
            "errors": self.errors,
            "refused": self.refused,
            "findings": [finding.as_dict() for finding in self.open],
            "accepted": [finding.as_dict() for finding in self.findings if finding.accepted is not None],
            "resources": self.resources,
            "unknown_until_apply": self.opaque,
            "changes": [asdict(change) for change in self.changes],
            "monthly_cost": asdict(self.cost),
        }


def counts(report: Report) -> str:
    """The figures of a report, in half a sentence."""
    said = [f"{report.ran} of {report.rules} rules ran, {report.judged} had something to judge"]
    said += [f"{report.failed} failed"] if report.failed else []
    said += [f"{len(report.refused)} refused"] if report.refused else []
    said += [f"{report.builtin_failed} of checkov's own failed"] if report.builtin_failed else []
    said += [f"nothing known of {len(report.opaque)} before apply"] if report.opaque else []
    return ", ".join(said)


def summary(report: Report) -> str:
    """The verdict in one line, then what stands against it: errors, each failing rule with its places and its fix."""
    word = {0: "pass", 1: "FAIL", 2: "NO VERDICT"}[report.exit_code]
    lines = [f"gate {report.root}: {word}; {counts(report)}"]
    lines += [f"  error: {error}" for error in report.errors]
    lines += [f"  refused: {text}" for text in report.refused]
    for rule, group in groupby(report.open, key=lambda finding: finding.rule):
        lines += ["", f"  {rule.severity.upper():<9} {rule.id}  {rule.title}", *_table(group)]
        lines += ["    fix:", textwrap.indent(rule.fix.rstrip(), "      ")]
    accepted = [finding for finding in report.findings if finding.accepted is not None]
    lines += [""] if accepted else []
    lines += [f"  accepted: {item.rule.id} at {item.address}: {item.accepted}" for item in accepted]
    return "\n".join(lines)


def _table(findings: Iterable[Finding]) -> list[str]:
    rows = [(finding.address, f"{finding.file}:{finding.line}") for finding in findings]
    width = max(len(address) for address, _ in rows)
    return [f"    {address:<{width}}  {place}" for address, place in rows]


def sarif(report: Report) -> dict[str, Any]:
    """One SARIF run for both tools; errors and what is refused are notifications."""
    found = {finding.rule.id: finding.rule for finding in report.findings}
    listed = [*report.all_rules, *(rule for rule in found.values() if rule.severity == FAILED_BUILTIN)]
    notes = [{"level": "error", "message": {"text": text}} for text in [*report.errors, *report.refused]]
    run = {
        "tool": {"driver": {"name": "groundcrew-gate", "rules": [_descriptor(rule) for rule in listed]}},
        "invocations": [{"executionSuccessful": report.exit_code < 2, "toolExecutionNotifications": notes}],
        "results": [_result(finding) for finding in report.findings],
    }
    schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    return {"$schema": schema, "version": "2.1.0", "runs": [run]}


def _descriptor(rule: Rule) -> dict[str, Any]:
    links = {"helpUri": rule.links[0]} if rule.links else {}
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.fix, "markdown": f"{rule.why}\n\n```hcl\n{rule.fix}```"},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        **links,
    }


def _result(finding: Finding) -> dict[str, Any]:
    uri = Path(finding.file).as_uri() if Path(finding.file).is_absolute() else finding.file
    place = {"artifactLocation": {"uri": uri}, "region": {"startLine": finding.line}}
    name = {"fullyQualifiedName": finding.address, "kind": "resource"}
    # Lines move; the rule and the address are what makes a finding the same one tomorrow.
    identity = hashlib.sha256(f"{finding.rule.id} {finding.address}".encode()).hexdigest()
    suppressions = [finding.accepted.suppression()] if finding.accepted else []
    return {
        "ruleId": finding.rule.id,
        "level": LEVELS[finding.rule.severity],
        "message": {"text": f"{finding.address}: {finding.rule.title}"},
        "locations": [{"physicalLocation": place, "logicalLocations": [name]}],
        "partialFingerprints": {"ruleAndAddress/v1": identity},
        **({"suppressions": suppressions} if suppressions else {}),
    }
