"""AWS by boto3, which no other file of this package imports; model.py's nouns go in and come out."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from common.errors import ConfigurationError, TransientError
from redshift_maintenance_sync.model import (
    Cluster,
    Deferment,
    EventKind,
    MaintenanceEvent,
    MaintenanceWindow,
    NotDeferrable,
    State,
    Unavailable,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef
    from mypy_boto3_redshift import RedshiftClient
    from mypy_boto3_redshift.type_defs import ClusterTypeDef

EVENT_KINDS = {"REDSHIFT-EVENT-2003": EventKind.STARTED, "REDSHIFT-EVENT-2004": EventKind.COMPLETED}
STATE_LIFE = timedelta(days=366)
"""How long DynamoDB keeps the state of a cluster that nothing is decided about any more: it may have been deleted."""

EVENT_MINUTES = 14 * 24 * 60
"""As long as DescribeEvents keeps them; it returns the last hour only unless told."""

WORKERS = 8
"""Calls under way at once: 1,000 clusters with three calls each of 100 ms take 38 s."""

_CONFIG = Config(
    connect_timeout=3,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 5},
    max_pool_connections=WORKERS,
)


def connect(table: str, scope: str) -> "Gateway":
    """A gateway for the function's own account and Region; see Gateway for `table` and `scope`."""
    return Gateway(boto3.client("redshift", config=_CONFIG), boto3.client("dynamodb", config=_CONFIG), table, scope)


class Gateway:
    """What the function reads and changes; its methods may be called from several threads.

    States lie in the DynamoDB `table`, one item a cluster, under the partition `scope` (`<account>/<region>`).

    Every method raises TransientError, with AWS's code and message, when AWS cannot be reached or refuses; the three
    that change something raise Unavailable when the cluster was deleted meanwhile or is in a state that forbids
    changes, or when another run has written the cluster's state; `defer` raises NotDeferrable when Redshift insists on
    the next window.
    """

    def __init__(self, redshift: "RedshiftClient", dynamodb: "DynamoDBClient", table: str, scope: str) -> None:
        self._redshift = redshift
        self._dynamodb = dynamodb
        self._table = table
        self._scope = scope

    def clusters(self) -> list[Cluster]:
        """All provisioned clusters, in AWS's order."""
        with _errors_of("DescribeClusters"):
            pages = self._redshift.get_paginator("describe_clusters").paginate()
            return [_cluster(described) for page in pages for described in page["Clusters"]]

    def events(self) -> dict[str, list[MaintenanceEvent]]:
        """What Redshift reported of maintenance in the last 14 days, by cluster.

        Asks for the events of all sources: SourceType is documented as valid only with a SourceIdentifier.
        """
        found: dict[str, list[MaintenanceEvent]] = {}
        with _errors_of("DescribeEvents"):
            for page in self._redshift.get_paginator("describe_events").paginate(Duration=EVENT_MINUTES):
                for event in page["Events"]:
                    if kind := EVENT_KINDS.get(event.get("EventId", "")):
                        reported = MaintenanceEvent(kind, event["Date"].astimezone(UTC))
                        found.setdefault(event["SourceIdentifier"], []).append(reported)
        return found

    def states(self) -> dict[str, State]:
        """What is remembered, by cluster: also of clusters that are no more.

        Raises ConfigurationError for an item that was written by something else.
        """
        with _errors_of("Query"):
            pages = self._dynamodb.get_paginator("query").paginate(
                TableName=self._table,
                KeyConditionExpression="#scope = :scope",
                ExpressionAttributeNames={"#scope": "scope"},
                ExpressionAttributeValues={":scope": {"S": self._scope}},
                ConsistentRead=True,
            )
            items = [item for page in pages for item in page["Items"]]
        return {item["cluster"]["S"]: self._parse(item) for item in items}

    def set_window(self, cluster: str, window: MaintenanceWindow) -> None:
        """Set the weekly window, and nothing else of all that ModifyCluster could change."""
        with _errors_of("ModifyCluster"):
            self._redshift.modify_cluster(ClusterIdentifier=cluster, PreferredMaintenanceWindow=str(window))

    def defer(self, cluster: str, deferment: Deferment) -> None:
        """Set the deferment; one with the same identifier is updated, so a repeated call changes nothing."""
        with _errors_of("ModifyClusterMaintenance"):
            self._redshift.modify_cluster_maintenance(
                ClusterIdentifier=cluster,
                DeferMaintenance=True,
                DeferMaintenanceIdentifier=deferment.identifier,
                DeferMaintenanceStartTime=deferment.start,
                DeferMaintenanceEndTime=deferment.end,
            )

    def remember(self, cluster: str, state: State) -> None:
        """Write the state, provided that nobody has written one since the version before it was read."""
        with _errors_of("PutItem"):
            self._dynamodb.put_item(
                TableName=self._table,
                Item={"scope": {"S": self._scope}, "cluster": {"S": cluster}, **_attributes(state)},
                ConditionExpression="attribute_not_exists(#version) OR #version = :before",
                ExpressionAttributeNames={"#version": "version"},
                ExpressionAttributeValues={":before": {"N": str(state.version - 1)}},
            )

    def _parse(self, item: "dict[str, AttributeValueTypeDef]") -> State:
        try:
            return _state(item)
        except (KeyError, ValueError) as error:
            which = f"The item {self._scope}, {item['cluster']['S']} of {self._table}"
            raise ConfigurationError(
                f"{which} is not a state of this function ({error!r}): delete it, and it is made anew from what "
                "Redshift shows."
            ) from error


@contextmanager
def _errors_of(action: str) -> Iterator[None]:
    """Turn what boto3 raises into errors that say who must act."""
    try:
        yield
    except ClientError as error:
        code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
        match code:
            case "ClusterNotFound":
                why = "it was deleted since it was listed"
            case "InvalidClusterState" if action == "ModifyClusterMaintenance":
                raise NotDeferrable(f"Redshift refuses the deferment: {message}") from error
            case "InvalidClusterState":
                why = f"{action} is not possible in its state, tried again in the next run: {message}"
            case "ConditionalCheckFailedException":
                why = "another run has changed its state meanwhile; looked at again in the next run"
            case _:
                raise TransientError(f"{action}: {code}: {message}") from error
        raise Unavailable(why) from error
    except BotoCoreError as error:
        raise TransientError(f"{action}: {error}") from error


def _cluster(described: "ClusterTypeDef") -> Cluster:
    window = described.get("PreferredMaintenanceWindow")
    created = described.get("ClusterCreateTime")
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
        created=created.astimezone(UTC) if created else None,
        revision=described.get("ClusterRevisionNumber", ""),
        tags={tag["Key"]: tag.get("Value", "") for tag in described.get("Tags", [])},
    )


_TIMES = ("target", "anchor", "managed_since", "changed", "unexpected")


def _attributes(state: State) -> dict[str, "AttributeValueTypeDef"]:
    """The state as a DynamoDB item: times in ISO 8601, absent where there is none; `expires` for DynamoDB's own TTL."""
    times: dict[str, AttributeValueTypeDef] = {
        name: {"S": moment.isoformat()} for name in _TIMES if (moment := getattr(state, name)) is not None
    }
    expires = str(int((state.changed + STATE_LIFE).timestamp()))
    return {**times, "revision": {"S": state.revision}, "version": {"N": str(state.version)}, "expires": {"N": expires}}


def _state(item: "dict[str, AttributeValueTypeDef]") -> State:
    times = {name: datetime.fromisoformat(item[name]["S"]) for name in _TIMES if name in item}
    return State(
        target=times["target"],
        anchor=times.get("anchor"),
        revision=item["revision"]["S"],
        managed_since=times["managed_since"],
        changed=times["changed"],
        unexpected=times.get("unexpected"),
        version=int(item["version"]["N"]),
    )
