"""Streams that are found by their tag: their alarms are made, changed and deleted, and nobody else's."""

from collections.abc import Callable
from itertools import chain, repeat
from typing import Any

import pytest
from busy_account import Account, Shards

from kinesis_autoscaler.definition import read_settings
from kinesis_autoscaler.messages import Kind, Message
from kinesis_autoscaler.model import AlarmState, Bounds, Direction, Outcome, Policy
from kinesis_autoscaler.result import Result
from kinesis_autoscaler.run import Run
from kinesis_autoscaler.settings import Discovery
from kinesis_autoscaler.tags import TAG

UP, DOWN = "acme-kinesis-autoscaler-orders-scale-up", "acme-kinesis-autoscaler-orders-scale-down"
TOPIC = "arn:aws:sns:us-east-1:123456789012:acme-kinesis-autoscaler"
ON = {TAG: "on"}

Add = Callable[..., None]
Tick = Callable[..., list[Result]]


@pytest.fixture
def tick(account: Account, make_run: Callable[..., Run]) -> Tick:
    """A tick of a function that looks for tags, 2 to 8 shards being its defaults; returns what came of it."""

    def made(looking: bool = True, kind: Kind = Kind.TICK, **more: Any) -> list[Result]:
        discovery = Discovery(Bounds(2, 8), Policy.STEP, 30) if looking else None
        run = make_run(discovery=discovery, **more)
        assert run.work({"0": Message(kind)}) == []
        return run.results

    return made


def written(account: Account) -> list[tuple[str, Any]]:
    return [(action, what) for action, what, _ in account.done]


def outcomes(results: list[Result]) -> list[tuple[str, str]]:
    return [(result.decision.outcome, result.decision.rule) for result in results]


def test_a_tagged_stream_gets_its_alarms(account: Account, tick: Tick, make_run: Callable[..., Run]) -> None:
    account.streams["orders"] = Shards(4, tags={**ON, f"{TAG}:maximum": "64", f"{TAG}:policy": "target"})
    assert outcomes(tick()) == [(Outcome.REPAIRED, "discovered")]
    assert written(account) == [("PutMetricAlarm", UP), ("PutMetricAlarm", DOWN)]
    assert {tuple(alarm["AlarmActions"]) for alarm in account.alarms.values()} == {(TOPIC,)}
    settings, discovered = read_settings(make_run().aws.alarms.of(["orders"])["orders"])
    assert (settings.bounds, settings.policy, discovered) == (Bounds(2, 64), Policy.TARGET, True)
    assert settings.scale_up.period_seconds == 60

    account.forget_calls()
    assert tick() == []
    assert written(account) == [], "the second tick finds nothing to do"


def test_a_stream_at_its_minimum_starts_with_its_scale_down_alarm_parked(account: Account, tick: Tick) -> None:
    account.streams["orders"] = Shards(2, tags=ON)
    tick()
    assert (account.alarms[UP]["Threshold"], account.alarms[DOWN]["Threshold"]) == (0.75, -1)


def test_alarms_follow_the_tags(account: Account, add_stream: Add, tick: Tick, make_run: Callable[..., Run]) -> None:
    add_stream(discovered=True, tags={**ON, f"{TAG}:minimum": "3"}, states={Direction.UP: AlarmState.ALARM})
    assert outcomes(tick()) == [(Outcome.REPAIRED, "discovered")]
    settings, _ = read_settings(make_run().aws.alarms.of(["orders"])["orders"])
    assert settings.bounds == Bounds(3, 8)
    assert account.alarms[UP]["StateValue"] == "INSUFFICIENT_DATA", "it went on by its former definition"


@pytest.mark.parametrize("lost", [UP, DOWN])
def test_an_alarm_that_somebody_deleted_is_made_anew(account: Account, add_stream: Add, tick: Tick, lost: str) -> None:
    add_stream(discovered=True, tags=ON, bounds=Bounds(2, 8))
    del account.alarms[lost]
    tick()
    assert account.alarms.keys() == {UP, DOWN}


@pytest.mark.parametrize("tags", [{}, {TAG: "off"}])
@pytest.mark.parametrize("looking", [True, False])
def test_without_its_tag_a_stream_loses_the_alarms_that_it_got_for_it(
    account: Account, add_stream: Add, tick: Tick, tags: dict[str, str], looking: bool
) -> None:
    add_stream(discovered=True, tags=tags)
    add_stream("clicks", tags=tags)
    assert outcomes(tick(looking=looking)) == [(Outcome.UNMANAGED, "untagged")]
    ((action, names),) = written(account)
    assert (action, set(names)) == ("DeleteAlarms", {UP, DOWN}), "and nobody loses those of Terraform's"


def test_a_stream_that_is_gone_loses_its_alarms(account: Account, add_stream: Add, tick: Tick) -> None:
    add_stream(discovered=True, tags=ON)
    del account.streams["orders"]
    tick()
    assert account.alarms == {}


def test_where_terraform_has_made_alarms_tags_say_nothing(account: Account, add_stream: Add, tick: Tick) -> None:
    add_stream(tags={**ON, f"{TAG}:maximum": "64"})
    assert tick() == []
    assert written(account) == []


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({TAG: "yes"}, f"its tag {TAG} is 'yes', on or off is accepted"),
        (
            {**ON, f"{TAG}:minimum": "two"},
            f"its tag {TAG}:minimum is 'two', a whole number from 1 to 10000 is accepted",
        ),
        ({**ON, f"{TAG}:minimum": "9"}, "make the minimum 9 exceed the maximum 8"),
    ],
)
@pytest.mark.parametrize("known", [True, False])
def test_tags_that_are_wrong_scale_nothing_and_leave_the_alarms(
    account: Account, add_stream: Add, tick: Tick, tags: dict[str, str], reason: str, known: bool
) -> None:
    if known:
        add_stream(discovered=True, tags=tags)
    else:
        account.streams["orders"] = Shards(4, tags=tags)
    account.streams["views"] = Shards(4, tags=ON)
    alarms = dict(account.alarms)
    failed, made = tick()
    assert (failed.decision.outcome, failed.decision.rule) == (Outcome.FAILED, "tags")
    assert reason in failed.decision.reason
    assert (made.stream, made.decision.outcome) == ("views", Outcome.REPAIRED), "one stream's tags are its own trouble"
    assert alarms.items() <= account.alarms.items()
    assert account.calls["UpdateShardCount"] == 0


@pytest.mark.parametrize(
    ("status", "mode", "outcome"),
    [
        ("ACTIVE", "ON_DEMAND", (Outcome.UNMANAGED, "on-demand")),
        ("DELETING", "PROVISIONED", (Outcome.UNMANAGED, "vanished")),
        ("CREATING", "PROVISIONED", (Outcome.WAITING, "changing")),
    ],
)
def test_a_tagged_stream_that_cannot_be_scaled_gets_no_alarms(
    account: Account, tick: Tick, status: str, mode: str, outcome: tuple[Outcome, str]
) -> None:
    account.streams["orders"] = Shards(4, mode=mode, status=status, tags=ON)
    assert outcomes(tick()) == [outcome]
    assert account.alarms == {}


def test_when_tags_cannot_be_read_nothing_is_deleted(
    account: Account, add_stream: Add, make_run: Callable[..., Run]
) -> None:
    add_stream(discovered=True, tags=ON)
    account.fail("GetResources", "InternalFailure")
    run = make_run(discovery=Discovery(Bounds(2, 8), Policy.STEP, 30))
    assert run.work({"0": Message(Kind.TICK)}) == ["0"]
    assert account.alarms.keys() == {UP, DOWN}
    assert [body["kind"] for body, _ in account.bodies()] == ["streams"], "the streams are looked at all the same"


def test_what_a_tick_has_no_time_for_is_done_by_the_messages_it_sends(account: Account, tick: Tick) -> None:
    for index in range(5):
        account.streams[f"stream-{index}"] = Shards(4, tags=ON)
    for kind, known in ((Kind.TICK, 2), (Kind.DISCOVERY, 4), (Kind.DISCOVERY, 5)):
        time = chain([True, True], repeat(False))
        account.queue.clear()
        tick(kind=kind, in_time=lambda time=time: next(time))
        assert len(account.alarms) == 2 * known
    assert account.queue == []


def test_one_alarm_that_cannot_be_written_keeps_no_other_stream_from_its_alarms(account: Account, tick: Tick) -> None:
    account.streams["clicks"], account.streams["orders"] = Shards(4, tags=ON), Shards(4, tags=ON)
    account.fail("PutMetricAlarm", "LimitExceeded", "alarms of the account", times=1)
    assert outcomes(tick()) == [(Outcome.FAILED, "aws"), (Outcome.REPAIRED, "discovered")]
    assert account.alarms.keys() == {UP, DOWN}
