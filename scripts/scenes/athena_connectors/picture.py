"""Where the time of each query went, and what it moved."""

from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure

Facts = Mapping[str, Any]

INK, GRID = "#1f2328", "#d8dee4"
# Okabe and Ito's colours, which people with any kind of colour vision tell apart.
STAGES = {"describe": "#56b4e9", "plan": "#009e73", "read": "#d55e00", "join": "#cc79a7"}


def stages(found: Facts) -> dict[str, float]:
    """Seconds by stage; a query's tables are read one after the other, or at once, and then count together."""
    spent = {stage: sum(scan["seconds"].get(stage, 0.0) for scan in found["scans"]) for stage in STAGES}
    return spent | {"join": found["engine_seconds"]}


def draw_queries(questions: Facts) -> Figure:
    """Two panels with a bar for each query: seconds by stage, and rows out of the databases, on a scale of powers."""
    figure = Figure(figsize=(12, 0.5 * len(questions) + 1.6), layout="constrained")
    time, moved = figure.subplots(1, 2, sharey=True)
    titles = [found["title"] for found in questions.values()]
    left = [0.0] * len(titles)
    for stage, colour in STAGES.items():
        widths = [stages(found)[stage] for found in questions.values()]
        time.barh(titles, widths, left=left, color=colour, label=stage)
        left = [start + width for start, width in zip(left, widths, strict=True)]
    time.set_xlabel("seconds", color=INK)
    time.legend(loc="lower right", frameon=False, fontsize=9, labelcolor=INK)
    time.invert_yaxis()
    rows = [max(1, sum(scan["rows"] for scan in found["scans"])) for found in questions.values()]
    moved.barh(titles, rows, color=INK)
    moved.set_xscale("log")
    moved.set_xlim(left=1)
    moved.set_xlabel("rows out of the databases", color=INK)
    for axes in (time, moved):
        axes.grid(color=GRID, axis="x")
        axes.set_axisbelow(True)
        axes.spines[:].set_visible(False)
    return figure
