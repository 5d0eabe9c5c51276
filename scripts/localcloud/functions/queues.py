"""How messages get from SQS queues to functions: batches that are due, and what becomes of their messages.

"Using Lambda with Amazon SQS" and "Handling errors for an SQS event source in Lambda" in the Lambda Developer Guide. A
message of which nothing was deleted is visible again after the queue's visibility timeout; the queue itself moves those
received too often to its dead-letter queue, as the next receive finds them.
"""

import json
import math
import threading
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.awslambda.exceptions import UnknownAliasException, UnknownFunctionException
from moto.awslambda.models import lambda_backends
from moto.awslambda.utils import get_backend
from moto.sqs.exceptions import QueueDoesNotExist, ReceiptHandleIsInvalid
from moto.sqs.models import sqs_backends

from localcloud import ACCOUNT_ID, clock, timeline
from localcloud.functions import event_sources, invocations
from localcloud.functions.executor import Outcome
from localcloud.functions.fleet import ThrottledError
from localcloud.functions.queue_batch import batch_event, failed_in

FIRST_CONCURRENCY = 5
"""Lambda begins with so many batches at once, and adds more as long as a backlog lasts; here it stays there."""
MOMENT = timedelta(microseconds=1)

_lock = threading.RLock()
_handled = datetime.min.replace(tzinfo=UTC)
"""Up to where messages have been taken: what is found late is due right after."""


def _next_due() -> datetime | None:
    with _lock:
        moments = [moment for _, mapping, queue in _mappings() if (moment := _due(mapping, queue)) is not None]
        return max(min(moments), _handled + MOMENT) if moments else None


def _run_due(until: datetime) -> None:
    global _handled
    with _lock:
        for region, mapping, queue in _mappings():
            while (moment := _due(mapping, queue)) is not None and moment <= until and _take(region, mapping, queue):
                pass
        _handled = until


def _mappings() -> Iterator[tuple[str, Any, Any]]:
    """Every mapping that takes messages, with its Region and queue, unless as many of its batches run as may."""
    for region in list(lambda_backends[ACCOUNT_ID]):
        for mapping, queue in event_sources.of_queues(region):
            limit = event_sources.concurrency(mapping) or FIRST_CONCURRENCY
            if mapping.enabled and _running(mapping) < limit and _exists(mapping, region):
                yield region, mapping, queue


def _due(mapping: Any, queue: Any) -> datetime | None:
    """When a batch is complete: there are enough messages, or the first one has waited for the batching window."""
    moments = sorted(_visible_from(message) for message in list(queue._messages))
    if not moments:
        return None
    last = moments[mapping.batch_size - 1] if len(moments) >= mapping.batch_size else math.inf
    millis = min(moments[0] + 1000 * (mapping.max_batch_window or 0), last)
    return datetime.fromtimestamp(math.ceil(millis) / 1000, UTC)


def _visible_from(message: Any) -> float:
    """Since or from when a message can be received, in milliseconds since 1970."""
    seen = message.visible_at + 1 if message.visible_at else float(message.sent_timestamp)
    return float(max(seen, message.delayed_until))


def _take(region: str, mapping: Any, queue: Any) -> bool:
    """Receive a batch and hand it to the function; False where none may be taken any more."""
    if _running(mapping) >= (event_sources.concurrency(mapping) or FIRST_CONCURRENCY):
        return False
    now = clock.now().timestamp()
    queue._messages = [
        message for message in queue._messages if message.sent_timestamp / 1000 + queue.message_retention_period > now
    ]
    # A timeout that was set to zero later would let the same message be taken again and again.
    timeout = max(queue.visibility_timeout, 1)
    messages = sqs_backends[ACCOUNT_ID][queue.region].receive_message(
        queue.name, mapping.batch_size, 0, timeout, message_attribute_names=["All"]
    )
    if messages:
        mapping.localcloud_running = _running(mapping) + 1
        invocations.in_background(
            mapping.function_arn, lambda request_id: _handle(region, mapping, queue, messages, timeout, request_id)
        )
    return True


def _running(mapping: Any) -> int:
    return int(mapping.__dict__.get("localcloud_running", 0))


def _exists(mapping: Any, region: str) -> bool:
    try:
        get_backend(ACCOUNT_ID, region).get_function(mapping.function_arn)
    except (UnknownFunctionException, UnknownAliasException):
        return False
    return True


def _handle(region: str, mapping: Any, queue: Any, messages: list[Any], timeout: int, request_id: str) -> None:
    """Invoke the function with a batch, and delete what it handled."""
    try:
        outcome = _invoke(region, mapping, queue, messages, timeout, request_id)
        if outcome is not None and outcome.status == "ok":
            everything = {message.id for message in messages}
            failed = failed_in(outcome.payload, everything) if event_sources.reports_failures(mapping) else set()
            _delete(queue, (message for message in messages if message.id not in failed))
    finally:
        with _lock:
            mapping.localcloud_running = _running(mapping) - 1


def _invoke(
    region: str, mapping: Any, queue: Any, messages: list[Any], timeout: int, request_id: str
) -> Outcome | None:
    """What became of the invocation; None when the function was busy until the messages were visible again."""
    function = get_backend(ACCOUNT_ID, region).get_function(mapping.function_arn)
    payload = json.dumps(batch_event(queue, messages)).encode()
    give_up = clock.now() + timedelta(seconds=timeout)
    while True:
        try:
            return invocations.invoke(function, payload, mapping.function_arn, request_id)[0]
        except ThrottledError:
            if function.reserved_concurrency == 0 or clock.now() >= give_up:
                return None
            time.sleep(invocations.THROTTLE_SECONDS)


def _delete(queue: Any, messages: Iterable[Any]) -> None:
    for message in messages:
        try:
            sqs_backends[ACCOUNT_ID][queue.region].delete_message(queue.name, message.receipt_handle)
        except (QueueDoesNotExist, ReceiptHandleIsInvalid):  # deleted or purged meanwhile
            continue


QUEUES = timeline.Source("queues", _next_due, _run_due)
"""The messages that functions wait for, of every Region, on the timeline."""
