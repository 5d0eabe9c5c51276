"""Redshift by boto3: what AWS documents of windows, deferments, pages and events holds on the local cloud."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from localcloud.client import LocalCloud, LocalCloudError

Refusal = Callable[..., tuple[str, str]]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@pytest.fixture
def redshift(cloud: LocalCloud) -> Any:
    return cloud.client("redshift")


@pytest.fixture
def create(redshift: Any) -> Iterator[Callable[..., dict[str, Any]]]:
    """Creates clusters that are gone after the test."""
    created = []

    def create_cluster(identifier: str, **settings: Any) -> dict[str, Any]:
        defaults = {"NodeType": "ra3.large", "NumberOfNodes": 2, "MasterUsername": "admin"}
        password = {} if "ManageMasterPassword" in settings else {"MasterUserPassword": "Sesame-0pen"}
        answer = redshift.create_cluster(ClusterIdentifier=identifier, **defaults | password | settings)["Cluster"]
        created.append(identifier)
        return dict(answer)

    yield create_cluster
    for identifier in created:
        redshift.delete_cluster(ClusterIdentifier=identifier, SkipFinalClusterSnapshot=True)


@pytest.fixture
def cluster(create: Callable[..., dict[str, Any]], name: str) -> str:
    """The identifier of an available cluster, maintained Mondays at 03:00."""
    create(name, PreferredMaintenanceWindow="Mon:03:00-Mon:03:30")
    return name


def test_a_new_cluster_has_what_terraform_waits_for(create: Callable[..., Any], describe: Any, name: str) -> None:
    assert create(name)["ClusterStatus"] == "creating"
    cluster = describe(name)
    expected = {
        "ClusterStatus": "available",
        "ClusterAvailabilityStatus": "Available",
        "PreferredMaintenanceWindow": "mon:03:00-mon:03:30",
        "MaintenanceTrackName": "current",
        "MultiAZ": "disabled",
        "AvailabilityZoneRelocationStatus": "disabled",
        "ManualSnapshotRetentionPeriod": -1,
        "DeferredMaintenanceWindows": [],
        "ClusterNodes": [{"NodeRole": "LEADER"}, {"NodeRole": "COMPUTE-0"}, {"NodeRole": "COMPUTE-1"}],
    }
    assert {key: cluster[key] for key in expected} == expected


@pytest.fixture
def describe(redshift: Any) -> Callable[[str], dict[str, Any]]:
    """The one cluster of that identifier."""

    def describe_cluster(identifier: str) -> dict[str, Any]:
        (found,) = redshift.describe_clusters(ClusterIdentifier=identifier)["Clusters"]
        return dict(found)

    return describe_cluster


@pytest.mark.parametrize(
    "identifier", ["", "1st", "Sales", "sales_eu", "sales-", "sales--eu", "-sales", "sales\n", "s" * 64, "s\u00e4le"]
)
def test_an_impossible_identifier_is_refused(redshift: Any, refusal: Refusal, cluster: str, identifier: str) -> None:
    required = {"NodeType": "ra3.large", "MasterUsername": "admin", "ManageMasterPassword": True}
    assert refusal(redshift.create_cluster, ClusterIdentifier=identifier, **required)[0] == "InvalidParameterValue"
    if identifier:
        renaming = {"ClusterIdentifier": cluster, "NewClusterIdentifier": identifier}
        assert refusal(redshift.modify_cluster, **renaming)[0] == "InvalidParameterValue"


@pytest.mark.parametrize("ending", ["", "-2", "-eu-west-1"])
def test_a_possible_identifier_and_its_tags_are_kept(
    create: Callable[..., Any], describe: Any, name: str, ending: str
) -> None:
    identifier = f"{name}{ending}".ljust(63, "x")
    tags = [{"Key": "maintenance-group", "Value": "blue"}]
    create(identifier, Tags=tags)
    assert describe(identifier)["Tags"] == tags


def test_settings_are_kept(create: Callable[..., Any], describe: Any, redshift: Any, name: str) -> None:
    create(name, MaintenanceTrackName="trailing", MultiAZ=True, ManualSnapshotRetentionPeriod=7)
    redshift.modify_cluster(ClusterIdentifier=name, MaintenanceTrackName="dc2ltm", AvailabilityZoneRelocation=True)
    cluster = describe(name)
    assert cluster["MaintenanceTrackName"] == "dc2ltm"
    assert cluster["MultiAZ"] == cluster["AvailabilityZoneRelocationStatus"] == "enabled"
    assert cluster["ManualSnapshotRetentionPeriod"] == 7


def test_a_managed_password_lives_and_goes_with_its_cluster(cloud: LocalCloud, redshift: Any, name: str) -> None:
    redshift.create_cluster(
        ClusterIdentifier=name, NodeType="ra3.large", MasterUsername="admin", ManageMasterPassword=True
    )
    arn = redshift.describe_clusters(ClusterIdentifier=name)["Clusters"][0]["MasterPasswordSecretArn"]
    secrets = cloud.client("secretsmanager")
    assert json.loads(secrets.get_secret_value(SecretId=arn)["SecretString"])["username"] == "admin"
    redshift.delete_cluster(ClusterIdentifier=name, SkipFinalClusterSnapshot=True)
    assert arn not in [secret["ARN"] for secret in secrets.list_secrets()["SecretList"]]


@pytest.mark.parametrize("password", [{}, {"MasterUserPassword": "Sesame-0pen", "ManageMasterPassword": True}])
def test_a_cluster_has_one_password(redshift: Any, refusal: Refusal, name: str, password: dict[str, Any]) -> None:
    required = {"ClusterIdentifier": name, "NodeType": "ra3.large", "MasterUsername": "admin"}
    assert refusal(redshift.create_cluster, **required, **password)[0] == "InvalidParameterCombination"


def test_a_paused_cluster_is_not_available(redshift: Any, describe: Any, refusal: Refusal, cluster: str) -> None:
    redshift.pause_cluster(ClusterIdentifier=cluster)
    assert describe(cluster)["ClusterAvailabilityStatus"] == "Unavailable"
    window = {"PreferredMaintenanceWindow": _window(timedelta(days=3))}
    assert refusal(redshift.modify_cluster, ClusterIdentifier=cluster, **window)[0] == "InvalidClusterState"
    deferment = {"DeferMaintenance": True, "DeferMaintenanceDuration": 5}
    code = refusal(redshift.modify_cluster_maintenance, ClusterIdentifier=cluster, **deferment)[0]
    assert code == "InvalidClusterState"


# Windows


def _window(starts_in: timedelta, length: timedelta = timedelta(minutes=30)) -> str:
    start = datetime.now(UTC) + starts_in
    return "-".join(f"{DAYS[moment.weekday()]}:{moment:%H:%M}" for moment in (start, start + length))


def test_a_new_window_holds_at_once(redshift: Any, describe: Any, cluster: str) -> None:
    window = _window(timedelta(days=2))
    answer = redshift.modify_cluster(ClusterIdentifier=cluster, PreferredMaintenanceWindow=window.title())["Cluster"]
    assert answer["PreferredMaintenanceWindow"] == describe(cluster)["PreferredMaintenanceWindow"] == window
    opening = describe(cluster)["NextMaintenanceWindowStartTime"]
    assert timedelta() <= datetime.now(UTC) + timedelta(days=2) - opening < timedelta(minutes=2)


@pytest.mark.parametrize("window", ["bogus", "mon:03:00-mon:03:29", "mon:03:00-tue:03:01"])
def test_an_impossible_window_is_refused(
    redshift: Any, describe: Any, refusal: Refusal, cluster: str, name: str, window: str
) -> None:
    arguments = {"ClusterIdentifier": cluster, "PreferredMaintenanceWindow": window}
    assert refusal(redshift.modify_cluster, **arguments)[0] == "InvalidParameterValue"
    assert describe(cluster)["PreferredMaintenanceWindow"] == "mon:03:00-mon:03:30"
    required = {"NodeType": "ra3.large", "MasterUsername": "admin", "ManageMasterPassword": True}
    other = {"ClusterIdentifier": f"{name}-2", "PreferredMaintenanceWindow": window}
    assert refusal(redshift.create_cluster, **required, **other)[0] == "InvalidParameterValue"


def test_a_window_that_is_open_must_stay_open_for_two_hours(redshift: Any, refusal: Refusal, cluster: str) -> None:
    started = timedelta(minutes=-10)
    code, message = refusal(
        redshift.modify_cluster,
        ClusterIdentifier=cluster,
        PreferredMaintenanceWindow=_window(started, timedelta(minutes=129)),
    )
    assert code == "InvalidParameterValue"
    assert "at least 120 minutes" in message
    enough = _window(started, timedelta(minutes=132))
    redshift.modify_cluster(ClusterIdentifier=cluster, PreferredMaintenanceWindow=enough)


@pytest.mark.parametrize("operation", ["modify_cluster", "modify_cluster_maintenance", "describe_clusters"])
def test_an_unknown_cluster_is_not_found(redshift: Any, refusal: Refusal, name: str, operation: str) -> None:
    assert refusal(getattr(redshift, operation), ClusterIdentifier=name)[0] == "ClusterNotFound"


# Deferments


def test_a_deferment_is_made_changed_and_cancelled(redshift: Any, describe: Any, cluster: str) -> None:
    start = datetime.now(UTC).replace(microsecond=0)
    end = start + timedelta(days=30)
    deferment = {"ClusterIdentifier": cluster, "DeferMaintenanceIdentifier": "ours"}

    redshift.modify_cluster_maintenance(
        **deferment, DeferMaintenance=True, DeferMaintenanceStartTime=start, DeferMaintenanceEndTime=end
    )
    described = describe(cluster)
    assert described["DeferredMaintenanceWindows"] == [
        {"DeferMaintenanceIdentifier": "ours", "DeferMaintenanceStartTime": start, "DeferMaintenanceEndTime": end}
    ]
    opening = described["NextMaintenanceWindowStartTime"]
    assert end <= opening < end + timedelta(days=7)
    assert f"{opening:%a %H:%M}" == "Mon 03:00"

    redshift.modify_cluster_maintenance(**deferment, DeferMaintenance=True, DeferMaintenanceDuration=10)
    (changed,) = describe(cluster)["DeferredMaintenanceWindows"]
    assert changed["DeferMaintenanceStartTime"] == start
    assert changed["DeferMaintenanceEndTime"] == start + timedelta(days=10)

    answer = redshift.modify_cluster_maintenance(**deferment, DeferMaintenance=False)["Cluster"]
    assert answer["DeferredMaintenanceWindows"] == describe(cluster)["DeferredMaintenanceWindows"] == []


def test_a_deferment_without_an_identifier_is_given_one(redshift: Any, cluster: str) -> None:
    answer = redshift.modify_cluster_maintenance(
        ClusterIdentifier=cluster, DeferMaintenance=True, DeferMaintenanceDuration=45
    )
    (deferment,) = answer["Cluster"]["DeferredMaintenanceWindows"]
    assert deferment["DeferMaintenanceIdentifier"].startswith("dfm-")


NOW = datetime.now(UTC)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"DeferMaintenance": True}, "InvalidParameterCombination"),
        (
            {"DeferMaintenance": True, "DeferMaintenanceDuration": 5, "DeferMaintenanceEndTime": NOW + timedelta(9)},
            "InvalidParameterCombination",
        ),
        ({"DeferMaintenanceDuration": 5}, "InvalidParameterCombination"),
        ({"DeferMaintenance": True, "DeferMaintenanceDuration": 46}, "InvalidParameterValue"),
        ({"DeferMaintenance": True, "DeferMaintenanceDuration": 0}, "InvalidParameterValue"),
        ({"DeferMaintenance": True, "DeferMaintenanceEndTime": NOW + timedelta(45, 3600)}, "InvalidParameterValue"),
        ({"DeferMaintenance": True, "DeferMaintenanceEndTime": NOW - timedelta(1)}, "InvalidParameterValue"),
        (
            {
                "DeferMaintenance": True,
                "DeferMaintenanceStartTime": NOW + timedelta(9),
                "DeferMaintenanceEndTime": NOW + timedelta(8),
            },
            "InvalidParameterValue",
        ),
        ({"DeferMaintenance": False, "DeferMaintenanceIdentifier": "none"}, "InvalidParameterValue"),
        ({"DeferMaintenance": False}, "InvalidParameterValue"),
    ],
)
def test_an_impossible_deferment_is_refused(
    redshift: Any, describe: Any, refusal: Refusal, cluster: str, arguments: dict[str, Any], expected: str
) -> None:
    code = refusal(redshift.modify_cluster_maintenance, ClusterIdentifier=cluster, **arguments)[0]
    assert code == expected
    assert describe(cluster)["DeferredMaintenanceWindows"] == []


# Pages and filters


def test_clusters_come_in_pages(redshift: Any, create: Callable[..., Any], refusal: Refusal, name: str) -> None:
    wanted = [f"{name}-{number:02}" for number in range(21)]
    for identifier in reversed(wanted):
        create(identifier)
    first = redshift.describe_clusters(MaxRecords=20)
    assert len(first["Clusters"]) == 20
    pages = redshift.get_paginator("describe_clusters").paginate(PaginationConfig={"PageSize": 20})
    found = [cluster["ClusterIdentifier"] for page in pages for cluster in page["Clusters"]]
    assert [identifier for identifier in found if identifier in wanted] == wanted
    assert len(found) == len(set(found))

    both = {"ClusterIdentifier": wanted[0], "Marker": first["Marker"]}
    assert refusal(redshift.describe_clusters, **both)[0] == "InvalidParameterCombination"
    assert refusal(redshift.describe_events, Marker=first["Marker"])[0] == "InvalidParameterValue"


@pytest.mark.parametrize("arguments", [{"MaxRecords": 19}, {"MaxRecords": 101}, {"Marker": "20"}, {"Marker": "%%"}])
@pytest.mark.parametrize("operation", ["describe_clusters", "describe_events"])
def test_an_impossible_page_is_refused(
    redshift: Any, refusal: Refusal, operation: str, arguments: dict[str, Any]
) -> None:
    assert refusal(getattr(redshift, operation), **arguments)[0] == "InvalidParameterValue"


def test_clusters_are_found_by_tag(redshift: Any, create: Callable[..., Any], name: str) -> None:
    create(f"{name}-a", Tags=[{"Key": f"{name}-team", "Value": f"{name}-blue"}, {"Key": name, "Value": "x"}])
    create(f"{name}-b", Tags=[{"Key": f"{name}-team", "Value": f"{name}-red"}])
    create(f"{name}-c")

    def found(**filters: list[str]) -> list[str]:
        clusters = redshift.describe_clusters(**filters)["Clusters"]
        return [cluster["ClusterIdentifier"].removeprefix(f"{name}-") for cluster in clusters]

    assert found(TagKeys=[f"{name}-team"]) == ["a", "b"]
    assert found(TagKeys=[f"{name}-team", name]) == ["a", "b"]
    assert found(TagValues=[f"{name}-red", "nowhere"]) == ["b"]
    assert found(TagKeys=[f"{name}-team"], TagValues=[f"{name}-blue"]) == ["a"]
    assert found(TagKeys=[name], TagValues=[f"{name}-blue"]) == []


# Events


@pytest.fixture
def completed(cloud: LocalCloud, cluster: str) -> Callable[[timedelta], datetime]:
    """Adds the completion of a maintenance that long ago and returns its moment."""

    def add(ago: timedelta) -> datetime:
        date = datetime.now(UTC).replace(microsecond=0) - ago
        cloud.add_redshift_event(cluster, "REDSHIFT-EVENT-2004", "Maintenance completed.", date)
        return date

    return add


def test_events_of_the_last_hour_are_returned_unless_asked(
    redshift: Any, completed: Callable[[timedelta], datetime], cluster: str
) -> None:
    half_an_hour, a_day, almost_14_days, over_14_days = (
        completed(ago)
        for ago in (timedelta(minutes=30), timedelta(1), timedelta(14) - timedelta(minutes=1), timedelta(14, 1))
    )
    source = {"SourceIdentifier": cluster, "SourceType": "cluster"}

    def dates(**arguments: Any) -> list[datetime]:
        return [event["Date"] for event in redshift.describe_events(**source, **arguments)["Events"]]

    assert dates() == [half_an_hour]
    assert dates(Duration=20) == []
    assert dates(Duration=1441) == [a_day, half_an_hour]
    assert dates(Duration=20160) == [almost_14_days, a_day, half_an_hour]
    assert dates(StartTime=over_14_days) == [almost_14_days, a_day, half_an_hour]
    assert dates(StartTime=over_14_days, EndTime=a_day) == [almost_14_days, a_day]
    assert dates(EndTime=a_day) == [a_day]


def test_an_event_has_the_fields_of_aws(
    redshift: Any, completed: Callable[[timedelta], datetime], cluster: str
) -> None:
    date = completed(timedelta())
    (event,) = redshift.describe_events(SourceIdentifier=cluster, SourceType="cluster")["Events"]
    assert event == {
        "SourceIdentifier": cluster,
        "SourceType": "cluster",
        "Message": "Maintenance completed.",
        "EventCategories": ["management"],
        "Severity": "INFO",
        "Date": date,
        "EventId": "REDSHIFT-EVENT-2004",
    }
    assert redshift.describe_events(SourceIdentifier=cluster, SourceType="cluster-snapshot")["Events"] == []


def test_events_come_in_pages(redshift: Any, completed: Callable[[timedelta], datetime], cluster: str) -> None:
    added = [completed(timedelta(days=3, minutes=number)) for number in range(25)]
    source = {"SourceIdentifier": cluster, "SourceType": "cluster", "Duration": 20160}
    first = redshift.describe_events(**source, MaxRecords=20)
    rest = redshift.describe_events(**source, MaxRecords=20, Marker=first["Marker"])
    assert [event["Date"] for event in first["Events"] + rest["Events"]] == sorted(added)
    assert "Marker" not in rest


@pytest.mark.parametrize(
    "arguments",
    [
        {"SourceIdentifier": "x"},
        {"SourceType": "cluster"},
        {"Duration": 60, "StartTime": NOW},
        {"StartTime": NOW, "EndTime": NOW - timedelta(1)},
    ],
)
def test_parameters_that_do_not_fit_together_are_refused(
    redshift: Any, refusal: Refusal, arguments: dict[str, Any]
) -> None:
    assert refusal(redshift.describe_events, **arguments)[0] == "InvalidParameterCombination"


def test_only_real_clusters_get_real_events(cloud: LocalCloud, cluster: str, name: str) -> None:
    with pytest.raises(LocalCloudError, match=r"404 .*no cluster"):
        cloud.add_redshift_event(f"{name}-none", "REDSHIFT-EVENT-2004", "m", NOW)
    with pytest.raises(LocalCloudError, match=r"400 .*no offset"):
        cloud.add_redshift_event(cluster, "REDSHIFT-EVENT-2004", "m", NOW.replace(tzinfo=None))
    with pytest.raises(LocalCloudError, match=r"404 .*no Region"):
        cloud.add_redshift_event(cluster, "REDSHIFT-EVENT-2004", "m", NOW, region="mars-1")
