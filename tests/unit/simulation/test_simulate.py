"""The verb: what it leaves, and what it refuses."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

import simulate
from simulation.history import read_history
from simulation.prices import on_demand, provisioned
from simulation.synthetic import synthetic_traces
from simulation.trace import TraceError

NOW = datetime(2026, 11, 24, 6, 0, 30, tzinfo=UTC)


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(simulate, "BUILD", tmp_path / "build")
    return tmp_path / "build" / "simulate"


@pytest.fixture
def traces(tmp_path: Path) -> Path:
    folder = tmp_path / "traces"
    folder.mkdir()
    demand = synthetic_traces(seed=5, days=2)[0].demand[::5]
    rows = [f"{NOW + index * timedelta(minutes=5)},{1000 * value}" for index, value in enumerate(demand)]
    (folder / "clicks.csv").write_text("timestamp,value\n" + "\n".join(rows) + "\n")
    return folder


def test_it_leaves_figures_and_a_page_that_fetches_nothing(build: Path, traces: Path) -> None:
    arguments = ["--quiet", "--traces", str(traces), "--policies", "static", "step", "target"]
    assert simulate.main([*arguments, "--peak-shards", "16"]) == 0
    clicks = json.loads((build / "summary.json").read_text())["traces"]["clicks"]
    assert set(clicks["policies"]) == {"static", "step", "target"}
    for figures in clicks["policies"].values():
        assert figures["cost_ratio"] == pytest.approx(
            figures["shard_hours"] / clicks["clairvoyant_shard_hours"], abs=1e-3
        )
        assert figures["cost_ratio"] >= 1
        assert 0 <= figures["throttled_share"] < 0.05
        assert figures["max_calls_24h"] <= 10
        assert figures["dollars_per_month"] > 0
    page = (build / "report.html").read_text()
    assert page.count("<svg") == 2
    assert "http" not in page


def test_with_headroom_every_policy_protects_alike(build: Path, traces: Path) -> None:
    arguments = ["--quiet", "--traces", str(traces), "--policies", "original", "target", "--equal-protection"]
    assert simulate.main(arguments) == 0
    summary = json.loads((build / "summary.json").read_text())
    equal = summary["traces"]["clicks"]["equal_protection"]
    assert all(figures["throttled_share"] <= 0.001 for figures in equal.values())
    assert equal["target"]["shard_hours"] < equal["original"]["shard_hours"]
    assert set(summary["mean_cost_of_equal_protection"]) == {"original", "target"}


def test_a_bad_trace_is_named_and_nothing_is_written(
    build: Path, traces: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (traces / "orders.csv").write_text("timestamp,value\n2026-11-02,1\n2026-11-03,-1\n")
    assert simulate.main(["--quiet", "--traces", str(traces)]) == 1
    assert "orders.csv:3: expected a number of 0 or more" in capsys.readouterr().err
    assert not build.exists()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--traces", "nowhere"], "expected a directory with *.csv files"),
        (["--peak-shards", "0"], "PEAK_SHARDS has to be above 0"),
        (["--stream", "orders", "--days", "40"], "--days has to be 1 to 15"),
    ],
)
def test_arguments_that_cannot_be_met_are_refused(
    build: Path, arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert simulate.main(["--quiet", *arguments]) == 1
    assert expected in capsys.readouterr().err
    assert not build.exists()


def page(token: str | None, **metrics: dict[int, float]) -> dict[str, Any]:
    end = NOW.replace(second=0)
    results = [
        {
            "Id": name,
            "Timestamps": [end - timedelta(minutes=minute) for minute in values],
            "Values": list(values.values()),
        }
        for name, values in metrics.items()
    ]
    return {"MetricDataResults": results, **({"NextToken": token} if token else {})}


def test_a_streams_past_is_read_page_by_page() -> None:
    client = boto3.client("cloudwatch", region_name="us-east-1")
    mib = 1024.0**2
    with Stubber(client) as stub:
        asked = {
            "MetricDataQueries": ANY,
            "StartTime": datetime(2026, 11, 23, 6, tzinfo=UTC),
            "EndTime": datetime(2026, 11, 24, 6, tzinfo=UTC),
            "ScanBy": "TimestampAscending",
        }
        stub.add_response("get_metric_data", page("more", m0={3: 60 * mib, 2: 120 * mib}, m1={3: 6000.0}), asked)
        stub.add_response(
            "get_metric_data", page(None, m1={2: 12000.0}, m2={2: 6000.0}), {**asked, "NextToken": "more"}
        )
        history = read_history(client, "orders", 1, NOW)
    assert history.trace.demand[-4:].tolist() == [0, 1, 3, 0]
    assert history.record_bytes == 180 * mib / 18000


def test_a_stream_without_traffic_is_refused() -> None:
    client = boto3.client("cloudwatch", region_name="us-east-1")
    with Stubber(client) as stub:
        stub.add_response("get_metric_data", page(None))
        with pytest.raises(TraceError, match="no traffic of a stream 'orders'"):
            read_history(client, "orders", 1, NOW)


def test_a_months_prices() -> None:
    """One full shard for a month, records of 1 KiB: 1,000 a second."""
    month = synthetic_traces(days=1)[0].demand[:60] * 0 + 1.0
    assert provisioned("step", 1.0, month, 1024) == pytest.approx(0.015 * 730 + 0.014 * 3.6 * 730 + 0.5)
    cost = on_demand(month, 1024)
    gigabytes = 3.6e6 * 1024 / 1024**3 * 730
    assert cost.standard == pytest.approx(0.04 * 730 + 0.12 * gigabytes)
    assert cost.advantage == pytest.approx(0.048 * gigabytes)
    assert cost.advantage_alone > cost.advantage
