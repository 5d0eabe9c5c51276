"""What a run tells CloudWatch in the embedded metric format: figures over all streams, and of each that was changed."""

from collections.abc import Collection, Sequence
from datetime import datetime

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from kinesis_autoscaler.model import Outcome
from kinesis_autoscaler.result import Result

NAMESPACE = "Groundcrew/kinesis_autoscaler"


def add_to(metrics: Metrics, now: datetime, results: Sequence[Result], managed: int | None) -> None:
    """Add the figures of a run to `metrics`; `managed` is how many streams there are, None where nobody counted.

    CallsLeft is that of the stream with the fewest, left out where nothing was decided.
    """
    outcomes = [result.decision.outcome for result in results]
    counts = {
        "FailedStreams": outcomes.count(Outcome.FAILED),
        "RefusedStreams": outcomes.count(Outcome.REFUSED),
        "HotStreams": outcomes.count(Outcome.HOT),
        "RepairedAlarms": sum(len(result.decision.rewrite) for result in results),
    }
    if managed is not None:
        counts["ManagedStreams"] = managed
    described = [result for result in results if result.shards is not None]
    if described:
        counts["CallsLeft"] = min(result.decision.memory.calls_left(now) for result in described)
    for name, count in counts.items():
        metrics.add_metric(name, MetricUnit.Count, count)


def write_streams(now: datetime, results: Sequence[Result], ticked: Collection[str]) -> None:
    """Write the figures of each stream that a tick looked at, or that was resized: a datapoint per stream and tick."""
    for result in results:
        decision = result.decision
        if result.shards is None or not (result.stream in ticked or decision.shards is not None):
            continue
        # One more dimension than the function's own figures have, which those must not take over.
        figures = EphemeralMetrics(namespace=NAMESPACE)
        figures.add_dimension("stream", result.stream)
        figures.add_metric("Shards", MetricUnit.Count, result.shards)
        figures.add_metric("Desired", MetricUnit.Count, decision.wanted or decision.shards or result.shards)
        figures.add_metric("CallsLeft", MetricUnit.Count, decision.memory.calls_left(now))
        if decision.usage is not None:
            figures.add_metric("Usage", MetricUnit.NoUnit, decision.usage)
        figures.flush_metrics()
