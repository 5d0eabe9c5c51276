"""Redshift in one account and Region; model.py's nouns go in and come out."""

from datetime import UTC
from typing import TYPE_CHECKING

from redshift_maintenance_sync.gateway.clients import errors_of
from redshift_maintenance_sync.model import Cluster, Deferment, EventKind, MaintenanceEvent, MaintenanceWindow, Place

if TYPE_CHECKING:
    from mypy_boto3_redshift import RedshiftClient
    from mypy_boto3_redshift.type_defs import ClusterTypeDef

EVENT_KINDS = {
    "REDSHIFT-EVENT-2003": EventKind.STARTED,
    "REDSHIFT-EVENT-2004": EventKind.COMPLETED,
    "REDSHIFT-EVENT-3601": EventKind.REPLACEMENT_FIXED,
    "REDSHIFT-EVENT-3602": EventKind.REPLACEMENT_DEFERRABLE,
}
EVENT_MINUTES = 14 * 24 * 60
"""As long as DescribeEvents keeps them; it returns the last hour only unless told."""


class Redshift:
    """What the function reads and changes at one place; its methods may be called from several threads.

    Every method raises TransientError, with AWS's code and message, when AWS cannot be reached or refuses; the two that
    change something raise Unavailable when the cluster was deleted meanwhile or is in a state that forbids changes, and
    `defer` raises NotDeferrable when Redshift insists on the next window.
    """

    def __init__(self, client: "RedshiftClient", place: Place) -> None:
        self._redshift = client
        self._place = place

    def clusters(self) -> list[Cluster]:
        """All provisioned clusters, in AWS's order."""
        with errors_of("DescribeClusters"):
            pages = self._redshift.get_paginator("describe_clusters").paginate()
            return [_cluster(described, self._place) for page in pages for described in page["Clusters"]]

    def events(self) -> dict[str, list[MaintenanceEvent]]:
        """What Redshift reported of maintenance in the last 14 days, by cluster.

        Asks for the events of all sources: SourceType is documented as valid only with a SourceIdentifier.
        """
        found: dict[str, list[MaintenanceEvent]] = {}
        with errors_of("DescribeEvents"):
            for page in self._redshift.get_paginator("describe_events").paginate(Duration=EVENT_MINUTES):
                for event in page["Events"]:
                    if kind := EVENT_KINDS.get(event.get("EventId", "")):
                        reported = MaintenanceEvent(kind, event["Date"].astimezone(UTC), event.get("Message", ""))
                        found.setdefault(event["SourceIdentifier"], []).append(reported)
        return found

    def set_window(self, cluster: str, window: MaintenanceWindow) -> None:
        """Set the weekly window, and nothing else of all that ModifyCluster could change."""
        with errors_of("ModifyCluster"):
            self._redshift.modify_cluster(ClusterIdentifier=cluster, PreferredMaintenanceWindow=str(window))

    def defer(self, cluster: str, deferment: Deferment) -> None:
        """Set the deferment; one with the same identifier is updated, so a repeated call changes nothing."""
        with errors_of("ModifyClusterMaintenance"):
            self._redshift.modify_cluster_maintenance(
                ClusterIdentifier=cluster,
                DeferMaintenance=True,
                DeferMaintenanceIdentifier=deferment.identifier,
                DeferMaintenanceStartTime=deferment.start,
                DeferMaintenanceEndTime=deferment.end,
            )


def _cluster(described: "ClusterTypeDef", place: Place) -> Cluster:
    window = described.get("PreferredMaintenanceWindow")
    created = described.get("ClusterCreateTime")
    return Cluster(
        place=place,
        identifier=described["ClusterIdentifier"],
        status=described["ClusterStatus"],
        in_maintenance=described.get("ClusterAvailabilityStatus") == "Maintenance",
        window=MaintenanceWindow.parse(window) if window else None,
        deferments=tuple(
            Deferment(
                identifier=deferment["DeferMaintenanceIdentifier"],
                start=deferment["DeferMaintenanceStartTime"].astimezone(UTC),
                end=deferment["DeferMaintenanceEndTime"].astimezone(UTC),
            )
            for deferment in described.get("DeferredMaintenanceWindows", [])
        ),
        created=created.astimezone(UTC) if created else None,
        revision=described.get("ClusterRevisionNumber", ""),
        tags={tag["Key"]: tag.get("Value", "") for tag in described.get("Tags", [])},
    )
