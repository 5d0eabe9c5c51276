"""Attributes of SQS queues that moto forgets or rewrites: policies, and who may use one as a dead-letter queue.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
"""

import json
from typing import Any

from moto.sqs.models import Queue
from moto.sqs.responses import SQSResponse

from localcloud.extensions import AwsError, corrects

MOST_SOURCES = 10
PERMISSIONS = ("allowAll", "denyAll", "byQueue")

moto_create_queue = SQSResponse.create_queue
moto_get_queue_attributes = SQSResponse.get_queue_attributes
moto_set_queue_attributes = SQSResponse.set_queue_attributes


def install() -> None:
    """Make queues show `RedriveAllowPolicy`; harmless when repeated."""
    Queue.redrive_allow_policy = None
    if "RedriveAllowPolicy" not in Queue.BASE_ATTRIBUTES:
        Queue.BASE_ATTRIBUTES.append("RedriveAllowPolicy")


@corrects(SQSResponse, "CreateQueue")
def create_queue(self: Any) -> Any:
    """CreateQueue: only with a dead-letter queue that takes it, and a RedriveAllowPolicy that says something."""
    name = self._get_param("QueueName")
    _judge(self, f"arn:{self.partition}:sqs:{self.region}:{self.current_account}:{name}")
    return moto_create_queue(self)


@corrects(SQSResponse, "SetQueueAttributes")
def set_queue_attributes(self: Any) -> Any:
    """SetQueueAttributes: as CreateQueue; what is not named stays as it is."""
    queue = self.sqs_backend.get_queue(self._get_queue_name())
    _judge(self, queue.queue_arn)
    policy = queue.policy
    answer = moto_set_queue_attributes(self)
    attributes = self._get_param("Attributes", {})
    if "Policy" not in attributes:
        queue.policy = policy
    if attributes.get("RedriveAllowPolicy") == "":
        queue.redrive_allow_policy = None
    return answer


@corrects(SQSResponse, "GetQueueAttributes")
def get_queue_attributes(self: Any) -> Any:
    """GetQueueAttributes: the RedrivePolicy without the blanks that moto adds, which Terraform would want changed."""
    answer = moto_get_queue_attributes(self)
    attributes = (answer.result or {}).get("Attributes", {})
    if redrive := attributes.get("RedrivePolicy"):
        attributes["RedrivePolicy"] = json.dumps(json.loads(redrive), separators=(",", ":"))
    return answer


def _judge(response: Any, source: str) -> None:
    """Raise AwsError for redrive attributes that the queue `source` cannot have."""
    attributes = response._get_param("Attributes", {})
    if allow := attributes.get("RedriveAllowPolicy"):
        _judge_allow_policy(allow)
    target = json.loads(attributes.get("RedrivePolicy") or "{}").get("deadLetterTargetArn")
    queues = {queue.queue_arn: queue for queue in response.sqs_backend.queues.values()}
    if target in queues and not _admits(json.loads(queues[target].redrive_allow_policy or "{}"), source):
        raise _invalid("RedrivePolicy", attributes["RedrivePolicy"], f"{target} does not allow {source} to use it.")


def _judge_allow_policy(text: str) -> None:
    try:
        policy = json.loads(text)
    except ValueError:
        raise _invalid("RedriveAllowPolicy", text, "It is no JSON.") from None
    sources = policy.get("sourceQueueArns")
    if policy.get("redrivePermission") not in PERMISSIONS:
        raise _invalid("RedriveAllowPolicy", text, f"redrivePermission is none of {', '.join(PERMISSIONS)}.")
    if (policy["redrivePermission"] == "byQueue") != bool(sources) or len(sources or []) > MOST_SOURCES:
        raise _invalid("RedriveAllowPolicy", text, f"1 to {MOST_SOURCES} sourceQueueArns go with byQueue, and only so.")


def _admits(policy: dict[str, Any], source: str) -> bool:
    permission = policy.get("redrivePermission", "allowAll")
    return permission == "allowAll" or (permission == "byQueue" and source in policy["sourceQueueArns"])


def _invalid(attribute: str, value: str, reason: str) -> AwsError:
    return AwsError("InvalidParameterValue", f"Value {value} for parameter {attribute} is invalid. Reason: {reason}")
