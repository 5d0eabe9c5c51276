"""Who a resource's policy lets in, for the policies that functions, queues, topics and keys have."""

from dataclasses import replace
from typing import Any

import pytest

from localcloud.resource_policy import ServiceCall, admits

ALARM = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:drift"
TOPIC = "arn:aws:sns:us-east-1:123456789012:alarms"
CALL = ServiceCall("cloudwatch.amazonaws.com", "sns:Publish", TOPIC, ALARM)


def statement(**changes: Any) -> dict[str, Any]:
    plain = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "SNS:Publish",
        "Resource": TOPIC,
    }
    return {**plain, **changes}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"Principal": "*"},
        {"Principal": {"AWS": "*"}},
        {"Principal": {"Service": ["events.amazonaws.com", "cloudwatch.amazonaws.com"]}},
        {"Action": ["sns:Subscribe", "sns:Pub*"]},
        {"Resource": "*"},
        {"Resource": ["arn:aws:sns:us-east-1:123456789012:*"]},
        {"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:*"}}},
        {"Condition": {"StringEquals": {"AWS:SourceOwner": "123456789012"}}},
        {"Condition": {"StringEquals": {"aws:SourceAccount": ["1", "123456789012"], "aws:SourceArn": ALARM}}},
        {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
    ],
    ids=str,
)
def test_admits(changes: dict[str, Any]) -> None:
    assert admits([statement(Principal={"Service": "s3.amazonaws.com"}), statement(**changes)], CALL)


@pytest.mark.parametrize(
    "changes",
    [
        {"Effect": "Deny"},
        {"Principal": {"Service": "events.amazonaws.com"}},
        {"Principal": {"AWS": "arn:aws:iam::123456789012:root"}},
        {"Action": "sns:Subscribe"},
        {"Resource": f"{TOPIC}-other"},
        {"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:events:*"}}},
        {"Condition": {"StringEquals": {"aws:SourceAccount": "210987654321"}}},
        {"Condition": {"StringEquals": {"aws:SourceArn": "arn:aws:cloudwatch:*"}}},
        {"Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}},
    ],
    ids=str,
)
def test_does_not_admit(changes: dict[str, Any]) -> None:
    assert not admits([statement(**changes)], CALL)


def test_a_denial_that_applies_outweighs_what_is_allowed() -> None:
    insecure = statement(Effect="Deny", Principal="*", Condition={"Bool": {"aws:SecureTransport": "false"}})
    assert admits([statement(), insecure], CALL)
    assert not admits([statement(), statement(Effect="Deny", Principal="*")], CALL)


def test_an_empty_policy_admits_nobody() -> None:
    assert not admits([], CALL)
    assert not admits([statement()], replace(CALL, service="events.amazonaws.com"))
