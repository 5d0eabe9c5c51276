"""SNS to Lambda: the event that a function receives from a topic, and who may be invoked.

"Using AWS Lambda with Amazon SNS" in the Lambda Developer Guide. The signature is one that moto makes, checkable by
the certificate that it serves; nothing of AWS has signed it.
"""

import json
import sys
from typing import Any

from moto.sns.models import Subscription

from localcloud import ACCOUNT_ID, function_policy, functions

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
    if reason := function_policy.refusal(self.endpoint, service="sns.amazonaws.com", source_arn=self.topic.arn):
        print(f"SNS delivered nothing from {self.topic.arn}. {reason}", file=sys.stderr, flush=True)
        return
    event = _event(self, self.get_post_data(message, message_id, subject, message_attributes))
    region = self.endpoint.split(":")[3]
    functions.invoke_async(self.endpoint, json.dumps(event).encode(), region=region, account_id=ACCOUNT_ID)


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
