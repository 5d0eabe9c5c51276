"""SNS to Lambda and SQS: what a function or a queue receives from a topic, and which of them may.

"Using AWS Lambda with Amazon SNS" in the Lambda Developer Guide; "Fanout to Amazon SQS queues", "Amazon SNS raw message
delivery" and "Amazon SNS dead-letter queues" in the SNS one. The signature is one that moto makes, checkable by the
certificate that it serves; nothing of AWS has signed it.
"""

import json
import sys
import uuid
from typing import Any

from moto.sns.models import Subscription

from localcloud import ACCOUNT_ID, queue_delivery
from localcloud.functions import invocations, invoke_permission

SERVICE = "sns.amazonaws.com"
moto_publish = Subscription.publish


def install() -> None:
    """Put our delivery in place of moto's; harmless when repeated."""
    Subscription.publish = _publish


def _publish(
    self: Any,
    message: str,
    message_id: str,
    subject: str | None = None,
    message_attributes: dict[str, Any] | None = None,
    group_id: str | None = None,
    deduplication_id: str | None = None,
    message_structure: str | None = None,
) -> None:
    """A message to one subscription: what goes to a function or a queue is ours, the other protocols are moto's."""
    if self.protocol not in ("lambda", "sqs"):
        moto_publish(
            self, message, message_id, subject, message_attributes, group_id, deduplication_id, message_structure
        )
        return
    if self._filter_policy_matcher and not self._filter_policy_matcher.matches(message_attributes, message):
        return
    if message_structure == "json":
        message = self._parse_message_structure(message, self.protocol)
    notification = self.get_post_data(message, message_id, subject, message_attributes)
    if reason := _refusal(self):
        fate = _keep_undelivered(self, notification, reason)
        print(f"SNS delivered nothing from {self.topic.arn}. {reason} {fate}", file=sys.stderr, flush=True)
    elif self.protocol == "lambda":
        event = _event(self, notification)
        region = self.endpoint.split(":")[3]
        invocations.invoke_async(self.endpoint, json.dumps(event).encode(), region=region, account_id=ACCOUNT_ID)
    elif _is_raw(self):
        attributes = {name: _raw_attribute(value) for name, value in (message_attributes or {}).items()}
        queue_delivery.send(self.endpoint, message, attributes, group_id=group_id, deduplication_id=deduplication_id)
    else:
        body = json.dumps(notification, indent=2)
        queue_delivery.send(self.endpoint, body, group_id=group_id, deduplication_id=deduplication_id)


def _refusal(subscription: Any) -> str | None:
    """Why the endpoint may not receive anything from the topic, as a sentence; None when it may."""
    arn = subscription.topic.arn
    if subscription.protocol == "lambda":
        return invoke_permission.refusal(subscription.endpoint, service=SERVICE, source_arn=arn)
    refused = queue_delivery.refusal(subscription.endpoint, service=SERVICE, source_arn=arn)
    return f"The queue is not reached, {refused.reason}." if refused else None


def _is_raw(subscription: Any) -> bool:
    """Whether the queue gets the bare message; moto takes "false" for true."""
    return str(subscription.attributes.get("RawMessageDelivery", "false")).lower() == "true"


def _raw_attribute(value: dict[str, Any]) -> dict[str, Any]:
    """A message attribute of SNS as SQS has it."""
    kind = value["Type"]
    if kind.startswith("Binary"):
        return {"DataType": kind, "BinaryValue": value["Value"]}
    return {"DataType": kind, "StringValue": str(value["Value"])}


def _keep_undelivered(subscription: Any, notification: dict[str, Any], reason: str) -> str:
    """Send the notification to the subscription's dead-letter queue, if it has one; says what became of it.

    SNS does not try again what a policy forbids.
    """
    policy = json.loads(subscription.attributes.get("RedrivePolicy") or "{}")
    arn = policy.get("deadLetterTargetArn")
    if arn is None:
        return "The subscription has no dead-letter queue."
    if refused := queue_delivery.refusal(arn, service=SERVICE, source_arn=subscription.topic.arn):
        return f"Its dead-letter queue is not reached either, {refused.reason}."
    attributes = {"RequestID": str(uuid.uuid4()), "ErrorCode": "403", "ErrorMessage": reason}
    body = notification["Message"] if _is_raw(subscription) else json.dumps(notification)
    queue_delivery.send(arn, body, queue_delivery.text_attributes(attributes))
    return f"It is in {arn}."


def _event(subscription: Any, notification: dict[str, Any]) -> dict[str, Any]:
    """The one record of an invocation, which spells two members otherwise than a queue or an endpoint receives them."""
    region = subscription.topic.arn.split(":")[3]
    unsubscribe = f"https://sns.{region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={subscription.arn}"
    notified = {
        "Type": notification["Type"],
        "MessageId": notification["MessageId"],
        "TopicArn": notification["TopicArn"],
        "Subject": notification.get("Subject"),
        "Message": notification["Message"],
        "Timestamp": notification["Timestamp"],
        "SignatureVersion": notification["SignatureVersion"],
        "Signature": notification["Signature"],
        "SigningCertUrl": notification["SigningCertURL"],
        "UnsubscribeUrl": unsubscribe,
        "MessageAttributes": notification.get("MessageAttributes", {}),
    }
    record = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription.arn,
        "Sns": notified,
    }
    return {"Records": [record]}
