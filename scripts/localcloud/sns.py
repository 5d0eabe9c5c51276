"""SNS to Lambda: the event that a function receives from a topic, and who may be invoked.

"Using AWS Lambda with Amazon SNS" in the Lambda Developer Guide, "Amazon SNS dead-letter queues" in the SNS one. The
signature is one that moto makes, checkable by the certificate that it serves; nothing of AWS has signed it.
"""

import json
import sys
import uuid
from typing import Any

from moto.sns.models import Subscription
from moto.sqs.models import sqs_backends

from localcloud import ACCOUNT_ID
from localcloud.functions import invocations, invoke_permission
from localcloud.resource_policy import ServiceCall, admits

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
    """A message to one subscription: what goes to a function is ours, the other protocols are moto's."""
    if self.protocol != "lambda":
        moto_publish(
            self, message, message_id, subject, message_attributes, group_id, deduplication_id, message_structure
        )
        return
    if self._filter_policy_matcher and not self._filter_policy_matcher.matches(message_attributes, message):
        return
    if message_structure == "json":
        message = self._parse_message_structure(message, self.protocol)
    notification = self.get_post_data(message, message_id, subject, message_attributes)
    if reason := invoke_permission.refusal(self.endpoint, service=SERVICE, source_arn=self.topic.arn):
        fate = _keep_undelivered(self, notification, reason)
        print(f"SNS delivered nothing from {self.topic.arn}. {reason} {fate}", file=sys.stderr, flush=True)
        return
    event = _event(self, notification)
    region = self.endpoint.split(":")[3]
    invocations.invoke_async(self.endpoint, json.dumps(event).encode(), region=region, account_id=ACCOUNT_ID)


def _keep_undelivered(subscription: Any, notification: dict[str, Any], reason: str) -> str:
    """Send the notification to the subscription's dead-letter queue, if it has one; says what became of it.

    SNS does not try again what a policy forbids.
    """
    policy = json.loads(subscription.attributes.get("RedrivePolicy") or "{}")
    arn = policy.get("deadLetterTargetArn")
    if arn is None:
        return "The subscription has no dead-letter queue."
    backend = sqs_backends[ACCOUNT_ID][arn.split(":")[3]]
    queue = backend.queues.get(arn.split(":")[-1])
    statements = json.loads(queue.policy or "{}").get("Statement", []) if queue else []
    if not admits(statements, ServiceCall(SERVICE, "sqs:SendMessage", arn, subscription.topic.arn)):
        return f"Its dead-letter queue {arn} does not admit {SERVICE} for this topic, or does not exist."
    attributes = {"RequestID": str(uuid.uuid4()), "ErrorCode": "403", "ErrorMessage": reason}
    typed = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
    backend.send_message(queue.name, json.dumps(notification), message_attributes=typed)
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
