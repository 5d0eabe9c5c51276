"""What the scene saw, in words: on the terminal, in the report, and over the panels of the picture."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from report import Chapter, Picture, Sheet
from scenes.redshift_maintenance_sync import ticks
from scenes.redshift_maintenance_sync.picture import draw_calendar

Facts = Mapping[str, Any]

CAPTION = (
    "Both panels are the same account in the same year: nine clusters, the same function, updates released at the same "
    "moments. Above, a deferment ends shortly before a window, so a ring and what fills it coincide; a ring that stays "
    "empty is a date on which nothing was pending. Below, the rule as it was published: a deferment of 30 days ends on "
    "whatever day that is, and Redshift waits for the next Saturday; while any deferment stands anywhere, nothing is "
    "done, so a cluster that was resumed, created or deferred by somebody else meanwhile is patched unannounced."
)
DESCRIPTION = (
    "A calendar with two panels, one for each rule, and in each a row for every cluster. Rings are announced dates, "
    "filled marks maintenance that took place, bars the time for which maintenance was deferred. "
)


def panel_titles(year: Facts) -> dict[str, str]:
    """A sentence with the figures of each rule."""
    ours, published = year["ours"], year["published"]
    off = published["maintenances"] - sum(published[kind] for kind in ("as_announced", "unannounced", "mandatory"))
    return {
        "ours": (
            f"Ours (alignment = window): {ours['maintenances']} maintenances, {ours['as_announced']} when announced, "
            f"{ours['mandatory']} mandatory; largest error {ours['largest_error_hours']:g} hours"
        ),
        "published": (
            f"The published rule (alignment = seed): {published['maintenances']} maintenances, "
            f"{published['as_announced']} when announced, {off} on another day (typically "
            f"{published['typical_error_days']:g} days off, at most {published['largest_error_days']:g}), "
            f"{published['unannounced']} unannounced, {published['mandatory']} mandatory"
        ),
    }


def chapter(facts: Facts) -> Chapter:
    """The scene's part of the report."""
    titles = panel_titles(facts["year"])
    words = DESCRIPTION + " ".join(f"{title}." for title in titles.values())
    picture = Picture("A year of maintenance", words, CAPTION, draw_calendar(facts["calendar"], titles))
    before = Sheet("Each cluster before and after the first tick of the schedule", ticks.HEADINGS, ticks.rows(facts))
    alarms = Sheet("Alarms that reached the topic", ("alarm", "went off", "was over"), alarm_rows(facts))
    return Chapter([picture], [before, alarms])


def alarm_rows(facts: Facts) -> list[tuple[str, str, str]]:
    """The alarms that went off: their name, and the days on which they did so and were over."""
    return [(alarm["alarm"], alarm["off"][:10], (alarm["over"] or "not yet")[:10]) for alarm in facts["alarms_fired"]]


def tell_ticks(facts: Facts, console: Console) -> None:
    """Show what the first tick did, and that the second had nothing to do."""
    console.print(ticks.table(facts))
    changed, writes = facts["second_tick_changed"], facts["second_tick_writes"]
    console.print(
        f"  a day later the second tick changes {changed} clusters and writes {writes} items", highlight=False
    )


def tell_year(facts: Facts, console: Console) -> None:
    """Show what came of the announced dates, and which alarms went off."""
    for title in panel_titles(facts["year"]).values():
        console.print(f"  {title}", highlight=False)
    for alarm, off, over in alarm_rows(facts):
        console.print(f"  alarm {alarm}: went off {off}, over {over}", highlight=False)
