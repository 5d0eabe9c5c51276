"""Events and batches: what is refused, what goes back to the queue, what is logged, measured and returned."""

import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from busy_account import Account

from common.errors import ConfigurationError, Rejected, TransientError
from kinesis_autoscaler import handler as entry
from kinesis_autoscaler.gateway import Gateway, connect
from kinesis_autoscaler.messages import MOST_NAMES, parse
from kinesis_autoscaler.model import AlarmState, Direction, Outcome
from kinesis_autoscaler.run import Run
from kinesis_autoscaler.settings import Settings

DEPLOYMENT = "acme-kinesis-autoscaler"
UP = f"{DEPLOYMENT}-orders-scale-up"
BUSY = {Direction.UP: AlarmState.ALARM}
ALARM = {"AlarmName": UP, "NewStateValue": "ALARM", "Trigger": {"Metrics": []}}
LAMBDA_SRC = Path(entry.__file__).parents[1]

Add = Callable[..., None]
MakeRun = Callable[..., Run]


def batch(*bodies: Any) -> dict[str, Any]:
    """What SQS hands to the function; a body that is no text is written as JSON. The ids are 0, 1, …"""
    texts = [body if isinstance(body, str) else json.dumps(body) for body in bodies]
    return {
        "Records": [
            {"messageId": str(index), "receiptHandle": "r", "body": text, "attributes": {}, "eventSource": "aws:sqs"}
            for index, text in enumerate(texts)
        ]
    }


def failures(answer: dict[str, Any]) -> list[str]:
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def bodies(account: Account) -> list[Any]:
    return [body for body, _ in account.bodies()]


@dataclass
class Context:
    """What is read of the Lambda context."""

    function_name: str = DEPLOYMENT
    memory_limit_in_mb: int = 256
    invoked_function_arn: str = f"arn:aws:lambda:us-east-1:123456789012:function:{DEPLOYMENT}"
    aws_request_id: str = "8a3c1b52-7d1e-4a0e-9d53-0c9a3f1f6a11"
    milliseconds: int = 60_000

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


@pytest.fixture
def log_lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """The JSON lines that were logged."""
    stream = io.StringIO()
    monkeypatch.setattr(entry.logger.registered_handler, "stream", stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.fixture
def deployed(
    account: Account, make_function_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """The settings of a function whose gateway reaches the account."""
    settings = make_function_settings()

    def gateway(variables: frozenset[tuple[str, str]], deployment: str) -> Gateway:
        return connect(settings, deployment, account, account.clock, account.clock.sleep)

    monkeypatch.setattr(entry, "load", lambda variables: settings)
    monkeypatch.setattr(entry, "gateway", gateway)
    return settings


# What is refused


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("tick", "A message is JSON, not 'tick'."),
        ([], "Neither what CloudWatch publishes of an alarm, nor"),
        ({}, "Neither what CloudWatch publishes of an alarm, nor"),
        ({"kind": "stream"}, "Neither what CloudWatch publishes of an alarm, nor"),
        ({"kind": "tick", "now": True}, "Neither what CloudWatch publishes of an alarm, nor"),
        ({"Records": [{"eventSource": "aws:kinesis"}]}, "Neither what CloudWatch publishes of an alarm, nor"),
        ({"Subject": "You have won", "Message": "click"}, "Neither what CloudWatch publishes of an alarm, nor"),
        ({"AlarmName": 7}, "Neither what CloudWatch publishes of an alarm, nor"),
        ({"AlarmName": "billing"}, "The alarm 'billing' is none of acme-kinesis-autoscaler: take the topic out"),
        ({"AlarmName": f"{DEPLOYMENT}-failed-streams"}, "is none of acme-kinesis-autoscaler"),
        ({"AlarmName": f"{DEPLOYMENT}-no/name-scale-up"}, "is none of acme-kinesis-autoscaler"),
        ({"kind": "streams", "names": []}, "`names` are 1 to 25 names of streams, not []"),
        ({"kind": "streams", "names": ["a"] * 26}, "`names` are 1 to 25 names of streams"),
        ({"kind": "streams", "names": ["a b"]}, "`names` are 1 to 25 names of streams, not ['a b']"),
        ({"kind": "streams", "names": "orders"}, "Neither what CloudWatch publishes of an alarm, nor"),
    ],
)
def test_a_message_that_says_nothing_to_do_is_an_item_that_failed(
    account: Account,
    make_run: MakeRun,
    add_stream: Add,
    log_lines: Callable[[], list[dict[str, Any]]],
    body: Any,
    reason: str,
) -> None:
    add_stream(states=BUSY)
    assert failures(entry.from_queue(make_run(), batch(body, ALARM))) == ["0"], "and keeps no other from being done"
    line = log_lines()[0]
    assert (line["level"], line["message_id"]) == ("ERROR", "0")
    assert reason in line["reason"]
    assert line["reason"].endswith("Nothing was done.")
    assert account.streams["orders"].target == 8


def test_refuses_a_message_by_hand_before_it_reads_anything(account: Account, make_run: MakeRun) -> None:
    with pytest.raises(Rejected, match="Nothing was done"):
        entry.by_hand(make_run(), {"kind": "all"})
    assert account.calls.total() == 0


@pytest.mark.parametrize("source", ["aws:kinesis", None])
def test_nothing_but_the_queue_calls_with_records(account: Account, make_run: MakeRun, source: str | None) -> None:
    with pytest.raises(Rejected, match="subscribe it instead"):
        entry.from_queue(make_run(), {"Records": [{"eventSource": source, "messageId": "0", "body": "{}"}]})
    assert account.calls.total() == 0


def test_settings_that_are_wrong_fail_the_whole_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SETTINGS", '{"dry_run": "perhaps"}')
    entry.gateway.cache_clear()
    with pytest.raises(ConfigurationError, match=r"topic_arn is missing.*dry_run is 'perhaps'"):
        entry.handler(batch(ALARM), Context())
    assert entry.gateway.cache_info().misses == 0  # no gateway, so no call


def test_importing_the_handler_makes_no_client() -> None:
    program = "import boto3\nboto3.Session.__init__ = boto3.client = None\nimport kinesis_autoscaler.handler"
    subprocess.run([sys.executable, "-c", program], check=True, cwd=LAMBDA_SRC)


# What is done


def test_a_batch_is_dealt_with_by_one_description_of_all_alarms(
    account: Account, add_stream: Add, deployed: Settings
) -> None:
    names = [f"stream-{index}" for index in range(5)]
    for name in names:
        add_stream(name, states=BUSY)
    messages = [{"AlarmName": f"{DEPLOYMENT}-{name}-scale-up"} for name in names]
    assert failures(entry.handler(batch(*messages, messages[0]), Context())) == []
    assert {stream.target for stream in account.streams.values()} == {8}
    assert account.calls["DescribeAlarms"] == account.calls["BatchGetItem"] == 1
    assert account.calls["UpdateShardCount"] == 5


def test_by_hand_returns_what_was_decided(account: Account, add_stream: Add, deployed: Settings) -> None:
    add_stream(states=BUSY)
    answer = entry.handler({"kind": "streams", "names": ["orders", "gone"]}, Context())
    orders, gone = answer["decisions"]
    assert (orders["stream"], orders["outcome"], orders["shards"]) == ("orders", "resized", 8)
    assert (gone["stream"], gone["outcome"]) == ("gone", "unmanaged")
    assert json.loads(json.dumps(answer)) == answer


def test_a_line_is_logged_for_each_decision(
    account: Account, add_stream: Add, make_run: MakeRun, log_lines: Callable[[], list[dict[str, Any]]]
) -> None:
    add_stream(states=BUSY)
    entry.from_queue(make_run(), batch(ALARM))
    (line,) = log_lines()
    expected = {
        "level": "INFO",
        "message": "stream",
        "stream": "orders",
        "outcome": "resized",
        "rule": "up",
        "shards_before": 4,
        "shards": 8,
        "wanted": 8,
        "usage": None,
        "calls_left": 9,
        "goal": None,
        "dry_run": False,
        "alarms": {"scale-up": "ALARM", "scale-down": "OK"},
    }
    assert {key: line.get(key) for key in expected} == expected
    assert line["reason"].endswith("4 to 8 shards.")


def test_figures_are_of_the_run_and_of_each_stream_that_was_changed(
    account: Account, add_stream: Add, make_run: MakeRun, capsys: pytest.CaptureFixture[str]
) -> None:
    add_stream(states=BUSY)
    add_stream("clicks", shards=8, alarm_shards=4)
    entry.from_queue(make_run(), batch(ALARM, {"kind": "streams", "names": ["clicks"]}))
    whole, orders = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    expected = {"FailedStreams": 0, "RefusedStreams": 0, "HotStreams": 0, "RepairedAlarms": 2, "CallsLeft": 9}
    assert {name: whole[name] for name in expected} == {name: [float(value)] for name, value in expected.items()}
    assert "ManagedStreams" not in whole
    assert "stream" not in whole
    (directive,) = orders["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Groundcrew/kinesis_autoscaler"
    assert directive["Dimensions"] == [["stream"]]
    assert (orders["stream"], orders["Shards"], orders["Desired"], orders["CallsLeft"]) == ("orders", [4], [8], [9])


# What does not fit, and what fails


def test_what_does_not_fit_the_time_goes_back_to_the_queue_and_counts_as_done(
    account: Account, add_stream: Add, make_run: MakeRun
) -> None:
    names = [f"stream-{index}" for index in range(5)]
    for name in names:
        add_stream(name, states=BUSY)
    time = iter([True, False, False, False, False, False])
    run = make_run(in_time=lambda: next(time))
    messages = [{"AlarmName": f"{DEPLOYMENT}-{name}-scale-up"} for name in names]
    assert failures(entry.from_queue(run, batch(*messages))) == []
    assert [name for name in names if account.streams[name].target] == names[:2]
    assert {"kind": "streams", "names": names[2:]} in bodies(account)


def test_a_run_without_any_time_does_one_stream_all_the_same(
    account: Account, add_stream: Add, make_run: MakeRun
) -> None:
    add_stream(states=BUSY)
    entry.from_queue(make_run(in_time=lambda: False), batch(ALARM))
    assert account.streams["orders"].target == 8


def test_a_run_takes_25_streams_and_gives_the_others_to_other_workers_at_once(
    account: Account, make_run: MakeRun
) -> None:
    groups = [[f"{group}-{index}" for index in range(MOST_NAMES)] for group in range(3)]
    ticked = {"kind": "streams", "names": groups[0], "ticked": True}
    awaited = [{"kind": "streams", "names": names} for names in groups[1:]]
    run = make_run()
    assert failures(entry.from_queue(run, batch(ticked, *awaited))) == []
    assert [result.stream for result in run.results] == groups[1], "those that something happened to come first"
    assert sorted(bodies(account), key=str) == sorted([awaited[1], ticked], key=str)


def test_one_streams_failure_keeps_no_other_of_its_message_from_being_done(
    account: Account, add_stream: Add, make_run: MakeRun
) -> None:
    for name in ("clicks", "orders", "views"):
        add_stream(name, states=BUSY)
    account.fail("UpdateShardCount", "InternalFailure", times=1)
    run = make_run()
    names = ["clicks", "orders", "views"]
    assert failures(entry.from_queue(run, batch({"kind": "streams", "names": names}))) == []
    outcomes = [result.decision.outcome for result in run.results]
    assert outcomes == [Outcome.FAILED, Outcome.RESIZED, Outcome.RESIZED]
    assert ({"kind": "streams", "names": ["clicks"]}, pytest.approx(60, abs=1)) in account.bodies()


def test_a_message_about_one_stream_that_failed_is_delivered_again(
    account: Account, add_stream: Add, make_run: MakeRun
) -> None:
    add_stream(states=BUSY)
    add_stream("clicks", states=BUSY)
    account.fail("UpdateShardCount", "InternalFailure", times=1)
    messages = [ALARM, {"AlarmName": f"{DEPLOYMENT}-clicks-scale-up"}]
    assert failures(entry.from_queue(make_run(), batch(*messages))) == ["0"]
    assert account.streams["clicks"].target == 8


@pytest.mark.parametrize(
    "action", ["DescribeAlarms", "GetItem", "DescribeStreamSummary", "PutItem", "SendMessageBatch"]
)
def test_a_message_is_delivered_again_until_all_of_it_is_done(
    account: Account, add_stream: Add, make_run: MakeRun, action: str
) -> None:
    add_stream(states=BUSY)
    account.fail(action, "InternalFailure", times=1)
    assert failures(entry.from_queue(make_run(), batch(ALARM))) == ["0"]
    assert failures(entry.from_queue(make_run(), batch(ALARM))) == []
    assert len(account.streams["orders"].resized_at) == 1
    assert bodies(account) == [{"kind": "streams", "names": ["orders"]}], "somebody will look again"


def test_what_an_operator_has_to_allow_is_not_tried_again(account: Account, add_stream: Add, make_run: MakeRun) -> None:
    add_stream(states=BUSY)
    account.fail("UpdateShardCount", "AccessDeniedException", "not authorized to perform kinesis:UpdateShardCount")
    run = make_run()
    assert failures(entry.from_queue(run, batch(ALARM))) == []
    (result,) = run.results
    assert result.decision.outcome is Outcome.FAILED
    assert "kinesis:UpdateShardCount. Apply the module, which grants it." in result.decision.reason


def test_a_bug_with_one_stream_is_kept_from_the_others(
    account: Account, add_stream: Add, make_run: MakeRun, log_lines: Callable[[], list[dict[str, Any]]]
) -> None:
    for name in ("clicks", "orders"):
        add_stream(name, states=BUSY)
    account.alarms[f"{DEPLOYMENT}-clicks-scale-up"]["EvaluationPeriods"] = None
    del account.alarms[f"{DEPLOYMENT}-clicks-scale-up"]["Threshold"]
    run = make_run()
    entry.from_queue(run, batch({"kind": "streams", "names": ["clicks", "orders"]}))
    assert [result.decision.outcome for result in run.results] == [Outcome.FAILED, Outcome.RESIZED]
    assert run.results[0].decision.rule == "bug"
    assert "KeyError" in log_lines()[0]["exception"]


# Ticks


def test_a_tick_sends_messages_about_all_streams(
    account: Account, add_stream: Add, make_run: MakeRun, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"stream-{index:02}" for index in range(60)]
    for name in names:
        add_stream(name)
    account.alarms[f"{DEPLOYMENT}-failed-streams"] = {**account.alarms[f"{DEPLOYMENT}-stream-00-scale-up"]}
    account.alarms[f"{DEPLOYMENT}-failed-streams"]["AlarmName"] = f"{DEPLOYMENT}-failed-streams"
    assert failures(entry.from_queue(make_run(), batch({"kind": "tick"}))) == []
    sent = [parse(json.dumps(body), DEPLOYMENT) for body in bodies(account)]
    assert [len(message.names) for message in sent] == [25, 25, 10]
    assert [name for message in sent for name in message.names] == names
    assert all(message.ticked for message in sent)
    (figures,) = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    assert figures["ManagedStreams"] == [60]


def test_a_tick_finds_what_no_message_told(account: Account, add_stream: Add, make_run: MakeRun) -> None:
    """An alarm in ALARM of which the message was lost, and alarms that a crash has left with the old count."""
    add_stream(states=BUSY)
    add_stream("clicks", shards=8, alarm_shards=4)
    entry.from_queue(make_run(), batch({"kind": "tick"}))
    (body,) = bodies(account)
    run = make_run()
    entry.from_queue(run, batch(body))
    outcomes = {result.stream: result.decision.outcome for result in run.results}
    assert outcomes == {"orders": Outcome.RESIZED, "clicks": Outcome.REPAIRED}


def test_a_stream_that_a_tick_finds_changing_is_left_to_the_next_tick(
    account: Account, add_stream: Add, make_run: MakeRun
) -> None:
    """Or every tick of a long reshard would start another row of follow-ups."""
    add_stream()
    account.streams["orders"].status = "UPDATING"
    entry.from_queue(make_run(), batch({"kind": "streams", "names": ["orders"], "ticked": True}))
    assert account.queue == []


def test_a_tick_that_fails_is_delivered_again_and_by_hand_raised(account: Account, make_run: MakeRun) -> None:
    account.fail("DescribeAlarms", "InternalFailure", times=2)
    assert failures(entry.from_queue(make_run(), batch({"kind": "tick"}))) == ["0"]
    with pytest.raises(TransientError, match="the tick failed: DescribeAlarms: InternalFailure"):
        entry.by_hand(make_run(), {"kind": "tick"})


def test_a_tick_for_which_there_is_no_time_is_sent_anew(account: Account, make_run: MakeRun) -> None:
    assert failures(entry.from_queue(make_run(in_time=lambda: False), batch({"kind": "tick"}))) == []
    assert bodies(account) == [{"kind": "tick"}]
