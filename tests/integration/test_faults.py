"""The fault switch: each kind as an SDK sees it, how often, for whom, and that it can be repeated."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, HTTPClientError, ReadTimeoutError

from deployment import create_function, zipped
from localcloud.client import LocalCloud, LocalCloudError

Refusal = Callable[..., tuple[str, str]]
Rules = list[dict[str, Any]]


@pytest.fixture(scope="module")
def faulty(runtimes: dict[str, str]) -> Iterator[LocalCloud]:
    """A local cloud of these tests alone: nobody else's requests may meet their faults."""
    with LocalCloud.start(environment=runtimes) as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_fails(faulty: LocalCloud) -> Iterator[None]:
    """Whatever a test switches on, the next one begins without."""
    yield
    faulty.clear_faults()


def once(cloud: LocalCloud, service: str, region: str = "us-east-1") -> Any:
    """A client that sends every request once and waits for two seconds."""
    config = Config(retries={"total_max_attempts": 1}, read_timeout=2)
    return cloud.client(service, region, config=config)


def caught(operation: Callable[..., Any], **arguments: Any) -> tuple[str, int, int]:
    """Code, HTTP status and retries of the error that the call ends with."""
    with pytest.raises(ClientError) as error:
        operation(**arguments)
    metadata = error.value.response["ResponseMetadata"]
    return error.value.response["Error"]["Code"], metadata["HTTPStatusCode"], metadata["RetryAttempts"]


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "code", "status"),
    [
        ("redshift", "describe_clusters", {}, "Throttling", 400),
        ("sts", "get_caller_identity", {}, "Throttling", 400),
        ("iam", "list_roles", {}, "Throttling", 400),
        ("sns", "list_topics", {}, "Throttling", 400),
        ("cloudwatch", "describe_alarms", {}, "Throttling", 400),
        ("ec2", "describe_vpcs", {}, "RequestLimitExceeded", 503),
        ("lambda", "list_functions", {}, "TooManyRequestsException", 429),
        ("s3", "list_buckets", {}, "SlowDown", 503),
        ("sqs", "list_queues", {}, "RequestThrottled", 400),
        ("dynamodb", "list_tables", {}, "ThrottlingException", 400),
        ("kinesis", "list_streams", {}, "ThrottlingException", 400),
        (
            "dynamodb",
            "get_item",
            {"TableName": "state", "Key": {"id": {"S": "x"}}},
            "ProvisionedThroughputExceededException",
            400,
        ),
    ],
)
def test_each_service_throttles_in_its_own_words(
    faulty: LocalCloud, service: str, operation: str, arguments: dict[str, Any], code: str, status: int
) -> None:
    faulty.set_faults([{"action": "*", "kind": "throttle"}])
    assert caught(getattr(once(faulty, service), operation), **arguments) == (code, status, 0)
    faulty.clear_faults()
    if operation != "get_item":
        getattr(once(faulty, service), operation)(**arguments)


def test_the_sdk_takes_throttling_for_what_it_is(faulty: LocalCloud) -> None:
    config = Config(retries={"mode": "standard", "total_max_attempts": 3})
    faulty.set_faults([{"action": "redshift:DescribeClusters", "kind": "throttle"}])
    redshift = faulty.client("redshift", config=config)
    assert caught(redshift.describe_clusters) == ("Throttling", 400, 2)
    assert faulty.faults()["kinds"]["throttle"] == 3


@pytest.mark.parametrize(
    ("service", "operation", "rule", "code", "status"),
    [
        ("redshift", "describe_clusters", {}, "InternalFailure", 500),
        ("dynamodb", "list_tables", {}, "InternalFailure", 500),
        ("s3", "list_buckets", {}, "InternalError", 500),
        ("redshift", "describe_clusters", {"code": "ClusterNotFound"}, "ClusterNotFound", 404),
        ("redshift", "describe_clusters", {"code": "AccessDenied"}, "AccessDenied", 403),
        ("redshift", "describe_clusters", {"code": "ServiceUnavailable"}, "ServiceUnavailable", 503),
        ("redshift", "describe_clusters", {"code": "Whatever"}, "Whatever", 400),
    ],
)
def test_an_error_has_its_code_and_the_status_of_that(
    faulty: LocalCloud, service: str, operation: str, rule: dict[str, Any], code: str, status: int
) -> None:
    faulty.set_faults([{"action": f"{service}:*", "kind": "error", **rule}])
    assert caught(getattr(once(faulty, service), operation)) == (code, status, 0)


def test_an_internal_failure_is_retried_until_it_heals(faulty: LocalCloud) -> None:
    faulty.set_faults([{"action": "redshift:*", "kind": "error", "probability": 0.5}], seed=3)
    redshift = faulty.client("redshift", config=Config(retries={"mode": "standard", "total_max_attempts": 10}))
    for _ in range(4):
        redshift.describe_clusters()
    counts = faulty.faults()["rules"][0]
    assert counts["matched"] == counts["applied"] + 4
    assert counts["applied"] > 0


def test_a_delay_takes_its_time_and_answers_then(faulty: LocalCloud) -> None:
    faulty.set_faults([{"action": "redshift:*", "kind": "delay", "seconds": 0.5}])
    started = time.monotonic()
    assert once(faulty, "redshift").describe_clusters()["Clusters"] == []
    assert 0.5 <= time.monotonic() - started < 2


def test_a_region_can_stop_answering(faulty: LocalCloud) -> None:
    faulty.set_faults([{"action": "*", "kind": "delay", "seconds": 3, "region": "eu-west-1"}])
    with pytest.raises(ReadTimeoutError):
        once(faulty, "redshift", "eu-west-1").describe_clusters()
    assert once(faulty, "redshift", "us-east-1").describe_clusters()["Clusters"] == []


@pytest.mark.parametrize("after", [False, True])
def test_a_dropped_request_took_effect_or_did_not_and_nobody_can_tell(
    faulty: LocalCloud, name: str, after: bool
) -> None:
    faulty.set_faults([{"action": "sns:CreateTopic", "kind": "drop", "after": after}])
    with pytest.raises(ConnectionClosedError):
        once(faulty, "sns").create_topic(Name=name)
    assert faulty.faults()["kinds"]["drop"] == 1
    topics = [topic["TopicArn"].split(":")[-1] for topic in faulty.client("sns").list_topics()["Topics"]]
    assert (name in topics) is after


@pytest.mark.parametrize("body", [b"", b"x" * 3_000_000])
def test_an_upload_can_be_dropped_too(faulty: LocalCloud, name: str, body: bytes) -> None:
    s3 = once(faulty, "s3")
    s3.create_bucket(Bucket=name)
    faulty.set_faults([{"action": "s3:PutObject", "kind": "drop"}])
    with pytest.raises(HTTPClientError):
        s3.put_object(Bucket=name, Key="key", Body=body)
    assert "Contents" not in s3.list_objects_v2(Bucket=name)
    faulty.set_faults([{"action": "redshift:*", "kind": "drop"}])
    s3.put_object(Bucket=name, Key="key", Body=body)
    assert s3.get_object(Bucket=name, Key="key")["Body"].read() == body


def outcomes(cloud: LocalCloud, requests: int = 40) -> list[bool]:
    """Which of so many requests succeed."""
    redshift = once(cloud, "redshift")
    return [_succeeds(redshift.describe_clusters) for _ in range(requests)]


def _succeeds(operation: Callable[..., Any]) -> bool:
    try:
        operation()
    except ClientError:
        return False
    return True


def test_the_same_seed_meets_the_same_faults_and_another_others(faulty: LocalCloud) -> None:
    rules: Rules = [{"action": "redshift:*", "kind": "throttle", "probability": 0.5}]
    faulty.set_faults(rules, seed=7)
    first = outcomes(faulty)
    faulty.set_faults(rules, seed=7)
    assert outcomes(faulty) == first
    faulty.set_faults(rules, seed=8)
    assert outcomes(faulty) != first
    assert 5 < first.count(False) < 35


def test_what_others_do_changes_nothing(faulty: LocalCloud) -> None:
    rules: Rules = [{"action": "redshift:*", "kind": "throttle", "probability": 0.5}]
    faulty.set_faults(rules, seed=7)
    alone = outcomes(faulty, 20)
    faulty.set_faults([*rules, {"action": "redshift:Describe*", "kind": "delay", "seconds": 0.001}], seed=7)
    elsewhere = once(faulty, "redshift", "eu-west-1")
    here = once(faulty, "redshift")
    among_others = []
    for _ in range(20):
        _succeeds(elsewhere.describe_clusters)
        _succeeds(here.describe_events)
        among_others.append(_succeeds(here.describe_clusters))
    assert among_others == alone


def test_counts_what_each_rule_matched_and_what_came_of_it(faulty: LocalCloud) -> None:
    first = {"action": "redshift:describe*", "kind": "error", "code": "Whatever", "probability": 0.25}
    faulty.set_faults([first, {"action": "*:DescribeClusters", "kind": "throttle"}], seed=1)
    outcomes(faulty, 20)
    counts = faulty.faults()
    errors, throttles = (rule["applied"] for rule in counts["rules"])
    assert errors > 0
    # The first rule that hits prevails; the second drew all the same.
    assert errors + throttles == 20
    assert [rule["matched"] for rule in counts["rules"]] == [20, 20]
    assert counts["kinds"] == {"throttle": throttles, "error": errors, "delay": 0, "drop": 0}
    assert counts["seed"] == 1
    assert counts["rules"][0].items() >= first.items()
    assert faulty.clear_faults() == counts
    assert faulty.faults() == {"seed": 0, "rules": [], "kinds": dict.fromkeys(counts["kinds"], 0)}
    assert all(outcomes(faulty, 3))


@pytest.mark.parametrize(("rule", "hits"), [({"account": "210987654321"}, [False, True]), ({}, [True, True])])
def test_a_rule_can_be_about_one_account(faulty: LocalCloud, rule: dict[str, Any], hits: list[bool]) -> None:
    faulty.set_faults([{"action": "redshift:*", "kind": "error", "code": "Whatever", **rule}])
    clients = [faulty.client("redshift"), faulty.client("redshift", account="210987654321")]
    assert [not _succeeds(client.describe_clusters) for client in clients] == hits


FUNCTION = """
import boto3
def handler(event, context):
    try:
        boto3.client("redshift").describe_clusters()
    except Exception as error:
        return str(error)
    return "fine"
"""


def test_a_rule_can_spare_everybody_but_functions(faulty: LocalCloud, name: str) -> None:
    create_function(faulty, name, zipped(FUNCTION), "payload.handler", Timeout=30)
    rules: Rules = [{"action": "redshift:*", "kind": "error", "code": "Whatever", "caller": "function"}]
    faulty.set_faults(rules)
    assert all(outcomes(faulty, 2))
    assert "(Whatever)" in _invoke(faulty, name)
    faulty.clear_faults()
    assert _invoke(faulty, name) == "fine"


def _invoke(cloud: LocalCloud, name: str) -> str:
    return str(json.load(cloud.client("lambda").invoke(FunctionName=name)["Payload"]))


def test_admin_requests_never_fail(faulty: LocalCloud) -> None:
    faulty.set_faults([{"action": "*", "kind": "drop"}])
    assert faulty.is_ready()
    assert faulty.invocations() is not None
    assert faulty.faults()["kinds"]["drop"] == 0


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({"kind": "drop"}, "action and kind"),
        ({"action": "redshift:*", "kind": "explode"}, "kind must be one of throttle, error, delay, drop"),
        ({"action": "redshift", "kind": "drop"}, "action must be a glob like redshift:Modify"),
        ({"action": "redshift:*", "kind": "drop", "probability": 20}, "probability must be more than 0"),
        ({"action": "redshift:*", "kind": "drop", "probability": 0}, "probability must be more than 0"),
        ({"action": "redshift:*", "kind": "drop", "account": "eu-west-1"}, "account must be 12 digits"),
        ({"action": "redshift:*", "kind": "drop", "caller": "terraform"}, "caller must be 'function' or absent"),
        ({"action": "redshift:*", "kind": "delay"}, "needs seconds"),
        ({"action": "redshift:*", "kind": "delay", "seconds": -1}, "seconds must be more than 0"),
        ({"action": "redshift:*", "kind": "throttle", "code": "X"}, "throttle has no code"),
        ({"action": "redshift:*", "kind": "drop", "after": "yes"}, "after must be true or false"),
        ({"action": "redshift:*", "kind": "drop", "chance": 1}, "drop has no chance"),
    ],
)
def test_refuses_what_is_not_a_rule_and_leaves_the_others_on(
    faulty: LocalCloud, rule: dict[str, Any], reason: str
) -> None:
    faulty.set_faults([{"action": "redshift:*", "kind": "throttle"}])
    with pytest.raises(LocalCloudError, match=reason):
        faulty.set_faults([rule])
    assert not any(outcomes(faulty, 2))
