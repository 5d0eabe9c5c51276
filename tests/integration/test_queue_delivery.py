"""What topics and rules put into queues: the shape, and only where the queue and its key let them."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from deployment import admit
from localcloud.client import LocalCloud

ACCOUNT = "123456789012"
SNS, EVENTS = "sns.amazonaws.com", "events.amazonaws.com"
Create = Callable[..., str]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("delivery") / "server.log"


@pytest.fixture(scope="module")
def moved(runtimes: dict[str, str], log: Path) -> Iterator[LocalCloud]:
    """A cloud whose clock and whose stderr are these tests'."""
    with LocalCloud.start(environment=runtimes, log=log) as running:
        yield running


@pytest.fixture
def create(moved: LocalCloud) -> Create:
    """Creates a queue, which admits nobody; returns its URL."""

    def create_queue(name: str, **attributes: str) -> str:
        return str(moved.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"])

    return create_queue


@pytest.fixture
def topic(moved: LocalCloud, name: str) -> str:
    return str(moved.client("sns").create_topic(Name=name)["TopicArn"])


@pytest.fixture
def rule(moved: LocalCloud, name: str) -> str:
    """The ARN of a rule that fires every hour."""
    return str(moved.client("events").put_rule(Name=name, ScheduleExpression="rate(1 hour)")["RuleArn"])


def received(cloud: LocalCloud, url: str) -> list[dict[str, Any]]:
    arguments = {"QueueUrl": url, "MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"]}
    return list(cloud.client("sqs").receive_message(**arguments).get("Messages", []))


def arn(name: str) -> str:
    return f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"


def subscribe(cloud: LocalCloud, topic: str, name: str, **attributes: str) -> None:
    cloud.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn(name), Attributes=attributes)


def publish(cloud: LocalCloud, topic: str) -> None:
    attributes = {"Kind": {"DataType": "String", "StringValue": "alarm"}}
    cloud.client("sns").publish(TopicArn=topic, Subject="Trouble", Message="it broke", MessageAttributes=attributes)


@pytest.mark.parametrize("raw", ["unset", "false"])
def test_a_queue_receives_the_notification_of_a_topic(
    moved: LocalCloud, create: Create, topic: str, name: str, raw: str
) -> None:
    url = create(name)
    admit(moved, url, SNS, topic)
    subscribe(moved, topic, name, **({} if raw == "unset" else {"RawMessageDelivery": raw}))
    publish(moved, topic)
    (message,) = received(moved, url)
    notification = json.loads(message["Body"])
    assert {key: notification[key] for key in ("Type", "TopicArn", "Subject", "Message", "MessageAttributes")} == {
        "Type": "Notification",
        "TopicArn": topic,
        "Subject": "Trouble",
        "Message": "it broke",
        "MessageAttributes": {"Kind": {"Type": "String", "Value": "alarm"}},
    }
    assert "MessageAttributes" not in message


def test_raw_delivery_is_the_bare_message(moved: LocalCloud, create: Create, topic: str, name: str) -> None:
    url = create(name)
    admit(moved, url, SNS, topic)
    subscribe(moved, topic, name, RawMessageDelivery="true")
    publish(moved, topic)
    (message,) = received(moved, url)
    assert message["Body"] == "it broke"
    assert message["MessageAttributes"] == {"Kind": {"StringValue": "alarm", "DataType": "String"}}


def test_a_queue_that_does_not_admit_the_topic_receives_nothing(
    moved: LocalCloud, create: Create, topic: str, name: str, log: Path
) -> None:
    url, dead = create(name), create(f"{name}-dead")
    admit(moved, url, SNS, f"{topic}-other")
    admit(moved, dead, SNS, topic)
    subscribe(moved, topic, name, RedrivePolicy=json.dumps({"deadLetterTargetArn": arn(f"{name}-dead")}))
    publish(moved, topic)
    assert received(moved, url) == []
    (message,) = received(moved, dead)
    assert json.loads(message["Body"])["Message"] == "it broke"
    reason = f"The queue is not reached, {arn(name)} does not permit {SNS} for {topic}."
    assert message["MessageAttributes"]["ErrorMessage"]["StringValue"] == reason
    assert f"SNS delivered nothing from {topic}. {reason} It is in {arn(f'{name}-dead')}." in log.read_text()


def test_what_nobody_takes_is_lost_with_a_line_on_stderr(
    moved: LocalCloud, create: Create, topic: str, name: str, log: Path
) -> None:
    url = create(name)
    subscribe(moved, topic, name)
    moved.client("sqs").delete_queue(QueueUrl=url)
    publish(moved, topic)
    reason = f"The queue is not reached, there is no {arn(name)}."
    assert f"SNS delivered nothing from {topic}. {reason} The subscription has no dead-letter queue." in log.read_text()


@pytest.mark.parametrize("key", ["alias/aws/sqs", SNS, EVENTS])
def test_an_encrypted_queue_is_reached_only_if_its_key_admits_the_service(
    moved: LocalCloud, create: Create, topic: str, name: str, key: str
) -> None:
    if not key.startswith("alias/"):
        admitted = {"Effect": "Allow", "Principal": {"Service": key}, "Action": ["kms:Decrypt", "kms:GenerateDataKey*"]}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [admitted | {"Resource": "*"}]})
        key, admitting = moved.client("kms").create_key(Policy=policy)["KeyMetadata"]["KeyId"], key
    else:
        admitting = ""
    url = create(name, KmsMasterKeyId=key)
    admit(moved, url, SNS, topic)
    subscribe(moved, topic, name)
    publish(moved, topic)
    assert len(received(moved, url)) == (1 if admitting == SNS else 0)


def test_a_rule_puts_its_event_or_the_input_of_its_target_into_queues(
    moved: LocalCloud, create: Create, rule: str, name: str
) -> None:
    plain, told = create(name), create(f"{name}-told")
    targets = [
        {"Id": "plain", "Arn": admit(moved, plain, EVENTS, rule)},
        {"Id": "told", "Arn": admit(moved, told, EVENTS, rule), "Input": '{"reconcile": true}'},
    ]
    moved.client("events").put_targets(Rule=name, Targets=targets)
    moved.advance(timedelta(minutes=61))
    (event,) = received(moved, plain)
    assert json.loads(event["Body"])["resources"] == [rule]
    assert [message["Body"] for message in received(moved, told)] == ['{"reconcile": true}']


def test_a_queue_that_does_not_admit_the_rule_makes_its_event_a_dead_letter(
    moved: LocalCloud, create: Create, rule: str, name: str, log: Path
) -> None:
    url, dead = create(name), create(f"{name}-dead")
    letters = {"DeadLetterConfig": {"Arn": admit(moved, dead, EVENTS, rule)}}
    targets = [{"Id": "shut", "Arn": arn(name), **letters}, {"Id": "absent", "Arn": arn(f"{name}-absent"), **letters}]
    moved.client("events").put_targets(Rule=name, Targets=targets)
    moved.advance(timedelta(minutes=61))
    assert received(moved, url) == []
    letters_by_target = {
        message["MessageAttributes"]["TARGET_ARN"]["StringValue"]: message["MessageAttributes"]["ERROR_CODE"][
            "StringValue"
        ]
        for message in received(moved, dead)
    }
    assert letters_by_target == {arn(name): "NO_PERMISSIONS", arn(f"{name}-absent"): "NO_RESOURCE"}
    assert f"{arn(name)} does not permit {EVENTS} for {rule}" in log.read_text()
