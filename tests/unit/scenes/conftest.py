"""A year of two clusters as the scene of redshift_maintenance_sync records it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

BEGINS = datetime(2026, 1, 6, 10, tzinfo=UTC)
Runs = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def begins() -> datetime:
    """When the sync began."""
    return BEGINS


@pytest.fixture
def runs() -> Runs:
    """Makes what daily runs return of one cluster, from what each of them announces: a day of January, or nothing."""
    return _runs


def _runs(*announced: int | None, cluster: str = "sales") -> list[dict[str, Any]]:
    results = []
    for number, day in enumerate(announced, start=1):
        date = datetime(2026, 1, day, 5, tzinfo=UTC) if day else None
        row = {
            "cluster": cluster,
            "outcome": "unchanged",
            "reason": "window is sat:05:00-sat:05:30",
            "announced": f"{date:%Y-%m-%dT%H:%M:%SZ}" if date else None,
            "deferred_until": f"{date - timedelta(minutes=30):%Y-%m-%dT%H:%M:%SZ}" if date else None,
        }
        run = BEGINS + timedelta(days=number)
        results.append({"time": f"{run:%Y-%m-%dT%H:%M:%SZ}", "clusters": [row]})
    return results


def _maintained(at: datetime, announced: datetime | None, mandatory: bool = False) -> dict[str, Any]:
    return {
        "at": at.isoformat(),
        "announced": announced.isoformat() if announced else None,
        "mandatory": mandatory,
    }


@pytest.fixture
def facts() -> dict[str, Any]:
    """What the scene notes, all promises kept: `sales` under both rules, `sandbox` opted out."""
    date = datetime(2026, 1, 31, 5, tzinfo=UTC)
    late = date + timedelta(days=5)
    counts = {"maintenances": 3, "as_announced": 2, "on_another_day": 0, "unannounced": 0, "mandatory": 1}
    row = {
        "cluster": "sales",
        "outcome": "changed",
        "window": "sat:05:00-sat:05:30",
        "deferred_until": "2026-01-31T04:30:00Z",
        "announced": "2026-01-31T05:00:00Z",
        "reason": "window mon:03:00-mon:03:30 becomes sat:05:00-sat:05:30; deferred until 2026-01-31 04:30 UTC, "
        "maintenance is announced for 2026-01-31 05:00 UTC (at most 30 days after <the last>)",
    }
    look = {"status": "available", "window": "mon:03:00-mon:03:30", "deferred_until": None}
    before = {**look, "next_maintenance": "2026-01-12T03:00:00+00:00"}
    after = {
        "status": "available",
        "window": "sat:05:00-sat:05:30",
        "deferred_until": "2026-01-31T04:30:00+00:00",
        "next_maintenance": "2026-01-31T05:00:00+00:00",
    }

    def line(*maintained: dict[str, Any], deferred: bool = True) -> dict[str, Any]:
        return {
            "announced": [date.isoformat()] if deferred else [],
            "deferred": [[BEGINS.isoformat(), date.isoformat()]] if deferred else [],
            "maintained": list(maintained),
        }

    own = line(_maintained(date, None), deferred=False)
    mandatory = _maintained(date + timedelta(days=60), None, mandatory=True)
    return {
        "begins": BEGINS.isoformat(),
        "before": {"sales": before},
        "after": {"sales": after},
        "first_tick": {"sales": row},
        "clusters": 9,
        "runs": 365,
        "one_announced_date": True,
        "second_tick_changed": 0,
        "second_tick_writes": 0,
        "joined": {name: {**row, "time": "2026-02-18T10:00:00Z", "is_common": True} for name in ("labs", "archive")},
        "year": {
            "ours": {**counts, "largest_error_hours": 0.0, "typical_error_hours": 0.0},
            "published": {
                **counts,
                "as_announced": 0,
                "on_another_day": 2,
                "largest_error_days": 7.3,
                "typical_error_days": 5.0,
            },
        },
        "alarms_fired": [{"alarm": "unexpected-maintenance", "off": "2026-04-01T10:00:00+00:00", "over": None}],
        "calendar": {
            "begins": BEGINS.isoformat(),
            "ends": (BEGINS + timedelta(days=365)).isoformat(),
            "paused": {},
            "deferred_by_somebody_else": {},
            "created": {},
            "opted_out": {"sandbox": []},
            "rules": {
                "ours": {"sales": line(_maintained(date, date), mandatory), "sandbox": own},
                "published": {
                    "sales": line(_maintained(late, date), _maintained(late + timedelta(days=7), None)),
                    "sandbox": own,
                },
            },
        },
    }
