"""The published policy: double when busy, halve when idle."""


def doubled(shards: int) -> int:
    """The most that one UpdateShardCount may ask for."""
    return 2 * shards


def halved(shards: int) -> int:
    """The least that one UpdateShardCount may ask for: an odd count is rounded up, for below half is refused."""
    return -(-shards // 2)
