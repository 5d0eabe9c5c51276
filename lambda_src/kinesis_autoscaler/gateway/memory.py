"""What is remembered of streams: a DynamoDB item each, written under a condition on its version."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from common.errors import ConfigurationError, TransientError
from kinesis_autoscaler.gateway.calls import Calls
from kinesis_autoscaler.model import Direction, Memory, Peak, Resize

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

MEMORY_LIFE = timedelta(days=30)
"""How long DynamoDB keeps the memory of a stream that nothing is decided about any more."""

ATTEMPTS = 5
"""At the keys that BatchGetItem leaves over when it is throttled."""


class Memories:
    """The items of `table`. See Calls.one for what its methods raise."""

    def __init__(self, client: "DynamoDBClient", table: str, calls: Calls) -> None:
        self._dynamodb = client
        self._table = table
        self._calls = calls

    def of(self, streams: Sequence[str]) -> "dict[str, dict[str, AttributeValueTypeDef]]":
        """The items of up to 100 streams, as `parse` takes them, by one call; streams without one are left out."""
        if len(streams) == 1:
            with self._calls.one("GetItem"):
                answer = self._dynamodb.get_item(
                    TableName=self._table, Key={"stream": {"S": streams[0]}}, ConsistentRead=True
                )
            return {streams[0]: answer["Item"]} if "Item" in answer else {}
        found: dict[str, dict[str, AttributeValueTypeDef]] = {}
        keys = [{"stream": {"S": stream}} for stream in streams]
        for _ in range(ATTEMPTS):
            with self._calls.one("BatchGetItem"):
                batch = self._dynamodb.batch_get_item(
                    RequestItems={self._table: {"Keys": keys, "ConsistentRead": True}}
                )
            found |= {item["stream"]["S"]: item for item in batch["Responses"].get(self._table, [])}
            if not batch.get("UnprocessedKeys"):
                return found
            keys = [{"stream": key["stream"]} for key in batch["UnprocessedKeys"][self._table]["Keys"]]  # type: ignore[dict-item]
        raise TransientError(f"BatchGetItem: {len(keys)} of {len(streams)} items were not read")

    def remember(self, stream: str, memory: Memory, now: datetime) -> Memory:
        """Write `memory`, which was made of the version that it holds; returns it with its new version.

        Raises Overtaken when somebody has written another since that version was read.
        """
        written = replace(memory, version=memory.version + 1)
        with self._calls.one("PutItem"):
            self._dynamodb.put_item(
                TableName=self._table,
                Item={"stream": {"S": stream}, **_attributes(written, now)},
                ConditionExpression="attribute_not_exists(#version) OR #version = :before",
                ExpressionAttributeNames={"#version": "version"},
                ExpressionAttributeValues={":before": {"N": str(memory.version)}},
            )
        return written


def parse(item: "dict[str, AttributeValueTypeDef] | None") -> Memory:
    """The memory that an item holds, an empty one without an item.

    Raises ConfigurationError when something else has written it.
    """
    if item is None:
        return Memory()
    try:
        document = json.loads(item["memory"]["S"])
        return Memory(
            tuple(Resize(datetime.fromisoformat(at), before, after) for at, before, after in document["resizes"]),
            document["goal"],
            tuple(Peak(datetime.fromisoformat(hour), shards) for hour, shards in document["peaks"]),
            {Direction(name): datetime.fromisoformat(at) for name, at in document["rearmed"].items()},
            int(item["version"]["N"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigurationError(
            f"its item in the state table is not one of this function's ({error!r}): delete it, and the resizes of the "
            "last 24 hours are forgotten"
        ) from error


def _attributes(memory: Memory, now: datetime) -> "dict[str, AttributeValueTypeDef]":
    """One JSON document, times in ISO 8601; `expires` is for DynamoDB's own TTL."""
    document = {
        "resizes": [[resize.at.isoformat(), resize.before, resize.after] for resize in memory.resizes],
        "goal": memory.goal,
        "peaks": [[peak.hour.isoformat(), peak.shards] for peak in memory.peaks],
        "rearmed": {direction.value: at.isoformat() for direction, at in memory.rearmed.items()},
    }
    return {
        "memory": {"S": json.dumps(document, separators=(",", ":"))},
        "version": {"N": str(memory.version)},
        "expires": {"N": str(int((now + MEMORY_LIFE).timestamp()))},
    }
