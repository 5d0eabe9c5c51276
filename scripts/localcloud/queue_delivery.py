"""What other services of AWS put into queues: only where the queue's policy, and its key, let them.

"Basic examples of Amazon SQS policies" and "Key management" in the SQS Developer Guide.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moto.sqs.models import sqs_backends

from localcloud import ACCOUNT_ID
from localcloud.key_policy import key_admits
from localcloud.resource_policy import ServiceCall, admits


@dataclass(frozen=True, slots=True)
class QueueRefusal:
    """Why a queue takes nothing, in words that follow "it"; `missing`: there is no such queue."""

    reason: str
    missing: bool = False


def refusal(queue_arn: str, *, service: str, source_arn: str) -> QueueRefusal | None:
    """Why `service` may put nothing into the queue on behalf of `source_arn`; None when it may."""
    queue = _queue(queue_arn)
    if queue is None:
        return QueueRefusal(f"there is no {queue_arn}", missing=True)
    statements = json.loads(queue.policy or "{}").get("Statement", [])
    if not admits(statements, ServiceCall(service, "sqs:SendMessage", queue_arn, source_arn)):
        return QueueRefusal(f"{queue_arn} does not permit {service} for {source_arn}")
    key = queue.kms_master_key_id
    if key and not key_admits(key, queue.region, service=service, source_arn=source_arn):
        return QueueRefusal(f"the key of {queue_arn} does not permit {service} for {source_arn}")
    return None


def send(
    queue_arn: str,
    body: str,
    attributes: Mapping[str, Any] | None = None,
    *,
    group_id: str | None = None,
    deduplication_id: str | None = None,
) -> None:
    """Put a message into a queue that takes it; `attributes` are message attributes as SQS has them."""
    sqs_backends[ACCOUNT_ID][_region(queue_arn)].send_message(
        _name(queue_arn),
        body,
        message_attributes=dict(attributes or {}),
        group_id=group_id,
        deduplication_id=deduplication_id,
    )


def text_attributes(values: Mapping[str, str]) -> dict[str, Any]:
    """Message attributes of the type String."""
    return {name: {"DataType": "String", "StringValue": value} for name, value in values.items()}


def _queue(arn: str) -> Any:
    return sqs_backends[ACCOUNT_ID][_region(arn)].queues.get(_name(arn))


def _region(arn: str) -> str:
    return arn.split(":")[3]


def _name(arn: str) -> str:
    return arn.split(":")[-1]
