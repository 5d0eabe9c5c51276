"""The sync over accounts and Regions, what it announces, and what is left when a fifth of all calls fail."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from deployment import admit, create_function
from localcloud.client import LocalCloud
from payload import build, discover
from toolchain import FUNCTION_PYTHON, machine_architecture

ROOT = Path(__file__).resolve().parents[2]
EVENT = json.loads((ROOT / "tests/events/scheduled_event.json").read_text())
BEGIN = datetime(2026, 11, 24, 10, tzinfo=UTC)  # a Tuesday
ANNOUNCED = "2026-12-19T06:00:00Z"
HOME, MEMBER = "123456789012", "210987654321"
TRUST = {
    "Effect": "Allow",
    "Action": "sts:AssumeRole",
    "Principal": {"AWS": f"arn:aws:iam::{HOME}:role/sync"},
    "Condition": {"StringEquals": {"sts:ExternalId": "ticket-7"}},
}
SETTINGS = {
    "selector": {"tags": {}, "opt_out_tag": "opt-out"},
    "schedule": {
        "mode": "interval",
        "day": "sat",
        "hour": 6,
        "minute": 0,
        "window_minutes": 30,
        "time_zone": "UTC",
        "deferment_days": 28,
        "deferment_cap_days": 45,
    },
    "groups": {},
    "regions": ["eu-central-1", "us-east-1"],
    "accounts": {MEMBER: {"role_arn": f"arn:aws:iam::{MEMBER}:role/member", "external_id": "ticket-7"}},
    "alignment": "window",
    "foreign_deferments": "respect",
    "state_table": "states",
    "dry_run": False,
    "announcements": {
        "topic_arn": f"arn:aws:sns:us-east-1:{HOME}:maintenance",
        "bucket": "calendars",
        "prefix": "redshift/",
        "days_ahead": [14, 7, 1],
    },
}
PLACES = {
    "finance": ("eu-central-1", HOME),
    "sales": ("us-east-1", HOME),
    "ops": ("us-east-1", MEMBER),
    "labs": ("eu-central-1", MEMBER),
}
Deploy = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def payload(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    out = tmp_path_factory.mktemp("lambda")
    artifact = build(discover(ROOT)["redshift_maintenance_sync"], machine_architecture(), FUNCTION_PYTHON, out)
    return (out / artifact.file).read_bytes()


@pytest.fixture
def account(runtimes: dict[str, str]) -> Iterator[LocalCloud]:
    """Two accounts with clusters in two Regions each, a topic with a queue behind it, a bucket and the table."""
    with LocalCloud.start(environment=runtimes, time=BEGIN) as cloud:
        for name, (region, owner) in PLACES.items():
            cloud.client("redshift", region, account=owner).create_cluster(
                ClusterIdentifier=name,
                NodeType="ra3.large",
                NumberOfNodes=2,
                MasterUsername="admin",
                ManageMasterPassword=True,
                PreferredMaintenanceWindow="tue:01:00-tue:01:30",
            )
        document = json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
        cloud.client("iam", account=MEMBER).create_role(RoleName="member", AssumeRolePolicyDocument=document)
        topic = cloud.client("sns").create_topic(Name="maintenance")["TopicArn"]
        sqs = cloud.client("sqs")
        url = sqs.create_queue(QueueName="inbox")["QueueUrl"]
        queue = admit(cloud, url, "sns.amazonaws.com", topic)
        cloud.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
        cloud.client("s3").create_bucket(Bucket="calendars")
        keys = [("scope", "HASH"), ("cluster", "RANGE")]
        cloud.client("dynamodb").create_table(
            TableName="states",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key, _ in keys],
        )
        yield cloud


@pytest.fixture
def deploy(account: LocalCloud, payload: bytes) -> Deploy:
    """Deploys the function with these settings."""

    def create(settings: dict[str, Any]) -> None:
        variables = {"SETTINGS": json.dumps(settings), "POWERTOOLS_SERVICE_NAME": "sync"}
        handler = "redshift_maintenance_sync.handler.handler"
        create_function(account, "sync", payload, handler, Environment={"Variables": variables}, Timeout=120)

    return create


def invoke(cloud: LocalCloud) -> tuple[Any, bool]:
    answer = cloud.client("lambda").invoke(FunctionName="sync", Payload=json.dumps(EVENT))
    return json.loads(answer["Payload"].read()), "FunctionError" in answer


def seen(cloud: LocalCloud) -> dict[str, str]:
    """When each cluster is really maintained next."""
    return {
        name: f"{found['NextMaintenanceWindowStartTime']:%Y-%m-%dT%H:%M:%SZ}"
        for name, (region, owner) in PLACES.items()
        for found in cloud.client("redshift", region, account=owner).describe_clusters()["Clusters"]
    }


def heard(cloud: LocalCloud) -> list[dict[str, Any]]:
    """What came through the topic, as machines get it."""
    url = cloud.client("sqs").get_queue_url(QueueName="inbox")["QueueUrl"]
    messages = cloud.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in messages:
        cloud.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(json.loads(message["Body"])["Message"]) for message in messages]


def test_clusters_of_all_accounts_and_regions_share_one_date_which_is_announced(
    account: LocalCloud, deploy: Deploy
) -> None:
    deploy(SETTINGS)
    result, failed = invoke(account)
    assert not failed, result
    assert {(row["account"], row["region"], row["cluster"]) for row in result["clusters"]} == {
        (owner, region, name) for name, (region, owner) in PLACES.items()
    }
    assert seen(account) == dict.fromkeys(PLACES, ANNOUNCED)
    (document,) = heard(account)
    assert (document["kind"], document["date"]) == ("scheduled", "2026-12-19T06:00:00+00:00")
    assert len(document["clusters"]) == len(PLACES)
    stored = account.client("s3").get_object(Bucket="calendars", Key="redshift/default.ics")["Body"].read()
    (event,) = Calendar.from_ical(stored).walk("VEVENT")
    assert event["dtstart"].dt == datetime(2026, 12, 19, 6, tzinfo=UTC)
    assert stored.decode() == document["calendar"]

    result, failed = invoke(account)
    assert not failed, result
    assert {row["outcome"] for row in result["clusters"]} == {"unchanged"}
    assert (result["announcements"], heard(account)) == ([], [])


def test_an_account_that_does_not_admit_the_function_keeps_nothing_from_the_others(
    account: LocalCloud, deploy: Deploy
) -> None:
    wrong = {MEMBER: {"role_arn": f"arn:aws:iam::{MEMBER}:role/member", "external_id": "another"}}
    deploy({**SETTINGS, "accounts": wrong})
    error, failed = invoke(account)
    assert failed
    assert error["errorType"] == "TransientError", error
    assert error["errorMessage"].startswith("2 of 4 places failed: 210987654321/eu-central-1 (DescribeClusters: ")
    assert "AccessDenied" in error["errorMessage"]
    found = seen(account)
    assert (found["sales"], found["finance"]) == (ANNOUNCED, ANNOUNCED)
    assert ANNOUNCED not in (found["ops"], found["labs"])


def test_a_region_that_does_not_answer_is_named_and_joins_later(account: LocalCloud, deploy: Deploy) -> None:
    deploy(SETTINGS)
    rule = {"action": "redshift:*", "kind": "drop", "probability": 1.0, "region": "eu-central-1", "caller": "function"}
    account.set_faults([rule])
    error, failed = invoke(account)
    assert failed
    assert "2 of 4 places failed: 123456789012/eu-central-1" in error["errorMessage"]
    assert seen(account)["sales"] == seen(account)["ops"] == ANNOUNCED
    account.clear_faults()
    result, failed = invoke(account)
    assert not failed, result
    assert seen(account) == dict.fromkeys(PLACES, ANNOUNCED)


def test_under_faults_every_cluster_is_right_or_named_and_the_next_run_heals(
    account: LocalCloud, deploy: Deploy
) -> None:
    """A fifth of the function's calls fail, more than its retries make good."""
    deploy(SETTINGS)
    kinds = [("throttle", {}), ("error", {}), ("drop", {}), ("drop", {"after": True})]
    account.set_faults(
        [{"action": "*", "kind": kind, "probability": 0.2, "caller": "function", **more} for kind, more in kinds],
        seed=4,
    )
    for _ in range(3):
        answer, failed = invoke(account)
        right = {name for name, date in seen(account).items() if date == ANNOUNCED}
        if failed:
            told = answer["errorMessage"]
            wrong = set(PLACES) - right
            assert "states" in told or all(
                name in told or "/".join((PLACES[name][1], PLACES[name][0])) in told or "Query" in told
                for name in wrong
            ), told
        else:
            assert right == set(PLACES)
    assert sum(rule["applied"] for rule in account.faults()["rules"]) > 0, account.faults()
    account.clear_faults()
    result, failed = invoke(account)
    assert not failed, result
    assert seen(account) == dict.fromkeys(PLACES, ANNOUNCED)
    result, failed = invoke(account)
    assert {row["outcome"] for row in result["clusters"]} == {"unchanged"}
    assert len({document["uid"] for document in heard(account)}) == 1
