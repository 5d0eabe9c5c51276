"""How much of its offered traffic a provisioned stream rejects: pure numbers, shared by simulation and local cloud.

A shard takes 1 MiB and 1,000 records a second ("Quotas and limits" in the Kinesis Data Streams Developer Guide), and
what comes above is rejected at once: within a minute at 90 % of its capacity a stream still rejects records in those
seconds that are busier than the others. Metrics have minutes only, so the seconds are a model.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

SHARD_BYTES_PER_SECOND = 1024 * 1024
SHARD_RECORDS_PER_SECOND = 1000
BURST_SIGMA = 0.15
"""How uneven the seconds of a minute are, an assumption: one second in forty is a third busier than the mean."""

_erfc = np.frompyfunc(math.erfc, 1, 1)


def offered_load(
    offered_bytes: ArrayLike, offered_records: ArrayLike, shards: ArrayLike, seconds: float = 60
) -> Floats:
    """What is offered within `seconds` as a share of what `shards` open shards take, by the scarcer of their limits.

    1.0 is exactly full. Traffic is taken to be spread evenly over the shards.
    """
    capacity = np.asarray(shards, dtype=float) * seconds
    return np.maximum(
        np.asarray(offered_bytes, dtype=float) / (capacity * SHARD_BYTES_PER_SECOND),
        np.asarray(offered_records, dtype=float) / (capacity * SHARD_RECORDS_PER_SECOND),
    )


def rejected_share(load: ArrayLike, sigma: float = BURST_SIGMA) -> Floats:
    """The share of offered records that is rejected at each `load` (>= 0, 1.0 is full), element by element.

    The load of a second is taken to be log-normal around the minute's load m: m * exp(sigma * Z - sigma^2 / 2), Z
    standard normal. What exceeds the capacity is rejected: the share is E[(load of a second - 1)+] / m. It is the
    expectation of Black's formula (F. Black, "The pricing of commodity contracts", 1976), forward m and strike 1:

        share = N(d) - N(d - sigma) / m,   d = ln(m) / sigma + sigma / 2

    It grows with the load, from 0.05 % at 0.7 over 6 % at 1.0, and nears 1 - 1/m where every second is too busy.
    `sigma` 0: all seconds are alike. Raises ValueError for a negative load or sigma.
    """
    mean = np.asarray(load, dtype=float)
    if sigma < 0 or (mean < 0).any():
        raise ValueError("load and sigma must not be negative.")
    floor = np.maximum(mean, np.finfo(float).tiny)
    if sigma == 0:
        return np.asarray(1 - 1 / np.maximum(floor, 1))
    d = np.log(floor) / sigma + sigma / 2
    share = _normal_cdf(d) - _normal_cdf(d - sigma) / floor
    return np.asarray(np.clip(share, 0, 1))


def stream_rejected_share(
    offered_bytes: ArrayLike,
    offered_records: ArrayLike,
    shards: ArrayLike,
    seconds: float = 60,
    hot_share: float = 0.0,
    sigma: float = BURST_SIGMA,
) -> Floats:
    """The share of its records that a stream rejects of what is offered within `seconds`, element by element.

    `hot_share` (0 to 1) of everything goes to one shard, as one partition key does, and the rest evenly to all of them,
    that one included. Raises ValueError as `rejected_share` does, and for another `hot_share`.
    """
    if not 0 <= hot_share <= 1:
        raise ValueError(f"hot_share must be between 0 and 1, not {hot_share}.")
    count = np.asarray(shards, dtype=float)
    mean = offered_load(offered_bytes, offered_records, count, seconds)
    spread = mean * (1 - hot_share)
    to_hot = hot_share + (1 - hot_share) / count
    rejected = to_hot * rejected_share(spread + mean * hot_share * count, sigma)
    return np.asarray(rejected + (1 - to_hot) * rejected_share(spread, sigma))


def _normal_cdf(x: Floats) -> Floats:
    return np.asarray(_erfc(-x / math.sqrt(2)), dtype=float) / 2
