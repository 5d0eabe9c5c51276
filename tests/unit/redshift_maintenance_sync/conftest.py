"""Builders with defaults, so that a test states only what it is about."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from redshift_maintenance_sync.model import Cluster, Day, Deferment, MaintenanceWindow
from redshift_maintenance_sync.settings import Schedule, Settings


@pytest.fixture(scope="session")
def make_settings() -> Callable[..., Settings]:
    """Saturday 06:00 UTC, 30 minutes, deferred for up to 30 days."""

    def make(
        day: str = "sat",
        at: tuple[int, int] = (6, 0),
        window_minutes: int = 30,
        zone: str = "UTC",
        deferment_days: int = 30,
        dry_run: bool = False,
    ) -> Settings:
        return Settings(Schedule(Day(day), *at, window_minutes, ZoneInfo(zone)), deferment_days, dry_run)

    return make


@pytest.fixture(scope="session")
def make_cluster() -> Callable[..., Cluster]:
    """An available cluster with a window of its own and no deferment."""

    def make(
        identifier: str = "sales",
        window: str = "mon:03:00-mon:03:30",
        status: str = "available",
        in_maintenance: bool = False,
        deferments: tuple[Deferment, ...] = (),
    ) -> Cluster:
        return Cluster(identifier, status, in_maintenance, MaintenanceWindow.parse(window), deferments)

    return make
