"""Kinesis by boto3: what AWS documents of limits, resharding, pages and tags holds on the local cloud."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from localcloud.client import LocalCloud

Refusal = Callable[..., tuple[str, str]]
HASH_KEYS = 2**128


@pytest.fixture(scope="module")
def clocked(runtimes: dict[str, str]) -> Iterator[LocalCloud]:
    """A cloud whose clock these tests alone move."""
    with LocalCloud.start(environment=runtimes) as running:
        yield running


@pytest.fixture
def kinesis(clocked: LocalCloud) -> Any:
    return clocked.client("kinesis")


@pytest.fixture
def stream(kinesis: Any, name: str) -> Iterator[str]:
    """The name of a stream of four shards."""
    kinesis.create_stream(StreamName=name, ShardCount=4, Tags={"Team": "data"})
    yield name
    kinesis.delete_stream(StreamName=name, EnforceConsumerDeletion=True)


@pytest.fixture
def resize(kinesis: Any) -> Callable[[str, int], dict[str, Any]]:
    def update(stream: str, target: int) -> dict[str, Any]:
        answer: dict[str, Any] = kinesis.update_shard_count(
            StreamName=stream, TargetShardCount=target, ScalingType="UNIFORM_SCALING"
        )
        return answer

    return update


@pytest.fixture
def summary(kinesis: Any) -> Callable[[str], dict[str, Any]]:
    def describe(stream: str) -> dict[str, Any]:
        return dict(kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"])

    return describe


def test_a_stream_is_described_whole(kinesis: Any, summary: Any, stream: str, refusal: Refusal) -> None:
    described = summary(stream)
    arn = f"arn:aws:kinesis:us-east-1:123456789012:stream/{stream}"
    assert described.pop("StreamCreationTimestamp")
    assert described == {
        "StreamName": stream,
        "StreamARN": arn,
        "StreamStatus": "ACTIVE",
        "StreamModeDetails": {"StreamMode": "PROVISIONED"},
        "RetentionPeriodHours": 24,
        "EnhancedMonitoring": [{"ShardLevelMetrics": []}],
        "EncryptionType": "NONE",
        "OpenShardCount": 4,
        "ConsumerCount": 0,
    }
    kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="reader")
    assert summary(stream)["ConsumerCount"] == 1
    assert refusal(kinesis.delete_stream, StreamName=stream)[0] == "ResourceInUseException"


def test_resharding_goes_on_while_the_stream_is_updating(
    clocked: LocalCloud, kinesis: Any, resize: Any, summary: Any, stream: str, refusal: Refusal
) -> None:
    answer = resize(stream, 8)
    assert (answer["CurrentShardCount"], answer["TargetShardCount"]) == (4, 8)
    assert summary(stream)["StreamStatus"] == "UPDATING"
    assert refusal(resize, stream=stream, target=4)[0] == "ResourceInUseException"
    assert refusal(kinesis.add_tags_to_stream, StreamName=stream, Tags={"A": "b"})[0] == "ResourceInUseException"
    retention = {"StreamName": stream, "RetentionPeriodHours": 48}
    assert refusal(kinesis.increase_stream_retention_period, **retention)[0] == "ResourceInUseException"
    kinesis.put_record(StreamName=stream, Data=b"x", PartitionKey="p")
    clocked.advance(timedelta(seconds=70))  # of 134.4
    halfway = summary(stream)
    assert halfway["StreamStatus"] == "UPDATING"
    assert halfway["OpenShardCount"] == 6
    clocked.advance(timedelta(seconds=65))
    assert (summary(stream)["StreamStatus"], summary(stream)["OpenShardCount"]) == ("ACTIVE", 8)
    kinesis.increase_stream_retention_period(**retention)
    assert summary(stream)["RetentionPeriodHours"] == 48


def test_shards_are_equal_after_resharding_and_closed_ones_stay_until_their_records_expire(
    clocked: LocalCloud, kinesis: Any, resize: Any, stream: str
) -> None:
    resize(stream, 3)
    clocked.advance(timedelta(minutes=10))
    shards = kinesis.list_shards(StreamName=stream)["Shards"]
    still_open = [shard for shard in shards if "EndingSequenceNumber" not in shard["SequenceNumberRange"]]
    starts = sorted(int(shard["HashKeyRange"]["StartingHashKey"]) for shard in still_open)
    assert starts == [number * HASH_KEYS // 3 for number in range(3)]
    assert all("ParentShardId" in shard for shard in still_open)
    assert {f"shardId-{number:012}" for number in range(4)} <= {shard["ShardId"] for shard in shards}
    latest = kinesis.list_shards(StreamName=stream, ShardFilter={"Type": "AT_LATEST"})["Shards"]
    assert len(latest) == 3
    clocked.advance(timedelta(hours=24))
    assert len(kinesis.list_shards(StreamName=stream)["Shards"]) == 3


def test_records_stay_in_the_shard_that_took_them_and_readers_go_on_with_its_children(
    clocked: LocalCloud, kinesis: Any, resize: Any, stream: str
) -> None:
    def read(shard_id: str) -> dict[str, Any]:
        start = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard_id, ShardIteratorType="TRIM_HORIZON")
        return dict(kinesis.get_records(ShardIterator=start["ShardIterator"]))

    parent = kinesis.put_record(StreamName=stream, Data=b"before", PartitionKey="p")["ShardId"]
    assert "NextShardIterator" in read(parent)
    resize(stream, 8)
    clocked.advance(timedelta(minutes=3))
    child = kinesis.put_record(StreamName=stream, Data=b"after", PartitionKey="p")["ShardId"]
    old = read(parent)
    assert [record["Data"] for record in old["Records"]] == [b"before"]
    assert "NextShardIterator" not in old
    assert child in [shard["ShardId"] for shard in old["ChildShards"]]
    assert [record["Data"] for record in read(child)["Records"]] == [b"after"]


@pytest.mark.parametrize(("target", "words"), [(9, "over double"), (1, "below half")])
def test_one_call_at_most_doubles_and_at_most_halves(
    resize: Any, stream: str, refusal: Refusal, target: int, words: str
) -> None:
    code, message = refusal(resize, stream=stream, target=target)
    assert code == "LimitExceededException"
    assert f"{words} your current open shard count. Current open shard count: 4 Target shard count: {target}" in message


def test_the_eleventh_call_in_24_hours_is_refused(
    clocked: LocalCloud, resize: Any, stream: str, refusal: Refusal
) -> None:
    for number in range(10):
        resize(stream, (8, 4)[number % 2])
        clocked.advance(timedelta(minutes=3))
    assert refusal(resize, stream=stream, target=8) == (
        "LimitExceededException",
        f"Rate exceeded for stream {stream} under account 123456789012.",
    )
    clocked.advance(timedelta(hours=24) - timedelta(minutes=29))
    resize(stream, 8)


def test_an_on_demand_stream_has_no_shards_to_set(kinesis: Any, resize: Any, stream: str, refusal: Refusal) -> None:
    arn = kinesis.describe_stream(StreamName=stream)["StreamDescription"]["StreamARN"]

    def change(mode: str) -> None:
        kinesis.update_stream_mode(StreamARN=arn, StreamModeDetails={"StreamMode": mode})

    change("ON_DEMAND")
    code, message = refusal(resize, stream=stream, target=8)
    assert code == "ValidationException"
    assert "On-Demand mode" in message
    change("PROVISIONED")
    assert refusal(change, mode="ON_DEMAND")[0] == "LimitExceededException"


def test_the_account_has_a_limit_of_shards(clocked: LocalCloud, name: str, refusal: Refusal) -> None:
    kinesis = clocked.client("kinesis", "eu-west-2")
    assert kinesis.describe_limits()["ShardLimit"] == 1000
    clocked.set_kinesis_shard_limit(10, region="eu-west-2")
    kinesis.create_stream(StreamName=name, ShardCount=8)
    limits = kinesis.describe_limits()
    assert (limits["ShardLimit"], limits["OpenShardCount"], limits["OnDemandStreamCount"]) == (10, 8, 0)
    code, message = refusal(kinesis.create_stream, StreamName=f"{name}-2", ShardCount=3)
    assert code == "LimitExceededException"
    assert "Current shard count for the account: 8. Limit: 10." in message
    arguments = {"StreamName": name, "ScalingType": "UNIFORM_SCALING"}
    assert refusal(kinesis.update_shard_count, TargetShardCount=12, **arguments)[0] == "LimitExceededException"
    kinesis.update_shard_count(TargetShardCount=10, **arguments)


@pytest.mark.parametrize(
    "arguments", [{"ShardCount": 10_001}, {}, {"StreamModeDetails": {"StreamMode": "ON_DEMAND"}, "ShardCount": 2}]
)
def test_refuses_a_stream_without_a_sensible_count(
    kinesis: Any, name: str, refusal: Refusal, arguments: dict[str, Any]
) -> None:
    assert refusal(kinesis.create_stream, StreamName=name, **arguments)[0] == "ValidationException"


def test_refuses_to_create_a_stream_twice(kinesis: Any, stream: str, refusal: Refusal) -> None:
    assert refusal(kinesis.create_stream, StreamName=stream, ShardCount=1)[0] == "ResourceInUseException"


def test_single_shards_are_split_and_merged(clocked: LocalCloud, kinesis: Any, stream: str, refusal: Refusal) -> None:
    first, second, third = (f"shardId-{number:012}" for number in range(3))
    split = {"StreamName": stream, "ShardToSplit": first}
    assert refusal(kinesis.split_shard, NewStartingHashKey="0", **split)[0] == "InvalidArgumentException"
    assert (
        refusal(kinesis.merge_shards, StreamName=stream, ShardToMerge=first, AdjacentShardToMerge=third)[0]
        == "InvalidArgumentException"
    )
    kinesis.split_shard(NewStartingHashKey=str(HASH_KEYS // 8), **split)
    assert refusal(kinesis.split_shard, NewStartingHashKey="5", **split)[0] == "ResourceInUseException"
    clocked.advance(timedelta(seconds=31))
    assert refusal(kinesis.split_shard, NewStartingHashKey="5", **split)[0] == "InvalidArgumentException"
    kinesis.merge_shards(StreamName=stream, ShardToMerge=second, AdjacentShardToMerge="shardId-000000000005")
    clocked.advance(timedelta(seconds=31))
    opened = kinesis.list_shards(StreamName=stream, ShardFilter={"Type": "AT_LATEST"})["Shards"]
    assert [shard["ShardId"][-1] for shard in opened] == ["2", "3", "4", "6"]


def test_streams_are_listed_by_pages(clocked: LocalCloud) -> None:
    kinesis = clocked.client("kinesis", "ap-south-1")
    names = [f"s{number}" for number in (3, 1, 2)]
    for name in names:
        kinesis.create_stream(StreamName=name, ShardCount=1)
    first = kinesis.list_streams(Limit=2)
    assert (first["StreamNames"], first["HasMoreStreams"]) == (["s1", "s2"], True)
    assert [item["StreamName"] for item in first["StreamSummaries"]] == ["s1", "s2"]
    last = kinesis.list_streams(Limit=2, NextToken=first["NextToken"])
    assert (last["StreamNames"], last["HasMoreStreams"]) == (["s3"], False)


def test_shards_are_listed_by_pages(kinesis: Any, stream: str) -> None:
    first = kinesis.list_shards(StreamName=stream, MaxResults=3)
    last = kinesis.list_shards(NextToken=first["NextToken"], MaxResults=3)
    assert [len(first["Shards"]), len(last["Shards"])] == [3, 1]
    assert "NextToken" not in last
    described = kinesis.describe_stream(StreamName=stream, Limit=3)["StreamDescription"]
    assert described["HasMoreShards"] is True
    rest = kinesis.describe_stream(StreamName=stream, ExclusiveStartShardId=described["Shards"][-1]["ShardId"])
    assert [shard["ShardId"] for shard in rest["StreamDescription"]["Shards"]] == ["shardId-000000000003"]


def test_tags_are_the_same_by_name_by_arn_and_across_services(clocked: LocalCloud, kinesis: Any, stream: str) -> None:
    arn = kinesis.describe_stream(StreamName=stream)["StreamDescription"]["StreamARN"]
    kinesis.tag_resource(ResourceARN=arn, Tags={"kinesis-autoscaler:min": "2"})
    kinesis.add_tags_to_stream(StreamName=stream, Tags={"Team": "search"})
    expected = [{"Key": "Team", "Value": "search"}, {"Key": "kinesis-autoscaler:min", "Value": "2"}]
    assert kinesis.list_tags_for_resource(ResourceARN=arn)["Tags"] == expected
    first = kinesis.list_tags_for_stream(StreamName=stream, Limit=1)
    assert (first["Tags"], first["HasMoreTags"]) == (expected[:1], True)
    rest = kinesis.list_tags_for_stream(StreamName=stream, ExclusiveStartTagKey="Team")
    assert (rest["Tags"], rest["HasMoreTags"]) == (expected[1:], False)
    found = clocked.client("resourcegroupstaggingapi").get_resources(
        TagFilters=[{"Key": "kinesis-autoscaler:min"}], ResourceTypeFilters=["kinesis:stream"]
    )
    assert [item["ResourceARN"] for item in found["ResourceTagMappingList"]] == [arn]
    kinesis.untag_resource(ResourceARN=arn, TagKeys=["kinesis-autoscaler:min"])
    kinesis.remove_tags_from_stream(StreamName=stream, TagKeys=["Team"])
    assert kinesis.list_tags_for_resource(ResourceARN=arn)["Tags"] == []


def test_tagged_streams_come_by_pages(clocked: LocalCloud, name: str) -> None:
    kinesis, tagging = clocked.client("kinesis"), clocked.client("resourcegroupstaggingapi")
    for number in range(5):
        kinesis.create_stream(StreamName=f"{name}-{number}", ShardCount=1, Tags={name: "yes" if number else "no"})
    pages = tagging.get_paginator("get_resources").paginate(
        TagFilters=[{"Key": name, "Values": ["yes"]}], ResourceTypeFilters=["kinesis"], ResourcesPerPage=3
    )
    sizes = [len(page["ResourceTagMappingList"]) for page in pages]
    assert sizes == [3, 1]


def test_refuses_more_than_fifty_tags_and_reserved_keys(kinesis: Any, stream: str, refusal: Refusal) -> None:
    many = {f"k{number}": "" for number in range(50)}
    assert refusal(kinesis.add_tags_to_stream, StreamName=stream, Tags=many)[0] == "InvalidArgumentException"
    assert refusal(kinesis.add_tags_to_stream, StreamName=stream, Tags={"aws:x": ""})[0] == "InvalidArgumentException"
