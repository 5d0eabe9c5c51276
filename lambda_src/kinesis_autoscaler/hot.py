"""Which shards of a stream are hot, in words. Pure."""

from collections.abc import Mapping

HOT_USAGE = 0.8
"""Above this share of what a shard takes, its busy seconds are rejected."""

NAMED = 3


def words(usage: Mapping[str, float]) -> str:
    """A sentence about the shards that are hot; `usage` by shard id, 1 being all that a shard takes."""
    if not usage:
        return (
            "Which one, the shard-level metrics IncomingBytes and IncomingRecords would tell: enable them "
            "(kinesis:EnableEnhancedMonitoring; each shard and metric is charged)."
        )
    fullest = sorted(usage, key=lambda shard: (-usage[shard], shard))
    hot = [shard for shard in fullest if usage[shard] >= HOT_USAGE][:NAMED] or fullest[:1]
    return f"Over the last 15 minutes: {', '.join(f'{shard} {usage[shard]:.0%} full' for shard in hot)}."
