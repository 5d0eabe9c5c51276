"""How long AWS takes to change a stream's shard count."""

from datetime import timedelta

START = timedelta(minutes=2)
PER_SHARD = timedelta(seconds=1.8)
OFF_GRID = 1.5
"""AWS says "a few minutes", and that whole quarters of the present count are faster (API_UpdateShardCount). The figures
are an assumption: they only say when to look again, and whoever looks too early looks once more."""


def reshard_time(before: int, after: int) -> timedelta:
    """The time in which `before` shards are expected to become `after`."""
    expected = START + PER_SHARD * max(before, after)
    return expected if (4 * after) % before == 0 else expected * OFF_GRID
