"""The simulated AWS: what it refuses, when metrics and alarms see traffic, what the others' policies do."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from kinesis_autoscaler.model import AlarmSettings, AlarmState, Direction
from simulation.alarm import Alarm
from simulation.aws import RefusedError, Stream
from simulation.metrics import Metrics
from simulation.replay import POLICIES, replay
from simulation.trace import Trace

START = datetime(2026, 11, 2, tzinfo=UTC)
DAY = 24 * 60


@pytest.mark.parametrize(
    ("count", "reason"),
    [(17, "more than double"), (3, "less than half"), (8, "same"), (12, "quota"), (4, None), (10, None)],
)
def test_a_stream_takes_what_aws_takes(count: int, reason: str | None) -> None:
    stream = Stream(8, quota=16 if reason != "quota" else 11)
    if reason is None:
        stream.update_shard_count(count, 0)
        return
    with pytest.raises(RefusedError, match=reason):
        stream.update_shard_count(count, 0)
    assert stream.refusals == [(0, reason)]


def test_a_resize_takes_its_time_and_no_other_meanwhile() -> None:
    stream = Stream(10)
    stream.update_shard_count(20, 0)
    with pytest.raises(RefusedError, match="in use"):
        stream.update_shard_count(10, 1)
    stream.pass_to(2)
    assert stream.open_shards == 10
    stream.pass_to(3)  # two minutes and 36 seconds
    assert stream.open_shards == 20


def test_the_eleventh_resize_of_any_day_is_refused() -> None:
    stream = Stream(1)
    for hour in range(10):
        stream.pass_to(hour * 60)
        stream.update_shard_count(3 - stream.open_shards, hour * 60)
    stream.pass_to(DAY - 1)
    with pytest.raises(RefusedError, match="calls"):
        stream.update_shard_count(2, DAY - 1)
    stream.update_shard_count(2, DAY)


def up_alarm(minutes: int, shards: int) -> Alarm:
    return Alarm("scale-up", Direction.UP, AlarmSettings(0.75, 300, 5, 5), shards, 0.75, minutes)


def test_the_published_alarm_goes_off_after_25_minutes_and_the_delay() -> None:
    demand = np.concatenate([np.full(100, 1.0), np.full(100, 7.6)])
    metrics = Metrics(demand)
    metrics.pass_minutes(0, 200, 10)
    alarm = up_alarm(200, 10)
    assert alarm.first_firing(metrics, 60, 200) == 100 + 25 + 1


def test_an_alarm_judges_the_past_by_its_present_count() -> None:
    metrics = Metrics(np.full(200, 7.6))
    metrics.pass_minutes(0, 200, 10)
    alarm = up_alarm(200, 10)
    alarm.advance(metrics, 60, 61)
    assert alarm.state is AlarmState.ALARM
    alarm.rewrite(20, 0.75)
    alarm.advance(metrics, 61, 62)
    assert (alarm.state, alarm.state_since) == (AlarmState.OK, 62)
    alarm.rewrite(10, 0.75)
    assert alarm.first_firing(metrics, 62, 80) == 63


def test_an_alarm_that_is_on_fires_again_only_after_it_was_off() -> None:
    metrics = Metrics(np.full(200, 7.6))
    metrics.pass_minutes(0, 200, 10)
    alarm = up_alarm(200, 10)
    alarm.advance(metrics, 60, 61)
    assert alarm.first_firing(metrics, 61, 200) is None
    alarm.set_state(AlarmState.INSUFFICIENT_DATA, 61)
    assert alarm.first_firing(metrics, 61, 200) == 62


def test_headroom_shows_a_stream_fuller_than_it_is() -> None:
    metrics = Metrics(np.full(20, 4.0), headroom=0.5)
    metrics.pass_minutes(0, 20, 10)
    assert up_alarm(20, 10).usage(metrics, 10, 11)[0] == pytest.approx(0.8)
    assert metrics.rejected.sum() < 1e-3


def test_what_was_accepted_and_rejected_is_what_was_offered() -> None:
    metrics = Metrics(np.array([5.0, 9.0, 20.0]))
    metrics.pass_minutes(0, 3, 10)
    assert metrics.accepted + metrics.rejected == pytest.approx(metrics.offered)
    assert metrics.accepted[2] == pytest.approx(10, rel=0.01)


@pytest.mark.parametrize("policy", POLICIES)
def test_every_policy_follows_a_day_of_traffic_within_the_limits(policy: str) -> None:
    at = np.arange(4 * DAY)
    trace = Trace("waves", START, 10 - 8 * np.cos(2 * np.pi * at / DAY))
    replayed = replay(policy, trace)
    assert replayed.most_calls <= 10
    assert replayed.throttled_share < 0.01
    assert (len(replayed.calls) > 0) == (policy != "static")
    assert replayed.offered.size == at.size


def test_the_same_trace_at_another_time_costs_the_same() -> None:
    at = np.arange(2 * DAY)
    demand = 10 - 8 * np.cos(2 * np.pi * at / DAY)
    once = replay("step", Trace("waves", START, demand))
    again = replay("step", Trace("waves", START + timedelta(days=100), demand))
    assert once.shard_hours == again.shard_hours
