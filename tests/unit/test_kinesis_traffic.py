"""How much of what a stream is offered it rejects."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_traffic import offered_load, rejected_share, stream_rejected_share


@pytest.mark.parametrize(
    ("full", "share"), [(0.7, 0.0005), (0.75, 0.0018), (0.8, 0.005), (0.9, 0.022), (1.0, 0.06), (2.0, 0.5), (10.0, 0.9)]
)
def test_the_share_grows_as_the_minute_fills(full: float, share: float) -> None:
    assert rejected_share(full) == pytest.approx(share, rel=0.05)


def test_the_share_is_that_of_seconds_drawn_at_random() -> None:
    seconds = np.random.default_rng(1).lognormal(-(0.15**2) / 2, 0.15, 400_000)
    for mean in (0.8, 1.0, 1.3):
        offered = mean * seconds
        drawn = np.maximum(offered - 1, 0).sum() / offered.sum()
        assert rejected_share(mean) == pytest.approx(drawn, rel=0.05)


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.just(0.0) | st.floats(0.01, 2))
def test_more_load_never_loses_a_smaller_share_and_never_less_than_a_full_stream_must(
    one: float, other: float, sigma: float
) -> None:
    less, more = sorted((one, other))
    shares = rejected_share([less, more], sigma)
    assert 0 <= shares[0] <= shares[1] + 1e-9
    assert shares[1] <= 1
    assert shares[1] >= 1 - 1 / max(more, 1) - 1e-9


def test_nothing_is_rejected_of_nothing() -> None:
    assert rejected_share([0.0]).tolist() == [0.0]


def test_even_seconds_reject_only_what_exceeds_the_capacity() -> None:
    assert rejected_share([0.5, 1.0, 4.0], sigma=0).tolist() == [0, 0, 0.75]


@pytest.mark.parametrize(("full", "sigma"), [(-0.1, 0.15), (0.5, -1.0)])
def test_refuses_what_no_stream_can_be_offered(full: float, sigma: float) -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        rejected_share(full, sigma)


def test_load_is_that_of_the_scarcer_limit() -> None:
    mebibytes = 1024 * 1024
    loads = offered_load([60 * mebibytes, 6 * mebibytes], [6_000, 60_000], shards=[2, 4])
    assert loads.tolist() == [0.5, 0.25]


def test_a_stream_with_even_traffic_rejects_what_its_load_says() -> None:
    shares = stream_rejected_share([0, 120_000], [228_000, 6], shards=4)
    assert shares.tolist() == pytest.approx(rejected_share([0.95, 0.0005]).tolist())


def test_a_hot_key_rejects_in_one_shard_what_the_stream_as_a_whole_could_take() -> None:
    half_full = {"offered_bytes": 0, "offered_records": 10 * 30_000, "shards": 10}
    assert stream_rejected_share(**half_full) < 1e-6
    # Its shard is offered 0.5 * (0.6 + 0.4 * 10) = 2.3 times what it takes, with 46 % of the traffic.
    assert stream_rejected_share(**half_full, hot_share=0.4) == pytest.approx(0.46 * (1 - 1 / 2.3), rel=1e-3)
    assert stream_rejected_share(0, 30_000, 1, hot_share=0.4) == rejected_share(0.5)


def test_refuses_a_share_that_is_none() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        stream_rejected_share(0, 1, 1, hot_share=1.5)
