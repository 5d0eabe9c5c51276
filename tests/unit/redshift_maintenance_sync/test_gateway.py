"""The exact requests, and what becomes of each kind of answer."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError
from botocore.stub import Stubber

from common.errors import TransientError
from redshift_maintenance_sync.gateway import Gateway, connect
from redshift_maintenance_sync.model import Cluster, Deferment, MaintenanceWindow, Unavailable

START, END = datetime(2026, 11, 24, 10, tzinfo=UTC), datetime(2026, 12, 19, 5, 30, tzinfo=UTC)
DEFERMENT = Deferment("groundcrew-sales-20261219", START, END)
WINDOW = MaintenanceWindow.parse("sun:23:45-mon:00:15")
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
}


@pytest.fixture
def client() -> Any:
    return boto3.client("redshift", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")


@pytest.fixture
def stubber(client: Any) -> Iterator[Stubber]:
    """Answers in order; fails when one is left over."""
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def test_lists_the_clusters_of_all_pages(client: Any, stubber: Stubber) -> None:
    berlin = timezone(timedelta(hours=1))
    described = {
        "ClusterIdentifier": "sales",
        "ClusterStatus": "available",
        "ClusterAvailabilityStatus": "Available",
        "PreferredMaintenanceWindow": "Sun:23:45-Mon:00:15",
        "DeferredMaintenanceWindows": [
            {
                "DeferMaintenanceIdentifier": "groundcrew-sales-20261219",
                "DeferMaintenanceStartTime": START.astimezone(berlin),
                "DeferMaintenanceEndTime": END.astimezone(berlin),
            }
        ],
    }
    stubber.add_response("describe_clusters", {"Clusters": [described], "Marker": "more"}, {})
    under_way = {
        "ClusterIdentifier": "finance",
        "ClusterStatus": "creating",
        "ClusterAvailabilityStatus": "Maintenance",
    }
    stubber.add_response("describe_clusters", {"Clusters": [under_way]}, {"Marker": "more"})
    assert Gateway(client).clusters() == [
        Cluster("sales", "available", False, WINDOW, (DEFERMENT,)),
        Cluster("finance", "creating", True, None),
    ]


def event(event_id: str | None, day: int) -> dict[str, Any]:
    named = {"EventId": event_id} if event_id else {}
    return {
        "SourceIdentifier": "sales",
        "SourceType": "cluster",
        "Date": datetime(2026, 11, day, 6, 25, tzinfo=UTC),
    } | named


def test_finds_the_last_completed_maintenance_of_all_pages(client: Any, stubber: Stubber) -> None:
    completed, started = "REDSHIFT-EVENT-2004", "REDSHIFT-EVENT-2003"
    first = [event(completed, 14), event(started, 22), event(None, 23)]
    stubber.add_response("describe_events", {"Events": first, "Marker": "more"}, {"Duration": 20160})
    second = [event(completed, 21), event(completed, 16)]
    stubber.add_response("describe_events", {"Events": second}, {"Duration": 20160, "Marker": "more"})
    assert Gateway(client).last_completed_maintenance() == datetime(2026, 11, 21, 6, 25, tzinfo=UTC)


def test_no_event_tells_of_maintenance(client: Any, stubber: Stubber) -> None:
    stubber.add_response("describe_events", {"Events": [event("REDSHIFT-EVENT-2003", 22)]}, {"Duration": 20160})
    assert Gateway(client).last_completed_maintenance() is None


@pytest.mark.parametrize("action", CHANGES)
def test_sends_only_what_is_to_change(client: Any, stubber: Stubber, action: str) -> None:
    change, request = CHANGES[action]
    stubber.add_response(action, {}, request)
    change(Gateway(client))


@pytest.mark.parametrize("action", CHANGES)
@pytest.mark.parametrize(
    ("code", "error", "text"),
    [
        ("ClusterNotFound", Unavailable, "it vanished"),
        ("InvalidClusterState", Unavailable, "not possible in its state, tried again in the next run: what AWS says"),
        ("Throttling", TransientError, "Throttling: what AWS says"),
        ("UnauthorizedOperation", TransientError, "UnauthorizedOperation: what AWS says"),
    ],
)
def test_errors_of_a_change_say_who_must_act(
    client: Any, stubber: Stubber, action: str, code: str, error: type[Exception], text: str
) -> None:
    change, request = CHANGES[action]
    stubber.add_client_error(action, code, "what AWS says", expected_params=request)
    with pytest.raises(error, match=text):
        change(Gateway(client))


@pytest.mark.parametrize(
    ("action", "read"),
    [("describe_clusters", Gateway.clusters), ("describe_events", Gateway.last_completed_maintenance)],
)
def test_what_cannot_be_read_is_raised(
    client: Any, stubber: Stubber, action: str, read: Callable[[Gateway], object]
) -> None:
    stubber.add_client_error(action, "Throttling", "Rate exceeded")
    with pytest.raises(TransientError, match="Throttling: Rate exceeded"):
        read(Gateway(client))


def test_an_unreachable_endpoint_is_transient(client: Any) -> None:
    def time_out(**_: object) -> None:
        raise ConnectTimeoutError(endpoint_url="http://127.0.0.1")

    client.meta.events.register("before-send.redshift.ModifyCluster", time_out)
    with pytest.raises(TransientError, match=r"ModifyCluster: Connect timeout"):
        Gateway(client).set_window("sales", WINDOW)


def test_the_client_gives_up_in_seconds_and_retries_in_the_standard_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(name, value)
    config = connect()._client.meta.config
    assert config.retries == {"mode": "standard", "total_max_attempts": 5}
    assert (config.connect_timeout, config.read_timeout) == (3, 10)
