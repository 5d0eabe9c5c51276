"""Redshift clusters: their maintenance windows and deferments, and what Terraform reads that moto leaves out.

Sources: API_CreateCluster, API_DescribeClusters, API_ModifyCluster, API_ModifyClusterMaintenance, and "Cluster
maintenance" in the Cluster Management Guide. Where a limit is documented without an error code, the code here is
InvalidParameterValue, or InvalidParameterCombination for parameters that exclude or need each other.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.redshift.exceptions import ClusterAlreadyExistsFaultError
from moto.redshift.models import Cluster, RedshiftBackend
from moto.redshift.responses import RedshiftResponse

from localcloud.extensions import AwsError, adds, corrects
from localcloud.paging import page
from localcloud.redshift import maintenance, secret
from localcloud.redshift.attributes import ATTRIBUTES
from localcloud.redshift.cluster_maintenance import Refusal
from localcloud.redshift.maintenance_window import MaintenanceWindow

# AWS picks a random half hour within the Region's night; a fixed one keeps runs comparable.
DEFAULT_WINDOW = "mon:03:00-mon:03:30"
IDENTIFIER = re.compile(r"(?=.{1,63}\Z)[a-z][a-z0-9]*(-[a-z0-9]+)*")

moto_create = RedshiftBackend.create_cluster
moto_create_cluster = RedshiftResponse.create_cluster
moto_modify_cluster = RedshiftResponse.modify_cluster
moto_delete_cluster = RedshiftResponse.delete_cluster
moto_pause_cluster = RedshiftResponse.pause_cluster
moto_resume_cluster = RedshiftResponse.resume_cluster

SETTINGS = {"AvailabilityZoneRelocation", "MaintenanceTrackName", "ManualSnapshotRetentionPeriod", "MultiAZ"}
MANAGED_PASSWORD = {"ManageMasterPassword", "MasterPasswordSecretKmsKeyId"}


@corrects(RedshiftResponse, "CreateCluster")
def create_cluster(self: Any) -> ActionResult:
    """CreateCluster: a managed password that can be looked up; what holds for every new cluster is `create`."""
    _refuse_forgetting(self, moto_create_cluster, SETTINGS | MANAGED_PASSWORD)
    managed = self._get_bool_param("ManageMasterPassword", False)
    if managed is (self._get_param("MasterUserPassword") is not None):
        raise _combination("Specify either MasterUserPassword or ManageMasterPassword.")
    result = moto_create_cluster(self)
    cluster = self.redshift_backend.clusters[self._get_param("ClusterIdentifier")]
    if managed:
        secret.create(cluster, self._get_param("MasterPasswordSecretKmsKeyId"))
    _store_settings(self, cluster)
    return result


def create(self: Any, **settings: Any) -> Any:
    """Create a cluster, from a request, a snapshot or a template: the name and the window as AWS takes them."""
    _require_identifier(settings["cluster_identifier"])
    window = _window(settings.get("preferred_maintenance_window") or DEFAULT_WINDOW)
    with maintenance.caught_up():
        cluster = moto_create(self, **settings)
        cluster.preferred_maintenance_window = str(window)
        maintenance.begin(cluster, window)
    return cluster


@corrects(RedshiftResponse, "DescribeClusters")
def describe_clusters(self: Any) -> ActionResult:
    """DescribeClusters: with pages, and with both tag filters."""
    identifier, marker = self._get_param("ClusterIdentifier"), self._get_param("Marker")
    if identifier and marker:
        raise _combination("You can specify either ClusterIdentifier or Marker, but not both.")
    keys, values = set(self._get_param("TagKeys", [])), set(self._get_param("TagValues", []))
    with maintenance.caught_up():
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
    with _changeable(self) as (cluster, now):
        _refuse_forgetting(self, moto_modify_cluster, SETTINGS)
        renamed = self._get_param("NewClusterIdentifier")
        if renamed:
            _require_new_identifier(self, renamed)
        before = cluster.maintenance.window
        if text := self._get_param("PreferredMaintenanceWindow"):
            window = _window(text)
            cluster.maintenance.set_window(now, window)
            self.params["PreferredMaintenanceWindow"] = str(window)
        try:
            result = moto_modify_cluster(self)
        except Exception:
            cluster.maintenance.window = before
            raise
        cluster.maintenance.identifier = cluster.cluster_identifier
        if isinstance(cluster.cluster_parameter_group_name, str):  # moto keeps a list, and sets a string
            cluster.cluster_parameter_group_name = [cluster.cluster_parameter_group_name]
        _store_settings(self, cluster)
    return result


@corrects(RedshiftResponse, "DeleteCluster")
def delete_cluster(self: Any) -> ActionResult:
    """DeleteCluster: a managed password goes with its cluster."""
    with maintenance.caught_up():
        result = moto_delete_cluster(self)
        secret.delete(result.result["Cluster"])
    return result


@corrects(RedshiftResponse, "PauseCluster")
def pause_cluster(self: Any) -> ActionResult:
    """PauseCluster: of an available cluster only. A paused cluster is not maintained."""
    with _changeable(self):
        return moto_pause_cluster(self)


@corrects(RedshiftResponse, "ResumeCluster")
def resume_cluster(self: Any) -> ActionResult:
    """ResumeCluster: of a paused cluster only."""
    with _changeable(self, "paused"):
        return moto_resume_cluster(self)


@adds(RedshiftResponse, "ModifyClusterMaintenance")
def modify_cluster_maintenance(self: Any) -> ActionResult:
    """ModifyClusterMaintenance: add, change or cancel one deferment.

    AWS documents neither what a call without DeferMaintenance does nor a deferment without an end: both are refused.
    """
    with _changeable(self) as (cluster, now):
        identifier = self._get_param("DeferMaintenanceIdentifier")
        match self._get_bool_param("DeferMaintenance"):
            case True:
                start = _utc(self._get_param("DeferMaintenanceStartTime"))
                end = _utc(self._get_param("DeferMaintenanceEndTime"))
                days = self._get_int_param("DeferMaintenanceDuration")
                cluster.maintenance.defer(now, identifier, start, end, days)
            case False:
                cluster.maintenance.cancel(now, identifier)
            case _:
                raise _combination("DeferMaintenance must be given.")
    return ActionResult({"Cluster": cluster})


@contextmanager
def _changeable(self: Any, status: str = "available") -> Iterator[tuple[Any, datetime]]:
    """The cluster that a request would change. AWS refuses it in another state, and while it is being maintained."""
    with maintenance.caught_up() as now:
        (cluster,) = self.redshift_backend.describe_clusters(self._get_param("ClusterIdentifier"))
        state = "in maintenance" if cluster.maintenance.in_maintenance(now) else cluster.status
        if state != status:
            text = f"Cluster {cluster.cluster_identifier} is {state}, not in {status} state."
            raise AwsError("InvalidClusterState", text)
        maintenance.settle(cluster, now)
        try:
            yield cluster, now
        except Refusal as refusal:
            raise AwsError(refusal.code, refusal.message) from refusal
        maintenance.expect(cluster)


def _matches(tag: Mapping[str, str], keys: set[str], values: set[str]) -> bool:
    return (not keys or tag["Key"] in keys) and (not values or tag["Value"] in values)


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


def _require_identifier(identifier: str) -> None:
    if not IDENTIFIER.fullmatch(identifier):
        raise _value(
            f"Invalid cluster identifier {identifier!r}: it must have 1 to 63 lowercase letters, digits or hyphens, "
            "begin with a letter, not end with a hyphen and not have two in a row."
        )


def _require_new_identifier(self: Any, identifier: str) -> None:
    _require_identifier(identifier)
    if identifier in self.redshift_backend.clusters:
        raise ClusterAlreadyExistsFaultError


def install() -> None:
    """Complete moto's clusters; the actions are put in place by `extensions.install`.

    Raises ValueError when the environment asks for a deferment that is longer than AWS allows.
    """
    maintenance.cap_days()
    RedshiftBackend.create_cluster = create
    for name, value in ATTRIBUTES.items():
        setattr(Cluster, name, value)
