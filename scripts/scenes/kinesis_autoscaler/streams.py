"""The three streams: how they are made, fed, looked at, and what became of their traffic."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from localcloud.client import LocalCloud
from scenes import SceneError
from scenes.kinesis_autoscaler.traffic import Offered

SCALED = ("step", "target")
NAMES = {"step": "clicks-step", "target": "clicks-target", "static": "clicks-static"}
"""The streams, by the policy that scales them."""

EXTRA = timedelta(hours=3)
"""For how long the last minute's traffic goes on after the end, so that the streams settle under it."""
SHARD_HOUR_DOLLARS = 0.015
"""us-east-1: https://aws.amazon.com/kinesis/data-streams/pricing/"""
MONTH_HOURS = 730

Look = tuple[datetime, dict[str, int]]
"""How many open shards each stream has at a moment, by policy; while it is resized, those of the moment."""

Decision = dict[str, Any]
"""What the function logs of one stream: see lambda_src/kinesis_autoscaler/result.py."""


def create(cloud: LocalCloud, shards: int) -> None:
    """Make the streams, with `shards` each."""
    kinesis = cloud.client("kinesis")
    for name in NAMES.values():
        kinesis.create_stream(StreamName=name, ShardCount=shards)


def offer(cloud: LocalCloud, offered: Offered) -> datetime:
    """Let the same traffic come to each stream, from the next minute on; returns when it begins."""
    begins = cloud.now().replace(second=0, microsecond=0) + timedelta(minutes=2)
    goes_on = EXTRA // timedelta(minutes=1)
    records = [*offered.records, *[offered.records[-1]] * goes_on]
    sizes = [*offered.bytes, *[offered.bytes[-1]] * goes_on]
    for name in NAMES.values():
        cloud.kinesis_traffic(name, begins, bytes=sizes, records=records)
    return begins


def look(cloud: LocalCloud, now: datetime) -> Look:
    """The open shards of each stream."""
    return now, {policy: _summary(cloud, name)["OpenShardCount"] for policy, name in NAMES.items()}


def _summary(cloud: LocalCloud, name: str) -> dict[str, Any]:
    found: dict[str, Any] = cloud.client("kinesis").describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
    return found


def settle(
    cloud: LocalCloud, alarm_names: Mapping[str, Mapping[str, str]], every: timedelta, within: timedelta
) -> bool:
    """Wait until no stream is being resized and all alarms compute with its count; False when that takes too long."""
    for _ in range(within // every):
        cloud.advance(every)
        if all(_agrees(cloud, policy, alarm_names[policy].values()) for policy in SCALED):
            return True
    return False


def _agrees(cloud: LocalCloud, policy: str, names: Iterable[str]) -> bool:
    stream = _summary(cloud, NAMES[policy])
    alarms = cloud.client("cloudwatch").describe_alarms(AlarmNames=list(names))["MetricAlarms"]
    counts = [query["Expression"] for alarm in alarms for query in alarm["Metrics"] if query["Id"] == "s1"]
    if len(counts) != 2:
        raise SceneError(f"{NAMES[policy]} should have two alarms with a shard count each; found {counts}.")
    return stream["StreamStatus"] == "ACTIVE" and set(counts) == {str(stream["OpenShardCount"])}


def decisions(cloud: LocalCloud, log_group: str) -> list[Decision]:
    """Every decision that the function has logged, oldest first."""
    pages = cloud.client("logs").get_paginator("filter_log_events").paginate(logGroupName=log_group)
    lines = [json.loads(event["message"]) for page in pages for event in page["events"] if _is_json(event["message"])]
    return [line for line in lines if line.get("message") == "stream"]


def _is_json(message: str) -> bool:
    return message.startswith("{")


def messages(cloud: LocalCloud, queue_url: str) -> int:
    """How many messages wait in a queue."""
    name = "ApproximateNumberOfMessages"
    found = cloud.client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=[name])["Attributes"]
    return int(found[name])


def figures(
    cloud: LocalCloud, seen: Sequence[Look], made: Sequence[Decision], begins: datetime, ends: datetime
) -> dict[str, Any]:
    """For each policy what its stream cost and rejected between the two moments, and its shard counts over time.

    Shards that are open only while a stream is resized are paid for like others, and count like others; `fewest` and
    `most` are of what was asked for.
    """
    return {policy: _figures(cloud, policy, seen, made, begins, ends) for policy in NAMES}


def _figures(
    cloud: LocalCloud, policy: str, seen: Sequence[Look], made: Sequence[Decision], begins: datetime, ends: datetime
) -> dict[str, Any]:
    counts = [(now, shards[policy]) for now, shards in seen]
    shard_hours = sum(count * ((after - now) / timedelta(hours=1)) for (now, count), (after, _) in pairwise(counts))
    hours = (counts[-1][0] - counts[0][0]) / timedelta(hours=1)
    accepted, rejected = (
        _sums(cloud, NAMES[policy], metric, begins, ends)
        for metric in ("IncomingRecords", "WriteProvisionedThroughputExceeded")
    )
    changes = [counts[0], *(after for before, after in pairwise(counts) if before[1] != after[1])]
    asked = [row["shards"] for row in made if row["stream"] == NAMES[policy] and row["outcome"] == "resized"]
    return {
        "shard_hours": round(shard_hours),
        "mean_shards": round(shard_hours / hours, 1),
        "dollars_per_month": round(shard_hours / hours * MONTH_HOURS * SHARD_HOUR_DOLLARS),
        "records": round(sum(accepted) + sum(rejected)),
        "throttled_share": sum(rejected) / (sum(accepted) + sum(rejected)),
        "resizes": len(asked),
        "fewest": min([counts[0][1], *asked]),
        "most": max([counts[0][1], *asked]),
        "shards": [[now.isoformat(), count] for now, count in changes],
        "rejected": [round(value) for value in rejected],
    }


def _sums(cloud: LocalCloud, stream: str, metric: str, begins: datetime, ends: datetime) -> list[float]:
    """The metric's sums in each five minutes."""
    points = cloud.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Kinesis",
        MetricName=metric,
        Dimensions=[{"Name": "StreamName", "Value": stream}],
        StartTime=begins,
        EndTime=ends,
        Period=300,
        Statistics=["Sum"],
    )["Datapoints"]
    by_time = {point["Timestamp"]: point["Sum"] for point in points}
    slots = (ends - begins) // timedelta(minutes=5)
    return [by_time.get(begins + timedelta(minutes=5) * slot, 0.0) for slot in range(slots)]
