"""The exact requests, and what becomes of each kind of answer."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError
from botocore.stub import Stubber

from common.errors import ConfigurationError, TransientError
from redshift_maintenance_sync.gateway import WORKERS, Gateway, connect
from redshift_maintenance_sync.gateway.clients import CONFIG, member_session, own_session
from redshift_maintenance_sync.gateway.redshift import Redshift
from redshift_maintenance_sync.gateway.states import States
from redshift_maintenance_sync.model import (
    Cluster,
    Deferment,
    EventKind,
    MaintenanceEvent,
    MaintenanceWindow,
    NotDeferrable,
    Place,
    State,
    Unavailable,
)
from redshift_maintenance_sync.settings import MemberAccount, Settings

HOME = Place("123456789012", "us-east-1")
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
    "group": {"S": "default"},
    "version": {"N": "4"},
    "expires": {"N": str(int(datetime(2027, 11, 25, 10, tzinfo=UTC).timestamp()))},
}
SALES = Cluster(HOME, "sales", "available", False, WINDOW)
CHANGES: dict[str, tuple[Callable[[Gateway], None], dict[str, Any]]] = {
    "modify_cluster": (
        lambda gateway: gateway.set_window(SALES, WINDOW),
        {"ClusterIdentifier": "sales", "PreferredMaintenanceWindow": "sun:23:45-mon:00:15"},
    ),
    "modify_cluster_maintenance": (
        lambda gateway: gateway.defer(SALES, DEFERMENT),
        {
            "ClusterIdentifier": "sales",
            "DeferMaintenance": True,
            "DeferMaintenanceIdentifier": "groundcrew-sales-20261219",
            "DeferMaintenanceStartTime": START,
            "DeferMaintenanceEndTime": END,
        },
    ),
    "put_item": (
        lambda gateway: gateway.remember(SALES, STATE),
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
    return Gateway({HOME: Redshift(clients["redshift"], HOME)}, States(clients["dynamodb"], "states"))


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
    assert gateway.clusters(HOME) == [
        Cluster(HOME, "sales", "available", False, WINDOW, (DEFERMENT,), START, "1.0.100", {"team": "blue", "out": ""}),
        Cluster(HOME, "finance", "creating", True, None),
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
    replaced = {**event("REDSHIFT-EVENT-3601", 15), "SourceIdentifier": "finance", "Message": "A node will be replaced"}
    second = [{**event(completed, 14), "SourceIdentifier": "finance"}, replaced]
    redshift.add_response("describe_events", {"Events": second}, {"Duration": 20160, "Marker": "more"})
    assert gateway.events(HOME) == {
        "sales": [
            MaintenanceEvent(EventKind.STARTED, datetime(2026, 11, 21, 6, 25, tzinfo=UTC)),
            MaintenanceEvent(EventKind.COMPLETED, datetime(2026, 11, 21, 6, 25, tzinfo=UTC)),
        ],
        "finance": [
            MaintenanceEvent(EventKind.COMPLETED, datetime(2026, 11, 14, 6, 25, tzinfo=UTC)),
            MaintenanceEvent(
                EventKind.REPLACEMENT_FIXED, datetime(2026, 11, 15, 6, 25, tzinfo=UTC), "A node will be replaced"
            ),
        ],
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
    assert gateway.states(HOME) == {
        "sales": STATE,
        "new": replace(STATE, anchor=None, unexpected=unexpected, version=1),
    }


def test_a_state_that_cannot_be_read_names_the_item_to_delete(gateway: Gateway, dynamodb: Stubber) -> None:
    dynamodb.add_response("query", {"Items": [{**ITEM, "target": {"S": "soon"}}]}, QUERY)
    with pytest.raises(ConfigurationError, match=r"item 123456789012/us-east-1, sales of states .* delete it"):
        gateway.states(HOME)


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
    gateway: Gateway, stubber: Stubber, action: str, read: Callable[[Gateway, Place], object]
) -> None:
    stubber.add_client_error(action, "Throttling", "Rate exceeded")
    with pytest.raises(TransientError, match="Throttling: Rate exceeded"):
        read(gateway, HOME)


def test_a_deferment_that_redshift_refuses_is_told_apart(gateway: Gateway, redshift: Stubber) -> None:
    redshift.add_client_error("modify_cluster_maintenance", "InvalidClusterState", "what AWS says")
    with pytest.raises(NotDeferrable, match="Redshift refuses the deferment: what AWS says"):
        gateway.defer(SALES, DEFERMENT)
    redshift.add_client_error("modify_cluster", "InvalidClusterState", "what AWS says")
    with pytest.raises(Unavailable, match="ModifyCluster is not possible in its state, tried again in the next run"):
        gateway.set_window(SALES, WINDOW)


def test_an_unreachable_endpoint_is_transient(clients: dict[str, Any], gateway: Gateway) -> None:
    def time_out(**_: object) -> None:
        raise ConnectTimeoutError(endpoint_url="http://127.0.0.1")

    clients["redshift"].meta.events.register("before-send.redshift.ModifyCluster", time_out)
    with pytest.raises(TransientError, match=r"ModifyCluster: Connect timeout"):
        gateway.set_window(SALES, WINDOW)


def test_a_state_of_an_earlier_version_belongs_to_the_default_group(gateway: Gateway, dynamodb: Stubber) -> None:
    dynamodb.add_response("query", {"Items": [{name: ITEM[name] for name in ITEM if name != "group"}]}, QUERY)
    assert gateway.states(HOME) == {"sales": STATE}


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "own", "AWS_SECRET_ACCESS_KEY": "test"}
    for name, value in keys.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("credentials")
def test_every_region_of_every_account_is_a_place(make_settings: Callable[..., Settings]) -> None:
    member = MemberAccount("arn:aws:iam::210987654321:role/sync", "ticket-7")
    settings = make_settings(regions=("eu-central-1", "us-east-1"), accounts={"210987654321": member})
    connected = connect(settings, "123456789012", "sync")
    assert connected.places == (
        Place("123456789012", "eu-central-1"),
        Place("123456789012", "us-east-1"),
        Place("210987654321", "eu-central-1"),
        Place("210987654321", "us-east-1"),
    )
    for place, redshift in connected._redshift.items():
        assert redshift._redshift.meta.region_name == place.region


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize("external_id", ["ticket-7", None])
def test_the_role_of_another_account_is_assumed_once_and_with_its_external_id(external_id: str | None) -> None:
    own = own_session()
    asked = []

    def assume(params: dict[str, Any], **_: Any) -> None:
        asked.append(dict(params["body"]))
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1")

    own.events.register("before-call.sts.AssumeRole", assume)
    member = MemberAccount("arn:aws:iam::210987654321:role/sync", external_id)
    client = member_session(own, member, "x" * 100).client("redshift", region_name="eu-central-1", config=CONFIG)
    gateway = Redshift(client, Place("210987654321", "eu-central-1"))
    assert asked == [], "nothing is assumed before it is needed"
    with pytest.raises(TransientError, match="DescribeClusters: Could not connect"):
        gateway.clusters()
    (body,) = asked
    assert body["RoleArn"] == member.role_arn
    assert body["RoleSessionName"] == "x" * 64
    assert body.get("ExternalId") == external_id


@pytest.mark.usefixtures("credentials")
def test_the_clients_give_up_in_seconds_and_retry_in_the_standard_mode(make_settings: Callable[..., Settings]) -> None:
    connected = connect(make_settings(), "123456789012", "sync")
    for client in (connected._redshift[HOME]._redshift, connected._states._dynamodb):
        config = client.meta.config
        assert config.retries == {"mode": "standard", "total_max_attempts": 5}
        assert (config.connect_timeout, config.read_timeout) == (3, 10)
        assert config.max_pool_connections >= WORKERS, "or threads wait for each other's connections"
