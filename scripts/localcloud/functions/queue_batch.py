"""The event that a function receives from a queue, and what it reports of the messages in it.

"Using Lambda with Amazon SQS" and "Implementing partial batch responses" in the Lambda Developer Guide.
"""

import base64
import json
from collections.abc import Iterable
from typing import Any


def batch_event(queue: Any, messages: Iterable[Any]) -> dict[str, Any]:
    """The event for `messages` (moto's) of moto's `queue`."""
    return {"Records": [_record(queue, message) for message in messages]}


def failed_in(answer: bytes, sent: set[str]) -> set[str]:
    """The ids of the messages, of those that were `sent`, that a function reports as failed in its JSON `answer`.

    All of them, as on AWS, where the report cannot be read or names a message that was not sent.
    """
    try:
        report = json.loads(answer)
        items = report.get("batchItemFailures") if report else None
        failed = {item["itemIdentifier"] for item in items or []}
    except (AttributeError, KeyError, TypeError, ValueError):
        return sent
    return failed if failed <= sent else sent


def _record(queue: Any, message: Any) -> dict[str, Any]:
    attributes = {
        "ApproximateReceiveCount": str(message.approximate_receive_count),
        "SentTimestamp": str(message.sent_timestamp),
        "SenderId": message.sender_id,
        "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
    }
    if header := message.system_attributes.get("AWSTraceHeader"):
        attributes["AWSTraceHeader"] = header["StringValue"]
    record = {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": attributes,
        "messageAttributes": {name: _attribute(value) for name, value in message.message_attributes.items()},
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue.queue_arn,
        "awsRegion": queue.region,
    }
    return record | ({"md5OfMessageAttributes": message.attribute_md5} if message.message_attributes else {})


def _attribute(value: dict[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {"stringListValues": [], "binaryListValues": [], "dataType": value["DataType"]}
    if (binary := value.get("BinaryValue")) is not None:
        given["binaryValue"] = base64.b64encode(binary).decode() if isinstance(binary, bytes) else binary
    else:
        given["stringValue"] = value.get("StringValue")
    return given
