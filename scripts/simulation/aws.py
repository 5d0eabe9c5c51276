"""The stream's side of the simulation: it takes what UpdateShardCount allows and refuses the rest."""

from dataclasses import dataclass, field

from kinesis_autoscaler.model import CALLS_PER_DAY, MOST_SHARDS
from kinesis_autoscaler.reshard import reshard_time

MINUTES_PER_DAY = 24 * 60


class RefusedError(Exception):
    """What AWS answers when it does not resize; its text names the limit."""


@dataclass(slots=True)
class Stream:
    """A provisioned stream; minutes count from the start of the simulation. `slowness`: a factor of its resharding."""

    open_shards: int
    quota: int = MOST_SHARDS
    slowness: float = 1.0
    ready_at: int | None = None
    wanted: int = 0
    calls: list[int] = field(default_factory=list)
    refusals: list[tuple[int, str]] = field(default_factory=list)

    def update_shard_count(self, count: int, minute: int) -> None:
        """Begin to change the count; RefusedError as API_UpdateShardCount says, which is also kept in `refusals`."""
        recent = [call for call in self.calls if minute - call < MINUTES_PER_DAY]
        reasons = {
            "in use": self.ready_at is not None,
            "more than double": count > 2 * self.open_shards,
            "less than half": 2 * count < self.open_shards,
            "quota": count > self.quota,
            "most": count > MOST_SHARDS,
            "calls": len(recent) >= CALLS_PER_DAY,
            "same": count == self.open_shards or count < 1,
        }
        for reason, holds in reasons.items():
            if holds:
                self.refusals.append((minute, reason))
                raise RefusedError(reason)
        self.calls.append(minute)
        duration = reshard_time(self.open_shards, count).total_seconds() * self.slowness
        self.wanted, self.ready_at = count, minute - int(-duration // 60)

    def pass_to(self, minute: int) -> None:
        """Be as far as one is at `minute`."""
        if self.ready_at is not None and minute >= self.ready_at:
            self.open_shards, self.ready_at = self.wanted, None
