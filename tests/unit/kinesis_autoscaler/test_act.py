"""One stream from alarm to repaired alarms: what is asked of AWS, in which order, and every way it can be cut short."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from busy_account import Account

from kinesis_autoscaler.gateway.memory import parse
from kinesis_autoscaler.messages import Kind, Message
from kinesis_autoscaler.model import AlarmState, Bounds, Consumer, Decision, Direction, Memory, Outcome, Policy
from kinesis_autoscaler.run import Run

UP, DOWN = "acme-kinesis-autoscaler-orders-scale-up", "acme-kinesis-autoscaler-orders-scale-down"
BUSY = {Direction.UP: AlarmState.ALARM}
IDLE = {Direction.DOWN: AlarmState.ALARM}
MINUTE = 60

Look = Callable[..., Decision]
Add = Callable[..., None]


@pytest.fixture
def look(make_run: Callable[..., Run]) -> Look:
    """One look at `orders`, in a run of its own; returns what came of it."""

    def made(**settings: Any) -> Decision:
        run = make_run(**settings)
        run.work({"1": Message(Kind.STREAMS, ("orders",))})
        (result,) = run.results
        return result.decision

    return made


def remembered(account: Account) -> Memory:
    return parse(account.items.get("orders"))


def done(account: Account) -> list[tuple[str, Any]]:
    return [(action, what) for action, what, _ in account.done]


def shards_in(account: Account, name: str) -> str:
    (shards,) = [query["Expression"] for query in account.alarms[name]["Metrics"] if query["Id"] == "s1"]
    return str(shards)


@pytest.mark.parametrize(("policy", "calls"), [(Policy.STEP, 3), (Policy.TARGET, 4)])
def test_a_stream_that_needs_nothing_costs_a_few_calls(
    account: Account, add_stream: Add, look: Look, policy: Policy, calls: int
) -> None:
    add_stream(policy=policy)
    look()  # policy target remembers what the last hours asked for, once an hour
    account.forget_calls()
    assert look().outcome is Outcome.HELD
    assert account.calls.total() <= calls
    assert account.done == []
    assert account.queue == []


def test_from_alarm_to_repaired_alarms(account: Account, add_stream: Add, look: Look) -> None:
    add_stream(states=BUSY, consumer=Consumer("ship-orders", 5))
    resized = look()
    assert (resized.outcome, resized.shards) == (Outcome.RESIZED, 8)
    assert done(account) == [("PutItem", "orders"), ("UpdateShardCount", ("orders", 8))], "remembered before asked for"
    ((body, delay),) = account.bodies()
    assert body == {"kind": "streams", "names": ["orders"]}
    assert delay == pytest.approx(120 + 1.8 * 8, abs=1)

    account.clock.sleep(delay / 2)
    waiting = look()
    assert waiting.outcome is Outcome.WAITING
    assert len(done(account)) == 2, "nothing is done to a stream that is being changed"

    account.clock.sleep(delay)
    account.done.clear()
    repaired = look()
    assert repaired.outcome is Outcome.REPAIRED
    assert done(account) == [
        ("PutFunctionConcurrency", "ship-orders"),
        ("PutMetricAlarm", UP),
        ("PutMetricAlarm", DOWN),
        ("SetAlarmState", UP),
        ("PutItem", "orders"),
    ]
    assert [shards_in(account, name) for name in (UP, DOWN)] == ["8", "8"]
    assert account.alarms[UP]["StateValue"] == "INSUFFICIENT_DATA"
    assert account.reserved == {"ship-orders": 40}

    account.done.clear()
    assert look().outcome is Outcome.HELD
    assert account.done == []


def test_a_message_that_comes_twice_resizes_once(account: Account, add_stream: Add, look: Look) -> None:
    add_stream(states=BUSY)
    assert [look().outcome, look().outcome] == [Outcome.RESIZED, Outcome.WAITING]
    assert account.streams["orders"].resized_at == [pytest.approx(0, abs=1)]


def test_of_two_runs_at_the_same_time_one_resizes(
    account: Account, add_stream: Add, make_run: Callable[..., Run]
) -> None:
    add_stream(states=BUSY)
    runs = [make_run(), make_run()]

    account.clock.run(*(partial(run.work, {"1": Message(Kind.STREAMS, ("orders",))}) for run in runs))
    outcomes = sorted(run.results[0].decision.outcome for run in runs)
    assert outcomes == [Outcome.RESIZED, Outcome.WAITING]
    assert len(account.streams["orders"].resized_at) == 1
    assert len(remembered(account).resizes) == 1


def test_a_resize_counts_even_if_nobody_knows_whether_aws_took_it(
    account: Account, add_stream: Add, look: Look
) -> None:
    add_stream(states=BUSY)
    account.fail("UpdateShardCount", "InternalFailure", times=1)
    failed = look()
    assert (failed.outcome, failed.rule) == (Outcome.FAILED, "aws")
    assert len(remembered(account).resizes) == 1


@pytest.mark.parametrize(
    ("code", "outcome", "rearmed"),
    [
        ("LimitExceededException", Outcome.REFUSED, True),
        ("InvalidArgumentException", Outcome.REFUSED, True),
        ("ValidationException", Outcome.REFUSED, True),
        ("ResourceInUseException", Outcome.WAITING, False),
        ("ResourceNotFoundException", Outcome.UNMANAGED, False),
    ],
)
def test_what_aws_refuses_is_an_outcome_and_no_call_of_the_day(
    account: Account, add_stream: Add, look: Look, code: str, outcome: Outcome, rearmed: bool
) -> None:
    add_stream(states=BUSY)
    account.fail("UpdateShardCount", code, "as AWS says")
    decision = look()
    assert decision.outcome is outcome
    assert decision.shards is None
    assert remembered(account).resizes == ()
    assert (account.alarms[UP]["StateValue"] == "INSUFFICIENT_DATA") is rearmed
    assert account.calls["UpdateShardCount"] == 1, "never a loop"
    assert len(account.queue) == (1 if outcome is Outcome.WAITING else 0)


@pytest.mark.parametrize("code", ["ThrottlingException", "AccessDeniedException"])
def test_what_aws_has_certainly_not_taken_is_no_call_of_the_day(
    account: Account, add_stream: Add, look: Look, code: str
) -> None:
    add_stream(states=BUSY)
    account.fail("UpdateShardCount", code)
    for _ in range(12):
        assert look().outcome is Outcome.FAILED
        account.clock.sleep(20 * MINUTE)
        account.set_state(UP, "ALARM")
    account.faults.clear()
    assert look().outcome is Outcome.RESIZED
    assert len(remembered(account).resizes) == 1


def test_a_refusal_goes_round_once_in_a_quarter_of_an_hour(account: Account, add_stream: Add, look: Look) -> None:
    add_stream(states=BUSY)
    account.fail("UpdateShardCount", "LimitExceededException", "Operation Resharding has been called 10 times")
    for _ in range(30):
        assert look().outcome is Outcome.REFUSED
        account.clock.sleep(MINUTE)
        account.set_state(UP, "ALARM")
    assert len([1 for action, _ in done(account) if action == "SetAlarmState"]) in (2, 3)


def test_while_alarms_cannot_be_written_nothing_scales(account: Account, add_stream: Add, look: Look) -> None:
    """Or a stream would double for ever: its alarm computes with a count that is long past."""
    add_stream(states=BUSY, shards=8, alarm_shards=4)
    account.fail("PutMetricAlarm", "InternalFailure")
    for _ in range(20):
        assert look().outcome is Outcome.FAILED
        account.clock.sleep(MINUTE)
    assert account.calls["UpdateShardCount"] == 0
    assert account.alarms[UP]["StateValue"] == "ALARM", "not re-armed with the old count"


def test_a_repair_that_stops_half_way_is_finished_by_the_next_look(
    account: Account, add_stream: Add, look: Look
) -> None:
    add_stream(states=BUSY)
    look()
    account.clock.sleep(180)
    account.fail("SetAlarmState", "InternalFailure", times=1)
    assert look().outcome is Outcome.FAILED
    assert [shards_in(account, name) for name in (UP, DOWN)] == ["8", "8"]
    assert account.alarms[UP]["StateValue"] == "ALARM", "by the count that it had before"
    assert look().outcome is Outcome.HELD
    assert account.alarms[UP]["StateValue"] == "INSUFFICIENT_DATA"
    assert account.calls["UpdateShardCount"] == 1


def test_a_stream_at_its_minimum_parks_its_scale_down_alarm(account: Account, add_stream: Add, look: Look) -> None:
    add_stream(shards=1, alarm_shards=2, states=IDLE)
    assert look().outcome is Outcome.REPAIRED
    assert account.alarms[DOWN]["Threshold"] == -1.0
    assert account.alarms[UP]["Threshold"] == 0.75
    account.streams["orders"].count = 2
    assert look().outcome is Outcome.REPAIRED
    assert account.alarms[DOWN]["Threshold"] == 0.25


def test_a_consumer_that_cannot_have_its_share_is_reported_and_keeps_no_alarm_from_being_written(
    account: Account, add_stream: Add, look: Look
) -> None:
    add_stream(shards=8, alarm_shards=4, consumer=Consumer("ship-orders", 5))
    account.fail("PutFunctionConcurrency", "InvalidParameterValueException", "decreases unreserved below 100")
    decision = look()
    assert (decision.outcome, decision.rule) == (Outcome.FAILED, "consumer")
    assert "ship-orders keeps the concurrency that it had, 40 were to be reserved" in decision.reason
    assert "decreases unreserved below 100" in decision.reason
    assert [shards_in(account, name) for name in (UP, DOWN)] == ["8", "8"]


def test_the_quota_of_the_account_limits_growth(account: Account, add_stream: Add, look: Look) -> None:
    add_stream(states=BUSY, shards=8)
    account.quota = 11
    decision = look()
    assert (decision.outcome, decision.shards) == (Outcome.RESIZED, 11)
    assert account.calls["DescribeLimits"] == 1


def test_without_room_in_the_account_a_stream_is_refused_and_its_alarm_rearmed(
    account: Account, add_stream: Add, look: Look
) -> None:
    add_stream(states=BUSY, shards=8)
    account.quota = 8
    assert look().outcome is Outcome.REFUSED
    assert account.calls["UpdateShardCount"] == 0
    assert account.alarms[UP]["StateValue"] == "INSUFFICIENT_DATA"


@pytest.mark.parametrize("action", ["DescribeLimits", "GetMetricData"])
def test_figures_that_cannot_be_read_keep_no_busy_stream_from_growing(
    account: Account, add_stream: Add, look: Look, action: str
) -> None:
    add_stream(states=BUSY, policy=Policy.TARGET)
    account.fail(action, "InternalFailure")
    account.metric_data["orders", "IncomingRecords"] = [4 * 60 * 1000.0] * 30
    assert look().outcome is Outcome.RESIZED


def test_a_dry_run_decides_and_rearms_and_changes_no_stream(account: Account, add_stream: Add, look: Look) -> None:
    add_stream(states=BUSY, consumer=Consumer("ship-orders", 5))
    decision = look(dry_run=True)
    assert decision.wanted == 8
    assert account.calls["UpdateShardCount"] == 0
    assert account.alarms[UP]["StateValue"] == "INSUFFICIENT_DATA"
    assert remembered(account).resizes == ()
    account.streams["orders"].count = 8
    assert look(dry_run=True).outcome is Outcome.REPAIRED
    assert account.reserved == {}


@pytest.mark.parametrize(("status", "mode"), [("DELETING", "PROVISIONED"), ("ACTIVE", "ON_DEMAND"), (None, None)])
def test_an_alarm_of_a_stream_that_cannot_be_scaled_can_fire_again(
    account: Account, add_stream: Add, look: Look, status: str | None, mode: str | None
) -> None:
    add_stream(states=BUSY)
    if status and mode:
        account.streams["orders"].status, account.streams["orders"].mode = status, mode
    else:
        del account.streams["orders"]
    assert look().outcome is Outcome.UNMANAGED
    assert account.alarms[UP]["StateValue"] == "INSUFFICIENT_DATA"
    account.set_state(UP, "ALARM")
    assert look().outcome is Outcome.UNMANAGED
    assert account.alarms[UP]["StateValue"] == "ALARM", "not every minute"
    account.clock.sleep(15 * MINUTE)
    look()
    assert account.alarms[UP]["StateValue"] == "INSUFFICIENT_DATA"
    assert account.calls["UpdateShardCount"] == 0


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"minimum":1', '"minimum":"one"', "bounds.minimum is 'one', a whole number from 1 to 10000 is accepted"),
        ('"minimum":1', '"minimum":17', "bounds.minimum 17 exceeds bounds.maximum 16"),
        ("{", "<", "its description holds no settings"),
    ],
)
def test_settings_that_are_wrong_scale_nothing_and_let_the_alarm_fire_again(
    account: Account, add_stream: Add, look: Look, old: str, new: str, reason: str
) -> None:
    add_stream(states=BUSY)
    account.alarms[UP]["AlarmDescription"] = account.alarms[UP]["AlarmDescription"].replace(old, new)
    decision = look()
    assert (decision.outcome, decision.rule) == (Outcome.FAILED, "settings")
    assert reason in decision.reason
    assert decision.reason.startswith(f"The alarm {UP} is not as it was made")
    assert account.calls["UpdateShardCount"] == account.calls["PutMetricAlarm"] == 0
    assert account.alarms[UP]["StateValue"] == "INSUFFICIENT_DATA"
    account.set_state(UP, "ALARM")
    look()
    assert account.alarms[UP]["StateValue"] == "ALARM", "not every minute"


def test_memory_that_something_else_has_written_scales_nothing(account: Account, add_stream: Add, look: Look) -> None:
    add_stream(states=BUSY)
    account.items["orders"] = {"stream": {"S": "orders"}, "version": {"N": "1"}}
    decision = look()
    assert (decision.outcome, decision.rule) == (Outcome.FAILED, "settings")
    assert "Its item in the state table is not one of this function's" in decision.reason
    assert account.done == []


def test_a_stream_of_which_nothing_is_known_is_not_touched(account: Account, look: Look) -> None:
    decision = look()
    assert (decision.outcome, decision.rule) == (Outcome.UNMANAGED, "unknown")
    assert account.done == []


@pytest.mark.parametrize("enhanced", [True, False])
def test_a_hot_stream_is_told_with_its_shards(
    account: Account, add_stream: Add, make_run: Callable[..., Run], enhanced: bool
) -> None:
    add_stream(shards=4, bounds=Bounds(4, 16))
    account.metric_data["orders", "IncomingRecords"] = [60 * 1000.0] * 15
    account.metric_data["orders", "WriteProvisionedThroughputExceeded"] = [60 * 100.0] * 15
    if enhanced:
        account.metric_data["orders/shardId-000000000002", "IncomingRecords"] = [900 * 990.0]
        account.metric_data["orders/shardId-000000000001", "IncomingRecords"] = [900 * 5.0]
    run = make_run()
    run.work({"1": Message(Kind.STREAMS, ("orders",), ticked=True)})
    decision = run.results[0].decision
    assert decision.outcome is Outcome.HOT
    assert "Use another partition key, or split that shard." in decision.reason
    expected = "shardId-000000000002 99% full." if enhanced else "enable them (kinesis:EnableEnhancedMonitoring"
    assert expected in decision.reason
    assert account.calls["UpdateShardCount"] == 0


def test_time_that_aws_takes_longer_is_waited_for(account: Account, add_stream: Add, look: Look) -> None:
    add_stream(states=BUSY)
    look()
    account.streams["orders"].ready_at += 600
    account.clock.sleep(200)
    account.queue.clear()
    assert look().retry_after == timedelta(seconds=30)
    assert [delay for _, delay in account.bodies()] == [pytest.approx(30, abs=1)]
