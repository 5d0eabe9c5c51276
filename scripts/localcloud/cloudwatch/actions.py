"""What an alarm does when its state changes: it publishes to topics and invokes functions.

"Notifying users on alarm changes" in the CloudWatch User Guide, and "Why didn't I receive an SNS notification for my
CloudWatch alarm trigger?" in AWS's knowledge centre: the policies of the topic and of its key must let alarms in.
"""

import json
import sys
from typing import Any

from moto.core.exceptions import ServiceException
from moto.sns.models import sns_backends

from localcloud import ACCOUNT_ID
from localcloud.cloudwatch import history
from localcloud.cloudwatch.message import State, event, message, subject
from localcloud.functions import invocations, invoke_permission
from localcloud.key_policy import key_admits
from localcloud.resource_policy import ServiceCall, admits

SERVICE = "cloudwatch.amazonaws.com"
LAMBDA_SERVICE = "lambda.alarms.cloudwatch.amazonaws.com"


class _FailedError(Exception):
    """The action cannot be taken; the text is what AWS would note."""


def fire(alarm: Any, old: State, new: State) -> None:
    """Take the actions that moto's `alarm` has for its `new` state, each noted in its history; failures on stderr."""
    actions = {
        "ALARM": alarm.alarm_actions,
        "OK": alarm.ok_actions,
        "INSUFFICIENT_DATA": alarm.insufficient_data_actions,
    }
    if not alarm.actions_enabled:
        return
    for arn in actions[new.value]:
        published = error = None
        try:
            published = _act(alarm, arn, old, new)
        except _FailedError as failure:
            error = str(failure)
            print(f"The alarm {alarm.name} could not execute {arn}: {error}", file=sys.stderr, flush=True)
        history.note_action(alarm, new, arn, message=published, error=error)


def _act(alarm: Any, arn: str, old: State, new: State) -> str | None:
    """Take one action; returns the message that it published. Raises _FailedError."""
    match arn.split(":"):
        case [_, _, "sns", region, _, _]:
            text = json.dumps(message(alarm, old, new))
            _publish(alarm, arn, region, text, subject(alarm, new))
            return json.dumps({"default": text})
        case [_, _, "lambda", region, *_]:
            if reason := invoke_permission.refusal(arn, service=LAMBDA_SERVICE, source_arn=alarm.alarm_arn):
                raise _FailedError(reason)
            payload = json.dumps(event(alarm, old, new)).encode()
            invocations.invoke_async(arn, payload, region=region, account_id=ACCOUNT_ID)
            return None
        case _:
            raise _FailedError("The local cloud does not emulate this kind of alarm action.")


def _publish(alarm: Any, arn: str, region: str, text: str, title: str) -> None:
    backend = sns_backends[ACCOUNT_ID][region]
    topic = backend.topics.get(arn)
    if topic is None:
        raise _FailedError("Topic does not exist")
    statements = json.loads(topic.policy).get("Statement", [])
    if not admits(statements, ServiceCall(SERVICE, "sns:Publish", arn, alarm.alarm_arn)):
        raise _FailedError("CloudWatch Alarms is not authorized to perform: SNS:Publish on resource: " + arn)
    key = topic.kms_master_key_id
    if key and not key_admits(key, region, service=SERVICE, source_arn=alarm.alarm_arn):
        raise _FailedError("CloudWatch Alarms does not have authorization to access the SNS topic encryption key.")
    try:
        backend.publish(message=text, arn=arn, subject=title)
    except ServiceException as error:  # a FIFO topic, to which alarms cannot publish
        raise _FailedError(str(error)) from error
