"""Traffic that is made up."""

import numpy as np

from simulation.comparison import geometric_mean
from simulation.optimum import optimal_shard_hours
from simulation.replay import replay
from simulation.synthetic import SHAPES, synthetic_traces


def test_a_seed_makes_the_same_traffic_again_and_another_makes_other() -> None:
    first, again, other = (synthetic_traces(seed, days=2) for seed in (1, 1, 2))
    for one, same, another in zip(first, again, other, strict=True):
        assert np.array_equal(one.demand, same.demand)
        assert not np.array_equal(one.demand, another.demand)
        assert (one.demand > 0).all()
    assert [trace.name for trace in first] == list(SHAPES)


def test_sizing_to_demand_beats_doubling_on_traffic_it_was_not_tuned_on() -> None:
    """Less throttled on each shape that rises within minutes, and cheaper altogether."""
    traces = [trace.scaled(32) for trace in synthetic_traces(seed=3, days=6) if trace.name != "square"]
    ratios: dict[str, list[float]] = {"step": [], "target": []}
    for trace in traces:
        optimum = optimal_shard_hours(trace.demand)
        replays = {policy: replay(policy, trace) for policy in ratios}
        for policy, replayed in replays.items():
            ratios[policy].append(replayed.shard_hours / optimum)
        assert replays["target"].throttled_share <= replays["step"].throttled_share
    assert geometric_mean(ratios["target"]) < geometric_mean(ratios["step"])
