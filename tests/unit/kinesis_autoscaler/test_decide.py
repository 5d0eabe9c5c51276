"""The rule: tables of cases, then what holds for all streams, pasts and traffic."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from kinesis_autoscaler.decide import REARM_AFTER, decide
from kinesis_autoscaler.model import (
    BYTES_PER_SECOND,
    PARKED,
    RECORDS_PER_SECOND,
    Alarm,
    AlarmSettings,
    AlarmState,
    Bounds,
    Decision,
    Direction,
    Memory,
    Policy,
    Resize,
    Stream,
    StreamSettings,
    StreamStatus,
    Traffic,
)

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
NOTHING = Memory()
UP, DOWN = Direction.UP, Direction.DOWN


def stream_settings(policy: Policy = Policy.STEP, minimum: int = 1, maximum: int = 64) -> StreamSettings:
    up = AlarmSettings(0.75, 300, 5, 5) if policy is Policy.STEP else AlarmSettings(0.75, 60, 3, 2)
    down = AlarmSettings(0.25, 300, 60, 57) if policy is Policy.STEP else AlarmSettings(0.45, 300, 12, 12)
    return StreamSettings("orders", Bounds(minimum, maximum), policy, up, down)


def stream(shards: int, status: StreamStatus = StreamStatus.ACTIVE, on_demand: bool = False) -> Stream:
    return Stream("orders", "arn:aws:kinesis:us-east-1:123456789012:stream/orders", status, on_demand, shards)


def alarms(
    settings: StreamSettings, shards: int, on: Direction | None = None, since: datetime = NOW - timedelta(minutes=1)
) -> dict[Direction, Alarm]:
    """Both alarms as they should be for `shards`, the one in ALARM that is `on`."""
    made = {}
    for direction in Direction:
        parked = direction is Direction.DOWN and shards <= settings.bounds.minimum
        threshold = PARKED if parked else settings.alarm(direction).threshold
        state = AlarmState.ALARM if direction is on else AlarmState.OK
        made[direction] = Alarm(f"orders-{direction}", direction, shards, threshold, state, since)
    return made


def traffic(asked: Sequence[float], shards: int | None = None, until: datetime = NOW) -> Traffic:
    """One entry per minute in full shards; what `shards` cannot take is rejected."""
    most = float("inf") if shards is None else float(shards)
    accepted = [min(load, most) for load in asked]
    return Traffic(
        until,
        tuple(load * 60 * BYTES_PER_SECOND / 2 for load in accepted),
        tuple(load * 60 * RECORDS_PER_SECOND for load in accepted),
        tuple((load - taken) * 60 * RECORDS_PER_SECOND for load, taken in zip(asked, accepted, strict=True)),
    )


def resized(*counts: int, minutes_ago: float = 60, apart: float = 20) -> Memory:
    """A memory of one resize after another through `counts`, the last so long ago."""
    steps = list(pairwise(counts))
    first = NOW - timedelta(minutes=minutes_ago + apart * (len(steps) - 1))
    return Memory(
        tuple(Resize(first + index * timedelta(minutes=apart), *step) for index, step in enumerate(steps)),
    )


def figures(decision: Decision) -> tuple[str, str, int | None]:
    return decision.outcome.value, decision.rule, decision.shards


def step(
    shards: int,
    on: Direction | None = None,
    memory: Memory = NOTHING,
    quota_left: int | None = None,
    minimum: int = 1,
    maximum: int = 64,
) -> Decision:
    settings = stream_settings(Policy.STEP, minimum, maximum)
    return decide(NOW, settings, stream(shards), alarms(settings, shards, on), memory, None, quota_left)


def size(
    shards: int,
    asked: Sequence[float],
    on: Direction | None = None,
    memory: Memory = NOTHING,
    quota_left: int | None = None,
    maximum: int = 64,
) -> Decision:
    settings = stream_settings(Policy.TARGET, maximum=maximum)
    seen = traffic(asked, shards)
    return decide(NOW, settings, stream(shards), alarms(settings, shards, on), memory, seen, quota_left)


@pytest.mark.parametrize(
    ("shards", "on", "expected"),
    [
        (4, None, ("held", "steady", None)),
        (4, UP, ("resized", "up", 8)),
        (40, UP, ("resized", "up", 64)),
        (64, UP, ("refused", "maximum", None)),
        (4, DOWN, ("resized", "down", 2)),
        (3, DOWN, ("resized", "down", 2)),
        (31, DOWN, ("resized", "down", 16)),
        (1, DOWN, ("held", "minimum", None)),
        (100, None, ("resized", "bounds", 64)),
        (200, DOWN, ("resized", "bounds", 100)),
    ],
)
def test_the_published_policy_doubles_and_halves(
    shards: int, on: Direction | None, expected: tuple[str, str, int | None]
) -> None:
    assert figures(step(shards, on)) == expected


def test_below_the_minimum_a_stream_grows_in_steps_of_two() -> None:
    first = step(3, minimum=10)
    assert figures(first) == ("resized", "bounds", 6)
    assert first.memory.goal == 10
    assert figures(step(6, memory=first.memory, minimum=10)) == ("resized", "bounds", 10)


@pytest.mark.parametrize(
    ("quota_left", "expected"),
    [
        (None, ("resized", "up", 16)),
        (8, ("resized", "up", 16)),
        (3, ("resized", "up", 11)),
        (0, ("refused", "quota", None)),
    ],
)
def test_growth_stops_at_the_quota_of_the_account(
    quota_left: int | None, expected: tuple[str, str, int | None]
) -> None:
    assert figures(step(8, UP, quota_left=quota_left)) == expected


def test_no_stream_grows_beyond_ten_thousand_shards() -> None:
    assert figures(step(6000, UP, maximum=10_000)) == ("resized", "up", 10_000)


def test_the_tenth_call_of_a_day_is_the_last() -> None:
    nine = resized(*[2, 4] * 5)
    assert len(nine.resizes) == 9
    assert figures(step(4, UP, nine)) == ("resized", "up", 8)
    refused = step(4, UP, resized(*[4, 2] * 5, 4))
    assert figures(refused) == ("refused", "calls", None)
    assert "no further resize before" in refused.reason


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((1, 2, 4, 8, 16, 32, 64), ("resized", "down", 32)),  # 4 left: one down, one up again, two to spare
        ((2, 4, 2, 4, 8, 16, 32, 64), ("resized", "down", 32)),  # 3 left: one down, one up again, one to spare
        ((2, 1, 2, 4, 2, 4, 8, 16, 32), ("held", "climb-back", None)),  # 2 left
    ],
)
def test_halving_leaves_the_calls_that_lead_back(path: tuple[int, ...], expected: tuple[str, str, int | None]) -> None:
    assert figures(step(path[-1], DOWN, resized(*path))) == expected


def test_an_idle_stream_does_not_halve_beyond_its_way_back() -> None:
    """From 64 shards halving costs one call and each halving makes the way back one longer."""
    shards, memory = 64, NOTHING
    while (decision := step(shards, DOWN, memory)).shards:
        shards, memory = decision.shards, decision.memory
    assert (shards, memory.calls_left(NOW)) == (4, 6)


def test_calls_of_yesterday_do_not_count() -> None:
    assert figures(step(4, UP, resized(*[4, 2] * 5, 4, minutes_ago=24 * 60))) == ("resized", "up", 8)


@pytest.mark.parametrize("policy", Policy)
@pytest.mark.parametrize("on", [UP, DOWN, None])
def test_an_alarm_that_computes_with_another_count_is_only_repaired(policy: Policy, on: Direction | None) -> None:
    settings = stream_settings(policy)
    decision = decide(NOW, settings, stream(8), alarms(settings, 4, on), NOTHING, traffic([8.0] * 60), None)
    assert figures(decision) == ("repaired", "repair", None)
    assert (decision.alarm_shards, decision.park) == (8, False)
    assert decision.rewrite == (UP, DOWN)
    assert decision.rearm == ((on,) if on else ())


def test_an_alarm_that_is_missing_or_wrongly_parked_is_written() -> None:
    settings = stream_settings()
    both = alarms(settings, 1)
    alone = decide(NOW, settings, stream(1), {DOWN: both[DOWN]}, NOTHING, None, None)
    assert (alone.rewrite, alone.park) == ((UP,), True)
    awake = {**both, DOWN: replace(both[DOWN], threshold=0.25)}
    assert decide(NOW, settings, stream(1), awake, NOTHING, None, None).rewrite == (DOWN,)


def test_a_repair_on_the_way_to_a_goal_is_followed_at_once() -> None:
    settings = stream_settings(Policy.TARGET)
    memory = replace(resized(8, 16, minutes_ago=3), goal=40)
    decision = decide(NOW, settings, stream(16), alarms(settings, 8), memory, None, None)
    assert decision.retry_after == timedelta(seconds=1)
    assert decision.memory.goal == 40


def test_a_stream_that_is_being_changed_is_looked_at_when_it_should_be_done() -> None:
    settings = stream_settings()
    changing = stream(8, StreamStatus.UPDATING)
    soon = decide(NOW, settings, changing, alarms(settings, 8, UP), resized(8, 16, minutes_ago=1), None, None)
    assert figures(soon) == ("waiting", "changing", None)
    assert soon.retry_after == timedelta(minutes=1, seconds=16 * 1.8)
    late = decide(NOW, settings, changing, alarms(settings, 8, UP), resized(8, 16), None, None)
    assert late.retry_after == timedelta(seconds=30)


@pytest.mark.parametrize(
    ("seen", "rule"),
    [
        (None, "vanished"),
        (stream(2, StreamStatus.DELETING), "deleting"),
        (stream(2, on_demand=True), "on-demand"),
    ],
)
def test_what_cannot_be_scaled_is_left_alone(seen: Stream | None, rule: str) -> None:
    settings = stream_settings()
    decision = decide(NOW, settings, seen, alarms(settings, 2, UP), NOTHING, None, None)
    assert figures(decision) == ("unmanaged", rule, None)
    assert decision.rearm == (UP,)


def test_an_alarm_that_went_on_before_the_last_resize_is_not_believed() -> None:
    settings = stream_settings()
    memory = resized(4, 8, minutes_ago=5)
    old = alarms(settings, 8, UP, since=NOW - timedelta(minutes=4))
    decision = decide(NOW, settings, stream(8), old, memory, None, None)
    assert figures(decision) == ("held", "stale", None)
    assert decision.rearm == (UP,)
    anew = alarms(settings, 8, UP, since=NOW - timedelta(minutes=1))
    assert figures(decide(NOW, settings, stream(8), anew, memory, None, None)) == ("resized", "up", 16)


def test_an_alarm_that_nothing_can_be_done_about_is_rearmed_once_a_tick() -> None:
    first = step(64, UP)
    assert first.rearm == (UP,)
    assert first.memory.rearmed == {UP: NOW}
    minute_ago = replace(NOTHING, rearmed={UP: NOW - timedelta(minutes=1)})
    again = step(64, UP, minute_ago)
    assert (again.rearm, again.memory) == ((), minute_ago)
    assert step(64, UP, replace(NOTHING, rearmed={UP: NOW - REARM_AFTER})).rearm == (UP,)


def test_a_dry_run_says_what_it_would_do_and_remembers_no_call() -> None:
    settings = stream_settings()
    decision = decide(NOW, settings, stream(4), alarms(settings, 4, UP), NOTHING, None, None, dry_run=True)
    assert figures(decision) == ("held", "dry-run", None)
    assert (decision.wanted, decision.memory.resizes, decision.rearm) == (8, (), (UP,))
