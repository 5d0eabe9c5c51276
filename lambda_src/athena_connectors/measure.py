"""What requests tell CloudWatch, in the embedded metric format."""

from aws_lambda_powertools import Metrics, single_metric
from aws_lambda_powertools.metrics import MetricUnit

from athena_connectors.federation.errors import ConnectorError, Throttled
from athena_connectors.federation.serve import Notes

NAMESPACE = "Groundcrew/athena_connectors"


def count_request(metrics: Metrics, notes: Notes, connections: int, error: ConnectorError | None) -> None:
    """Write the figures of one request.

    By `service`: Requests, Connections (databases that this environment talks to), Failures and Throttles; of a split
    also Rows and Bytes as Athena gets them, FirstRowSeconds, and QueuedSeconds where the source tells how long it let
    the query wait. By `service` and `code`: Failures.
    """
    counts = {
        "Requests": 1,
        "Connections": connections,
        "Failures": int(error is not None),
        "Throttles": int(isinstance(error, Throttled)),
    }
    for name, count in counts.items():
        metrics.add_metric(name, MetricUnit.Count, count)
    figures = (
        ("Rows", MetricUnit.Count, "rows"),
        ("Bytes", MetricUnit.Bytes, "bytes"),
        ("FirstRowSeconds", MetricUnit.Seconds, "first_row_seconds"),
        ("QueuedSeconds", MetricUnit.Seconds, "queued_seconds"),
    )
    for name, unit, note in figures:
        if notes.get(note) is not None:
            metrics.add_metric(name, unit, notes[note])
    metrics.flush_metrics()
    if error:
        with single_metric("Failures", MetricUnit.Count, 1, namespace=NAMESPACE) as by_code:
            by_code.add_dimension("code", error.code)
