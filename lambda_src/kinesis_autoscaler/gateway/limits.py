"""How many more shards the account may open."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from kinesis_autoscaler.gateway.calls import Calls

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient

SECONDS_KNOWN = 60
"""DescribeLimits is allowed once a second; what it says is used for so long, less what was opened since."""


class Limits:
    """See Calls.one for what it raises."""

    def __init__(self, client: "KinesisClient", calls: Calls, clock: Callable[[], float]) -> None:
        self._kinesis = client
        self._calls = calls
        self._clock = clock
        self._left = 0
        self._known_until: float | None = None

    def left(self) -> int:
        """The account's shard quota less the shards that are open, never below 0."""
        if self._known_until is None or self._clock() >= self._known_until:
            with self._calls.one("DescribeLimits"):
                shown = self._kinesis.describe_limits()
            self._left = shown["ShardLimit"] - shown["OpenShardCount"]
            self._known_until = self._clock() + SECONDS_KNOWN
        return max(0, self._left)

    def took(self, shards: int) -> None:
        """So many shards were opened since they were counted."""
        self._left -= shards
