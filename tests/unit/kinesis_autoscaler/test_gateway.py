"""The exact requests, and what becomes of each kind of answer."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError
from botocore.stub import Stubber

from common.errors import ConfigurationError, TransientError
from kinesis_autoscaler.definition import Described, rewrite
from kinesis_autoscaler.gateway import Gateway, connect
from kinesis_autoscaler.gateway.calls import CONFIG, ONCE, Calls
from kinesis_autoscaler.gateway.limits import SECONDS_KNOWN
from kinesis_autoscaler.gateway.memory import parse
from kinesis_autoscaler.gateway.pace import CALLS_PER_SECOND, SHARE, Pace
from kinesis_autoscaler.messages import Kind, Message
from kinesis_autoscaler.model import (
    AlarmState,
    Direction,
    Memory,
    Peak,
    Resize,
    Stream,
    StreamStatus,
)
from kinesis_autoscaler.refusals import BeingChanged, Gone, Overtaken, Refused, Throttled
from kinesis_autoscaler.settings import Settings
from kinesis_autoscaler.tags import TAG

NOW = datetime(2026, 11, 24, 6, 0, 30, tzinfo=UTC)
ARN = "arn:aws:kinesis:us-east-1:123456789012:stream/orders"
NAME = "acme-kinesis-autoscaler-orders-scale-up"
QUEUE = "https://sqs.test/work"
SUMMARY = {
    "StreamDescriptionSummary": {
        "StreamName": "orders",
        "StreamARN": ARN,
        "StreamStatus": "UPDATING",
        "StreamModeDetails": {"StreamMode": "PROVISIONED"},
        "RetentionPeriodHours": 24,
        "StreamCreationTimestamp": NOW,
        "EnhancedMonitoring": [],
        "OpenShardCount": 4,
    }
}
MEMORY = Memory(
    (Resize(NOW - timedelta(hours=1), 4, 8),), 16, (Peak(NOW.replace(minute=0, second=0), 3.5),), {Direction.UP: NOW}, 4
)
ITEM = {
    "stream": {"S": "orders"},
    "memory": {
        "S": '{"resizes":[["2026-11-24T05:00:30+00:00",4,8]],"goal":16,"peaks":[["2026-11-24T06:00:00+00:00",3.5]],'
        '"rearmed":{"scale-up":"2026-11-24T06:00:30+00:00"}}'
    },
    "version": {"N": "5"},
    "expires": {"N": str(int((NOW + timedelta(days=30)).timestamp()))},
}


class Session:
    """Makes each client once for each configuration, so that a test can stub it."""

    def __init__(self) -> None:
        self.clients: dict[Any, Any] = {}

    def client(self, service: str, config: Any) -> Any:
        key = (service, config is ONCE)
        keys = {"region_name": "us-east-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"}
        if key not in self.clients:
            self.clients[key] = boto3.client(service, config=config, **keys)  # type: ignore[call-overload]
        return self.clients[key]


@pytest.fixture
def session() -> Session:
    return Session()


@pytest.fixture
def seconds() -> list[float]:
    """What the clock of the gateway shows; sleeping moves it on."""
    return [0.0]


@pytest.fixture
def aws(session: Session, seconds: list[float], make_function_settings: Callable[..., Settings]) -> Gateway:
    def sleep(duration: float) -> None:
        seconds[0] += duration

    return connect(make_function_settings(), "acme-kinesis-autoscaler", session, lambda: seconds[0], sleep)


@pytest.fixture
def stub(session: Session, aws: Gateway) -> Iterator[Callable[..., Stubber]]:
    """Answers of a service, in order; fails when one is left over."""
    stubs: list[Stubber] = []

    def made(service: str, once: bool = False) -> Stubber:
        stubs.append(Stubber(session.client(service, ONCE if once else CONFIG)))
        stubs[-1].activate()
        return stubs[-1]

    yield made
    for used in stubs:
        used.assert_no_pending_responses()


def shown(alarm: Described) -> dict[str, Any]:
    return dict(alarm.definition)


# Alarms


def test_describes_the_alarms_of_several_streams_by_one_call(
    aws: Gateway, stub: Callable[..., Stubber], make_pair: Callable[..., dict[Direction, Described]]
) -> None:
    pair = make_pair(states={Direction.UP: AlarmState.ALARM})
    names = [f"acme-kinesis-autoscaler-{name}" for name in ("orders-scale-up", "orders-scale-down")]
    names += [f"acme-kinesis-autoscaler-{name}" for name in ("gone-scale-up", "gone-scale-down")]
    stub("cloudwatch").add_response(
        "describe_alarms",
        {"MetricAlarms": [shown(alarm) for alarm in pair.values()]},
        {"AlarmNames": names, "AlarmTypes": ["MetricAlarm"], "MaxRecords": 100},
    )
    assert aws.alarms.of(["orders", "gone"]) == {"orders": pair}


def test_lists_all_alarms_of_the_deployment_and_leaves_out_its_others(
    aws: Gateway, stub: Callable[..., Stubber], make_pair: Callable[..., dict[Direction, Described]]
) -> None:
    pair = make_pair()
    request = {"AlarmNamePrefix": "acme-kinesis-autoscaler-", "AlarmTypes": ["MetricAlarm"], "MaxRecords": 100}
    other = {**shown(pair[Direction.UP]), "AlarmName": "acme-kinesis-autoscaler-failed-streams"}
    cloudwatch = stub("cloudwatch")
    first = {"MetricAlarms": [shown(pair[Direction.UP]), other], "NextToken": "more"}
    cloudwatch.add_response("describe_alarms", first, request)
    second = {"MetricAlarms": [shown(pair[Direction.DOWN])]}
    cloudwatch.add_response("describe_alarms", second, {**request, "NextToken": "more"})
    assert aws.alarms.all() == {"orders": pair}


def test_writes_a_rewritten_alarm_without_what_only_aws_writes(
    aws: Gateway, stub: Callable[..., Stubber], make_pair: Callable[..., dict[Direction, Described]]
) -> None:
    written = rewrite(make_pair()[Direction.UP], 8, park=False)
    only_shown = {
        "AlarmArn",
        "StateValue",
        "StateReason",
        "StateUpdatedTimestamp",
        "AlarmConfigurationUpdatedTimestamp",
    }
    expected = {key: value for key, value in written.items() if key not in only_shown}
    assert len(written) == len(expected) + 5
    stub("cloudwatch").add_response("put_metric_alarm", {}, expected)
    aws.alarms.put(written)


def test_rearms_and_deletes_alarms(aws: Gateway, stub: Callable[..., Stubber]) -> None:
    cloudwatch = stub("cloudwatch")
    request = {"AlarmName": NAME, "StateValue": "INSUFFICIENT_DATA", "StateReason": "x" * 1023}
    cloudwatch.add_response("set_alarm_state", {}, request)
    cloudwatch.add_response("delete_alarms", {}, {"AlarmNames": [str(index) for index in range(100)]})
    cloudwatch.add_response("delete_alarms", {}, {"AlarmNames": ["100"]})
    aws.alarms.rearm(NAME, "x" * 2000)
    aws.alarms.delete([str(index) for index in range(101)])


# Streams and limits


@pytest.mark.parametrize("mode", ["PROVISIONED", "ON_DEMAND", None])
def test_describes_a_stream(aws: Gateway, stub: Callable[..., Stubber], mode: str | None) -> None:
    summary = {**SUMMARY["StreamDescriptionSummary"], "StreamModeDetails": {"StreamMode": mode}}
    if mode is None:  # as Kinesis answered before there was another mode
        del summary["StreamModeDetails"]
    answer = {"StreamDescriptionSummary": summary}
    stub("kinesis").add_response("describe_stream_summary", answer, {"StreamName": "orders"})
    assert aws.streams.summary("orders") == Stream("orders", ARN, StreamStatus.UPDATING, mode == "ON_DEMAND", 4)


def test_a_stream_that_is_gone_is_none(aws: Gateway, stub: Callable[..., Stubber]) -> None:
    stub("kinesis").add_client_error("describe_stream_summary", "ResourceNotFoundException")
    assert aws.streams.summary("orders") is None


RESIZE = {"StreamName": "orders", "TargetShardCount": 8, "ScalingType": "UNIFORM_SCALING"}


def test_resizes_a_stream(aws: Gateway, stub: Callable[..., Stubber]) -> None:
    stub("kinesis", once=True).add_response("update_shard_count", {}, RESIZE)
    aws.streams.resize("orders", 8)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("LimitExceededException", Refused),
        ("InvalidArgumentException", Refused),
        ("ValidationException", Refused),
        ("ResourceInUseException", BeingChanged),
        ("ResourceNotFoundException", Gone),
        ("AccessDeniedException", ConfigurationError),
        ("ThrottlingException", Throttled),
        ("InternalFailure", TransientError),
    ],
)
def test_what_a_refused_resize_means(
    aws: Gateway, stub: Callable[..., Stubber], code: str, kind: type[Exception]
) -> None:
    stub("kinesis", once=True).add_client_error("update_shard_count", code, "as AWS says", expected_params=RESIZE)
    with pytest.raises(kind, match="as AWS says"):
        aws.streams.resize("orders", 8)


def test_a_refused_resize_is_not_asked_for_again_by_botocore() -> None:
    assert ONCE.retries == {"mode": "standard", "total_max_attempts": 1}
    assert CONFIG.retries == {"mode": "standard", "total_max_attempts": 5}


def test_lists_the_shards_that_are_open(aws: Gateway, stub: Callable[..., Stubber]) -> None:
    kinesis = stub("kinesis")
    shard = {"HashKeyRange": {"StartingHashKey": "0", "EndingHashKey": "1"}}
    shard["SequenceNumberRange"] = {"StartingSequenceNumber": "0"}
    request = {"StreamName": "orders", "ShardFilter": {"Type": "AT_LATEST"}}
    kinesis.add_response("list_shards", {"Shards": [{**shard, "ShardId": "a"}], "NextToken": "more"}, request)
    kinesis.add_response("list_shards", {"Shards": [{**shard, "ShardId": "b"}]}, {"NextToken": "more"})
    assert aws.streams.open_shards("orders") == ["a", "b"]


def test_the_quota_is_read_once_a_minute_and_counts_down(
    aws: Gateway, stub: Callable[..., Stubber], seconds: list[float]
) -> None:
    kinesis = stub("kinesis")
    answer = {"ShardLimit": 100, "OpenShardCount": 90, "OnDemandStreamCount": 0, "OnDemandStreamCountLimit": 50}
    kinesis.add_response("describe_limits", answer, {})
    assert aws.limits.left() == 10
    aws.limits.took(4)
    assert aws.limits.left() == 6
    aws.limits.took(7)
    assert aws.limits.left() == 0
    seconds[0] += SECONDS_KNOWN
    kinesis.add_response("describe_limits", {**answer, "OpenShardCount": 101}, {})
    assert aws.limits.left() == 0


# Memory


def test_memory_is_written_under_its_version_and_read_back(aws: Gateway, stub: Callable[..., Stubber]) -> None:
    dynamodb = stub("dynamodb")
    dynamodb.add_response(
        "put_item",
        {},
        {
            "TableName": "memories",
            "Item": ITEM,
            "ConditionExpression": "attribute_not_exists(#version) OR #version = :before",
            "ExpressionAttributeNames": {"#version": "version"},
            "ExpressionAttributeValues": {":before": {"N": "4"}},
        },
    )
    written = aws.memory.remember("orders", MEMORY, NOW)
    assert written.version == 5
    key = {"TableName": "memories", "Key": {"stream": {"S": "orders"}}, "ConsistentRead": True}
    dynamodb.add_response("get_item", {"Item": ITEM}, key)
    assert parse(aws.memory.of(["orders"])["orders"]) == written


def test_nothing_is_remembered_of_a_new_stream(aws: Gateway, stub: Callable[..., Stubber]) -> None:
    stub("dynamodb").add_response("get_item", {})
    assert aws.memory.of(["orders"]) == {}
    assert parse(None) == Memory()


def test_a_write_of_an_older_version_is_refused(aws: Gateway, stub: Callable[..., Stubber]) -> None:
    stub("dynamodb").add_client_error("put_item", "ConditionalCheckFailedException")
    with pytest.raises(Overtaken):
        aws.memory.remember("orders", MEMORY, NOW)


def test_several_items_are_read_by_one_call_and_what_is_left_over_again(
    aws: Gateway, stub: Callable[..., Stubber]
) -> None:
    def request(*names: str) -> dict[str, Any]:
        return {"memories": {"Keys": [{"stream": {"S": name}} for name in names], "ConsistentRead": True}}

    dynamodb = stub("dynamodb")
    clicks = {**ITEM, "stream": {"S": "clicks"}}
    answer = {"Responses": {"memories": [ITEM]}, "UnprocessedKeys": request("clicks", "views")}
    dynamodb.add_response("batch_get_item", answer, {"RequestItems": request("orders", "clicks", "views")})
    answer = {"Responses": {"memories": [clicks]}, "UnprocessedKeys": {}}
    dynamodb.add_response("batch_get_item", answer, {"RequestItems": request("clicks", "views")})
    assert aws.memory.of(["orders", "clicks", "views"]) == {"orders": ITEM, "clicks": clicks}


def test_a_table_that_leaves_keys_over_for_ever_is_tried_later(aws: Gateway, stub: Callable[..., Stubber]) -> None:
    left = {"memories": {"Keys": [{"stream": {"S": "clicks"}}]}}
    dynamodb = stub("dynamodb")
    for _ in range(5):
        dynamodb.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": left})
    with pytest.raises(TransientError, match="1 of 2 items were not read"):
        aws.memory.of(["orders", "clicks"])


@pytest.mark.parametrize("memory", ["{", "{}", '{"resizes":[[1]],"goal":1,"peaks":[],"rearmed":{}}'])
def test_an_item_of_something_else_is_named_with_its_remedy(memory: str) -> None:
    with pytest.raises(ConfigurationError, match="delete it, and the resizes of the last 24 hours are forgotten"):
        parse({**ITEM, "memory": {"S": memory}})


# Metrics


def data(identifier: str, points: dict[datetime, float], status: str = "Complete") -> dict[str, Any]:
    series = {"Timestamps": list(points), "Values": list(points.values())}
    return {"Id": identifier, "Label": "IncomingBytes", "StatusCode": status, **series}


def minute(ago: int) -> datetime:
    return datetime(2026, 11, 24, 6, tzinfo=UTC) - timedelta(minutes=ago)


def test_reads_the_traffic_of_several_streams_by_one_call(aws: Gateway, stub: Callable[..., Stubber]) -> None:
    def query(index: int, metric: str, stream: str) -> dict[str, Any]:
        dimensions = [{"Name": "StreamName", "Value": stream}]
        named = {"Namespace": "AWS/Kinesis", "MetricName": metric, "Dimensions": dimensions}
        return {"Id": f"m{index}", "MetricStat": {"Metric": named, "Period": 60, "Stat": "Sum"}}

    metrics = ["IncomingBytes", "IncomingRecords", "WriteProvisionedThroughputExceeded"]
    queries = [query(index, metric, "orders") for index, metric in enumerate(metrics)]
    queries += [query(index + 3, metric, "clicks") for index, metric in enumerate(metrics)]
    request = {
        "MetricDataQueries": queries,
        "StartTime": minute(4),
        "EndTime": minute(0),
        "ScanBy": "TimestampAscending",
    }
    cloudwatch = stub("cloudwatch")
    first = [data("m0", {minute(4): 1.0, minute(3): 2.0}), data("m2", {minute(2): 7.0})]
    cloudwatch.add_response("get_metric_data", {"MetricDataResults": first, "NextToken": "more"}, request)
    second = [data("m0", {minute(1): 4.0}), data("m4", {minute(2): 9.0})]
    cloudwatch.add_response("get_metric_data", {"MetricDataResults": second}, {**request, "NextToken": "more"})
    found = aws.metrics.traffic({"orders": 4, "clicks": 2}, NOW)
    orders, clicks = found["orders"], found["clicks"]
    assert (orders.until, orders.accepted_bytes) == (minute(0), (1.0, 2.0, 0.0, 4.0))
    assert (orders.accepted_records, orders.rejected) == ((0.0,) * 4, (0.0, 0.0, 7.0, 0.0))
    assert (clicks.until, clicks.accepted_bytes, clicks.accepted_records) == (minute(1), (0.0,), (9.0,))


def test_silence_is_late_for_two_minutes_and_then_silence(aws: Gateway, stub: Callable[..., Stubber]) -> None:
    stub("cloudwatch").add_response("get_metric_data", {"MetricDataResults": [data("m0", {minute(5): 1.0})]})
    traffic = aws.metrics.traffic({"orders": 5}, NOW)["orders"]
    assert (traffic.until, traffic.accepted_bytes) == (minute(2), (1.0, 0.0, 0.0))


def test_figures_that_cloudwatch_could_not_compute_are_no_zeros(aws: Gateway, stub: Callable[..., Stubber]) -> None:
    answer = {"MetricDataResults": [data("m0", {}, "InternalError")]}
    stub("cloudwatch").add_response("get_metric_data", answer)
    with pytest.raises(TransientError, match="GetMetricData: InternalError"):
        aws.metrics.traffic({"orders": 5}, NOW)


def test_how_full_shards_are_by_bytes_or_by_records(aws: Gateway, stub: Callable[..., Stubber]) -> None:
    size = data("m0", {minute(15): 900 * 1024 * 1024 * 0.5})
    records = data("m3", {minute(15): 900 * 1000 * 0.9})
    stub("cloudwatch").add_response("get_metric_data", {"MetricDataResults": [size, records]})
    assert aws.metrics.shard_usage("orders", ["a", "b", "c"], NOW) == {"a": 0.5, "b": 0.9}


# Queue, tags, consumers


def test_sends_messages_ten_a_call(aws: Gateway, stub: Callable[..., Stubber]) -> None:
    sqs = stub("sqs")
    messages = [Message(Kind.STREAMS, (f"s{index}",), delay=timedelta(hours=index)) for index in range(11)]
    entries = [
        {
            "Id": str(index % 10),
            "MessageBody": json.dumps({"kind": "streams", "names": [f"s{index}"]}),
            "DelaySeconds": 900 if index else 0,
        }
        for index in range(11)
    ]
    for some in (entries[:10], entries[10:]):
        sqs.add_response("send_message_batch", {"Successful": [], "Failed": []}, {"QueueUrl": QUEUE, "Entries": some})
    aws.queue.send(messages)


def test_messages_that_were_refused_are_an_error(aws: Gateway, stub: Callable[..., Stubber]) -> None:
    refused = {"Id": "0", "SenderFault": True, "Code": "InvalidParameterValue", "Message": "too long"}
    stub("sqs").add_response("send_message_batch", {"Successful": [], "Failed": [refused]})
    with pytest.raises(TransientError, match="1 of 1 messages were refused: InvalidParameterValue: too long"):
        aws.queue.send([Message(Kind.TICK)])


def test_finds_the_streams_that_carry_the_tag(aws: Gateway, stub: Callable[..., Stubber]) -> None:
    tags = [{"Key": TAG, "Value": "on"}, {"Key": "team", "Value": "blue"}]
    found = [{"ResourceARN": ARN, "Tags": tags}, {"ResourceARN": f"{ARN}/consumer/x:1", "Tags": tags}]
    request = {"ResourceTypeFilters": ["kinesis:stream"], "TagFilters": [{"Key": TAG}]}
    tagging = stub("resourcegroupstaggingapi")
    tagging.add_response("get_resources", {"ResourceTagMappingList": found, "PaginationToken": "more"}, request)
    last = {"ResourceTagMappingList": [], "PaginationToken": ""}
    tagging.add_response("get_resources", last, {**request, "PaginationToken": "more"})
    assert aws.tagged.streams(TAG) == {"orders": {TAG: "on", "team": "blue"}}


def test_reserves_concurrency(aws: Gateway, stub: Callable[..., Stubber]) -> None:
    request = {"FunctionName": "ship-orders", "ReservedConcurrentExecutions": 40}
    stub("lambda").add_response("put_function_concurrency", {}, request)
    aws.consumers.reserve("ship-orders", 40)


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "InvalidParameterValueException", "AccessDenied"])
def test_concurrency_that_cannot_be_reserved_is_somebodys_to_settle(
    aws: Gateway, stub: Callable[..., Stubber], code: str
) -> None:
    stub("lambda").add_client_error("put_function_concurrency", code, "as AWS says")
    with pytest.raises(ConfigurationError, match=r"PutFunctionConcurrency.*as AWS says"):
        aws.consumers.reserve("ship-orders", 40)


# Errors and pace


@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException", "KMS.AccessDeniedException"])
def test_what_the_role_does_not_allow_names_the_remedy(code: str, aws: Gateway, stub: Callable[..., Stubber]) -> None:
    stub("cloudwatch").add_client_error("describe_alarms", code, "not authorized")
    with pytest.raises(ConfigurationError, match=r"DescribeAlarms is not allowed: not authorized\. Apply the module"):
        aws.alarms.of(["orders"])


def test_an_alarm_that_was_deleted_is_gone(aws: Gateway, stub: Callable[..., Stubber]) -> None:
    stub("cloudwatch").add_client_error("set_alarm_state", "ResourceNotFound")
    with pytest.raises(Gone):
        aws.alarms.rearm(NAME, "why")


def test_what_cannot_be_reached_may_be_reached_later() -> None:
    with pytest.raises(TransientError, match=r"GetItem: .*timeout"), Calls().one("GetItem"):
        raise ConnectTimeoutError(endpoint_url="https://dynamodb.test")


def test_a_pace_spaces_calls_and_owes_nothing_for_a_rest() -> None:
    now = [100.0]
    slept: list[float] = []

    def sleep(duration: float) -> None:
        slept.append(duration)
        now[0] += duration

    pace = Pace(2, lambda: now[0], sleep)
    pace.wait()
    assert not pace.ready
    pace.wait()
    now[0] += 10
    assert pace.ready
    pace.wait()
    pace.wait()
    assert slept == [0.5, 0.5]


@pytest.mark.parametrize("action", CALLS_PER_SECOND)
def test_two_workers_together_stay_below_what_aws_takes(action: str) -> None:
    now = [0.0]

    def sleep(duration: float) -> None:
        now[0] += duration

    calls = Calls(lambda: now[0], sleep)
    for _ in range(101):
        with calls.one(action):
            pass
    assert 100 / now[0] == pytest.approx(CALLS_PER_SECOND[action] * SHARE)
    assert 2 * SHARE < 1
