"""Builders with defaults, so that a test states only what it is about."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from redshift_maintenance_sync.model import (
    Alignment,
    Cluster,
    Day,
    Deferment,
    ForeignDeferments,
    MaintenanceWindow,
    Mode,
    Week,
)
from redshift_maintenance_sync.settings import Schedule, Settings


@pytest.fixture(scope="session")
def make_settings() -> Callable[..., Settings]:
    """Saturday 06:00 UTC, 30 minutes, deferred for up to 30 days; with `week`, that Saturday of each month."""

    def make(
        day: str = "sat",
        at: tuple[int, int] = (6, 0),
        window_minutes: int = 30,
        zone: str = "UTC",
        deferment_days: int | None = 30,
        week: str | None = None,
        **more: Any,
    ) -> Settings:
        mode = Mode.CALENDAR if week else Mode.INTERVAL
        schedule = Schedule(Day(day), *at, window_minutes, ZoneInfo(zone), mode, Week(week) if week else None)
        defaults = {
            "alignment": Alignment.WINDOW,
            "deferment_cap_days": 45,
            "foreign_deferments": ForeignDeferments.RESPECT,
            "opt_out_tag": "opt-out",
            "state_table": "states",
            "dry_run": False,
            "deferment_days": None if week else deferment_days,
        }
        return Settings(schedule=schedule, **{**defaults, **more})

    return make


@pytest.fixture(scope="session")
def make_cluster() -> Callable[..., Cluster]:
    """An available cluster with a window of its own and no deferment, created three months ago."""

    def make(
        identifier: str = "sales",
        window: str = "mon:03:00-mon:03:30",
        status: str = "available",
        in_maintenance: bool = False,
        deferments: tuple[Deferment, ...] = (),
        created: datetime | None = datetime(2026, 8, 24, 10, tzinfo=UTC),
        revision: str = "1.0.100",
        **tags: str,
    ) -> Cluster:
        parsed = MaintenanceWindow.parse(window)
        return Cluster(identifier, status, in_maintenance, parsed, deferments, created, revision, tags)

    return make
