"""What the scene saw, in words: on the terminal, in the report, and over the panels of the picture."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from report import Chapter, Picture, Sheet
from scenes.redshift_maintenance_sync import ticks
from scenes.redshift_maintenance_sync.figures import COUNTS
from scenes.redshift_maintenance_sync.picture import draw_calendar

Facts = Mapping[str, Any]

CAPTION = (
    "Both panels are the same account in the same year: nine clusters, the same function, updates released at the same "
    "moments. Above, a deferment ends shortly before a window, so a ring and what fills it coincide; a ring that stays "
    "empty is a date on which nothing was pending. Below, the rule as it was published: a deferment of 30 days ends on "
    "whatever day that is, and Redshift waits for the next Saturday; while any deferment stands anywhere, nothing is "
    "done, so one cluster that somebody else deferred holds up all others, and what was resumed or created meanwhile "
    "is patched unannounced."
)
DESCRIPTION = (
    "A calendar with two panels, one for each rule, and in each a row for every cluster. Rings are announced dates, "
    "filled marks maintenance that took place, bars the time for which maintenance was deferred. "
)


RULES = {"ours": "ours (window)", "published": "the published one (seed)"}
ALARMED = ("alarm", "went off", "was over")
COUNTED = ("rule", "maintenances", "when announced", "on another day", "unannounced", "mandatory", "days off")


def panel_titles(year: Facts) -> dict[str, str]:
    """For each rule its name and, on a second line, its figures as a sentence."""
    ours, published = year["ours"], year["published"]
    return {
        "ours": (
            f"Ours (alignment = window)\n{ours['maintenances']} maintenances: {ours['as_announced']} when announced, "
            f"{ours['mandatory']} mandatory; largest error {ours['largest_error_hours']:g} hours"
        ),
        "published": (
            f"The published rule (alignment = seed)\n{published['maintenances']} maintenances: "
            f"{published['as_announced']} when announced, {published['on_another_day']} on another day (typically "
            f"{published['typical_error_days']:g} days off, at most {published['largest_error_days']:g}), "
            f"{published['unannounced']} unannounced, {published['mandatory']} mandatory"
        ),
    }


def year_rows(year: Facts) -> list[tuple[str, ...]]:
    """The cells under COUNTED for each rule; how many days off is what is typical, and the most."""
    ours, published = year["ours"], year["published"]
    off = {
        "ours": f"{ours['typical_error_hours'] / 24:g}, at most {ours['largest_error_hours'] / 24:g}",
        "published": f"{published['typical_error_days']:g}, at most {published['largest_error_days']:g}",
    }
    return [(name, *(f"{year[rule][kind]}" for kind in COUNTS), off[rule]) for rule, name in RULES.items()]


def joined_rows(facts: Facts) -> list[tuple[str, ...]]:
    """The cells under ticks.HEADINGS for the clusters that joined the others later."""
    return [
        (
            f"{name}, {ticks.minute(row['time'])[:10]}",
            row["window"],
            ticks.minute(row["deferred_until"]),
            ticks.minute(row["announced"]),
            row["outcome"],
            ticks.short(row["reason"]),
        )
        for name, row in facts["joined"].items()
    ]


def alarm_rows(facts: Facts) -> list[tuple[str, str, str]]:
    """The alarms that went off: their name, and the days on which they did so and were over."""
    return [(alarm["alarm"], alarm["off"][:10], (alarm["over"] or "not yet")[:10]) for alarm in facts["alarms_fired"]]


def chapter(facts: Facts) -> Chapter:
    """The scene's part of the report."""
    titles = panel_titles(facts["year"])
    words = DESCRIPTION + " ".join(title.replace("\n", ": ") + "." for title in titles.values())
    picture = Picture("A year of maintenance", words, CAPTION, draw_calendar(facts["calendar"], titles))
    sheets = [
        Sheet("A year of maintenance, by rule", COUNTED, year_rows(facts["year"])),
        Sheet("Before and after the first tick of the schedule", ticks.HEADINGS, ticks.rows(facts)),
        Sheet("Those that were created or resumed later, after their first run", ticks.HEADINGS, joined_rows(facts)),
        Sheet("Alarms that reached the topic", ALARMED, alarm_rows(facts)),
    ]
    return Chapter([picture], sheets)


def tell_ticks(facts: Facts, console: Console) -> None:
    """Show what the first tick did, and that the second had nothing to do."""
    console.print(ticks.table(facts))
    changed, writes = facts["second_tick_changed"], facts["second_tick_writes"]
    console.print(
        f"  a day later the second tick changes {changed} clusters and writes {writes} things", highlight=False
    )


def tell_year(facts: Facts, console: Console) -> None:
    """Show who joined, what came of the announced dates, and which alarms went off."""
    for name, row in facts["joined"].items():
        day, date = ticks.minute(row["time"])[:10], ticks.minute(row["announced"])
        console.print(f"  {name} joins the others {day}: maintenance is announced for {date}", highlight=False)
    for alarm, off, over in alarm_rows(facts):
        console.print(f"  the alarm {alarm} goes off {off} and is over {over}", highlight=False)
    shown = ticks.plain_table("a year of maintenance")
    for heading in COUNTED:
        shown.add_column(heading, justify="left" if heading in ("rule", "days off") else "right")
    for row in year_rows(facts["year"]):
        shown.add_row(*row)
    console.print(shown)
