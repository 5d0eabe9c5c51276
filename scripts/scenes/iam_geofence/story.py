"""What the scene saw, in words: on the terminal and in the report."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.box import HORIZONTALS
from rich.console import Console
from rich.table import Table

from report import Chapter, Sheet

Facts = Mapping[str, Any]

CALLERS = ("caller", "country", "decision", "reason")
TAMPERING = ("the web ACL is", "permitted caller", "alarms", "mended")
MATRIX = ("who calls AWS", "attached policy", "SCP")


def sheets(facts: Facts) -> list[Sheet]:
    """The three tables."""
    return [
        Sheet("Callers; AT, CH and DE are permitted", CALLERS, caller_rows(facts)),
        Sheet("Somebody changes the web ACL", TAMPERING, tampering_rows(facts)),
        Sheet("Who may call AWS from where", MATRIX, matrix_rows(facts)),
    ]


def caller_rows(facts: Facts) -> list[tuple[str, ...]]:
    """The cells under CALLERS."""
    return [
        (caller["who"], caller["country"], "admitted" if caller["admitted"] else "denied", caller["reason"])
        for caller in facts["callers"]
    ]


def tampering_rows(facts: Facts) -> list[tuple[str, ...]]:
    """The cells under TAMPERING."""
    return [
        (
            tried["attempt"],
            f"{'admitted' if tried['permitted_admitted'] else 'denied'}: {tried['permitted_reason']}",
            ", ".join(tried["alarms"]),
            "admitted again" if tried["admitted_after"] else "still denied",
        )
        for tried in facts["tampering"]
    ]


def matrix_rows(facts: Facts) -> list[tuple[str, ...]]:
    """The cells under MATRIX."""
    words = {True: "allowed", False: "denied"}
    return [(row["who"], words[row["policy"]], words[row["scp"]]) for row in facts["matrix"]]


def tell(facts: Facts, console: Console) -> None:
    """Show who was let in, what came of tampering, and who may call AWS."""
    sampled = facts["sampled"]
    console.print(
        f"  of {sampled['asked']} addresses at random {sampled['admitted']} are let in, just those in AT, CH and DE",
        highlight=False,
    )
    waiting = facts["waiting"]
    console.print(
        f"  {waiting['ready']} environments of the handler waited; of {waiting['asked']} connections "
        f"{waiting['cold_starts']} had to start one",
        highlight=False,
    )
    for sheet in sheets(facts):
        console.print(_table(sheet.title, sheet.headings, sheet.rows))


def chapter(facts: Facts) -> Chapter:
    """The scene's part of the report."""
    return Chapter(sheets=sheets(facts))


def _table(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    shown = Table(title=title, box=HORIZONTALS, show_edge=False, title_justify="left", title_style="")
    for heading in headings:
        shown.add_column(heading)
    for row in rows:
        shown.add_row(*row)
    return shown
