"""Attributes of SQS queues as they are set and shown, over the wire."""

import json
from collections.abc import Callable

import pytest

from localcloud.client import LocalCloud

Refusal = Callable[..., tuple[str, str]]


def arn(name: str) -> str:
    return f"arn:aws:sqs:us-east-1:123456789012:{name}"


def test_a_policy_outlives_a_change_of_another_attribute(cloud: LocalCloud, name: str) -> None:
    sqs = cloud.client("sqs")
    statement = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": arn(name)}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    url = sqs.create_queue(QueueName=name, Attributes={"Policy": policy})["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "7"})
    shown = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert (shown["Policy"], shown["VisibilityTimeout"]) == (policy, "7")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    assert "Policy" not in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


def test_a_dead_letter_queue_shows_and_keeps_to_whom_it_allows(cloud: LocalCloud, name: str, refusal: Refusal) -> None:
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName=f"{name}-failures")["QueueUrl"]
    allow = json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [arn(f"{name}-work")]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedriveAllowPolicy": allow})
    named = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedriveAllowPolicy"])["Attributes"]
    assert named == {"RedriveAllowPolicy": allow}

    policy = {"deadLetterTargetArn": arn(f"{name}-failures"), "maxReceiveCount": 3}
    redrive = {"RedrivePolicy": json.dumps(policy, separators=(",", ":"))}
    work = sqs.create_queue(QueueName=f"{name}-work", Attributes=redrive)["QueueUrl"]
    assert sqs.get_queue_attributes(QueueUrl=work, AttributeNames=["RedrivePolicy"])["Attributes"] == redrive
    code, message = refusal(sqs.create_queue, QueueName=f"{name}-other", Attributes=redrive)
    assert code == "InvalidParameterValue"
    assert f"does not allow {arn(f'{name}-other')}" in message

    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedriveAllowPolicy": ""})
    assert "RedriveAllowPolicy" not in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    sqs.create_queue(QueueName=f"{name}-other", Attributes=redrive)


@pytest.mark.parametrize(
    "policy",
    [
        "{",
        json.dumps({"redrivePermission": "some"}),
        json.dumps({"redrivePermission": "byQueue"}),
        json.dumps({"redrivePermission": "denyAll", "sourceQueueArns": [arn("work")]}),
        json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [arn(f"work-{n}") for n in range(11)]}),
    ],
    ids=["no JSON", "unknown permission", "no sources", "sources for nobody", "too many sources"],
)
def test_a_redrive_allow_policy_that_says_nothing_is_refused(
    cloud: LocalCloud, name: str, policy: str, refusal: Refusal
) -> None:
    create = cloud.client("sqs").create_queue
    code, message = refusal(create, QueueName=name, Attributes={"RedriveAllowPolicy": policy})
    assert code == "InvalidParameterValue"
    assert "for parameter RedriveAllowPolicy is invalid" in message
