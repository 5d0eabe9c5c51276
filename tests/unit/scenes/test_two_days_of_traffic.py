"""The scene of kinesis_autoscaler: what it promises, tells and draws of the facts that it has seen."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from matplotlib.colors import to_hex

from scenes.kinesis_autoscaler import draw, picture, traffic
from scenes.kinesis_autoscaler.promises import broken
from scenes.kinesis_autoscaler.story import rows

BEGINS = datetime(2026, 1, 6, 10, tzinfo=UTC)


@pytest.fixture
def facts() -> dict[str, Any]:
    """An hour of it, in which every promise holds."""
    return {
        "trace": "taxi",
        "begins": BEGINS.isoformat(),
        "days": 2,
        "demand": [4.0] * 30 + [8.0] * 30,
        "runs": 8,
        "failed_runs": 0,
        "kept_failures": 0,
        "alarms_agree": True,
        "streams": {"static": _stream(1920), "step": _stream(1400, 4), "target": _stream(1100, 12)},
    }


def _stream(shard_hours: int, resizes: int = 0) -> dict[str, Any]:
    return {
        "shard_hours": shard_hours,
        "mean_shards": round(shard_hours / 48, 1),
        "dollars_per_month": shard_hours // 4,
        "records": 1000,
        "throttled_share": 0.0001,
        "resizes": resizes,
        "fewest": 10,
        "most": 40,
        "shards": [[BEGINS.isoformat(), 10], [(BEGINS + timedelta(minutes=30)).isoformat(), 40]],
        "rejected": [0] * 11 + [60_000],
    }


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"failed_runs": 1}, "every run of the function ends well, not all but 1"),
        ({"kept_failures": 2}, "nothing is left in the failure queue, not 2 messages"),
        ({"alarms_agree": False}, "every alarm computes with its stream's shard count"),
    ],
)
def test_a_broken_promise_is_named(facts: dict[str, Any], change: dict[str, Any], sentence: str) -> None:
    assert broken(facts) == []
    (said,) = broken({**facts, **change})
    assert sentence in said


@pytest.mark.parametrize(
    ("policy", "change", "sentence"),
    [
        ("static", {"resizes": 1}, "keeps its shards, not 1 resizes"),
        ("step", {"resizes": 0}, "step resizes its stream, and at most 20 times, not 0"),
        ("target", {"resizes": 21}, "target resizes its stream, and at most 20 times, not 21"),
        ("target", {"shard_hours": 1800}, "saves 10% of the shard-hours, not 6%"),
        ("target", {"throttled_share": 0.01}, "of the records, not 1.000%"),
    ],
)
def test_each_stream_keeps_its_promise(
    facts: dict[str, Any], policy: str, change: dict[str, Any], sentence: str
) -> None:
    facts["streams"][policy] |= change
    (said,) = broken(facts)
    assert sentence in said


def test_a_stream_that_is_not_scaled_has_one_count(facts: dict[str, Any]) -> None:
    assert rows(facts)[0] == ("not scaled", "1,920", "0.010%", "0", "40", "$480")
    assert rows(facts)[2] == ("scaled by target", "1,100", "0.010%", "12", "10 to 40", "$275")


def test_a_panel_shows_demand_shards_and_what_was_rejected(facts: dict[str, Any]) -> None:
    figure = draw(facts).pictures[0].figure
    assert [axes.get_title(loc="left").partition(":")[0] for axes in figure.axes] == [
        "not scaled",
        "scaled by step",
        "scaled by target",
    ]
    axes = figure.axes[0]
    (line,) = axes.lines
    assert to_hex(line.get_color()) == picture.SHARDS
    assert list(line.get_ydata()) == [10, 40, 40]
    # 60,000 records in five minutes are a fifth of what one shard takes.
    assert [bar.get_height() for bar in axes.patches][-1] == pytest.approx(0.2)


def test_the_same_traffic_fills_the_same_shards_at_its_peak() -> None:
    offered = traffic.offered(2)
    assert offered.demand.size == 2 * 24 * 60
    assert offered.demand.max() == pytest.approx(traffic.PEAK_SHARDS)
    assert offered.most_shards == 40
    assert max(offered.records) == traffic.PEAK_SHARDS * 60_000
