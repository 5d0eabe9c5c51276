"""Traffic that is made up, each shape from a seed, for when there are no traces at hand."""

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np

from simulation.metrics import Floats
from simulation.trace import Trace

START = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday
MINUTES_PER_DAY = 24 * 60


def synthetic_traces(seed: int = 1, days: int = 28) -> list[Trace]:
    """One trace of each shape; the same seed makes the same traces."""
    return [
        Trace(name, START, shape(np.random.default_rng([seed, number]), days * MINUTES_PER_DAY))
        for number, (name, shape) in enumerate(SHAPES.items())
    ]


def daily(chance: np.random.Generator, minutes: int) -> Floats:
    """Quiet nights, busy afternoons, calm weekends, each day a little unlike the last."""
    at = np.arange(minutes) / MINUTES_PER_DAY
    wave = 0.5 - 0.5 * np.cos(2 * np.pi * (at - 0.125 + 0.02 * chance.standard_normal()))
    weekend = np.where(at % 7 >= 5, 0.6, 1.0)
    level = np.repeat(chance.normal(1, 0.08, minutes // MINUTES_PER_DAY + 1), MINUTES_PER_DAY)[:minutes]
    return np.asarray((0.15 + wave**1.5) * weekend * level * _noise(chance, minutes, 0.03))


def bursts(chance: np.random.Generator, minutes: int) -> Floats:
    """A daily curve with a burst every few hours that doubles to quadruples it within minutes and fades in an hour."""
    demand = daily(chance, minutes)
    at = np.arange(minutes)
    for start in np.cumsum(chance.exponential(8 * 60, minutes // (8 * 60))):
        since = at - start
        rise = np.clip(since / chance.uniform(5, 20), 0, 1) * np.exp(-np.clip(since, 0, None) / chance.uniform(20, 60))
        demand = demand * (1 + chance.uniform(0.5, 2.5) * rise)
    return demand


def ramps(chance: np.random.Generator, minutes: int) -> Floats:
    """Hours of even growth or decline between levels that have nothing to do with the time of day."""
    knots = np.arange(0, minutes + 360, 360)
    levels = np.exp(chance.normal(0, 0.7, knots.size))
    return np.asarray(np.interp(np.arange(minutes), knots, levels) * _noise(chance, minutes, 0.03))


def square(chance: np.random.Generator, minutes: int) -> Floats:
    """A job that runs for eight hours a day at twenty times the traffic of the rest."""
    start = chance.integers(0, 16 * 60)
    at = np.arange(minutes) % MINUTES_PER_DAY
    return np.asarray(np.where((at >= start) & (at < start + 8 * 60), 1.0, 0.05) * _noise(chance, minutes, 0.02))


SHAPES: dict[str, Callable[[np.random.Generator, int], Floats]] = {
    "daily": daily,
    "bursts": bursts,
    "ramps": ramps,
    "square": square,
}


def _noise(chance: np.random.Generator, minutes: int, sigma: float) -> Floats:
    """Around 1, from one five minutes to the next."""
    knots = np.arange(0, minutes + 5, 5)
    return np.asarray(np.interp(np.arange(minutes), knots, np.exp(chance.normal(0, sigma, knots.size))))
