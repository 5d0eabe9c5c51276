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
    Place,
    Week,
)
from redshift_maintenance_sync.settings import Schedule, Selector, Settings

HOME = Place("123456789012", "us-east-1")


def _schedule(
    day: str = "sat",
    at: tuple[int, int] = (6, 0),
    window_minutes: int = 30,
    zone: str = "UTC",
    deferment_days: int = 30,
    deferment_cap_days: int = 45,
    week: str | None = None,
) -> Schedule:
    return Schedule(
        Mode.CALENDAR if week else Mode.INTERVAL,
        Day(day),
        *at,
        window_minutes,
        ZoneInfo(zone),
        deferment_cap_days,
        None if week else deferment_days,
        Week(week) if week else None,
    )


@pytest.fixture(scope="session")
def make_schedule() -> Callable[..., Schedule]:
    """Saturday 06:00 UTC, 30 minutes, deferred for up to 30 days; with `week`, that Saturday of each month."""
    return _schedule


@pytest.fixture(scope="session")
def make_settings() -> Callable[..., Settings]:
    """All clusters in one group, by the schedule of `make_schedule`, whose parameters it takes beside its own."""

    def make(**more: Any) -> Settings:
        top = {name: more.pop(name) for name in list(more) if name in Settings.__dataclass_fields__}
        defaults = {
            "selector": Selector({}, "opt-out"),
            "schedule": _schedule(**more),
            "groups": {},
            "regions": ("us-east-1",),
            "accounts": {},
            "alignment": Alignment.WINDOW,
            "foreign_deferments": ForeignDeferments.RESPECT,
            "state_table": "states",
            "dry_run": False,
        }
        return Settings(**{**defaults, **top})

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
        place: Place = HOME,
        **tags: str,
    ) -> Cluster:
        parsed = MaintenanceWindow.parse(window)
        return Cluster(place, identifier, status, in_maintenance, parsed, deferments, created, revision, tags)

    return make
