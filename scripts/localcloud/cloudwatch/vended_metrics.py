"""The metrics that AWS's services publish by themselves, as far as alarms here watch them.

"Types of metrics for Lambda functions" in the Lambda Developer Guide, "Monitoring Amazon EventBridge" in its User
Guide, "Available CloudWatch metrics for Amazon SQS" in the SQS Developer Guide. SQS publishes its depth every minute,
and stops six hours after a queue was last used; here the depth is a level that is noted when it changes and never goes
missing.
"""

from typing import Any

from moto.sqs.models import sqs_backends

from localcloud import ACCOUNT_ID, clock
from localcloud.cloudwatch import metric_data
from localcloud.cloudwatch.metrics import Metric, Point

QUEUE_DEPTH = "ApproximateNumberOfMessagesVisible"


def record_invocation(function: Any, status: str, duration_ms: float) -> None:
    """One attempt at moto's `function`; `status` is ok, error, timeout or throttled."""
    now = clock.now().timestamp()
    if status == "throttled":
        values = {"Throttles": (1.0, "Count")}
    else:
        failed = float(status != "ok")
        values = {
            "Invocations": (1.0, "Count"),
            "Errors": (failed, "Count"),
            "Throttles": (0.0, "Count"),
            "Duration": (duration_ms, "Milliseconds"),
        }
    for name, (value, unit) in values.items():
        metric = Metric("AWS/Lambda", name, (("FunctionName", function.function_name),))
        metric_data.record(function.region, metric, Point.single(now, value, unit))


def record_failed_invocation(rule: Any) -> None:
    """A target that moto's EventBridge `rule` could not invoke."""
    metric = Metric("AWS/Events", "FailedInvocations", (("RuleName", rule.name),))
    metric_data.record(rule.region_name, metric, Point.single(clock.now().timestamp(), 1.0, "Count"))


def note_queue_depth(region: str, metric: Metric) -> None:
    """Record the depth of the queue that `metric` is about, if it has changed; any other metric is left alone."""
    match metric:
        case Metric("AWS/SQS", name, (("QueueName", queue_name),)) if name == QUEUE_DEPTH:
            queue = sqs_backends[ACCOUNT_ID][region].queues.get(queue_name)
        case _:
            return
    if queue is None:
        return
    depth = float(queue.approximate_number_of_messages)
    latest = metric_data.store(region).latest(metric)
    if latest is None or latest.total != depth:
        point = Point.single(clock.now().timestamp(), depth, "Count")
        metric_data.record(region, metric, point, level=True)


def is_queue_depth(metric: Metric) -> bool:
    """Whether the metric is the depth of a queue, which has to be asked for."""
    return metric.namespace == "AWS/SQS" and metric.name == QUEUE_DEPTH
