"""The zip that ships, its environment, its event and the clusters, together."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deployment import create_function, schedule
from localcloud.client import LocalCloud
from payload import build, discover
from toolchain import FUNCTION_PYTHON, machine_architecture

ROOT = Path(__file__).resolve().parents[2]
EVENT = json.loads((ROOT / "tests/events/scheduled_event.json").read_text())
BEGIN = datetime(2026, 11, 24, 10, tzinfo=UTC)  # a Tuesday
SETTINGS = {
    "selector": {"tags": {}, "opt_out_tag": "opt-out"},
    "schedule": {
        "mode": "interval",
        "day": "sat",
        "hour": 6,
        "minute": 0,
        "window_minutes": 30,
        "time_zone": "Asia/Kathmandu",
        "deferment_days": 28,
        "deferment_cap_days": 45,
    },
    "groups": {},
    "regions": ["us-east-1"],
    "accounts": {},
    "alignment": "window",
    "foreign_deferments": "respect",
    "state_table": "states",
    "dry_run": False,
}


def environment(settings: dict[str, Any]) -> dict[str, Any]:
    variables = {"SETTINGS": json.dumps(settings), "POWERTOOLS_SERVICE_NAME": "redshift_maintenance_sync"}
    return {"Variables": variables}


@pytest.fixture(scope="module")
def payload(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    name = "redshift_maintenance_sync"
    out = tmp_path_factory.mktemp("lambda")
    return (out / build(discover(ROOT)[name], machine_architecture(), FUNCTION_PYTHON, out).file).read_bytes()


@pytest.fixture
def account(runtimes: dict[str, str], payload: bytes) -> Iterator[LocalCloud]:
    """An account of its own, for the function looks at every cluster there is."""
    with LocalCloud.start(environment=runtimes, time=BEGIN) as cloud:
        cloud.client("dynamodb").create_table(
            TableName="states",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "scope", "KeyType": "HASH"},
                {"AttributeName": "cluster", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "scope", "AttributeType": "S"},
                {"AttributeName": "cluster", "AttributeType": "S"},
            ],
        )
        cloud.client("logs").create_log_group(logGroupName="/aws/lambda/sync")
        create_function(
            cloud,
            "sync",
            payload,
            "redshift_maintenance_sync.handler.handler",
            Environment=environment(SETTINGS),
            LoggingConfig={"LogFormat": "JSON"},
            Timeout=60,
        )
        yield cloud


def create_clusters(cloud: LocalCloud, *names: str) -> None:
    for name in names:
        cloud.client("redshift").create_cluster(
            ClusterIdentifier=name,
            NodeType="ra3.large",
            NumberOfNodes=2,
            MasterUsername="admin",
            ManageMasterPassword=True,
            PreferredMaintenanceWindow="tue:01:00-tue:01:30",
        )


def invoke(cloud: LocalCloud, event: Any) -> tuple[Any, bool]:
    answer = cloud.client("lambda").invoke(FunctionName="sync", Payload=json.dumps(event))
    return json.loads(answer["Payload"].read()), "FunctionError" in answer


def windows(cloud: LocalCloud) -> set[str]:
    clusters = cloud.client("redshift").describe_clusters()["Clusters"]
    return {cluster["PreferredMaintenanceWindow"] for cluster in clusters}


def test_clusters_share_one_window_and_one_date_and_a_second_run_changes_nothing(account: LocalCloud) -> None:
    create_clusters(account, "sales", "finance")
    completed = BEGIN - timedelta(days=1)
    account.add_redshift_event("sales", "REDSHIFT-EVENT-2004", "completed", completed)

    first, failed = invoke(account, EVENT)
    assert not failed, first
    assert {item["outcome"] for item in first["clusters"]} == {"changed"}
    # 06:00 in Kathmandu is 00:15 UTC: the payload brings its own time zones.
    assert windows(account) == {"sat:00:15-sat:00:45"}

    clusters = account.client("redshift").describe_clusters()["Clusters"]
    (end,) = {item["DeferMaintenanceEndTime"] for cluster in clusters for item in cluster["DeferredMaintenanceWindows"]}
    (start,) = {cluster["NextMaintenanceWindowStartTime"] for cluster in clusters}
    assert start - end == timedelta(minutes=30), "the announced date is the real one"
    assert start == datetime(2026, 12, 19, 0, 15, tzinfo=UTC)
    assert {item["announced"] for item in first["clusters"]} == {"2026-12-19T00:15:00Z"}

    second, failed = invoke(account, EVENT)
    assert not failed, second
    assert {item["outcome"] for item in second["clusters"]} == {"unchanged"}

    events = account.client("logs").filter_log_events(logGroupName="/aws/lambda/sync")["events"]
    lines = [json.loads(event["message"]) for event in events]
    logged = [line for line in lines if line.get("cluster")]
    assert len(logged) == 4
    assert all(line["reason"] and line["service"] == "redshift_maintenance_sync" for line in logged)


def test_maintenance_comes_when_it_was_announced_cycle_after_cycle(account: LocalCloud) -> None:
    create_clusters(account, "sales", "finance")
    account.set_redshift_updates("sales", "always")
    function = account.client("lambda").get_function(FunctionName="sync")["Configuration"]["FunctionArn"]
    schedule(account, "sync", "rate(12 hours)", function)
    account.advance(timedelta(days=70))

    runs = [item["result"] for item in account.invocations()]
    assert len(runs) == 140
    announced = {cluster["announced"] for run in runs for cluster in run["clusters"]}
    started = [item["started"] for item in account.redshift_maintenance()]
    # Created today, so four weeks at most from today: Saturdays in Kathmandu, 00:15 in UTC.
    assert [moment[:16] for moment in started] == ["2026-12-19T00:15", "2027-01-16T00:15"]
    assert announced == {"2026-12-19T00:15:00Z", "2027-01-16T00:15:00Z", "2027-02-13T00:15:00Z"}
    # Nothing was pending on finance: its windows passed, and it kept the common date all the same.
    assert {cluster["announced"] for cluster in runs[-1]["clusters"]} == {"2027-02-13T00:15:00Z"}


def test_a_malformed_event_changes_nothing(account: LocalCloud) -> None:
    create_clusters(account, "sales")
    answer, failed = invoke(account, {"source": "somewhere"})
    assert failed
    assert answer["errorType"] == "Rejected"
    assert "Not an EventBridge scheduled event" in answer["errorMessage"]
    assert windows(account) == {"tue:01:00-tue:01:30"}


def test_bad_settings_are_reported_whole_and_changes_nothing(account: LocalCloud) -> None:
    create_clusters(account, "sales")
    schedule = {**SETTINGS["schedule"], "hour": 24, "time_zone": "Mars/Olympus", "deferment_days": 61}
    bad = environment({**SETTINGS, "schedule": schedule})
    account.client("lambda").update_function_configuration(FunctionName="sync", Environment=bad)
    answer, failed = invoke(account, EVENT)
    assert failed
    assert answer["errorType"] == "ConfigurationError"
    assert all(f"schedule.{name} is " in answer["errorMessage"] for name in ("hour", "time_zone", "deferment_days"))
    assert windows(account) == {"tue:01:00-tue:01:30"}
