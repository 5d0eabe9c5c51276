"""A year's calendar: what was announced for each cluster beside what Redshift did, a panel for each rule."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter, DayLocator, MonthLocator, date2num
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import NullFormatter

from scenes.redshift_maintenance_sync.figures import AS_ANNOUNCED

Facts = Mapping[str, Any]

INK, GRID = "#1f2328", "#d8dee4"
# Okabe and Ito's colours, which people with any kind of colour vision tell apart.
KEPT, MISSED, UNTOLD, MANDATORY = "#009e73", "#e69f00", "#d55e00", "#cc79a7"
EARLIER, DEFERRED, FOREIGN = "#8c959f", "#cfe8fb", "#e5dcf0"
MARKS = {"kept": ("o", KEPT), "missed": ("D", MISSED), "untold": ("X", UNTOLD), "mandatory": ("s", MANDATORY)}
LABELS = {
    "kept": "maintained when announced",
    "missed": "maintained on another day than announced",
    "untold": "maintained with nothing announced",
    "mandatory": "node replaced: mandatory, nobody can defer it",
}


def draw_calendar(calendar: Facts, titles: Mapping[str, str]) -> Figure:
    """The scene's `calendar`, a panel for each of its rules under its title."""
    rules = calendar["rules"]
    names = sorted(next(iter(rules.values())))
    figure = Figure(figsize=(14, 1.2 + len(rules) * (0.9 + 0.38 * len(names))), layout="constrained")
    panels = figure.subplots(len(rules), 1, sharex=True, squeeze=False)[:, 0]
    for axes, (rule, lines) in zip(panels, rules.items(), strict=True):
        _panel(axes, calendar, names, lines)
        axes.set_title(titles[rule], loc="left", fontsize=12.5, color=INK, pad=8)
    figure.legend(handles=_legend(), loc="outside lower center", ncols=5, frameon=False, fontsize=9.5, labelcolor=INK)
    return figure


def _panel(axes: Axes, calendar: Facts, names: list[str], lines: Mapping[str, Facts]) -> None:
    begins, ends = _day(calendar["begins"]), _day(calendar["ends"])
    for row, name in enumerate(names):
        _row(axes, row, lines[name], begins, ends, name in calendar["opted_out"])
        if name in calendar["paused"]:
            start, end = map(_day, calendar["paused"][name])
            axes.barh(row, end - start, left=start, height=0.56, color="none", edgecolor=EARLIER, hatch="////", lw=0)
        if name in calendar["deferred_by_somebody_else"]:
            start, end = map(_day, calendar["deferred_by_somebody_else"][name])
            axes.barh(row, end - start, left=start, height=0.56, color=FOREIGN, zorder=1.5)
        if name in calendar["created"]:
            axes.plot([_day(moment) for moment in calendar["created"][name]], [row], "|", color=INK, ms=16, mew=1.5)
    axes.axvline(begins, color=INK, lw=1.2)
    axes.text(begins, -0.95, " the sync begins", color=INK, fontsize=8.5, va="center")
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -1.3)
    axes.set_xlim(begins - 16, ends + 3)
    axes.xaxis.set_major_locator(MonthLocator())
    axes.xaxis.set_major_formatter(NullFormatter())
    axes.xaxis.set_minor_locator(DayLocator(bymonthday=16))
    axes.xaxis.set_minor_formatter(DateFormatter("%b %Y"))
    axes.tick_params(axis="x", which="minor", length=0, labelbottom=True, labelsize=9, labelcolor=INK)
    axes.tick_params(axis="y", length=0, labelsize=10, labelcolor=INK)
    axes.grid(axis="x", which="major", color=GRID)
    axes.set_axisbelow(True)
    axes.spines[:].set_visible(False)


def _row(axes: Axes, row: int, line: Facts, begins: float, ends: float, opted_out: bool) -> None:
    for start, end in line["deferred"]:
        axes.barh(row, _day(end) - _day(start), left=_day(start), height=0.56, color=DEFERRED, zorder=1)
    for date in filter(lambda date: date <= ends, map(_day, line["announced"])):
        axes.plot([date], [row], "o", ms=11, mfc="none", mec=INK, mew=1.1, zorder=3)
    for done in line["maintained"]:
        at = _day(done["at"])
        if opted_out or at < begins:
            axes.plot([at], [row], "o", ms=5, color=EARLIER, mec="none", zorder=4)
            continue
        kind = classify(done)
        marker, colour = MARKS[kind]
        if kind == "missed":
            axes.plot([_day(done["announced"]), at], [row, row], color=MISSED, lw=2, zorder=2)
        axes.plot([at], [row], marker, ms=7, color=colour, mec="white", mew=0.6, zorder=4)


def classify(done: Facts) -> str:
    """Which of MARKS a maintenance is drawn with."""
    if done["mandatory"]:
        return "mandatory"
    if done["announced"] is None:
        return "untold"
    error = abs(datetime.fromisoformat(done["at"]) - datetime.fromisoformat(done["announced"]))
    return "kept" if error <= AS_ANNOUNCED else "missed"


def _legend() -> list[Line2D | Patch]:
    def mark(marker: str, label: str, **style: Any) -> Line2D:
        return Line2D([], [], ls="none", marker=marker, label=label, **style)

    return [
        mark("o", "announced", ms=11, mfc="none", mec=INK, mew=1.1),
        *(mark(MARKS[kind][0], label, ms=8, color=MARKS[kind][1], mec="white") for kind, label in LABELS.items()),
        mark("o", "maintained before the sync, or opted out", ms=5, color=EARLIER, mec="none"),
        Patch(color=DEFERRED, label="deferred"),
        Patch(color=FOREIGN, label="deferred by somebody else"),
        Patch(facecolor="none", edgecolor=EARLIER, hatch="////", lw=0, label="paused"),
        mark("|", "created", ms=12, mew=1.5, color=INK),
    ]


def _day(moment: str) -> float:
    return float(date2num(datetime.fromisoformat(moment)))
