"""Functions that read SQS queues: what AWS accepts, what they receive, and what becomes of messages, as time passes."""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from localcloud.client import LocalCloud

Refusal = Callable[..., tuple[str, str]]
BEGINNING = datetime(2026, 11, 25, 12, tzinfo=UTC)
FAILING = "def handler(event, context):\n    raise RuntimeError('no')\n"
PICKY = """
def handler(event, context):
    failed = [record["messageId"] for record in event["Records"] if record["body"] == "bad"]
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in failed]}
"""
MUMBLING = "def handler(event, context):\n    return {'batchItemFailures': [{'itemIdentifier': 'nobody'}]}\n"


@pytest.fixture(scope="module")
def moved(runtimes: dict[str, str]) -> Iterator[LocalCloud]:
    with LocalCloud.start(time=BEGINNING, environment=runtimes) as running:
        yield running


@pytest.fixture
def sqs(moved: LocalCloud) -> Any:
    return moved.client("sqs")


@pytest.fixture
def functions(moved: LocalCloud) -> Any:
    return moved.client("lambda")


class Queue:
    """A queue and its ARN."""

    def __init__(self, sqs: Any, name: str, **attributes: str) -> None:
        self.url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        self._sqs = sqs
        self.arn = self.attribute("QueueArn")

    def attribute(self, name: str) -> str:
        return str(self._sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=[name])["Attributes"][name])

    def send(self, *bodies: str, **settings: Any) -> list[str]:
        sent = [self._sqs.send_message(QueueUrl=self.url, MessageBody=body, **settings) for body in bodies]
        return [message["MessageId"] for message in sent]

    def left(self) -> tuple[int, int]:
        """How many messages are visible, and how many are not for now."""
        return (
            int(self.attribute("ApproximateNumberOfMessages")),
            int(self.attribute("ApproximateNumberOfMessagesNotVisible")),
        )


@pytest.fixture
def queue(sqs: Any, name: str) -> Queue:
    return Queue(sqs, name, VisibilityTimeout="60")


@pytest.fixture
def connect(moved: LocalCloud, functions: Any, deploy: Callable[..., str], name: str) -> Iterator[Callable[..., str]]:
    """Lets a new function of that source read a queue; returns the mapping's id."""
    mappings = []

    def map_queue(queue: Queue, source: str | None = None, **settings: Any) -> str:
        arn = deploy(moved, name, source) if source else deploy(moved, name)
        mapping = functions.create_event_source_mapping(EventSourceArn=queue.arn, FunctionName=arn, **settings)
        mappings.append(mapping["UUID"])
        return str(mapping["UUID"])

    yield map_queue
    for identifier in mappings:
        functions.delete_event_source_mapping(UUID=identifier)


@pytest.fixture
def runs(moved: LocalCloud, name: str) -> Callable[[], list[dict[str, Any]]]:
    """The invocations of the test's function so far."""

    def found() -> list[dict[str, Any]]:
        assert moved.wait_idle()
        return [run for run in moved.invocations() if run["function"] == name]

    return found


def bodies(run: dict[str, Any]) -> list[str]:
    return [record["body"] for record in run["result"]["Records"]]


def test_a_function_receives_what_aws_sends(moved: LocalCloud, queue: Queue, connect: Any, runs: Any) -> None:
    connect(queue)
    (identifier,) = queue.send("hello", MessageAttributes={"Kind": {"DataType": "String", "StringValue": "greeting"}})
    (run,) = runs()
    (record,) = run["result"]["Records"]
    sent = int(record["attributes"]["SentTimestamp"]) / 1000
    assert abs(sent - moved.now().timestamp()) < 30
    assert record["receiptHandle"]
    assert record["attributes"]["ApproximateFirstReceiveTimestamp"].isdigit()
    assert {
        key: record[key] for key in record if key not in ("receiptHandle", "attributes", "md5OfMessageAttributes")
    } == {
        "messageId": identifier,
        "body": "hello",
        "messageAttributes": {
            "Kind": {
                "stringValue": "greeting",
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": "String",
            }
        },
        "md5OfBody": hashlib.md5(b"hello", usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": queue.arn,
        "awsRegion": "us-east-1",
    }
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert queue.left() == (0, 0)


def test_a_delayed_message_is_received_when_its_time_has_come(
    moved: LocalCloud, queue: Queue, connect: Any, runs: Any
) -> None:
    connect(queue)
    queue.send("later", DelaySeconds=900)
    moved.advance(timedelta(seconds=890))
    assert runs() == []
    moved.advance(timedelta(seconds=11))
    assert [bodies(run) for run in runs()] == [["later"]]


def test_a_failed_batch_comes_again_after_the_visibility_timeout_and_ends_in_the_dead_letter_queue(
    moved: LocalCloud, sqs: Any, name: str, connect: Any, runs: Any
) -> None:
    dead = Queue(sqs, f"{name}-dead")
    redrive = json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 3})
    queue = Queue(sqs, f"{name}-work", VisibilityTimeout="60", RedrivePolicy=redrive)
    connect(queue, FAILING)
    queue.send("poison")
    assert len(runs()) == 1
    assert queue.left() == (0, 1)
    moved.advance(timedelta(seconds=50))
    assert len(runs()) == 1
    moved.advance(timedelta(seconds=15))
    assert len(runs()) == 2
    moved.advance(timedelta(minutes=5))
    assert len(runs()) == 3
    assert (queue.left(), dead.left()) == ((0, 0), (1, 0))


def test_only_reported_messages_come_again(moved: LocalCloud, queue: Queue, connect: Any, runs: Any) -> None:
    connect(queue, PICKY, FunctionResponseTypes=["ReportBatchItemFailures"], MaximumBatchingWindowInSeconds=5)
    _, bad, _ = queue.send("good", "bad", "fine")
    moved.advance(timedelta(seconds=10))
    assert [run["result"] for run in runs()] == [{"batchItemFailures": [{"itemIdentifier": bad}]}]
    assert queue.left() == (0, 1)


def test_a_report_that_names_no_message_fails_the_whole_batch(
    moved: LocalCloud, queue: Queue, connect: Any, runs: Any
) -> None:
    connect(queue, MUMBLING, FunctionResponseTypes=["ReportBatchItemFailures"], MaximumBatchingWindowInSeconds=5)
    queue.send("one", "two")
    moved.advance(timedelta(seconds=10))
    assert len(runs()) == 1
    assert queue.left() == (0, 2)


def test_a_batch_waits_for_its_window_or_until_it_is_full(
    moved: LocalCloud, queue: Queue, connect: Any, runs: Any
) -> None:
    connect(queue, BatchSize=3, MaximumBatchingWindowInSeconds=60)
    queue.send("a", "b")
    moved.advance(timedelta(seconds=50))
    assert runs() == []
    moved.advance(timedelta(seconds=11))
    assert [bodies(run) for run in runs()] == [["a", "b"]]
    queue.send("c", "d", "e")
    assert [bodies(run) for run in runs()][1:] == [["c", "d", "e"]]


def test_a_disabled_mapping_leaves_messages_alone(
    moved: LocalCloud, functions: Any, queue: Queue, connect: Any, runs: Any
) -> None:
    mapping = connect(queue, Enabled=False)
    queue.send("wait")
    moved.advance(timedelta(minutes=1))
    assert runs() == []
    functions.update_event_source_mapping(UUID=mapping, Enabled=True)
    assert [bodies(run) for run in runs()] == [["wait"]]


def test_a_busy_function_handles_every_message_in_the_end(
    moved: LocalCloud, functions: Any, queue: Queue, connect: Any, runs: Any, name: str
) -> None:
    mapping = connect(queue, BatchSize=1, ScalingConfig={"MaximumConcurrency": 2}, Enabled=False)
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    queue.send(*"abcd")
    functions.update_event_source_mapping(UUID=mapping, Enabled=True)
    assert sorted(bodies(run)[0] for run in runs() if run["status"] == "ok") == list("abcd")
    assert queue.left() == (0, 0)


def test_an_alias_is_invoked_as_what_it_points_to(
    moved: LocalCloud, functions: Any, queue: Queue, deploy: Any, name: str, runs: Any
) -> None:
    deploy(moved, name)
    functions.publish_version(FunctionName=name)
    alias = functions.create_alias(FunctionName=name, Name="live", FunctionVersion="1")["AliasArn"]
    mapping = functions.create_event_source_mapping(EventSourceArn=queue.arn, FunctionName=f"{name}:live")
    assert mapping["FunctionArn"] == alias
    queue.send("hello")
    assert [run["version"] for run in runs()] == ["1"]


def test_a_mapping_is_described_as_it_was_made(functions: Any, queue: Queue, connect: Any, name: str) -> None:
    mapping = connect(
        queue,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        ScalingConfig={"MaximumConcurrency": 2},
        MaximumBatchingWindowInSeconds=20,
        BatchSize=100,
    )
    described = functions.get_event_source_mapping(UUID=mapping)
    expected = {
        "UUID": mapping,
        "State": "Enabled",
        "EventSourceArn": queue.arn,
        "FunctionArn": f"arn:aws:lambda:us-east-1:123456789012:function:{name}",
        "BatchSize": 100,
        "MaximumBatchingWindowInSeconds": 20,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 2},
    }
    assert {key: described[key] for key in expected} == expected
    for arguments in ({"FunctionName": name}, {"FunctionName": expected["FunctionArn"]}, {"EventSourceArn": queue.arn}):
        listed = functions.list_event_source_mappings(**arguments)["EventSourceMappings"]
        assert [item["UUID"] for item in listed] == [mapping]


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"BatchSize": 11}, "InvalidParameterValueException"),
        ({"StartingPosition": "LATEST"}, "InvalidParameterValueException"),
        ({"FilterCriteria": {"Filters": [{"Pattern": "{}"}]}}, "NotImplemented"),
        ({"FunctionName": "absent"}, "ResourceNotFoundException"),
        ({"EventSourceArn": "arn:aws:sqs:us-east-1:123456789012:absent"}, "InvalidParameterValueException"),
        ({"EventSourceArn": "arn:aws:sqs:us-east-1:123456789012:absent.fifo"}, "NotImplemented"),
    ],
)
def test_refuses_what_aws_refuses(
    moved: LocalCloud, functions: Any, queue: Queue, deploy: Any, name: str, refusal: Refusal, settings: Any, code: str
) -> None:
    deploy(moved, name)
    arguments = {"EventSourceArn": queue.arn, "FunctionName": name, **settings}
    assert refusal(functions.create_event_source_mapping, **arguments)[0] == code


def test_refuses_a_queue_whose_messages_are_visible_again_before_the_function_ends(
    moved: LocalCloud, sqs: Any, functions: Any, deploy: Any, name: str, refusal: Refusal
) -> None:
    queue = Queue(sqs, name, VisibilityTimeout="30")
    deploy(moved, name)
    functions.update_function_configuration(FunctionName=name, Timeout=31)
    assert refusal(functions.create_event_source_mapping, EventSourceArn=queue.arn, FunctionName=name) == (
        "InvalidParameterValueException",
        "Queue visibility timeout: 30 seconds is less than Function timeout: 31 seconds",
    )


def test_refuses_a_second_mapping_of_the_same_two(
    functions: Any, queue: Queue, connect: Any, name: str, refusal: Refusal
) -> None:
    mapping = connect(queue)
    code, message = refusal(functions.create_event_source_mapping, EventSourceArn=queue.arn, FunctionName=name)
    assert code == "ResourceConflictException"
    assert mapping in message


def test_an_unknown_mapping_is_not_found(functions: Any, refusal: Refusal) -> None:
    unknown = {"UUID": "00000000-0000-0000-0000-000000000000"}
    for operation in ("get", "update", "delete"):
        call = getattr(functions, f"{operation}_event_source_mapping")
        assert refusal(call, **unknown)[0] == "ResourceNotFoundException"


def test_the_account_keeps_a_hundred_executions_unreserved(
    moved: LocalCloud, functions: Any, deploy: Any, name: str, refusal: Refusal
) -> None:
    deploy(moved, name)
    arguments = {"FunctionName": name, "ReservedConcurrentExecutions": 901}
    code, message = refusal(functions.put_function_concurrency, **arguments)
    assert code == "InvalidParameterValueException"
    assert "below its minimum value of [100]" in message
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    assert functions.get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"] == 0
    assert functions.get_function(FunctionName=name)["Concurrency"]["ReservedConcurrentExecutions"] == 0
    functions.delete_function_concurrency(FunctionName=name)
    assert "ReservedConcurrentExecutions" not in functions.get_function_concurrency(FunctionName=name)
