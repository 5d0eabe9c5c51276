"""What a run tells CloudWatch: a handful of figures over all clusters, in the embedded metric format."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit

from redshift_maintenance_sync.model import Decision, Outcome, Place, State

DAY = timedelta(days=1)


def add_to(
    metrics: Metrics,
    now: datetime,
    results: Sequence[Decision],
    states: Mapping[Place, Mapping[str, State]],
    failed_places: int,
) -> None:
    """Add the figures of a run to `metrics`; `states` is what was remembered before it, by place and identifier.

    Clusters that are not looked after count nowhere. DaysToNextMaintenance is that of the nearest announced date,
    StateAgeDays that of the state that has not changed for longest; both are left out where there is none.
    """
    managed = [result for result in results if result.managed]
    outcomes = [result.outcome for result in managed]
    counts = {
        "ManagedClusters": len(managed),
        "DriftedClusters": sum(result.drifted for result in managed),
        "FailedClusters": outcomes.count(Outcome.FAILED),
        "SkippedClusters": outcomes.count(Outcome.SKIPPED),
        "FailedPlaces": failed_places,
        "UnexpectedMaintenance": sum(result.unexpected for result in managed),
    }
    for name, count in counts.items():
        metrics.add_metric(name, MetricUnit.Count, count)
    if to_come := [result.announced for result in managed if result.announced and result.announced > now]:
        metrics.add_metric("DaysToNextMaintenance", MetricUnit.NoUnit, (min(to_come) - now) / DAY)
    remembered = [
        result.state or states.get(result.cluster.place, {}).get(result.cluster.identifier) for result in managed
    ]
    if changed := [state.changed for state in remembered if state]:
        metrics.add_metric("StateAgeDays", MetricUnit.NoUnit, (now - min(changed)) / DAY)
