"""What is offered to the streams: the first days of a real trace, or of a made one where that is not at hand."""

from dataclasses import dataclass
from math import ceil

import numpy as np

from simulation.metrics import Floats
from simulation.synthetic import synthetic_traces
from simulation.trace import read_trace
from toolchain import ROOT

TRACE = ROOT.parent / "shared" / "traces" / "kinesis" / "nab_nyc_taxi.csv"
PEAK_SHARDS = 32
RECORDS_PER_SECOND = 1000
BYTES_PER_RECORD = 512
"""Small ones, so that a shard's limit of records is reached first."""
STATIC_USAGE = 0.8
"""How full a stream that is never resized may be at the peak."""


@dataclass(frozen=True, slots=True)
class Offered:
    """`demand`: per minute, in shards that it would fill. `most_shards`: what takes all of it without scaling."""

    name: str
    demand: Floats

    @property
    def most_shards(self) -> int:
        return ceil(float(self.demand.max()) / STATIC_USAGE)

    @property
    def records(self) -> list[float]:
        """Per minute."""
        return [round(value) for value in self.demand * RECORDS_PER_SECOND * 60]

    @property
    def bytes(self) -> list[float]:
        """Per minute."""
        return [BYTES_PER_RECORD * count for count in self.records]


def offered(days: int) -> Offered:
    """So many days of traffic whose busiest minutes would fill PEAK_SHARDS."""
    trace = read_trace(TRACE) if TRACE.is_file() else synthetic_traces(days=days)[0]
    demand = np.asarray(trace.demand[: days * 24 * 60])
    return Offered(trace.name, demand * (PEAK_SHARDS / float(demand.max())))
