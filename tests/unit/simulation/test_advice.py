"""What is advised from figures."""

from datetime import UTC, datetime
from typing import Any

import numpy as np

from simulation.advice import advise
from simulation.trace import Trace

TRACE = Trace("orders", datetime(2026, 11, 2, tzinfo=UTC), np.array([2.0, 9.0, 3.0]))


def facts(step: tuple[float, float], target: tuple[float, float], standard: float) -> dict[str, Any]:
    """Dollars a month and the throttled share of both policies; static would cost nothing and is not for sale."""
    given = {"static": (0.0, 0.0), "step": step, "target": target}
    return {
        "policies": {
            name: {"dollars_per_month": dollars, "throttled_share": share, "calls_per_day": 2.0}
            for name, (dollars, share) in given.items()
        },
        "on_demand_dollars_per_month": {"standard": standard, "advantage": 1.0, "advantage_alone": 3000.0},
    }


def test_the_cheapest_policy_that_protects_is_advised() -> None:
    lines = advise(facts(step=(80, 0.02), target=(100, 0.0004), standard=900), TRACE)
    assert lines[0].startswith("Policy target: $100.00 a month, 0.040% throttled")
    assert "maximum 15" in lines[1]  # nine shards' worth at 60 %
    assert lines[-1] == "Provisioned with target saves $800.00 a month."


def test_on_demand_is_advised_where_it_is_cheaper() -> None:
    lines = advise(facts(step=(80, 0.0001), target=(100, 0.0001), standard=30), TRACE)
    assert lines[0].startswith("Policy step: $80.00")
    assert lines[-1] == "On-demand saves $50.00 a month."


def test_traffic_that_no_policy_can_follow_is_said_to_be_such() -> None:
    lines = advise(facts(step=(80, 0.02), target=(100, 0.01), standard=900), TRACE)
    assert any("No policy keeps throttling below 0.1 %" in line for line in lines)
