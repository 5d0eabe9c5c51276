"""What policy `target` reaches on four weeks of a smooth trace: a real one, or one that is made in its absence."""

from simulation.optimum import optimal_shard_hours
from simulation.replay import replay
from simulation.synthetic import synthetic_traces
from simulation.trace import Trace, read_trace
from toolchain import ROOT

REAL = ROOT.parent / "shared" / "traces" / "kinesis" / "nab_nyc_taxi.csv"
DAYS = 28
PEAK_SHARDS = 32


def smooth_trace() -> Trace:
    trace = read_trace(REAL) if REAL.is_file() else synthetic_traces(days=DAYS)[0]
    return Trace(trace.name, trace.start, trace.demand[: DAYS * 24 * 60]).scaled(PEAK_SHARDS)


def test_target_protects_a_smooth_trace_at_little_cost() -> None:
    trace = smooth_trace()
    target, step = replay("target", trace), replay("step", trace)
    assert target.throttled_share <= 0.0005
    assert target.shard_hours <= 1.42 * optimal_shard_hours(trace.demand)
    assert target.shard_hours <= 0.9 * step.shard_hours
    assert target.most_calls <= 10
    assert not target.refusals
