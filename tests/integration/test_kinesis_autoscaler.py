"""The zip that ships, the queue it works through, its alarms and streams, together: a stream is found by its tag."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deployment import admit, create_function
from localcloud.client import LocalCloud
from payload import build, discover
from toolchain import FUNCTION_PYTHON, ROOT, machine_architecture

BEGIN = datetime(2026, 11, 24, 10, tzinfo=UTC)
FUNCTION, STREAM = "team-kinesis-autoscaler", "orders"
TAG = "groundcrew:kinesis-autoscaler"
ALARM = {"threshold": 0.75, "period_seconds": 300, "evaluation_periods": 5, "datapoints_to_alarm": 5}
SETTINGS = {
    "state_table": "states",
    "dry_run": False,
    "alarms": {
        "scale-up": ALARM,
        "scale-down": {**ALARM, "threshold": 0.25, "evaluation_periods": 60, "datapoints_to_alarm": 57},
        "target-up": {**ALARM, "period_seconds": 60, "evaluation_periods": 3, "datapoints_to_alarm": 2},
        "target-down": {**ALARM, "threshold": 0.45, "evaluation_periods": 12, "datapoints_to_alarm": 12},
    },
    "discovery": {"bounds": {"minimum": 1, "maximum": 16}, "policy": "step", "block_minutes": -1},
}


@pytest.fixture(scope="module")
def payload(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    out = tmp_path_factory.mktemp("lambda")
    return (
        out / build(discover(ROOT)["kinesis_autoscaler"], machine_architecture(), FUNCTION_PYTHON, out).file
    ).read_bytes()


@pytest.fixture
def account(runtimes: dict[str, str], payload: bytes) -> Iterator[LocalCloud]:
    """An account of its own, for the function looks at every tagged stream there is."""
    with LocalCloud.start(environment=runtimes, time=BEGIN) as cloud:
        cloud.client("dynamodb").create_table(
            TableName="states",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "stream", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "stream", "AttributeType": "S"}],
        )
        cloud.client("logs").create_log_group(logGroupName=f"/aws/lambda/{FUNCTION}")
        topic = cloud.client("sns").create_topic(Name=FUNCTION)["TopicArn"]
        queue = cloud.client("sqs").create_queue(QueueName="work", Attributes={"VisibilityTimeout": "360"})["QueueUrl"]
        arn = admit(cloud, queue, "sns.amazonaws.com", topic)
        cloud.client("sns").subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"}
        )
        settings = {**SETTINGS, "topic_arn": topic, "queue_url": queue}
        create_function(
            cloud,
            FUNCTION,
            payload,
            "kinesis_autoscaler.handler.handler",
            Environment={"Variables": {"SETTINGS": json.dumps(settings), "POWERTOOLS_SERVICE_NAME": FUNCTION}},
            LoggingConfig={"LogFormat": "JSON"},
            Timeout=60,
        )
        cloud.client("lambda").create_event_source_mapping(
            EventSourceArn=arn,
            FunctionName=FUNCTION,
            BatchSize=25,
            MaximumBatchingWindowInSeconds=1,
            FunctionResponseTypes=["ReportBatchItemFailures"],
            ScalingConfig={"MaximumConcurrency": 2},
        )
        cloud.client("kinesis").create_stream(StreamName=STREAM, ShardCount=2)
        yield cloud


def tag(cloud: LocalCloud, **tags: str) -> None:
    more = {f"{TAG}:{name}": value for name, value in tags.items()}
    cloud.client("kinesis").add_tags_to_stream(StreamName=STREAM, Tags={TAG: "on", **more})


def tick(cloud: LocalCloud) -> dict[str, Any]:
    """One by hand, and everything that it sets off."""
    answer = cloud.client("lambda").invoke(FunctionName=FUNCTION, Payload=json.dumps({"kind": "tick"}))
    assert "FunctionError" not in answer, answer["Payload"].read()
    cloud.advance(timedelta(seconds=30))
    found: dict[str, Any] = json.load(answer["Payload"])
    return found


def alarms(cloud: LocalCloud) -> dict[str, dict[str, Any]]:
    found = cloud.client("cloudwatch").describe_alarms(AlarmNamePrefix=FUNCTION)["MetricAlarms"]
    return {alarm["AlarmName"].removeprefix(f"{FUNCTION}-{STREAM}-"): alarm for alarm in found}


def counts(cloud: LocalCloud) -> set[str]:
    """The shard counts that the alarms compute with."""
    queries = [query for alarm in alarms(cloud).values() for query in alarm["Metrics"]]
    return {query["Expression"] for query in queries if query["Id"] == "s1"}


def shards(cloud: LocalCloud) -> int:
    summary = cloud.client("kinesis").describe_stream_summary(StreamName=STREAM)["StreamDescriptionSummary"]
    return int(summary["OpenShardCount"])


def test_a_tagged_stream_gets_its_alarms_follows_its_traffic_and_is_let_go(account: LocalCloud) -> None:
    # A stream without a past looks idle: it stays at its minimum.
    tag(account, minimum="2", maximum="8")
    tick(account)
    assert alarms(account).keys() == {"scale-up", "scale-down"}
    assert counts(account) == {"2"}
    busy = [1.8 * 1000 * 60] * 45
    account.kinesis_traffic(STREAM, bytes=[512 * count for count in busy], records=busy)
    account.advance(timedelta(minutes=40))
    assert shards(account) == 4
    assert counts(account) == {"4"}
    assert {run["status"] for run in account.invocations()} == {"ok"}
    account.client("kinesis").remove_tags_from_stream(StreamName=STREAM, TagKeys=[TAG])
    tick(account)
    assert alarms(account) == {}
    assert shards(account) == 4


def test_a_word_where_a_number_belongs_is_named_and_makes_no_alarm(account: LocalCloud) -> None:
    tag(account, maximum="many")
    found = tick(account)
    (decision,) = found["decisions"]
    assert (decision["stream"], decision["outcome"]) == (STREAM, "failed")
    assert f"{TAG}:maximum" in decision["reason"]
    assert "many" in decision["reason"]
    assert alarms(account) == {}
