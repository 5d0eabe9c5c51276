"""What CloudWatch shows of a simulated stream: what was accepted and rejected in each minute."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kinesis_autoscaler.model import BYTES_PER_SECOND, RECORDS_PER_SECOND
from kinesis_traffic import rejected_share

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(slots=True)
class Metrics:
    """Per minute, in full shards: `offered`, and as far as the simulation has come `shards`, `accepted`, `rejected`.

    A full shard is 1 MiB and 1,000 records a second at once. `headroom`: what is shown for what the shards take is
    that much smaller: at 0.5 a stream half full is shown as full, and every policy keeps twice the shards.
    """

    offered: Floats
    headroom: float = 1.0
    shards: Floats = field(init=False)
    accepted: Floats = field(init=False)
    rejected: Floats = field(init=False)
    _accepted_until: Floats = field(init=False)
    _rejected_until: Floats = field(init=False)

    def __post_init__(self) -> None:
        size = self.offered.size
        self.shards, self.accepted, self.rejected = np.zeros(size), np.zeros(size), np.zeros(size)
        self._accepted_until, self._rejected_until = np.zeros(size + 1), np.zeros(size + 1)

    def pass_minutes(self, start: int, end: int, shards: int) -> None:
        """Let the traffic of the minutes from `start` to before `end` meet `shards`."""
        offered = self.offered[start:end]
        rejected = offered * rejected_share(offered / shards)
        accepted = offered - rejected
        self.shards[start:end], self.accepted[start:end], self.rejected[start:end] = shards, accepted, rejected
        np.cumsum(accepted, out=self._accepted_until[start + 1 : end + 1])
        np.cumsum(rejected, out=self._rejected_until[start + 1 : end + 1])
        self._accepted_until[start + 1 : end + 1] += self._accepted_until[start]
        self._rejected_until[start + 1 : end + 1] += self._rejected_until[start]

    def sums(self, start: int, end: int, minutes: int) -> dict[str, Floats]:
        """The alarms' metrics, summed over the periods of `minutes` that end at each minute from `start` to `end`."""
        accepted = self._accepted_until[start:end] - self._accepted_until[start - minutes : end - minutes]
        rejected = self._rejected_until[start:end] - self._rejected_until[start - minutes : end - minutes]
        seconds = 60 / self.headroom
        return {
            "m1": accepted * (seconds * BYTES_PER_SECOND),
            "m2": accepted * (seconds * RECORDS_PER_SECOND),
            "m3": np.zeros(end - start),
            "m4": rejected * (seconds * RECORDS_PER_SECOND),
        }

    def read(self, start: int, end: int) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
        """Per minute from `start` to `end`: bytes and records that were accepted, records that were rejected."""
        seconds = 60 / self.headroom
        accepted, rejected = self.accepted[start:end] * seconds, self.rejected[start:end] * seconds
        return (
            tuple((accepted * BYTES_PER_SECOND).tolist()),
            tuple((accepted * RECORDS_PER_SECOND).tolist()),
            tuple(np.floor(rejected * RECORDS_PER_SECOND).tolist()),
        )
