"""The days as they passed: what was asked for, how many shards there were, what was rejected; a panel per stream."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter, HourLocator, date2num
from matplotlib.figure import Figure

Facts = Mapping[str, Any]

INK, GRID = "#1f2328", "#d8dee4"
# Okabe and Ito's colours, which people with any kind of colour vision tell apart.
DEMAND, SHARDS, REJECTED = "#56b4e9", "#1f2328", "#d55e00"


def draw_days(facts: Facts, labels: Mapping[str, str]) -> Figure:
    """A panel for each stream of the scene's facts, under its label."""
    figure = Figure(figsize=(12, 2.6 * len(labels) + 0.6), layout="constrained")
    panels = figure.subplots(len(labels), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    begins = datetime.fromisoformat(facts["begins"])
    for axes, (policy, label) in zip(panels, labels.items(), strict=True):
        found = facts["streams"][policy]
        _panel(axes, begins, facts["demand"], found)
        said = f"{found['shard_hours']:,} shard-hours, {found['throttled_share']:.3%} of the records rejected"
        axes.set_title(f"{label}: {said}", loc="left", fontsize=12, color=INK)
    panels[0].legend(loc="upper right", frameon=False, fontsize=9, labelcolor=INK)
    return figure


def _panel(axes: Axes, begins: datetime, demand: list[float], found: Facts) -> None:
    minutes = [date2num(begins + timedelta(minutes=index)) for index in range(len(demand))]
    axes.fill_between(minutes, demand, color=DEMAND, alpha=0.6, lw=0, label="asked for, in shards it would fill")
    at = [date2num(datetime.fromisoformat(moment)) for moment, _ in found["shards"]]
    counts = [count for _, count in found["shards"]]
    axes.step([*at, minutes[-1]], [*counts, counts[-1]], where="post", color=SHARDS, lw=1.6, label="shards")
    rejected = np.array(found["rejected"]) / (5 * 60 * 1000)
    slots = [date2num(begins + timedelta(minutes=5 * index)) for index in range(len(rejected))]
    axes.bar(slots, rejected, width=5 / (24 * 60), align="edge", color=REJECTED, label="rejected, on the same scale")
    axes.set_ylabel("shards", color=INK)
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_locator(HourLocator(byhour=range(0, 24, 6)))
    axes.xaxis.set_major_formatter(DateFormatter("%a %H:%M"))
    axes.grid(color=GRID)
    axes.set_axisbelow(True)
    axes.spines[:].set_visible(False)
