"""Keep what an asynchronous invocation failed over: the on-failure destination, or the dead-letter queue."""

import json
from typing import Any

from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from localcloud import clock
from localcloud.functions.executor import Outcome


def keep_failure(
    function: Any,
    arn: str,
    payload: bytes,
    request_id: str,
    condition: str,
    attempts: int,
    outcome: Outcome | None,
) -> None:
    """Send the invocation record to the on-failure destination and the bare event to the dead-letter queue, if any.

    The record: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    """
    config = function.event_invoke_config[0].config if function.event_invoke_config else {}
    destination = config.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    if destination:
        record: dict[str, Any] = {
            "version": "1.0",
            "timestamp": f"{clock.now():%Y-%m-%dT%H:%M:%S}.000Z",
            "requestContext": {
                "requestId": request_id,
                "functionArn": f"{arn}:{function.version}",
                "condition": condition,
                "approximateInvokeCount": attempts,
            },
            "requestPayload": json.loads(payload),
        }
        if outcome is not None:
            version = str(function.version)
            record["responseContext"] = {
                "statusCode": 200,
                "executedVersion": version,
                "functionError": "Unhandled",
            }
            record["responsePayload"] = json.loads(outcome.payload)
        _send(destination, json.dumps(record))
    if target := function.dead_letter_config.get("TargetArn"):
        _send(target, payload.decode())


def _send(arn: str, message: str) -> None:
    _, _, service, region, account_id, name = arn.split(":", 5)
    match service:
        case "sqs":
            sqs_backends[account_id][region].send_message(name, message)
        case "sns":
            sns_backends[account_id][region].publish(message, arn=arn)
        case _:
            raise NotImplementedError(f"The local cloud keeps failures in SQS and SNS only, not in {arn}.")
