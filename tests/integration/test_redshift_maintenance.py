"""Redshift maintenance on a clock that is moved: windows that come due, deferments that hold them back, states."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from localcloud.client import LocalCloud, LocalCloudError

Refusal = Callable[..., tuple[str, str]]
Create = Callable[..., None]
Describe = Callable[[str], dict[str, Any]]
Events = Callable[..., list[tuple[str, datetime]]]

BEGINNING = datetime(2026, 11, 25, 12, tzinfo=UTC)
WINDOW = "sat:06:00-sat:06:30"
MINUTE, DAY, WEEK = timedelta(minutes=1), timedelta(days=1), timedelta(weeks=1)
STARTED, COMPLETED = "REDSHIFT-EVENT-2003", "REDSHIFT-EVENT-2004"


@pytest.fixture(scope="module")
def moved() -> Iterator[LocalCloud]:
    """A cloud whose clock the tests of this file move; `opening` is where each of them begins."""
    with LocalCloud.start(time=BEGINNING) as running:
        yield running


@pytest.fixture
def redshift(moved: LocalCloud) -> Any:
    return moved.client("redshift")


@pytest.fixture
def opening(moved: LocalCloud) -> datetime:
    """When the window opens first: it is a Wednesday noon, and this the Saturday after."""
    now = moved.now()
    noon = now.replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=(2 - now.weekday()) % 7)
    noon += WEEK if noon < now else timedelta()
    moved.advance(noon)
    return noon + timedelta(days=2, hours=18)


@pytest.fixture
def create(opening: datetime, moved: LocalCloud, redshift: Any) -> Iterator[Create]:
    """Creates clusters with updates always pending, maintained on Saturdays at six, that are gone after the test."""

    def create_cluster(identifier: str, updates: str = "always", **settings: Any) -> None:
        required = {"NodeType": "ra3.large", "MasterUsername": "admin", "MasterUserPassword": "Sesame-0pen"}
        defaults = {"PreferredMaintenanceWindow": WINDOW}
        redshift.create_cluster(ClusterIdentifier=identifier, **required | defaults | settings)
        moved.set_redshift_updates(identifier, updates)

    before = {cluster["ClusterIdentifier"] for cluster in redshift.describe_clusters()["Clusters"]}
    yield create_cluster
    for cluster in redshift.describe_clusters()["Clusters"]:
        if (identifier := cluster["ClusterIdentifier"]) not in before:
            redshift.delete_cluster(ClusterIdentifier=identifier, SkipFinalClusterSnapshot=True)


@pytest.fixture
def describe(redshift: Any) -> Describe:
    """The one cluster of that identifier."""

    def describe_cluster(identifier: str) -> dict[str, Any]:
        (found,) = redshift.describe_clusters(ClusterIdentifier=identifier)["Clusters"]
        return dict(found)

    return describe_cluster


@pytest.fixture
def events(redshift: Any) -> Events:
    """Id and date of every event of that cluster that is still remembered."""

    def of(identifier: str) -> list[tuple[str, datetime]]:
        source = {"SourceIdentifier": identifier, "SourceType": "cluster", "Duration": 14 * 24 * 60}
        return [(event["EventId"], event["Date"]) for event in redshift.describe_events(**source)["Events"]]

    return of


@pytest.fixture
def maintained(moved: LocalCloud) -> Callable[[str], list[datetime]]:
    """When maintenance of that cluster began, as often as it was completed."""

    def of(identifier: str) -> list[datetime]:
        done = [entry for entry in moved.redshift_maintenance() if entry["cluster"] == identifier]
        return [datetime.fromisoformat(entry["started"]) for entry in done]

    return of


# A window comes due


def test_maintenance_starts_and_completes(
    moved: LocalCloud, redshift: Any, create: Create, describe: Describe, maintained: Any, opening: datetime, name: str
) -> None:
    create(name)
    moved.advance(opening - DAY)
    before = describe(name)
    assert before["NextMaintenanceWindowStartTime"] == opening
    moved.advance(opening + 10 * MINUTE)
    during = describe(name)
    assert (during["ClusterStatus"], during["ClusterAvailabilityStatus"]) == ("available", "Maintenance")
    assert during["ClusterRevisionNumber"] == before["ClusterRevisionNumber"]
    assert maintained(name) == []

    moved.advance(opening + 20 * MINUTE)
    after = describe(name)
    assert after["ClusterAvailabilityStatus"] == "Available"
    assert after["ClusterRevisionNumber"] != before["ClusterRevisionNumber"]
    source = {"SourceIdentifier": name, "SourceType": "cluster"}
    assert redshift.describe_events(**source)["Events"] == [
        {
            "SourceIdentifier": name,
            "SourceType": "cluster",
            "Message": f"Maintenance on Amazon Redshift cluster '{name}' {what} at {at:%Y-%m-%d %H:%M} UTC.",
            "EventCategories": ["management"],
            "Severity": "INFO",
            "Date": at,
            "EventId": event_id,
        }
        for event_id, what, at in [(STARTED, "started", opening), (COMPLETED, "completed", opening + 20 * MINUTE)]
    ]
    assert [entry for entry in moved.redshift_maintenance() if entry["cluster"] == name] == [
        {
            "cluster": name,
            "started": opening.isoformat(),
            "completed": (opening + 20 * MINUTE).isoformat(),
            "mandatory": False,
        }
    ]


def test_nothing_is_changed_during_maintenance(
    moved: LocalCloud, redshift: Any, create: Create, refusal: Refusal, opening: datetime, name: str
) -> None:
    create(name)
    moved.advance(opening + MINUTE)
    window = {"PreferredMaintenanceWindow": "mon:03:00-mon:03:30"}
    deferment = {"DeferMaintenance": True, "DeferMaintenanceDuration": 5}
    for operation, arguments in [
        (redshift.modify_cluster, window),
        (redshift.modify_cluster_maintenance, deferment),
        (redshift.pause_cluster, {}),
    ]:
        assert refusal(operation, ClusterIdentifier=name, **arguments)[0] == "InvalidClusterState"
    with pytest.raises(LocalCloudError, match=r"409 .*maintained"):
        moved.set_redshift_status(name, "resizing")
    moved.advance(opening + 20 * MINUTE)
    redshift.modify_cluster(ClusterIdentifier=name, **window)


def test_events_are_remembered_for_14_days_and_maintenance_for_ever(
    moved: LocalCloud, create: Create, events: Events, maintained: Any, opening: datetime, name: str
) -> None:
    create(name, "released")
    moved.release_redshift_update(name)
    completed = opening + 20 * MINUTE
    moved.advance(completed + 14 * DAY - MINUTE)
    assert events(name) == [(COMPLETED, completed)]
    moved.advance(MINUTE)
    assert events(name) == []
    moved.advance(5 * WEEK)
    assert maintained(name) == [opening]


def test_nothing_pending_is_no_event(
    moved: LocalCloud, create: Create, events: Events, maintained: Any, name: str
) -> None:
    create(name, "never")
    moved.advance(2 * WEEK)
    assert events(name) == maintained(name) == []
    with pytest.raises(LocalCloudError, match=r"409 .*never"):
        moved.release_redshift_update(name)


# Deferments


def test_a_deferment_holds_maintenance_back_and_the_window_after_it_is_mandatory(
    moved: LocalCloud,
    redshift: Any,
    create: Create,
    describe: Describe,
    maintained: Any,
    refusal: Refusal,
    opening: datetime,
    name: str,
) -> None:
    create(name)
    ends = opening + 4 * WEEK - 30 * MINUTE
    deferment = {"ClusterIdentifier": name, "DeferMaintenance": True, "DeferMaintenanceIdentifier": "ours"}
    redshift.modify_cluster_maintenance(**deferment, DeferMaintenanceEndTime=ends)
    assert describe(name)["NextMaintenanceWindowStartTime"] == opening + 4 * WEEK
    moved.advance(ends)
    assert maintained(name) == []
    assert describe(name)["DeferredMaintenanceWindows"] == []

    code, message = refusal(redshift.modify_cluster_maintenance, **deferment, DeferMaintenanceDuration=28)
    assert code == "InvalidClusterState"
    assert "can't be deferred" in message
    moved.advance(opening + 4 * WEEK + 20 * MINUTE)
    redshift.modify_cluster_maintenance(**deferment, DeferMaintenanceDuration=28)
    moved.advance(3 * WEEK)
    assert maintained(name) == [opening + 4 * WEEK]


@pytest.mark.parametrize("change", ["cancel", "shorten", "move the window"])
def test_what_is_brought_forward_happens_in_time(
    moved: LocalCloud, redshift: Any, create: Create, events: Events, opening: datetime, name: str, change: str
) -> None:
    create(name)
    cluster = {"ClusterIdentifier": name}
    deferment = cluster | {"DeferMaintenanceIdentifier": "ours"}
    redshift.modify_cluster_maintenance(**deferment, DeferMaintenance=True, DeferMaintenanceDuration=9)
    match change:
        case "cancel":
            redshift.modify_cluster_maintenance(**deferment, DeferMaintenance=False)
        case "shorten":
            redshift.modify_cluster_maintenance(**deferment, DeferMaintenance=True, DeferMaintenanceDuration=1)
        case _:
            opening += WEEK - 2 * MINUTE
            redshift.modify_cluster(**cluster, PreferredMaintenanceWindow="sat:05:58-sat:06:30")
    moved.advance(opening + MINUTE)
    assert events(name) == [(STARTED, opening)]


def test_the_cap_counts_from_where_the_deferral_began(
    moved: LocalCloud, redshift: Any, create: Create, refusal: Refusal, name: str
) -> None:
    create(name)
    deferment = {"ClusterIdentifier": name, "DeferMaintenance": True, "DeferMaintenanceIdentifier": "ours"}
    redshift.modify_cluster_maintenance(**deferment, DeferMaintenanceDuration=45)
    moved.advance(5 * DAY)
    again = deferment | {"DeferMaintenanceStartTime": moved.now()}
    assert refusal(redshift.modify_cluster_maintenance, **again, DeferMaintenanceDuration=41)[0] == (
        "InvalidParameterValue"
    )
    redshift.modify_cluster_maintenance(**again, DeferMaintenanceDuration=39)


def test_sixty_days_are_opted_in(refusal: Refusal, name: str) -> None:
    with LocalCloud.start(time=BEGINNING, environment={"LOCALCLOUD_DEFERMENT_DAYS": "60"}) as opted_in:
        redshift = opted_in.client("redshift")
        required = {"NodeType": "ra3.large", "MasterUsername": "admin", "ManageMasterPassword": True}
        redshift.create_cluster(ClusterIdentifier=name, **required)
        deferment = {"ClusterIdentifier": name, "DeferMaintenance": True}
        redshift.modify_cluster_maintenance(**deferment, DeferMaintenanceDuration=60)
        arguments = deferment | {"DeferMaintenanceDuration": 61}
        assert refusal(redshift.modify_cluster_maintenance, **arguments)[0] == "InvalidParameterValue"


def test_more_days_than_aws_allows_do_not_start() -> None:
    with pytest.raises(LocalCloudError, match=r"LOCALCLOUD_DEFERMENT_DAYS must be .* not '61'"):
        LocalCloud.start(environment={"LOCALCLOUD_DEFERMENT_DAYS": "61"})


# States


def test_a_paused_cluster_waits_for_the_window_after_it_is_resumed(
    moved: LocalCloud, redshift: Any, create: Create, maintained: Any, refusal: Refusal, opening: datetime, name: str
) -> None:
    create(name)
    assert refusal(redshift.resume_cluster, ClusterIdentifier=name)[0] == "InvalidClusterState"
    redshift.pause_cluster(ClusterIdentifier=name)
    assert refusal(redshift.pause_cluster, ClusterIdentifier=name)[0] == "InvalidClusterState"
    with pytest.raises(LocalCloudError, match=r"409 .*paused"):
        moved.set_redshift_status(name, "available")
    moved.advance(opening + DAY)
    redshift.resume_cluster(ClusterIdentifier=name)
    moved.advance(opening + WEEK + DAY)
    assert maintained(name) == [opening + WEEK]


def test_a_cluster_that_is_being_resized_is_left_alone(
    moved: LocalCloud,
    redshift: Any,
    create: Create,
    describe: Describe,
    maintained: Any,
    refusal: Refusal,
    opening: datetime,
    name: str,
) -> None:
    create(name)
    moved.set_redshift_status(name, "resizing")
    described = describe(name)
    assert (described["ClusterStatus"], described["ClusterAvailabilityStatus"]) == ("resizing", "Modifying")
    arguments = {"ClusterIdentifier": name, "PreferredMaintenanceWindow": "mon:03:00-mon:03:30"}
    code, message = refusal(redshift.modify_cluster, **arguments)
    assert code == "InvalidClusterState"
    assert "resizing" in message
    moved.advance(opening + DAY)
    assert maintained(name) == []
    moved.set_redshift_status(name, "available")
    redshift.modify_cluster(**arguments)


def test_a_cluster_may_vanish_between_the_list_and_the_change(
    moved: LocalCloud,
    redshift: Any,
    create: Create,
    events: Events,
    maintained: Any,
    refusal: Refusal,
    opening: datetime,
    name: str,
) -> None:
    create(name)
    redshift.delete_cluster(ClusterIdentifier=name, SkipFinalClusterSnapshot=True)
    arguments = {"ClusterIdentifier": name, "PreferredMaintenanceWindow": WINDOW}
    assert refusal(redshift.modify_cluster, **arguments)[0] == "ClusterNotFound"
    deferment = {"ClusterIdentifier": name, "DeferMaintenance": True, "DeferMaintenanceDuration": 5}
    assert refusal(redshift.modify_cluster_maintenance, **deferment)[0] == "ClusterNotFound"
    create(name, "never")
    moved.advance(opening + DAY)
    assert events(name) == maintained(name) == []


def test_a_renamed_cluster_is_maintained_under_its_new_name(
    moved: LocalCloud, redshift: Any, create: Create, maintained: Any, refusal: Refusal, opening: datetime, name: str
) -> None:
    create(name)
    create(f"{name}-other", "never")
    arguments = {"ClusterIdentifier": name, "NewClusterIdentifier": f"{name}-other"}
    assert refusal(redshift.modify_cluster, **arguments)[0] == "ClusterAlreadyExists"
    redshift.modify_cluster(ClusterIdentifier=name, NewClusterIdentifier=f"{name}-new")
    moved.advance(opening + 10 * MINUTE)
    source = {"SourceIdentifier": f"{name}-new", "SourceType": "cluster"}
    (event,) = redshift.describe_events(**source)["Events"]
    assert f"'{name}-new' started" in event["Message"]
    moved.advance(opening + DAY)
    assert (maintained(name), maintained(f"{name}-new")) == ([], [opening])


def test_a_restored_cluster_has_a_window_of_its_own(
    moved: LocalCloud, redshift: Any, create: Create, describe: Describe, name: str
) -> None:
    create(name)
    redshift.create_cluster_snapshot(ClusterIdentifier=name, SnapshotIdentifier=name)
    redshift.restore_from_cluster_snapshot(
        ClusterIdentifier=f"{name}-new", SnapshotIdentifier=name, PreferredMaintenanceWindow="Tue:01:00-Tue:02:00"
    )
    assert describe(f"{name}-new")["PreferredMaintenanceWindow"] == "tue:01:00-tue:02:00"
    assert abs(describe(f"{name}-new")["ClusterCreateTime"] - moved.now()) < MINUTE


def test_clusters_of_another_account_are_maintained_too(moved: LocalCloud, opening: datetime, name: str) -> None:
    member = "210987654321"
    theirs = moved.client("redshift", "eu-central-1", account=member)
    theirs.create_cluster(
        ClusterIdentifier=name,
        NodeType="ra3.large",
        MasterUsername="admin",
        ManageMasterPassword=True,
        PreferredMaintenanceWindow=WINDOW,
    )
    moved.set_redshift_updates(name, "released", "eu-central-1", account=member)
    moved.release_redshift_update(name, "eu-central-1", account=member)
    moved.add_redshift_event(name, "REDSHIFT-EVENT-9", "Test.", moved.now(), "eu-central-1", account=member)
    moved.announce_redshift_replacement(name, True, "eu-central-1", account=member)
    moved.advance(opening + 30 * MINUTE)
    (done,) = moved.redshift_maintenance("eu-central-1", account=member)
    assert (done["cluster"], datetime.fromisoformat(done["started"])) == (name, opening)
    assert moved.redshift_maintenance("eu-central-1") == []
    told = theirs.describe_events(SourceIdentifier=name, SourceType="cluster", Duration=14 * 24 * 60)["Events"]
    assert {STARTED, COMPLETED, "REDSHIFT-EVENT-9", "REDSHIFT-EVENT-3602"} == {event["EventId"] for event in told}
    moved.set_redshift_status(name, "resizing", "eu-central-1", account=member)
    assert theirs.describe_clusters()["Clusters"][0]["ClusterStatus"] == "resizing"


def test_what_is_refused_leaves_the_window_as_it_was(
    redshift: Any, create: Create, describe: Describe, refusal: Refusal, name: str
) -> None:
    create(name)
    before = describe(name)["NextMaintenanceWindowStartTime"]
    arguments = {"PreferredMaintenanceWindow": "mon:03:00-mon:03:30", "ClusterType": "bogus"}
    assert refusal(redshift.modify_cluster, ClusterIdentifier=name, **arguments)[0] == "InvalidParameterValue"
    assert describe(name)["NextMaintenanceWindowStartTime"] == before


# Replacements


def test_a_node_that_must_be_replaced_does_not_wait_for_a_deferment(
    moved: LocalCloud, redshift: Any, create: Create, events: Events, maintained: Any, opening: datetime, name: str
) -> None:
    must, may = f"{name}-must", f"{name}-may"
    for identifier, deferrable in [(must, False), (may, True)]:
        create(identifier, "never")
        redshift.modify_cluster_maintenance(
            ClusterIdentifier=identifier, DeferMaintenance=True, DeferMaintenanceEndTime=opening + DAY
        )
        moved.announce_redshift_replacement(identifier, deferrable=deferrable)
        with pytest.raises(LocalCloudError, match=r"409 .*announced"):
            moved.announce_redshift_replacement(identifier, deferrable=deferrable)
    assert [events(must)[-1][0], events(may)[-1][0]] == ["REDSHIFT-EVENT-3601", "REDSHIFT-EVENT-3602"]
    moved.advance(opening + WEEK + DAY)
    assert (maintained(must), maintained(may)) == ([opening], [opening + WEEK])
    mandatory = {entry["cluster"]: entry["mandatory"] for entry in moved.redshift_maintenance()}
    assert (mandatory[must], mandatory[may]) == (True, False)


# The administrator


@pytest.mark.parametrize(
    ("request_it", "reason"),
    [
        (lambda cloud, name: cloud.set_redshift_updates(name, "sometimes"), "400 .*always, never, released"),
        (lambda cloud, name: cloud.set_redshift_status(name, "bogus"), "400 .*available"),
        (lambda cloud, name: cloud.set_redshift_status(name, None), "400 .*ClusterStatus"),
        (lambda cloud, name: cloud.set_redshift_updates(name, None), "400 .*release"),
        (lambda cloud, name: cloud.announce_redshift_replacement(name, deferrable="no"), "400 .*deferrable"),
        (lambda cloud, name: cloud.set_redshift_updates(f"{name}-none", "always"), "404 .*no cluster"),
        (lambda cloud, name: cloud.redshift_maintenance(region="mars-1"), "404 .*no Region"),
        (lambda cloud, name: cloud.redshift_maintenance(account="mine"), "400 .*account must be 12 digits"),
    ],
)
def test_an_impossible_request_is_refused(
    moved: LocalCloud, create: Create, name: str, request_it: Callable[[LocalCloud, str], Any], reason: str
) -> None:
    create(name)
    with pytest.raises(LocalCloudError, match=reason):
        request_it(moved, name)
