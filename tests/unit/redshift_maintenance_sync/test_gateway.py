"""The exact requests, and what becomes of each kind of answer."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError
from botocore.stub import Stubber

from common.errors import ConfigurationError, TransientError
from redshift_maintenance_sync.gateway import WORKERS, Gateway, connect
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

START, END = datetime(2026, 11, 24, 10, tzinfo=UTC), datetime(2026, 12, 19, 5, 30, tzinfo=UTC)
DEFERMENT = Deferment("groundcrew-sales-20261219", START, END)
WINDOW = MaintenanceWindow.parse("sun:23:45-mon:00:15")
STATE = State(
    target=datetime(2026, 12, 19, 6, tzinfo=UTC),
    anchor=datetime(2026, 11, 21, 6, 25, tzinfo=UTC),
    revision="1.0.100",
    managed_since=datetime(2026, 11, 1, tzinfo=UTC),
    changed=START,
    version=4,
)
ITEM = {
    "scope": {"S": "123456789012/us-east-1"},
    "cluster": {"S": "sales"},
    "target": {"S": "2026-12-19T06:00:00+00:00"},
    "anchor": {"S": "2026-11-21T06:25:00+00:00"},
    "managed_since": {"S": "2026-11-01T00:00:00+00:00"},
    "changed": {"S": "2026-11-24T10:00:00+00:00"},
    "revision": {"S": "1.0.100"},
    "version": {"N": "4"},
    "expires": {"N": str(int(datetime(2027, 11, 25, 10, tzinfo=UTC).timestamp()))},
}
CHANGES: dict[str, tuple[Callable[[Gateway], None], dict[str, Any]]] = {
    "modify_cluster": (
        lambda gateway: gateway.set_window("sales", WINDOW),
        {"ClusterIdentifier": "sales", "PreferredMaintenanceWindow": "sun:23:45-mon:00:15"},
    ),
    "modify_cluster_maintenance": (
        lambda gateway: gateway.defer("sales", DEFERMENT),
        {
            "ClusterIdentifier": "sales",
            "DeferMaintenance": True,
            "DeferMaintenanceIdentifier": "groundcrew-sales-20261219",
            "DeferMaintenanceStartTime": START,
            "DeferMaintenanceEndTime": END,
        },
    ),
    "put_item": (
        lambda gateway: gateway.remember("sales", STATE),
        {
            "TableName": "states",
            "Item": ITEM,
            "ConditionExpression": "attribute_not_exists(#version) OR #version = :before",
            "ExpressionAttributeNames": {"#version": "version"},
            "ExpressionAttributeValues": {":before": {"N": "3"}},
        },
    ),
}


@pytest.fixture
def clients() -> dict[str, Any]:
    keys = {"region_name": "us-east-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return {service: boto3.client(service, **keys) for service in ("redshift", "dynamodb")}


@pytest.fixture
def gateway(clients: dict[str, Any]) -> Gateway:
    return Gateway(clients["redshift"], clients["dynamodb"], "states", "123456789012/us-east-1")


@pytest.fixture
def redshift(clients: dict[str, Any]) -> Iterator[Stubber]:
    """Answers in order; fails when an answer is left over."""
    with Stubber(clients["redshift"]) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def dynamodb(clients: dict[str, Any]) -> Iterator[Stubber]:
    """Answers in order; fails when an answer is left over."""
    with Stubber(clients["dynamodb"]) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def test_lists_the_clusters_of_all_pages(gateway: Gateway, redshift: Stubber) -> None:
    berlin = timezone(timedelta(hours=1))
    described = {
        "ClusterIdentifier": "sales",
        "ClusterStatus": "available",
        "ClusterAvailabilityStatus": "Available",
        "PreferredMaintenanceWindow": "Sun:23:45-Mon:00:15",
        "ClusterCreateTime": START.astimezone(berlin),
        "ClusterRevisionNumber": "1.0.100",
        "Tags": [{"Key": "team", "Value": "blue"}, {"Key": "out"}],
        "DeferredMaintenanceWindows": [
            {
                "DeferMaintenanceIdentifier": "groundcrew-sales-20261219",
                "DeferMaintenanceStartTime": START.astimezone(berlin),
                "DeferMaintenanceEndTime": END.astimezone(berlin),
            }
        ],
    }
    redshift.add_response("describe_clusters", {"Clusters": [described], "Marker": "more"}, {})
    under_way = {
        "ClusterIdentifier": "finance",
        "ClusterStatus": "creating",
        "ClusterAvailabilityStatus": "Maintenance",
    }
    redshift.add_response("describe_clusters", {"Clusters": [under_way]}, {"Marker": "more"})
    assert gateway.clusters() == [
        Cluster("sales", "available", False, WINDOW, (DEFERMENT,), START, "1.0.100", {"team": "blue", "out": ""}),
        Cluster("finance", "creating", True, None),
    ]


def event(event_id: str | None, day: int) -> dict[str, Any]:
    named = {"EventId": event_id} if event_id else {}
    return {
        "SourceIdentifier": "sales",
        "SourceType": "cluster",
        "Date": datetime(2026, 11, day, 6, 25, tzinfo=UTC),
    } | named


def test_finds_the_maintenance_events_of_all_pages(gateway: Gateway, redshift: Stubber) -> None:
    completed, started = "REDSHIFT-EVENT-2004", "REDSHIFT-EVENT-2003"
    first = [event(started, 21), event(completed, 21), event("REDSHIFT-EVENT-1000", 22), event(None, 23)]
    redshift.add_response("describe_events", {"Events": first, "Marker": "more"}, {"Duration": 20160})
    second = [{**event(completed, 14), "SourceIdentifier": "finance"}]
    redshift.add_response("describe_events", {"Events": second}, {"Duration": 20160, "Marker": "more"})
    assert gateway.events() == {
        "sales": [
            MaintenanceEvent(EventKind.STARTED, datetime(2026, 11, 21, 6, 25, tzinfo=UTC)),
            MaintenanceEvent(EventKind.COMPLETED, datetime(2026, 11, 21, 6, 25, tzinfo=UTC)),
        ],
        "finance": [MaintenanceEvent(EventKind.COMPLETED, datetime(2026, 11, 14, 6, 25, tzinfo=UTC))],
    }


QUERY = {
    "TableName": "states",
    "KeyConditionExpression": "#scope = :scope",
    "ExpressionAttributeNames": {"#scope": "scope"},
    "ExpressionAttributeValues": {":scope": {"S": "123456789012/us-east-1"}},
    "ConsistentRead": True,
}


def test_reads_the_states_of_all_pages(gateway: Gateway, dynamodb: Stubber) -> None:
    last = {"scope": ITEM["scope"], "cluster": ITEM["cluster"]}
    dynamodb.add_response("query", {"Items": [ITEM], "LastEvaluatedKey": last}, QUERY)
    struck = {"unexpected": {"S": "2026-11-23T03:00:00+00:00"}}
    other = {**ITEM, "cluster": {"S": "new"}, **struck, "version": {"N": "1"}}
    del other["anchor"]
    dynamodb.add_response("query", {"Items": [other]}, {**QUERY, "ExclusiveStartKey": last})
    unexpected = datetime(2026, 11, 23, 3, tzinfo=UTC)
    assert gateway.states() == {
        "sales": STATE,
        "new": replace(STATE, anchor=None, unexpected=unexpected, version=1),
    }


def test_a_state_that_cannot_be_read_names_the_item_to_delete(gateway: Gateway, dynamodb: Stubber) -> None:
    dynamodb.add_response("query", {"Items": [{**ITEM, "target": {"S": "soon"}}]}, QUERY)
    with pytest.raises(ConfigurationError, match=r"item 123456789012/us-east-1, sales of states .* delete it"):
        gateway.states()


@pytest.fixture
def stubber(clients: dict[str, Any], action: str) -> Iterator[Stubber]:
    """Of the service that `action` belongs to."""
    with Stubber(clients["dynamodb" if action in ("put_item", "query") else "redshift"]) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.mark.parametrize("action", CHANGES)
def test_sends_only_what_is_to_change(gateway: Gateway, stubber: Stubber, action: str) -> None:
    change, request = CHANGES[action]
    stubber.add_response(action, {}, request)
    change(gateway)


@pytest.mark.parametrize("action", CHANGES)
@pytest.mark.parametrize(
    ("code", "error", "text"),
    [
        ("ClusterNotFound", Unavailable, "it was deleted since it was listed"),
        ("InvalidClusterState", Unavailable, "what AWS says"),
        ("ConditionalCheckFailedException", Unavailable, "another run has changed its state meanwhile"),
        ("Throttling", TransientError, "Throttling: what AWS says"),
        ("UnauthorizedOperation", TransientError, "UnauthorizedOperation: what AWS says"),
    ],
)
def test_errors_of_a_change_say_who_must_act(
    gateway: Gateway, stubber: Stubber, action: str, code: str, error: type[Exception], text: str
) -> None:
    change, request = CHANGES[action]
    stubber.add_client_error(action, code, "what AWS says", expected_params=request)
    with pytest.raises(error, match=text):
        change(gateway)


@pytest.mark.parametrize(
    ("action", "read"),
    [("describe_clusters", Gateway.clusters), ("describe_events", Gateway.events), ("query", Gateway.states)],
)
def test_what_cannot_be_read_is_raised(
    gateway: Gateway, stubber: Stubber, action: str, read: Callable[[Gateway], object]
) -> None:
    stubber.add_client_error(action, "Throttling", "Rate exceeded")
    with pytest.raises(TransientError, match="Throttling: Rate exceeded"):
        read(gateway)


def test_a_deferment_that_redshift_refuses_is_told_apart(gateway: Gateway, redshift: Stubber) -> None:
    redshift.add_client_error("modify_cluster_maintenance", "InvalidClusterState", "what AWS says")
    with pytest.raises(NotDeferrable, match="Redshift refuses the deferment: what AWS says"):
        gateway.defer("sales", DEFERMENT)
    redshift.add_client_error("modify_cluster", "InvalidClusterState", "what AWS says")
    with pytest.raises(Unavailable, match="ModifyCluster is not possible in its state, tried again in the next run"):
        gateway.set_window("sales", WINDOW)


def test_an_unreachable_endpoint_is_transient(clients: dict[str, Any], gateway: Gateway) -> None:
    def time_out(**_: object) -> None:
        raise ConnectTimeoutError(endpoint_url="http://127.0.0.1")

    clients["redshift"].meta.events.register("before-send.redshift.ModifyCluster", time_out)
    with pytest.raises(TransientError, match=r"ModifyCluster: Connect timeout"):
        gateway.set_window("sales", WINDOW)


def test_the_clients_give_up_in_seconds_and_retry_in_the_standard_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(name, value)
    connected = connect("states", "123456789012/us-east-1")
    for client in (connected._redshift, connected._dynamodb):
        config = client.meta.config
        assert config.retries == {"mode": "standard", "total_max_attempts": 5}
        assert (config.connect_timeout, config.read_timeout) == (3, 10)
        assert config.max_pool_connections >= WORKERS, "or threads wait for each other's connections"
