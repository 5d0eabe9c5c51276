"""The verdict as Markdown, for a comment on a pull request: what would change, what that costs, what is wrong."""

import html
from collections import Counter
from collections.abc import Iterable
from itertools import groupby

from gate_changes import KINDS
from gate_report import Finding, Report, counts

ROWS = 50
PLACES = 10
"""How much is listed before the rest is counted: code hosts refuse a comment of more than 65,536 characters."""
LONGEST = 60_000
WORDS = {0: "passes", 1: "fails", 2: "gives no verdict on"}


def comment(report: Report) -> str:
    """The comment. Its first line is a mark by which a pipeline finds the comment again, to replace it."""
    lines = [
        f"<!-- groundcrew-gate: {report.root} -->",
        f"### The gate {WORDS[report.exit_code]} {_code(report.root)}",
        "",
        f"{counts(report)}.",
        "",
        *[f"- **error**: {html.escape(text)}" for text in report.errors],
        *[f"- **refused**: {html.escape(text)}" for text in report.refused],
        *_changes(report),
        *_findings(report),
        *_accepted(report),
        *_rules(report),
    ]
    text = "\n".join(lines) + "\n"
    if len(text) <= LONGEST:
        return text
    return text[:LONGEST].rsplit("\n", 1)[0] + "\n\n</details>\n\nThis is not all: see the JSON report.\n"


def _changes(report: Report) -> list[str]:
    if not report.changes:
        return ["", "**What would change**: nothing."] if not report.errors else []
    number = Counter(change.kind for change in report.changes)
    told = ", ".join(f"{number[kind]} {kind}" for kind in KINDS if number[kind])
    rows = [f"| {change.kind} | {_code(change.address)} |" for change in report.changes[:ROWS]]
    more = len(report.changes) - len(rows)
    return [
        "",
        f"**What would change**: {told}.",
        "",
        f"**What it costs to accept**: {report.cost}.",
        "",
        *_folded("every change", ["| change | resource |", "|---|---|", *rows, *_more(more, "| … | and {} more |")]),
    ]


def _findings(report: Report) -> list[str]:
    lines: list[str] = []
    for rule, group in groupby(report.open, key=lambda finding: finding.rule):
        found = list(group)
        why = [html.escape(rule.why), ""] if rule.why != rule.title else []
        lines += ["", f"#### {rule.severity}: {rule.id}, {html.escape(rule.title)}", "", *why, *_places(found), ""]
        links = [f"<{link}>" for link in rule.links]
        lines += _folded("how to mend it", ["```hcl", rule.fix.rstrip(), "```", *([""] if links else []), *links])
    return lines


def _places(found: list[Finding]) -> list[str]:
    listed = [f"- {_code(item.address)}, {_code(f'{item.file}:{item.line}')}" for item in found[:PLACES]]
    return [*listed, *_more(len(found) - len(listed), "- and {} more")]


def _accepted(report: Report) -> list[str]:
    found = [item for item in report.findings if item.accepted is not None]
    rows = [f"- {item.rule.id} at {_code(item.address)}: {html.escape(str(item.accepted))}" for item in found[:ROWS]]
    return ["", *_folded(f"{len(found)} accepted", [*rows, *_more(len(found) - len(rows), "- and {} more")])] * bool(
        rows
    )


def _rules(report: Report) -> list[str]:
    """How many resources each rule judged, so that nobody takes a rule that met nothing for one that passed."""
    rows = [f"| {name} | {number} |" for name, number in sorted(report.resources.items())]
    return ["", *_folded("resources that each rule judged", ["| rule | judged |", "|---|---|", *rows])] if rows else []


def _more(number: int, text: str) -> list[str]:
    return [text.format(number)] if number > 0 else []


def _folded(title: str, lines: Iterable[str]) -> list[str]:
    return [f"<details><summary>{title}</summary>", "", *lines, "", "</details>"]


def _code(text: str) -> str:
    """`text` as code, whatever the keys of an address hold."""
    return f"<code>{html.escape(text).replace('|', '&#124;')}</code>"
