"""What the scene saw, in words: on the terminal and in the report."""

import textwrap
from collections.abc import Mapping
from typing import Any

from rich.box import HORIZONTALS
from rich.console import Console
from rich.table import Table

from report import Chapter, Picture, Sheet
from scenes.athena_connectors.picture import draw_queries, stages

Facts = Mapping[str, Any]

HEADINGS = ("query", "rows moved", "KB", "splits", "spilled", "took")
TITLE = "Queries over Snowflake, Oracle, Teradata and the lake"
SHOWN_SQL = ("filtered", "unfiltered", "top", "scanned", "oracle", "teradata")
WIDTH = 110
STAND_INS = (
    "Oracle and Teradata are stand-ins here, for no laptop has their servers: the zips are those that ship, and behind "
    "a driver before theirs sqlglot reads the SQL as Oracle's or Teradata's for DuckDB to run."
)
CAPTION = (
    "What is pushed down never leaves its database: the same question moves a few hundred rows with its filter, and "
    "the whole table without. What is too large for one answer goes through S3, in blocks that only Athena has the key "
    "to. " + STAND_INS
)


def rows(facts: Facts) -> list[tuple[str, ...]]:
    """The cells under HEADINGS for each query."""
    return [
        (
            found["title"],
            f"{sum(scan['rows'] for scan in found['scans']):,}",
            f"{sum(scan['bytes'] for scan in found['scans']) / 1000:,.0f}",
            str(sum(scan["splits"] for scan in found["scans"])),
            _spilled(found),
            f"{found['seconds']:.1f} s",
        )
        for found in facts["questions"].values()
    ]


def tell(facts: Facts, console: Console) -> None:
    """Show what each query moved, and some of the SQL that Snowflake was sent."""
    shown = Table(title=TITLE, box=HORIZONTALS, show_edge=False, title_justify="left", title_style="")
    for heading in HEADINGS:
        shown.add_column(heading, justify="left" if heading in ("query", "spilled") else "right")
    for row in rows(facts):
        shown.add_row(*row)
    console.print(shown)
    console.print(textwrap.fill(STAND_INS, WIDTH))
    console.print("What the databases were sent")
    for name in SHOWN_SQL:
        found = facts["questions"][name]
        console.print(f"  {found['title']}:", highlight=False, markup=False)
        for statement in found["statements"]:
            lines = textwrap.wrap(statement, WIDTH, initial_indent="    ", subsequent_indent="      ")
            console.print("\n".join(lines), highlight=False, markup=False)


def chapter(facts: Facts) -> Chapter:
    """The scene's part of the report."""
    words = "A bar for each query. " + " ".join(
        f"{found['title']}: {sum(stages(found).values()):.1f} s, {sum(scan['rows'] for scan in found['scans']):,} rows."
        for found in facts["questions"].values()
    )
    sent = [(found["title"], found["sql"], "\n".join(found["statements"])) for found in facts["questions"].values()]
    return Chapter(
        [Picture(TITLE, words, CAPTION, draw_queries(facts["questions"]))],
        [
            Sheet(TITLE, HEADINGS, rows(facts)),
            Sheet("What the databases were sent", ("query", "asked of Athena", "sent to the database"), sent),
        ],
    )


def _spilled(found: Facts) -> str:
    objects = sum(scan["spilled_objects"] for scan in found["scans"])
    if not objects:
        return ""
    kind = "encrypted" if all(scan["encrypted"] for scan in found["scans"]) else "in the clear"
    return f"{objects} objects, {kind}"
