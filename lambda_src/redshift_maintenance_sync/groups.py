"""Whose clusters are whose: every cluster follows one schedule, or nobody touches it. Pure."""

from collections.abc import Sequence

from redshift_maintenance_sync.model import DEFAULT_GROUP, Cluster, Decision, Observed, Outcome
from redshift_maintenance_sync.settings import Settings


def assign(settings: Settings, fleet: Sequence[Observed]) -> tuple[dict[str, list[Observed]], list[Decision]]:
    """The clusters of each group by its name, and the decisions about those that belong to none: to leave them alone.

    A cluster that two groups claim has failed: somebody has to say which schedule is meant, and until then neither is.
    """
    groups: dict[str, list[Observed]] = {}
    alone = []
    for observed in fleet:
        cluster = observed.cluster
        claims = [name for name, group in settings.groups.items() if cluster.carries(group.tags)]
        if not settings.selector.admits(cluster):
            alone.append(Decision(cluster, Outcome.SKIPPED, _unselected(settings, cluster), managed=False))
        elif len(claims) > 1:
            reason = f"claimed by the groups {' and '.join(sorted(claims))}: left alone until its tags name one of them"
            alone.append(Decision(cluster, Outcome.FAILED, reason, drifted=True))
        else:
            groups.setdefault(claims[0] if claims else DEFAULT_GROUP, []).append(observed)
    return groups, alone


def _unselected(settings: Settings, cluster: Cluster) -> str:
    selector = settings.selector
    if cluster.opted_out(selector.opt_out_tag):
        return f"opted out by its tag {selector.opt_out_tag}"
    missing = sorted(f"{key}={value}" for key, value in selector.tags.items() if cluster.tags.get(key) != value)
    return f"not selected: it does not carry {', '.join(missing)}"
