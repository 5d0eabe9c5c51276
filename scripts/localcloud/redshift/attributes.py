"""What DescribeClusters returns of a cluster and moto leaves out (the type Cluster of the API reference)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from localcloud import clock
from localcloud.redshift.maintenance import STATUSES


def _deferred_maintenance_windows(cluster: Any) -> list[dict[str, Any]]:
    return [
        {
            "DeferMaintenanceIdentifier": identifier,
            "DeferMaintenanceStartTime": start,
            "DeferMaintenanceEndTime": end,
        }
        for identifier, (start, end) in cluster.maintenance.deferments.items()
        if end > clock.now()
    ]


def _next_maintenance(cluster: Any) -> datetime:
    opening: datetime = cluster.maintenance.next_opening(clock.now())
    return opening


def _availability(cluster: Any) -> str:
    if cluster.maintenance.in_maintenance(clock.now()):
        return "Maintenance"
    return STATUSES.get(cluster.status, "Unavailable")


def _nodes(cluster: Any) -> list[dict[str, str]]:
    """Terraform tells a single-node cluster from a multi-node one by their number."""
    if cluster.number_of_nodes == 1:
        return [{"NodeRole": "SHARED"}]
    return [{"NodeRole": "LEADER"}, *({"NodeRole": f"COMPUTE-{n}"} for n in range(cluster.number_of_nodes))]


ATTRIBUTES: Mapping[str, Any] = {
    "availability_zone_relocation_status": "disabled",
    "cluster_availability_status": property(_availability),
    "cluster_nodes": property(_nodes),
    "cluster_revision_number": property(lambda self: self.maintenance.revision),
    "deferred_maintenance_windows": property(_deferred_maintenance_windows),
    "maintenance_track_name": "current",
    "manual_snapshot_retention_period": -1,
    "multi_az": "disabled",
    "next_maintenance_window_start_time": property(_next_maintenance),
}
"""What a cluster of moto's lacks and DescribeClusters returns: each name and its value for a new cluster."""
