"""What once went wrong with scaling streams by alarms, replayed with the policies as they ship."""

from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pytest
from numpy.typing import NDArray

from kinesis_autoscaler.model import Bounds, Policy
from simulation.autoscaler import Autoscaler, default_settings
from simulation.aws import Stream
from simulation.engine import World
from simulation.metrics import Metrics
from simulation.replay import BEFORE, Replay, outcome

START = datetime(2026, 11, 2, tzinfo=UTC)
DAY = 24 * 60


def run(
    policy: Policy,
    demand: NDArray[np.float64],
    shards: int,
    maximum: int = 256,
    rewriting_fails: bool = False,
    slowness: float = 1.0,
) -> tuple[Replay, Autoscaler]:
    """Let a stream of `shards` meet `demand`, per minute in full shards."""
    offered = np.concatenate([np.full(BEFORE, demand[0]), demand])
    world = World(START, Metrics(offered), Stream(shards, slowness=slowness))
    scaler = Autoscaler.create(default_settings(policy, Bounds(1, maximum)), shards, offered.size)
    scaler.rewriting_fails = rewriting_fails
    world.run(scaler, BEFORE)
    return outcome(world), scaler


def outcomes(scaler: Autoscaler) -> Counter[str]:
    return Counter(decision.outcome.value for _, decision in scaler.decisions)


@pytest.mark.parametrize(("policy", "minutes"), [(Policy.TARGET, 15), (Policy.STEP, 90)])
def test_a_surge_to_sixfold_is_carried_within_minutes(policy: Policy, minutes: int) -> None:
    """Sums of accepted records never show more than the shards take: only rejected ones tell how much is missing."""
    demand = np.concatenate([np.full(120, 6.0), np.full(240, 36.0)])
    replayed, _ = run(policy, demand, shards=10)
    throttled = np.flatnonzero(replayed.rejected > 0.005 * replayed.offered)
    assert throttled.min() == 120
    assert throttled.max() < 120 + minutes
    assert not replayed.refusals


@pytest.mark.parametrize(("policy", "throttled"), [(Policy.TARGET, 0.02), (Policy.STEP, 0.1)])
def test_a_daily_square_wave_never_runs_out_of_calls(policy: Policy, throttled: float) -> None:
    """From 1 to 100 shards' worth and back: halving all the way down leaves too few calls to double all the way up."""
    at = np.arange(10 * DAY) % DAY
    demand = np.where((at >= 6 * 60) & (at < 14 * 60), 60.0, 0.6)
    replayed, scaler = run(policy, demand, shards=2)
    assert not replayed.refusals
    assert replayed.most_calls <= 10
    assert outcomes(scaler)["refused"] == 0
    later = slice(2 * DAY, None)
    assert replayed.rejected[later].sum() < throttled * replayed.offered[later].sum()


@pytest.mark.parametrize("policy", Policy)
def test_alarms_that_cannot_be_rewritten_cost_one_step_at_most(policy: Policy) -> None:
    """An alarm that computes with the old count stays on whatever the stream has: believed, it doubles without end."""
    demand = np.full(2 * DAY, 1.8)
    replayed, scaler = run(policy, demand, shards=2, rewriting_fails=True)
    assert len(replayed.calls) == 1
    assert replayed.shards.max() <= 4
    assert outcomes(scaler)["repaired"] > 100


@pytest.mark.parametrize("policy", Policy)
def test_an_odd_count_goes_down_to_one(policy: Policy) -> None:
    replayed, _ = run(policy, np.full(2 * DAY, 0.01), shards=3)
    assert not replayed.refusals
    assert replayed.shards[-1] == 1


@pytest.mark.parametrize("policy", Policy)
def test_hourly_bursts_of_five_minutes_do_not_make_it_flap(policy: Policy) -> None:
    """At 60 % with bursts to 90 %: nothing to gain by resizing more than once."""
    at = np.arange(7 * DAY) % 60
    replayed, _ = run(policy, np.where(at < 5, 9.0, 6.0), shards=10)
    assert len(replayed.calls) <= 2
    later = slice(DAY, None)
    assert replayed.shards[later].min() == replayed.shards[later].max()
    if policy is Policy.TARGET:
        assert replayed.rejected[later].sum() < 1e-4 * replayed.offered[later].sum()


@pytest.mark.parametrize("policy", Policy)
def test_resharding_that_takes_three_times_as_long_is_waited_for(policy: Policy) -> None:
    demand = np.concatenate([np.full(120, 6.0), np.full(600, 28.0), np.full(720, 6.0)])
    replayed, scaler = run(policy, demand, shards=10, slowness=3.0)
    assert not replayed.refusals
    assert outcomes(scaler)["waiting"] > len(replayed.calls)
    assert replayed.shards[700] * 0.75 > 28
