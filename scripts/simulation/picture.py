"""What a trace asked for, what each policy gave it, and what that came to."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure

from simulation.replay import Replay
from simulation.trace import Trace

INK, GRID, DEMAND, THROTTLED = "#1f2328", "#d8dee4", "#8c959f", "#d55e00"
# Okabe and Ito's colours, which people with any kind of colour vision tell apart.
COLOURS = {
    "static": "#999999",
    "original": "#e69f00",
    "epsagon": "#cc79a7",
    "substation": "#f0e442",
    "step": "#0072b2",
    "target": "#009e73",
}
POINTS = 1500
SHOWN_DAYS = 14


def draw_shards(trace: Trace, replays: Mapping[str, Replay]) -> Figure:
    """A panel for each policy: shards over demand, and when records were rejected; the first two weeks."""
    figure = Figure(figsize=(14, 1 + 1.9 * len(replays)), layout="constrained")
    panels = figure.subplots(len(replays), 1, sharex=True, squeeze=False)[:, 0]
    size = min(trace.demand.size, SHOWN_DAYS * 24 * 60)
    every = max(1, size // POINTS)
    start = np.datetime64(trace.start.replace(tzinfo=None))
    times = start + np.arange(0, size, every) * np.timedelta64(1, "m")
    demand = _highest(trace.demand[:size], every)
    for axes, (policy, replayed) in zip(panels, replays.items(), strict=True):
        shards, rejected = _highest(replayed.shards[:size], every), _highest(replayed.rejected[:size], every)
        axes.fill_between(times, demand, color=DEMAND, alpha=0.45, lw=0, label="demand, in full shards")
        axes.step(times, shards, where="post", color=COLOURS[policy], lw=1.4, label="shards")
        axes.fill_between(times, rejected, color=THROTTLED, lw=0, label="rejected")
        axes.set_title(policy, loc="left", fontsize=12, color=INK)
        axes.set_ylim(0)
        axes.grid(color=GRID)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(loc="upper right", frameon=False, fontsize=8.5, ncols=3)
    locator = AutoDateLocator()
    panels[-1].xaxis.set_major_locator(locator)
    panels[-1].xaxis.set_major_formatter(ConciseDateFormatter(locator))
    return figure


def draw_trade(policies: Mapping[str, Mapping[str, Any]]) -> Figure:
    """Cost against throttling, each policy a point: the nearer to the lower left, the better."""
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    for policy, figures in policies.items():
        share = max(100 * figures["throttled_share"], 1e-4)
        axes.plot([figures["cost_ratio"]], [share], "o", ms=10, color=COLOURS[policy], mec=INK, mew=0.6)
        axes.annotate(policy, (figures["cost_ratio"], share), xytext=(8, 4), textcoords="offset points", color=INK)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(lambda share, _: f"{share:g}")
    axes.yaxis.set_minor_formatter(lambda share, _: "")
    axes.set_xlim(1)
    axes.set_xlabel("shard-hours over the optimum's")
    axes.set_ylabel("records throttled, % (log)")
    axes.grid(color=GRID)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def _highest(values: "np.ndarray[Any, np.dtype[np.float64]]", every: int) -> "np.ndarray[Any, np.dtype[np.float64]]":
    padded = np.pad(values, (0, -values.size % every), mode="edge")
    return np.asarray(padded.reshape(-1, every).max(axis=1))
