"""What is remembered of clusters: a DynamoDB item each, written under a condition on its version."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from common.errors import ConfigurationError
from redshift_maintenance_sync.gateway.clients import errors_of
from redshift_maintenance_sync.model import DEFAULT_GROUP, Cluster, Place, State

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

STATE_LIFE = timedelta(days=366)
"""How long DynamoDB keeps the state of a cluster that nothing is decided about any more: it may have been deleted."""


class States:
    """The states in `table`, under the partition `<account>/<region>` of each place.

    Its methods may be called from several threads; both raise TransientError when DynamoDB is out of reach or refuses.
    """

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._dynamodb = client
        self._table = table

    def at(self, place: Place) -> dict[str, State]:
        """What is remembered there, by identifier: also of clusters that are no more.

        Raises ConfigurationError for an item that was written by something else.
        """
        with errors_of("Query"):
            pages = self._dynamodb.get_paginator("query").paginate(
                TableName=self._table,
                KeyConditionExpression="#scope = :scope",
                ExpressionAttributeNames={"#scope": "scope"},
                ExpressionAttributeValues={":scope": {"S": place.scope}},
                ConsistentRead=True,
            )
            items = [item for page in pages for item in page["Items"]]
        return {item["cluster"]["S"]: self._parse(item) for item in items}

    def remember(self, cluster: Cluster, state: State) -> None:
        """Write the state; raises Unavailable when somebody has written one since the version before it was read."""
        with errors_of("PutItem"):
            self._dynamodb.put_item(
                TableName=self._table,
                Item={"scope": {"S": cluster.place.scope}, "cluster": {"S": cluster.identifier}, **_attributes(state)},
                ConditionExpression="attribute_not_exists(#version) OR #version = :before",
                ExpressionAttributeNames={"#version": "version"},
                ExpressionAttributeValues={":before": {"N": str(state.version - 1)}},
            )

    def _parse(self, item: "dict[str, AttributeValueTypeDef]") -> State:
        try:
            return _state(item)
        except (KeyError, ValueError) as error:
            which = f"The item {item['scope']['S']}, {item['cluster']['S']} of {self._table}"
            raise ConfigurationError(
                f"{which} is not a state of this function ({error!r}): delete it, and it is made anew from what "
                "Redshift shows."
            ) from error


_TIMES = ("target", "anchor", "managed_since", "changed", "unexpected")


def _attributes(state: State) -> dict[str, "AttributeValueTypeDef"]:
    """The state as a DynamoDB item: times in ISO 8601, absent where there is none; `expires` for DynamoDB's own TTL."""
    times: dict[str, AttributeValueTypeDef] = {
        name: {"S": moment.isoformat()} for name in _TIMES if (moment := getattr(state, name)) is not None
    }
    expires = str(int((state.changed + STATE_LIFE).timestamp()))
    return {
        **times,
        "revision": {"S": state.revision},
        "group": {"S": state.group},
        "version": {"N": str(state.version)},
        "expires": {"N": expires},
    }


def _state(item: "dict[str, AttributeValueTypeDef]") -> State:
    times = {name: datetime.fromisoformat(item[name]["S"]) for name in _TIMES if name in item}
    return State(
        target=times["target"],
        anchor=times.get("anchor"),
        revision=item["revision"]["S"],
        group=item["group"]["S"] if "group" in item else DEFAULT_GROUP,
        managed_since=times["managed_since"],
        changed=times["changed"],
        unexpected=times.get("unexpected"),
        version=int(item["version"]["N"]),
    )
