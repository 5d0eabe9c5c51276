"""Kinesis streams: what they are like, and the one thing that is changed about them."""

from typing import TYPE_CHECKING

from kinesis_autoscaler.gateway.calls import Calls
from kinesis_autoscaler.model import Stream, StreamStatus
from kinesis_autoscaler.refusals import Gone

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient


class Streams:
    """See Calls.one for what its methods raise. `once`: a client that tries once."""

    def __init__(self, client: "KinesisClient", once: "KinesisClient", calls: Calls) -> None:
        self._kinesis = client
        self._once = once
        self._calls = calls

    def summary(self, name: str) -> Stream | None:
        """What the stream is like; None when there is none of that name."""
        try:
            with self._calls.one("DescribeStreamSummary"):
                shown = self._kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
        except Gone:
            return None
        mode = shown.get("StreamModeDetails", {}).get("StreamMode", "PROVISIONED")
        return Stream(
            name,
            shown["StreamARN"],
            StreamStatus(shown["StreamStatus"]),
            mode == "ON_DEMAND",
            shown["OpenShardCount"],
        )

    def resize(self, name: str, shards: int) -> None:
        """Ask for that many shards; AWS takes minutes for it. Raises Refused, BeingChanged, or Gone."""
        with self._calls.one("UpdateShardCount"):
            self._once.update_shard_count(StreamName=name, TargetShardCount=shards, ScalingType="UNIFORM_SCALING")

    def open_shards(self, name: str) -> list[str]:
        """The ids of the shards that take records. Raises Gone, and BeingChanged while it is created."""
        found: list[str] = []
        # Not by botocore's paginator: with NextToken, ListShards refuses the parameters of the first call.
        with self._calls.one("ListShards"):
            page = self._kinesis.list_shards(StreamName=name, ShardFilter={"Type": "AT_LATEST"})
        found += [shard["ShardId"] for shard in page["Shards"]]
        while token := page.get("NextToken"):
            with self._calls.one("ListShards"):
                page = self._kinesis.list_shards(NextToken=token)
            found += [shard["ShardId"] for shard in page["Shards"]]
        return found
