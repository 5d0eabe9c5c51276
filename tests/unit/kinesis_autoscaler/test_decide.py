"""The rule: tables of cases, then what holds for all streams, pasts and traffic."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import ceil
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_autoscaler.climb import calls_to_climb, highest_count
from kinesis_autoscaler.decide import REARM_AFTER, decide
from kinesis_autoscaler.model import (
    BYTES_PER_SECOND,
    CALLS_PER_DAY,
    DAY,
    MOST_SHARDS,
    PARKED,
    RECORDS_PER_SECOND,
    Alarm,
    AlarmSettings,
    AlarmState,
    Bounds,
    Decision,
    Direction,
    Memory,
    Outcome,
    Peak,
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
        ((2, 1, 2, 4, 2, 4, 8, 16, 32), ("resized", "down", 16)),  # 2 left: one down, one up again
        ((1, 2, 1, 2, 4, 2, 4, 8, 16, 32), ("held", "climb-back", None)),  # 1 left
    ],
)
def test_halving_leaves_the_calls_that_lead_back(path: tuple[int, ...], expected: tuple[str, str, int | None]) -> None:
    assert figures(step(path[-1], DOWN, resized(*path))) == expected


def test_an_idle_stream_does_not_halve_beyond_its_way_back() -> None:
    """From 64 shards halving costs one call and each halving makes the way back one longer."""
    shards, memory = 64, NOTHING
    while (decision := step(shards, DOWN, memory)).shards:
        shards, memory = decision.shards, decision.memory
    assert (shards, memory.calls_left(NOW)) == (2, 5)


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


@pytest.mark.parametrize(
    ("shards", "asked", "on", "expected"),
    [
        (10, [4.0] * 60, None, ("held", "steady", None)),
        (10, [7.8] * 60, UP, ("resized", "up", 13)),
        (10, [4.0] * 60, UP, ("held", "up", None)),
        (10, [4.0] * 57 + [14.0] * 3, UP, ("resized", "up", 20)),
        (10, [2.0] * 60, DOWN, ("resized", "down", 5)),
        (10, [2.0] * 30 + [4.1] + [2.0] * 29, DOWN, ("resized", "down", 7)),
        (10, [5.5] * 60, DOWN, ("held", "saving", None)),
        (64, [60.0] * 60, UP, ("refused", "maximum", None)),
    ],
)
def test_a_stream_is_sized_to_what_is_asked_for(
    shards: int, asked: Sequence[float], on: Direction | None, expected: tuple[str, str, int | None]
) -> None:
    assert figures(size(shards, asked, on)) == expected


def test_what_is_more_than_double_is_a_goal_that_is_followed_without_an_alarm() -> None:
    """6 shards' worth, then 48: what is rejected tells how much is missing."""
    asked = [6.0] * 55 + [48.0] * 5
    first = size(10, asked, UP, maximum=256)
    assert figures(first) == ("resized", "up", 20)
    assert first.memory.goal is not None
    assert first.memory.goal >= 80
    second = size(20, asked, None, replace(resized(10, 20, minutes_ago=3), goal=first.memory.goal), maximum=256)
    assert figures(second) == ("resized", "goal", 40)


def test_a_goal_is_dropped_when_what_was_asked_for_has_passed() -> None:
    calm = size(20, [6.0] * 60, None, replace(resized(10, 20, minutes_ago=3), goal=80))
    assert figures(calm) == ("held", "steady", None)
    assert calm.memory.goal is None


def test_after_a_resize_a_stream_is_not_made_smaller_for_a_while() -> None:
    assert figures(size(10, [2.0] * 60, DOWN, resized(5, 10, minutes_ago=44)))[1] == "cooldown"
    assert figures(size(10, [2.0] * 60, DOWN, resized(5, 10, minutes_ago=46)))[1] == "down"


def test_the_same_hour_a_day_ago_keeps_a_stream_from_getting_smaller() -> None:
    hour = NOW - timedelta(days=1)
    busy = replace(NOTHING, peaks=(Peak(hour, 2.0), Peak(hour + timedelta(hours=1), 7.9)))
    assert figures(size(10, [2.0] * 60, DOWN, busy)) == ("held", "saving", None)
    once = replace(NOTHING, peaks=(Peak(hour - timedelta(days=6), 2.0), *busy.peaks))
    assert figures(size(10, [2.0] * 60, DOWN, once)) == ("resized", "down", 5)


def test_a_peak_of_the_day_keeps_the_calls_that_lead_back_to_it() -> None:
    """From 16 shards, with four calls left, it may go down to where three doublings lead back to 56."""
    memory = replace(resized(16, 32, 16, 32, 16, 32, 16), peaks=(Peak(NOW - timedelta(hours=12), 56.0),))
    assert memory.calls_left(NOW) == 4
    decision = size(16, [1.0] * 60, DOWN, memory)
    assert decision.shards is None or calls_to_climb(decision.shards, 56) <= 3


def test_what_a_hot_shard_rejects_is_no_demand() -> None:
    settings = stream_settings(Policy.TARGET)
    seen = replace(traffic([4.0] * 60), rejected=tuple([0.0] * 50 + [60_000.0] * 10))
    decision = decide(NOW, settings, stream(10), alarms(settings, 10, UP), NOTHING, seen, None)
    assert figures(decision) == ("hot", "hot", None)
    assert decision.rearm == (UP,)
    assert "partition key" in decision.reason
    still = decide(NOW, stream_settings(), stream(10), alarms(stream_settings(), 10), NOTHING, seen, None)
    assert figures(still) == ("hot", "hot", None)


def test_a_single_minute_that_rejects_is_not_hot() -> None:
    settings = stream_settings()
    seen = replace(traffic([4.0] * 15), rejected=tuple([0.0] * 14 + [60_000.0]))
    assert figures(decide(NOW, settings, stream(10), alarms(settings, 10), NOTHING, seen, None))[0] == "held"


def test_records_that_were_rejected_while_there_were_fewer_shards_are_not_hot() -> None:
    settings = stream_settings()
    seen = traffic([15.0] * 12 + [9.0] * 3, shards=10)
    past = resized(10, 20, 40, minutes_ago=3, apart=3)
    decision = decide(NOW, settings, stream(40), alarms(settings, 40), past, seen, None)
    assert figures(decision) == ("held", "steady", None)


def test_without_traffic_target_doubles_and_never_shrinks() -> None:
    settings = stream_settings(Policy.TARGET)
    up = decide(NOW, settings, stream(8), alarms(settings, 8, UP), NOTHING, None, None)
    assert figures(up) == ("resized", "up", 16)
    down = decide(NOW, settings, stream(8), alarms(settings, 8, DOWN), NOTHING, None, None)
    assert figures(down) == ("held", "unknown", None)


def test_an_hours_peak_is_remembered_once_it_is_over() -> None:
    settings = stream_settings(Policy.TARGET)
    until = NOW + timedelta(minutes=10)
    seen = traffic([2.0] * 100 + [3.0] + [2.0] * 79, until=until)
    decision = decide(until, settings, stream(10), alarms(settings, 10), NOTHING, seen, None)
    assert decision.memory.peaks == (Peak(NOW - timedelta(hours=2), 3.0), Peak(NOW - timedelta(hours=1), 2.0))
    again = decide(until, settings, stream(10), alarms(settings, 10), decision.memory, seen, None)
    assert again.memory is decision.memory


memories = st.lists(st.tuples(st.floats(0, 30), st.integers(1, 80)), max_size=12).map(
    lambda past: Memory(
        tuple(
            Resize(NOW - timedelta(hours=hours), before, min(2 * before, 80))
            for hours, before in sorted(past, reverse=True)
        )
    )
)


@st.composite
def situations(
    draw: st.DrawFn,
) -> tuple[StreamSettings, Stream, dict[Direction, Alarm], Memory, Traffic | None, int | None]:
    minimum = draw(st.integers(1, 40))
    maximum = draw(st.integers(minimum, 100))
    settings = stream_settings(draw(st.sampled_from(Policy)), minimum, maximum)
    shards = draw(st.integers(1, 120))
    computed = shards if draw(st.integers(0, 3)) else draw(st.integers(1, 120))
    on = draw(st.sampled_from([UP, DOWN, None]))
    since = NOW - timedelta(minutes=draw(st.integers(0, 600)))
    memory = replace(
        draw(memories),
        goal=draw(st.one_of(st.none(), st.integers(1, 200))),
        rearmed={on: NOW - timedelta(minutes=draw(st.integers(0, 30)))} if on and draw(st.booleans()) else {},
        peaks=tuple(
            Peak(NOW - timedelta(hours=hours), draw(st.floats(0, 100)))
            for hours in draw(st.sets(st.integers(1, 190), max_size=4))
        ),
    )
    level = draw(st.floats(0, 150))
    seen = draw(st.sampled_from([None, traffic([level] * 60, shards), traffic([level / 3] * 55 + [level] * 5, shards)]))
    quota_left = draw(st.one_of(st.none(), st.integers(0, 100)))
    return settings, stream(shards), alarms(settings, computed, on, since), memory, seen, quota_left


@given(situations())
def test_nothing_is_asked_for_that_aws_or_the_settings_refuse(situation: Any) -> None:
    settings, seen, both, memory, _, quota_left = situation
    decision = decide(NOW, *situation)
    if decision.shards is None:
        assert decision.memory.resizes == memory.resizes
        return
    shards, count = seen.open_shards, decision.shards
    assert -(-shards // 2) <= count <= min(2 * shards, MOST_SHARDS)
    assert count != shards
    assert count <= max(settings.bounds.maximum, -(-shards // 2))
    assert count >= min(settings.bounds.minimum, 2 * shards, *([] if quota_left is None else [shards + quota_left]))
    assert quota_left is None or count <= shards + quota_left
    assert memory.calls_left(NOW) > 0
    assert all(alarm.shards == shards for alarm in both.values())
    assert decision.memory.resizes[-1] == Resize(NOW, shards, count)
    assert len(decision.memory.recent(NOW)) <= CALLS_PER_DAY


@given(situations())
def test_a_scale_down_leaves_the_calls_that_lead_back(situation: Any) -> None:
    settings, seen, _, memory, _, _ = situation
    decision = decide(NOW, *situation)
    if decision.shards is None or not decision.shards < seen.open_shards <= settings.bounds.maximum:
        return
    if settings.policy is Policy.STEP:
        peak = highest_count(seen.open_shards, memory, NOW)
    else:
        peak = ceil(max((peak.shards for peak in memory.peaks if NOW - peak.hour <= DAY), default=0))
    needed = calls_to_climb(decision.shards, max(1, min(peak, settings.bounds.maximum)))
    assert decision.memory.calls_left(NOW) >= needed


@given(situations())
def test_what_was_decided_needs_no_second_decision(situation: Any) -> None:
    """Asked again, with the stream being changed or the alarms rewritten as decided, nothing more is done."""
    settings, seen, both, _, traffic_seen, quota_left = situation
    decision = decide(NOW, *situation)
    after = seen if decision.shards is None else replace(seen, status=StreamStatus.UPDATING)
    rewritten = dict(both)
    for direction in decision.rewrite:
        parked = decision.park and direction is DOWN
        threshold = PARKED if parked else settings.alarm(direction).threshold
        rewritten[direction] = replace(both[direction], shards=seen.open_shards, threshold=threshold)
    for direction in decision.rearm:
        rewritten[direction] = replace(rewritten[direction], state=AlarmState.INSUFFICIENT_DATA, state_since=NOW)
    again = decide(NOW, settings, after, rewritten, decision.memory, traffic_seen, quota_left)
    if decision.shards is not None:
        assert again.outcome is Outcome.WAITING
    elif decision.outcome is Outcome.REPAIRED:
        assert again.outcome is not Outcome.REPAIRED
    else:
        assert (again.shards, again.rewrite, again.rearm) == (None, (), ())
        assert again.memory == decision.memory


@given(situations())
def test_an_alarm_is_left_able_to_fire(situation: Any) -> None:
    """One that stays on was made able to fire within the last quarter of an hour, or a look at it is due anyway."""
    _, _, both, _, _, _ = situation
    decision = decide(NOW, *situation)
    for direction, alarm in both.items():
        if alarm.state is AlarmState.ALARM and decision.retry_after is None:
            assert direction in decision.rearm or NOW - decision.memory.rearmed[direction] < REARM_AFTER
