"""Kinesis streams where moto lets through what AWS refuses, or leaves out what it returns.

Sources: API_CreateStream, API_DescribeLimits, API_DescribeStream, API_DescribeStreamSummary, API_GetRecords,
API_ListShards, API_ListStreams, API_MergeShards, API_SplitShard, API_UpdateShardCount and API_UpdateStreamMode.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import camelcase_to_underscores
from moto.kinesis.models import Stream
from moto.kinesis.responses import KinesisResponse
from moto.kinesis.utils import decompose_shard_iterator

from localcloud.extensions import AwsError, corrects
from localcloud.kinesis import lifecycle, quota, shards
from localcloud.kinesis.resharding import MOST_SHARDS, Merge, Refusal, Split
from localcloud.kinesis.tags import require_valid

NAME = re.compile(r"[a-zA-Z0-9_.-]{1,128}")
MODES = ("PROVISIONED", "ON_DEMAND")
ONE_STEP_SECONDS = 30.0
"""How long SplitShard and MergeShards take: an assumption."""
MOST_MODE_CHANGES, MODE_CHANGES_WINDOW = 2, timedelta(hours=24)
FORGOTTEN = ("MaxRecordSizeInKiB", "RecordDistributionStrategy", "WarmThroughputMiBps")
STREAMS_PER_PAGE, SHARDS_PER_PAGE, SHARDS_PER_DESCRIPTION = 100, 1000, 100

NEEDING_AN_ACTIVE_STREAM = (
    "DecreaseStreamRetentionPeriod",
    "DisableEnhancedMonitoring",
    "EnableEnhancedMonitoring",
    "IncreaseStreamRetentionPeriod",
    "StartStreamEncryption",
    "StopStreamEncryption",
)

moto_get_records = KinesisResponse.get_records
moto_delete_stream = KinesisResponse.delete_stream


def install() -> None:
    """Put our shards and their life in place of moto's; the actions are put in place by `extensions.install`."""
    shards.install()
    lifecycle.install()
    Stream.update_shard_count = _update_from_template


@corrects(KinesisResponse, "CreateStream")
def create_stream(self: Any) -> EmptyResult:
    """CreateStream: keeps the tags, and refuses a bad name, a missing count and more shards than the account may have.

    AWS takes some twenty seconds; here the stream is active at once.
    """
    if forgotten := [name for name in FORGOTTEN if self._get_param(name) is not None]:
        raise NotImplementedError(f"{', '.join(forgotten)} would be forgotten")
    name, count = self._get_param("StreamName"), self._get_param("ShardCount")
    mode = _mode(self._get_param("StreamModeDetails") or {"StreamMode": "PROVISIONED"})
    if not NAME.fullmatch(name or ""):
        raise AwsError("ValidationException", f"Stream name {name} must match {NAME.pattern}.")
    tags = require_valid(self._get_param("Tags") or {})
    backend = self.kinesis_backend
    with lifecycle.held(backend):
        if mode == "ON_DEMAND":
            if count is not None:
                raise Refusal("ValidationException", "ShardCount must not be given for an ON_DEMAND stream.")
            _require_on_demand_room(backend)
        elif not isinstance(count, int) or not 1 <= count <= MOST_SHARDS:
            raise Refusal("ValidationException", f"ShardCount must be between 1 and {MOST_SHARDS}.")
        else:
            quota.account(backend).require_room(count)
        if name in backend.streams:
            raise Refusal("ResourceInUseException", f"Stream {name} under account {backend.account_id} already exists.")
        stream = backend.create_stream(name, count, stream_mode={"StreamMode": mode})
        stream.tags.update(tags)
    return EmptyResult()


@corrects(KinesisResponse, "UpdateShardCount")
def update_shard_count(self: Any) -> ActionResult:
    """UpdateShardCount: within its limits, and the stream is UPDATING until it is done."""
    target = self._get_param("TargetShardCount")
    if self._get_param("ScalingType") != "UNIFORM_SCALING":
        raise AwsError("ValidationException", "ScalingType must be UNIFORM_SCALING.")
    if not isinstance(target, int) or target < 1:
        raise AwsError("ValidationException", "TargetShardCount must be at least 1.")
    backend = self.kinesis_backend
    with lifecycle.held(backend) as now:
        stream = _named(self)
        current = lifecycle.update_shard_count(backend, stream, target, now)
    return ActionResult(
        {
            "StreamName": stream.stream_name,
            "StreamARN": stream.arn,
            "CurrentShardCount": current,
            "TargetShardCount": target,
        }
    )


@corrects(KinesisResponse, "SplitShard")
def split_shard(self: Any) -> EmptyResult:
    """SplitShard: of an open shard of an active, provisioned stream, whose records stay in it."""
    with lifecycle.held(self.kinesis_backend) as now:
        stream = _reshardable(self)
        shard = _open_shard(stream, self._get_param("ShardToSplit"))
        at = int(self._get_param("NewStartingHashKey"))
        if not shard.starting_hash + 1 < at < shard.ending_hash:
            within = f"{shard.starting_hash + 1} and {shard.ending_hash}"
            raise Refusal("InvalidArgumentException", f"NewStartingHashKey {at} is not between {within}.")
        quota.account(self.kinesis_backend).require_room(1)
        lifecycle.begin(stream, [Split(at)], now, ONE_STEP_SECONDS)
    return EmptyResult()


@corrects(KinesisResponse, "MergeShards")
def merge_shards(self: Any) -> EmptyResult:
    """MergeShards: of two adjacent open shards of an active, provisioned stream, whose records stay in them."""
    with lifecycle.held(self.kinesis_backend) as now:
        stream = _reshardable(self)
        names = [self._get_param("ShardToMerge"), self._get_param("AdjacentShardToMerge")]
        lower, upper = sorted((_open_shard(stream, name) for name in names), key=lambda shard: shard.starting_hash)
        if lower.ending_hash + 1 != upper.starting_hash:
            message = f"Shards {names[0]} and {names[1]} in stream {stream.stream_name} are not adjacent."
            raise Refusal("InvalidArgumentException", message)
        lifecycle.begin(stream, [Merge(upper.starting_hash)], now, ONE_STEP_SECONDS)
    return EmptyResult()


@corrects(KinesisResponse, "UpdateStreamMode")
def update_stream_mode(self: Any) -> EmptyResult:
    """UpdateStreamMode: of an active stream, twice in 24 hours; the shards stay. It takes no time here."""
    if self._get_param("WarmThroughputMiBps") is not None:
        raise NotImplementedError("WarmThroughputMiBps would be forgotten")
    mode = _mode(self._get_param("StreamModeDetails") or {})
    backend = self.kinesis_backend
    with lifecycle.held(backend) as now:
        stream = _named(self)
        lifecycle.require_active(stream)
        if stream.stream_mode["StreamMode"] == mode:
            return EmptyResult()
        changes: list[datetime] = stream.__dict__.setdefault("localcloud_mode_changes", [])
        if sum(now - change < MODE_CHANGES_WINDOW for change in changes) >= MOST_MODE_CHANGES:
            message = f"Stream {stream.stream_name} has changed its mode {MOST_MODE_CHANGES} times within 24 hours."
            raise Refusal("LimitExceededException", message)
        if mode == "ON_DEMAND":
            _require_on_demand_room(backend)
        else:
            quota.account(backend).require_room(len(shards.open_shards(stream)))
        changes.append(now)
        stream.stream_mode = {"StreamMode": mode}
    return EmptyResult()


@corrects(KinesisResponse, "DeleteStream")
def delete_stream(self: Any) -> EmptyResult:
    """DeleteStream: of one with consumers only if they may go with it."""
    with lifecycle.held(self.kinesis_backend):
        stream = _named(self)
        if stream.consumers and not self._get_param("EnforceConsumerDeletion"):
            message = f"Stream {stream.stream_name} under account {stream.account_id} has registered consumers."
            raise Refusal("ResourceInUseException", message)
        answer: EmptyResult = moto_delete_stream(self)
    return answer


@corrects(KinesisResponse, "DescribeStreamSummary")
def describe_stream_summary(self: Any) -> ActionResult:
    """DescribeStreamSummary: the shards that are open now, and the number of consumers."""
    with lifecycle.held(self.kinesis_backend):
        stream = _named(self)
        summary = _description(stream)
        summary["OpenShardCount"] = len(shards.open_shards(stream))
        summary["ConsumerCount"] = len(stream.consumers)
    return ActionResult({"StreamDescriptionSummary": summary})


@corrects(KinesisResponse, "DescribeStream")
def describe_stream(self: Any) -> ActionResult:
    """DescribeStream: with the mode, and its shards by pages of 100."""
    after = self._get_param("ExclusiveStartShardId") or ""
    size = self._get_param("Limit") or SHARDS_PER_DESCRIPTION
    with lifecycle.held(self.kinesis_backend):
        stream = _named(self)
        rest = [shard for name, shard in sorted(stream.shards.items()) if name > after]
        description = _description(stream)
        description["Shards"] = [shard.to_json() for shard in rest[:size]]
        description["HasMoreShards"] = len(rest) > size
    return ActionResult({"StreamDescription": description})


@corrects(KinesisResponse, "ListStreams")
def list_streams(self: Any) -> ActionResult:
    """ListStreams: by name, 100 at a time, each with its summary. A token is the name of the last one handed out."""
    after = self._get_param("NextToken") or self._get_param("ExclusiveStartStreamName") or ""
    size = self._get_param("Limit") or STREAMS_PER_PAGE
    rest = [stream for stream in self.kinesis_backend.list_streams() if stream.stream_name > after]
    page = rest[:size]
    answer: dict[str, Any] = {
        "HasMoreStreams": len(rest) > size,
        "StreamNames": [stream.stream_name for stream in page],
        "StreamSummaries": [
            {
                "StreamName": stream.stream_name,
                "StreamARN": stream.arn,
                "StreamStatus": stream.status,
                "StreamModeDetails": stream.stream_mode,
                "StreamCreationTimestamp": stream.creation_datetime,
            }
            for stream in page
        ],
    }
    if len(rest) > size:
        answer["NextToken"] = page[-1].stream_name
    return ActionResult(answer)


@corrects(KinesisResponse, "ListShards")
def list_shards(self: Any) -> ActionResult:
    """ListShards: 1,000 at a time, closed ones until their records expire; filters AT_LATEST and *_TRIM_HORIZON.

    A token holds the stream, the filter and the last shard handed out.
    """
    name, after, kind = (
        self._get_param("StreamName"),
        self._get_param("ExclusiveStartShardId") or "",
        "FROM_TRIM_HORIZON",
    )
    if listing := self._get_param("ShardFilter"):
        kind = listing["Type"]
    arn = self._get_param("StreamARN")
    if token := self._get_param("NextToken"):
        if name or arn or after:
            message = "NextToken and a stream, or ExclusiveStartShardId, cannot be given together."
            raise AwsError("InvalidArgumentException", message)
        name, kind, after = token.split(":")
    if kind not in ("AT_LATEST", "AT_TRIM_HORIZON", "FROM_TRIM_HORIZON"):
        raise NotImplementedError(f"ShardFilter {kind}")
    size = self._get_param("MaxResults") or SHARDS_PER_PAGE
    with lifecycle.held(self.kinesis_backend):
        stream = self.kinesis_backend.describe_stream(arn, name)
        rest = [
            shard
            for shard_id, shard in sorted(stream.shards.items())
            if shard_id > after and (shard.is_open or kind != "AT_LATEST")
        ]
        answer: dict[str, Any] = {"Shards": [shard.to_json() for shard in rest[:size]]}
    if len(rest) > size:
        answer["NextToken"] = f"{stream.stream_name}:{kind}:{rest[size - 1].shard_id}"
    return ActionResult(answer)


@corrects(KinesisResponse, "GetRecords")
def get_records(self: Any) -> ActionResult:
    """GetRecords: the end of a closed shard has no next iterator, and names the shards to go on with."""
    result: ActionResult = moto_get_records(self)
    answer: Any = result.result
    name, shard_id, last = decompose_shard_iterator(answer["NextShardIterator"])
    arn = self._get_param("StreamARN")
    stream = self.kinesis_backend.describe_stream(arn, None if name == "None" else name)
    shard = stream.get_shard(shard_id)
    if not shard.is_open and int(last) >= shard.get_max_sequence_number():
        answer["NextShardIterator"] = None
        answer["ChildShards"] = shards.children(stream, shard)
    return result


@corrects(KinesisResponse, "DescribeLimits")
def describe_limits(self: Any) -> ActionResult:
    """DescribeLimits: what the account may have, and has."""
    backend = self.kinesis_backend
    with lifecycle.held(backend):
        account = quota.account(backend)
        return ActionResult(
            {
                "ShardLimit": account.shard_limit,
                "OpenShardCount": account.open_shards,
                "OnDemandStreamCount": _on_demand_streams(backend),
                "OnDemandStreamCountLimit": quota.ON_DEMAND_STREAMS,
            }
        )


def _of_active_stream(moto_action: Any) -> Any:
    """moto's action, where the stream that it changes is active."""

    def change(self: Any) -> Any:
        with lifecycle.held(self.kinesis_backend):
            lifecycle.require_active(_named(self))
            return moto_action(self)

    return change


for _action in NEEDING_AN_ACTIVE_STREAM:
    corrects(KinesisResponse, _action)(_of_active_stream(getattr(KinesisResponse, camelcase_to_underscores(_action))))


def _named(self: Any) -> Any:
    return self.kinesis_backend.describe_stream(self._get_param("StreamARN"), self._get_param("StreamName"))


def _reshardable(self: Any) -> Any:
    stream = _named(self)
    lifecycle.require_active(stream)
    lifecycle.require_provisioned(stream)
    return stream


def _open_shard(stream: Any, shard_id: str) -> Any:
    shard = stream.shards.get(shard_id)
    where = f"in stream {stream.stream_name} under account {stream.account_id}"
    if shard is None:
        raise Refusal("ResourceNotFoundException", f"Could not find shard {shard_id} {where}.")
    if not shard.is_open:
        raise Refusal("InvalidArgumentException", f"Shard {shard_id} {where} has already been merged or split.")
    return shard


def _description(stream: Any) -> dict[str, Any]:
    """What DescribeStream and DescribeStreamSummary have in common."""
    description = {
        "StreamName": stream.stream_name,
        "StreamARN": stream.arn,
        "StreamStatus": stream.status,
        "StreamModeDetails": stream.stream_mode,
        "StreamCreationTimestamp": stream.creation_datetime,
        "RetentionPeriodHours": stream.retention_period_hours,
        "EnhancedMonitoring": [{"ShardLevelMetrics": stream.shard_level_metrics}],
        "EncryptionType": stream.encryption_type,
    }
    return description | ({"KeyId": stream.key_id} if stream.key_id else {})


def _mode(details: Mapping[str, str]) -> str:
    mode = details.get("StreamMode", "")
    if mode not in MODES:
        raise AwsError("ValidationException", f"StreamMode must be one of {', '.join(MODES)}.")
    return mode


def _on_demand_streams(backend: Any) -> int:
    return sum(quota.is_on_demand(stream) for stream in backend.streams.values())


def _require_on_demand_room(backend: Any) -> None:
    if _on_demand_streams(backend) >= quota.ON_DEMAND_STREAMS:
        message = f"The account has {quota.ON_DEMAND_STREAMS} streams in On-Demand mode already."
        raise Refusal("LimitExceededException", message)


def _update_from_template(self: Any, target_shard_count: int) -> None:
    if target_shard_count != len(shards.open_shards(self)):
        raise NotImplementedError(
            f"CloudFormation does not reshard here: call UpdateShardCount to {target_shard_count}"
        )
