"""Redshift by boto3, which no other file of this package imports; model.py's nouns go in and come out."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from common.errors import TransientError
from redshift_maintenance_sync.model import Cluster, Deferment, MaintenanceWindow, Unavailable

if TYPE_CHECKING:
    from mypy_boto3_redshift import RedshiftClient
    from mypy_boto3_redshift.type_defs import ClusterTypeDef

MAINTENANCE_COMPLETED = "REDSHIFT-EVENT-2004"
EVENT_MINUTES = 14 * 24 * 60
"""As long as DescribeEvents keeps them; it returns the last hour only unless told."""

_CONFIG = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 5})


def connect() -> "Gateway":
    """A gateway for the function's own account and Region."""
    return Gateway(boto3.client("redshift", config=_CONFIG))


class Gateway:
    """What the function reads and changes.

    Every method raises TransientError, with AWS's code and message, when AWS cannot be reached or refuses; the two that
    change a cluster raise Unavailable when the cluster was deleted meanwhile or is in a state that forbids changes.
    """

    def __init__(self, client: "RedshiftClient") -> None:
        self._client = client

    def clusters(self) -> list[Cluster]:
        """All provisioned clusters, in AWS's order."""
        with _errors_of("DescribeClusters"):
            pages = self._client.get_paginator("describe_clusters").paginate()
            return [_cluster(described) for page in pages for described in page["Clusters"]]

    def last_completed_maintenance(self) -> datetime | None:
        """When any cluster last completed maintenance; None when no event of the last 14 days says so.

        Asks for the events of all sources: SourceType is documented as valid only with a SourceIdentifier.
        """
        with _errors_of("DescribeEvents"):
            pages = self._client.get_paginator("describe_events").paginate(Duration=EVENT_MINUTES)
            events = (event for page in pages for event in page["Events"])
            completed = (event["Date"] for event in events if event.get("EventId") == MAINTENANCE_COMPLETED)
            latest = max(completed, default=None)
        return latest.astimezone(UTC) if latest else None

    def set_window(self, cluster: str, window: MaintenanceWindow) -> None:
        """Set the weekly window, and nothing else of all that ModifyCluster could change."""
        with _errors_of("ModifyCluster"):
            self._client.modify_cluster(ClusterIdentifier=cluster, PreferredMaintenanceWindow=str(window))

    def defer(self, cluster: str, deferment: Deferment) -> None:
        """Set the deferment; one with the same identifier is updated, so a repeated call changes nothing."""
        with _errors_of("ModifyClusterMaintenance"):
            self._client.modify_cluster_maintenance(
                ClusterIdentifier=cluster,
                DeferMaintenance=True,
                DeferMaintenanceIdentifier=deferment.identifier,
                DeferMaintenanceStartTime=deferment.start,
                DeferMaintenanceEndTime=deferment.end,
            )


@contextmanager
def _errors_of(action: str) -> Iterator[None]:
    """Turn what boto3 raises into errors that say who must act."""
    try:
        yield
    except ClientError as error:
        code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
        if code == "ClusterNotFound":
            raise Unavailable("it vanished: deleted since the clusters were listed") from error
        if code == "InvalidClusterState":
            raise Unavailable(
                f"{action} is not possible in its state, tried again in the next run: {message}"
            ) from error
        raise TransientError(f"{action}: {code}: {message}") from error
    except BotoCoreError as error:
        raise TransientError(f"{action}: {error}") from error


def _cluster(described: "ClusterTypeDef") -> Cluster:
    window = described.get("PreferredMaintenanceWindow")
    return Cluster(
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
    )
