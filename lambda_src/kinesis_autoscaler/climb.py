"""What a scale-down must leave: the calls that lead back to where the stream was."""

from datetime import datetime

from kinesis_autoscaler.model import Memory


def calls_to_climb(shards: int, peak: int) -> int:
    """How many doublings lead from `shards` to at least `peak`."""
    return max(0, (-(-peak // shards) - 1).bit_length())


def lowest_way_back(peak: int, calls_left: int) -> int:
    """The fewest shards from which `peak` is reached with what a scale-down leaves of `calls_left`.

    The result is above `peak` where no call is left for the way down itself.
    """
    climb = calls_left - 1
    return -(-peak // 2**climb) if climb >= 0 else peak + 1


def highest_count(shards: int, memory: Memory, now: datetime) -> int:
    """The most shards that the stream had in the last 24 hours, being at `shards`."""
    return max([shards, *(count for resize in memory.recent(now) for count in (resize.before, resize.after))])
