"""Redshift clusters: their maintenance windows and deferments, and what Terraform reads that moto leaves out.

Sources: API_CreateCluster, API_DescribeClusters, API_ModifyCluster, API_ModifyClusterMaintenance, and "Cluster
maintenance" in the Cluster Management Guide. Where a limit is documented without an error code, the code here is
InvalidParameterValue, or InvalidParameterCombination for parameters that exclude or need each other.
"""

import secrets
import string
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.core.responses import ActionResult
from moto.redshift.models import Cluster
from moto.redshift.responses import RedshiftResponse

from localcloud import clock, redshift_secret
from localcloud.extensions import AwsError, adds, corrects
from localcloud.maintenance_window import Interval, MaintenanceWindow
from localcloud.paging import page

# AWS picks a random half hour within the Region's night; a fixed one keeps runs comparable.
DEFAULT_WINDOW = "mon:03:00-mon:03:30"
MINUTE = timedelta(minutes=1)
MINIMUM_LEFT = 120 * MINUTE
# The management guide's limit; the newest API reference says 60, the older one 45.
MAXIMUM_DEFERMENT = timedelta(days=45)
IDENTIFIER_ALPHABET = string.ascii_letters + string.digits

moto_create_cluster = RedshiftResponse.create_cluster
moto_modify_cluster = RedshiftResponse.modify_cluster
moto_delete_cluster = RedshiftResponse.delete_cluster

SETTINGS = {"AvailabilityZoneRelocation", "MaintenanceTrackName", "ManualSnapshotRetentionPeriod", "MultiAZ"}
MANAGED_PASSWORD = {"ManageMasterPassword", "MasterPasswordSecretKmsKeyId"}


@corrects(RedshiftResponse, "CreateCluster")
def create_cluster(self: Any) -> ActionResult:
    """CreateCluster: the window in AWS's spelling, a managed password that can be looked up."""
    _refuse_forgetting(self, moto_create_cluster, SETTINGS | MANAGED_PASSWORD)
    window = _window(self._get_param("PreferredMaintenanceWindow") or DEFAULT_WINDOW)
    managed = self._get_bool_param("ManageMasterPassword", False)
    if managed is (self._get_param("MasterUserPassword") is not None):
        raise _combination("Specify either MasterUserPassword or ManageMasterPassword.")
    result = moto_create_cluster(self)
    cluster = self.redshift_backend.clusters[self._get_param("ClusterIdentifier")]
    cluster.preferred_maintenance_window = str(window)
    if managed:
        redshift_secret.create(cluster, self._get_param("MasterPasswordSecretKmsKeyId"))
    _store_settings(self, cluster)
    return result


@corrects(RedshiftResponse, "DescribeClusters")
def describe_clusters(self: Any) -> ActionResult:
    """DescribeClusters: with pages, and with both tag filters."""
    identifier, marker = self._get_param("ClusterIdentifier"), self._get_param("Marker")
    if identifier and marker:
        raise _combination("You can specify either ClusterIdentifier or Marker, but not both.")
    keys, values = set(self._get_param("TagKeys", [])), set(self._get_param("TagValues", []))
    clusters = [
        cluster
        for cluster in self.redshift_backend.describe_clusters(identifier)
        if not (keys or values) or any(_matches(tag, keys, values) for tag in cluster.tags)
    ]
    maximum = self._get_int_param("MaxRecords")
    return ActionResult(page(clusters, lambda cluster: str(cluster.cluster_identifier), "Clusters", maximum, marker))


@corrects(RedshiftResponse, "ModifyCluster")
def modify_cluster(self: Any) -> ActionResult:
    """ModifyCluster: refuses what AWS refuses of a maintenance window, and a cluster that is not available."""
    cluster = _available_cluster(self)
    _refuse_forgetting(self, moto_modify_cluster, SETTINGS)
    if text := self._get_param("PreferredMaintenanceWindow"):
        window = _window(text)
        left = window.remaining(clock.now())
        if left is not None and left < MINIMUM_LEFT:
            raise _value(
                f"The maintenance window {window} includes the current time and ends in {left // MINUTE} minutes. "
                "There must be at least 120 minutes between the current time and the end of the window."
            )
        self.params["PreferredMaintenanceWindow"] = str(window)
    result = moto_modify_cluster(self)
    if isinstance(cluster.cluster_parameter_group_name, str):  # moto keeps a list, and sets a string
        cluster.cluster_parameter_group_name = [cluster.cluster_parameter_group_name]
    _store_settings(self, cluster)
    return result


@corrects(RedshiftResponse, "DeleteCluster")
def delete_cluster(self: Any) -> ActionResult:
    """DeleteCluster: a managed password goes with its cluster."""
    result = moto_delete_cluster(self)
    redshift_secret.delete(result.result["Cluster"])
    return result


@adds(RedshiftResponse, "ModifyClusterMaintenance")
def modify_cluster_maintenance(self: Any) -> ActionResult:
    """ModifyClusterMaintenance: add, change or cancel one deferment.

    AWS documents neither what a call without DeferMaintenance does nor a deferment without an end: both are refused.
    """
    cluster = _available_cluster(self)
    deferments = _deferments(cluster)
    identifier = self._get_param("DeferMaintenanceIdentifier")
    match self._get_bool_param("DeferMaintenance"):
        case True:
            identifier = identifier or "dfm-" + "".join(secrets.choice(IDENTIFIER_ALPHABET) for _ in range(20))
            deferments[identifier] = _requested_deferment(self, deferments.get(identifier))
        case False:
            if identifier not in deferments:
                raise _value(f"There is no deferred maintenance window {identifier!r} to cancel.")
            del deferments[identifier]
        case _:
            raise _combination("DeferMaintenance must be given.")
    return ActionResult({"Cluster": cluster})


def _requested_deferment(self: Any, existing: Interval | None) -> Interval:
    start = _utc(self._get_param("DeferMaintenanceStartTime")) or (existing[0] if existing else clock.now())
    end = _utc(self._get_param("DeferMaintenanceEndTime"))
    days = self._get_int_param("DeferMaintenanceDuration")
    if (end is None) is (days is None):
        raise _combination("Specify either DeferMaintenanceEndTime or DeferMaintenanceDuration, but not both.")
    end = end or start + timedelta(days=days)
    if end <= max(start, clock.now()):
        raise _value("The end of the deferred maintenance window must be after its start and in the future.")
    if end - start > MAXIMUM_DEFERMENT:
        raise _value(f"The deferred maintenance window must be {MAXIMUM_DEFERMENT.days} days or less.")
    return start, end


def _matches(tag: Mapping[str, str], keys: set[str], values: set[str]) -> bool:
    return (not keys or tag["Key"] in keys) and (not values or tag["Value"] in values)


def _available_cluster(self: Any) -> Any:
    (cluster,) = self.redshift_backend.describe_clusters(self._get_param("ClusterIdentifier"))
    if cluster.status != "available":
        raise AwsError(
            "InvalidClusterState", f"Cluster {cluster.cluster_identifier} is {cluster.status}, not in available state."
        )
    return cluster


def _refuse_forgetting(self: Any, moto_action: Any, ours: set[str]) -> None:
    """Refuse a parameter that neither moto's code names nor ours: it would be accepted and forgotten."""
    if forgotten := sorted(set(self.params) - set(moto_action.__code__.co_consts) - ours):
        raise NotImplementedError(f"{', '.join(forgotten)} would be forgotten")


def _store_settings(self: Any, cluster: Any) -> None:
    for name, attribute in {
        "MaintenanceTrackName": "maintenance_track_name",
        "ManualSnapshotRetentionPeriod": "manual_snapshot_retention_period",
    }.items():
        if (value := self._get_param(name)) is not None:
            setattr(cluster, attribute, value)
    for name, attribute in {
        "AvailabilityZoneRelocation": "availability_zone_relocation_status",
        "MultiAZ": "multi_az",
    }.items():
        if (flag := self._get_bool_param(name)) is not None:
            setattr(cluster, attribute, "enabled" if flag else "disabled")


def _window(text: str) -> MaintenanceWindow:
    try:
        return MaintenanceWindow.parse(text)
    except ValueError as error:
        raise _value(str(error)) from error


def _utc(moment: datetime | None) -> datetime | None:
    """moto parses to naive UTC."""
    return moment.replace(tzinfo=UTC) if moment else None


def _value(message: str) -> AwsError:
    return AwsError("InvalidParameterValue", message)


def _combination(message: str) -> AwsError:
    return AwsError("InvalidParameterCombination", message)


def _deferments(cluster: Any) -> dict[str, Interval]:
    deferments: dict[str, Interval] = cluster.__dict__.setdefault("deferments", {})
    return deferments


def _deferred_maintenance_windows(cluster: Any) -> list[dict[str, Any]]:
    return [
        {
            "DeferMaintenanceIdentifier": identifier,
            "DeferMaintenanceStartTime": start,
            "DeferMaintenanceEndTime": end,
        }
        for identifier, (start, end) in _deferments(cluster).items()
        if end > clock.now()
    ]


def _next_maintenance(cluster: Any) -> datetime:
    window = MaintenanceWindow.parse(cluster.preferred_maintenance_window)
    return window.next_opening(clock.now(), _deferments(cluster).values()).replace(microsecond=0)


def _nodes(cluster: Any) -> list[dict[str, str]]:
    """Terraform tells a single-node cluster from a multi-node one by their number."""
    if cluster.number_of_nodes == 1:
        return [{"NodeRole": "SHARED"}]
    return [{"NodeRole": "LEADER"}, *({"NodeRole": f"COMPUTE-{n}"} for n in range(cluster.number_of_nodes))]


ATTRIBUTES: Mapping[str, Any] = {
    "availability_zone_relocation_status": "disabled",
    "cluster_availability_status": property(lambda self: "Available" if self.status == "available" else "Unavailable"),
    "cluster_nodes": property(_nodes),
    "deferred_maintenance_windows": property(_deferred_maintenance_windows),
    "maintenance_track_name": "current",
    "manual_snapshot_retention_period": -1,
    "multi_az": "disabled",
    "next_maintenance_window_start_time": property(_next_maintenance),
}
"""What a cluster of moto's lacks and DescribeClusters returns: each name and its value for a new cluster."""


def install() -> None:
    """Complete moto's clusters; the actions are put in place by `extensions.install`."""
    for name, value in ATTRIBUTES.items():
        setattr(Cluster, name, value)
