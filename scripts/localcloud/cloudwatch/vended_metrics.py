"""The metrics that AWS's services publish by themselves, as far as alarms here watch them.

"Types of metrics for Lambda functions" in the Lambda Developer Guide, "Monitoring Amazon EventBridge" in its User
Guide, "AWS WAF metrics and dimensions" in the AWS WAF Developer Guide, "Available CloudWatch metrics for Amazon SQS" in
the SQS Developer Guide, "Amazon CloudWatch metrics for AWS Client VPN" in its Administrator Guide. SQS publishes its
depth every minute, and stops six hours after a queue was last used; here the depth is a level that is noted when it
changes and never goes missing.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from moto.sqs.models import sqs_backends

from localcloud import ACCOUNT_ID, clock
from localcloud.cloudwatch import metric_data
from localcloud.cloudwatch.metrics import Metric, Point
from localcloud.wafv2.evaluation import DEFAULT_ACTION, Action, Verdict

QUEUE_DEPTH = "ApproximateNumberOfMessagesVisible"
CONNECT_HANDLER = {
    "ClientConnectHandlerDeniedConnections": "client-connect-failed",
    "ClientConnectHandlerTimeouts": "client-connect-handler-timed-out",
    "ClientConnectHandlerOtherExecutionErrors": "client-connect-handler-other-execution-error",
    "ClientConnectHandlerThrottlingErrors": "client-connect-handler-throttled",
    "ClientConnectHandlerInvalidResponses": "client-connect-handler-invalid-response",
}
"""The metrics of client connect handlers, with the reason that each counts."""


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


def record_web_request(region: str, web_acl: Mapping[str, Any], verdict: Verdict) -> None:
    """A request that a web ACL, in the shape of the API, has judged; of rules and ACLs that publish metrics."""
    published = {
        config["MetricName"]
        for config in (web_acl["VisibilityConfig"], *(rule["VisibilityConfig"] for rule in web_acl["Rules"]))
        if config["CloudWatchMetricsEnabled"]
    }
    acl = web_acl["VisibilityConfig"]["MetricName"]
    name = "AllowedRequests" if verdict.action is Action.ALLOW else "BlockedRequests"
    counts = [(name, verdict.decided), *(("CountedRequests", rule) for rule in verdict.counted)]
    if acl in published:
        counts.append((name, "ALL"))
    for metric_name, rule in counts:
        if rule in published | {"ALL"} or (rule == DEFAULT_ACTION and acl in published):
            dimensions = (("Region", region), ("Rule", rule), ("WebACL", acl))
            metric = Metric("AWS/WAFV2", metric_name, dimensions)
            metric_data.record(region, metric, Point.single(clock.now().timestamp(), 1.0, "Count"))


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


def record_connect_handler(region: str, endpoint_id: str, reason: str | None) -> None:
    """One question to the handler of a Client VPN endpoint, and the reason for which it let nobody in."""
    for name, counted in CONNECT_HANDLER.items():
        _record_client_vpn(region, endpoint_id, name, float(reason == counted), clock.now())


def record_authentication(region: str, endpoint_id: str, *, failed: bool) -> None:
    """One client that proved who it is to a Client VPN endpoint, or did not."""
    _record_client_vpn(region, endpoint_id, "AuthenticationFailures", float(failed), clock.now())


def record_active_connections(region: str, endpoint_id: str, count: int, at: datetime) -> None:
    """How many connections a Client VPN endpoint has from now on: a level, which AWS publishes every five minutes."""
    _record_client_vpn(region, endpoint_id, "ActiveConnectionsCount", float(count), at, level=True)


def _record_client_vpn(
    region: str, endpoint_id: str, name: str, value: float, at: datetime, *, level: bool = False
) -> None:
    metric = Metric("AWS/ClientVPN", name, (("Endpoint", endpoint_id),))
    metric_data.record(region, metric, Point.single(at.timestamp(), value, "Count"), level=level)
