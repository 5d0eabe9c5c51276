"""What the scene saw, in words: on the terminal and in the report."""

from collections.abc import Mapping
from typing import Any

from rich.box import HORIZONTALS
from rich.console import Console
from rich.table import Table

from report import Chapter, Picture, Sheet
from scenes.kinesis_autoscaler.picture import draw_days

Facts = Mapping[str, Any]

HEADINGS = ("stream", "shard-hours", "throttled", "resizes", "shards", "a month")
LABELS = {"static": "not scaled", "step": "scaled by step", "target": "scaled by target"}
CAPTION = (
    "The same traffic comes to all three streams. A stream that nobody scales is as large as the peak needs, day and "
    "night. step doubles after 25 minutes of more than 75 % and halves after most of five hours below 25 %; target "
    "follows what is asked for, rejected records included, and keeps enough of the ten resizes of a day for the way "
    "back up."
)


def rows(facts: Facts) -> list[tuple[str, ...]]:
    """The cells under HEADINGS for each stream."""
    return [
        (
            label,
            f"{found['shard_hours']:,}",
            f"{found['throttled_share']:.3%}",
            str(found["resizes"]),
            f"{found['fewest']} to {found['most']}" if found["resizes"] else str(found["most"]),
            f"${found['dollars_per_month']:,}",
        )
        for policy, label in LABELS.items()
        for found in [facts["streams"][policy]]
    ]


def tell(facts: Facts, console: Console) -> None:
    """Show what each stream cost and rejected."""
    title = f"{facts['days']} days of {facts['trace']}, the same for every stream"
    shown = Table(title=title, box=HORIZONTALS, show_edge=False, title_justify="left", title_style="")
    for heading in HEADINGS:
        shown.add_column(heading, justify="left" if heading == "stream" else "right")
    for row in rows(facts):
        shown.add_row(*row)
    console.print(shown)


def chapter(facts: Facts) -> Chapter:
    """The scene's part of the report."""
    title = f"{facts['days']} days of {facts['trace']}"
    words = "Demand as an area, shards as a line, rejected records as bars, a panel for each stream. " + " ".join(
        f"{label}: {found['shard_hours']} shard-hours, {found['throttled_share']:.3%} throttled."
        for policy, label in LABELS.items()
        for found in [facts["streams"][policy]]
    )
    return Chapter([Picture(title, words, CAPTION, draw_days(facts, LABELS))], [Sheet(title, HEADINGS, rows(facts))])
