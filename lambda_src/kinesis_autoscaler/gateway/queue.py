"""The work queue: messages about streams, at once or later."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from common.errors import TransientError
from kinesis_autoscaler.gateway.calls import Calls
from kinesis_autoscaler.messages import Message

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

BATCH = 10
"""API_SendMessageBatch: the entries of one call."""

LONGEST_DELAY_SECONDS = 900
"""API_SendMessage: the most that a message may be kept back."""


class Queue:
    """See Calls.one for what it raises."""

    def __init__(self, client: "SQSClient", url: str, calls: Calls) -> None:
        self._sqs = client
        self._url = url
        self._calls = calls

    def send(self, messages: Sequence[Message]) -> None:
        """Send them, ten a call. Raises TransientError when SQS did not take all."""
        for first in range(0, len(messages), BATCH):
            some = messages[first : first + BATCH]
            with self._calls.one("SendMessageBatch"):
                answer = self._sqs.send_message_batch(
                    QueueUrl=self._url,
                    Entries=[
                        {
                            "Id": str(index),
                            "MessageBody": json.dumps(message.body()),
                            "DelaySeconds": min(LONGEST_DELAY_SECONDS, round(message.delay.total_seconds())),
                        }
                        for index, message in enumerate(some)
                    ],
                )
            if failed := answer.get("Failed"):
                raise TransientError(
                    f"SendMessageBatch: {len(failed)} of {len(some)} messages were refused: "
                    f"{failed[0]['Code']}: {failed[0].get('Message', '')}"
                )
