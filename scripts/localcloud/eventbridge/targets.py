"""What a rule of EventBridge delivers to its targets, and what becomes of an event that cannot be delivered.

Sources, all in the EventBridge User Guide: "Using resource-based policies" for the permission that a function or a
queue must grant; "Using dead-letter queues to process undelivered events" for that queue, its permission and the
attributes:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
"""

import json
import sys
from collections.abc import Mapping
from typing import Any

from moto.awslambda.exceptions import UnknownAliasException, UnknownFunctionException
from moto.awslambda.utils import get_backend as lambda_backend

from localcloud import ACCOUNT_ID, queue_delivery
from localcloud.cloudwatch import vended_metrics
from localcloud.functions import invocations
from localcloud.refusal import RefusalError
from localcloud.resource_policy import ServiceCall, admits

SERVICE = "events.amazonaws.com"


class UndeliverableError(RefusalError):
    """AWS would not invoke the target; `code` is what it gives a dead letter as the reason."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(409, reason)
        self.code = code


def require_emulated(target: Mapping[str, Any]) -> None:
    """Raise RefusalError 501 for a target, or a use of one, that is not emulated."""
    unsupported = [key for key in ("InputPath", "InputTransformer", "SqsParameters") if target.get(key)]
    if _service(target) not in ("lambda", "sqs") or target["Arn"].endswith(".fifo") or unsupported:
        named = " ".join([target["Arn"], *unsupported])
        raise RefusalError(501, f"The local cloud does not emulate the target {named}.")


def require_deliverable(target: Mapping[str, Any], rule: Any) -> None:
    """Raise UndeliverableError where AWS would count a failed invocation: target gone, or `rule` not permitted."""
    arn = target["Arn"]
    if _service(target) == "sqs":
        if refused := queue_delivery.refusal(arn, service=SERVICE, source_arn=rule.arn):
            reason = f"The target is not reached, {refused.reason}."
            raise UndeliverableError("NO_RESOURCE" if refused.missing else "NO_PERMISSIONS", reason)
        return
    backend = lambda_backend(ACCOUNT_ID, rule.region_name)
    try:
        backend.get_function(arn)
    except (UnknownFunctionException, UnknownAliasException) as error:
        raise UndeliverableError(
            "NO_RESOURCE", f"The target {arn} does not exist: AWS would invoke nothing."
        ) from error
    # Permissions belong to the function, and each names the alias or version that it admits to.
    statements = backend.get_function(":".join(arn.split(":")[:7])).policy.statements
    if not admits(statements, ServiceCall(SERVICE, "lambda:InvokeFunction", arn, rule.arn)):
        reason = f"{arn} does not permit {SERVICE} for {rule.arn}: AWS would not invoke it."
        raise UndeliverableError("NO_PERMISSIONS", reason)


def deliver(target: Mapping[str, Any], event: Mapping[str, Any], rule: Any) -> None:
    """Invoke the function asynchronously, or put the event into the queue."""
    payload = target.get("Input") or json.dumps(event)
    if _service(target) == "sqs":
        queue_delivery.send(target["Arn"], payload)
    else:
        invocations.invoke_async(target["Arn"], payload.encode(), region=rule.region_name, account_id=ACCOUNT_ID)


def keep_undelivered(target: Mapping[str, Any], event: Mapping[str, Any], rule: Any, error: UndeliverableError) -> None:
    """Send the event to the target's dead-letter queue if it has one; a line on stderr says what became of it."""
    vended_metrics.record_failed_invocation(rule)
    queue_arn = target.get("DeadLetterConfig", {}).get("Arn")
    fate = "it has no dead-letter queue" if queue_arn is None else _send(queue_arn, target, event, rule, error)
    print(f"{rule.arn} failed at {event['time']}: {error} The event: {fate}.", file=sys.stderr, flush=True)


def _send(
    queue_arn: str, target: Mapping[str, Any], event: Mapping[str, Any], rule: Any, error: UndeliverableError
) -> str:
    if refused := queue_delivery.refusal(queue_arn, service=SERVICE, source_arn=rule.arn):
        return f"lost, {refused.reason}"
    attributes = {
        "RULE_ARN": rule.arn,
        "TARGET_ARN": target["Arn"],
        "ERROR_CODE": error.code,
        "ERROR_MESSAGE": str(error),
    }
    queue_delivery.send(queue_arn, json.dumps(event), queue_delivery.text_attributes(attributes))
    return f"in {queue_arn}"


def _service(target: Mapping[str, Any]) -> str:
    return str(target["Arn"]).split(":")[2]
