"""Which date is a group's, who does not follow it, and whose nodes are replaced."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from redshift_maintenance_sync.announcement import Replacement
from redshift_maintenance_sync.model import Cluster, Decision, EventKind, MaintenanceEvent, Outcome, Place, Sight
from redshift_maintenance_sync.news import group_dates, replacements
from redshift_maintenance_sync.settings import GroupSettings, Settings

HOME = Place("123456789012", "us-east-1")
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
DATE, OTHER = datetime(2026, 12, 19, 6, tzinfo=UTC), datetime(2026, 11, 28, 6, tzinfo=UTC)


def decided(make_cluster: Callable[..., Cluster], name: str, announced: datetime | None, group: str) -> Decision:
    return Decision(make_cluster(name), Outcome.SKIPPED, f"as {name} is", group, announced=announced)


def test_the_date_of_most_is_the_group_s_and_the_others_are_exceptions(
    make_settings: Callable[..., Settings], make_cluster: Callable[..., Cluster]
) -> None:
    results = [
        decided(make_cluster, name, announced, "default")
        for name, announced in {"a": DATE, "b": OTHER, "c": DATE, "d": None, "e": NOW}.items()
    ]
    (date,) = group_dates(make_settings(), NOW, results)
    assert (date.group, date.date, date.window_minutes, date.time_zone.key) == ("default", DATE, 30, "UTC")
    assert len(date.members) == 5
    assert [(item.key[-1], item.announced, item.reason) for item in date.exceptions] == [
        ("b", OTHER, "as b is"),
        ("d", None, "as d is"),
        ("e", NOW, "as e is"),
    ]


def test_of_two_dates_the_earlier_is_announced_and_each_group_has_its_own(
    make_settings: Callable[..., Settings], make_schedule: Callable[..., Any], make_cluster: Callable[..., Cluster]
) -> None:
    settings = make_settings(
        groups={
            "canary": GroupSettings({"ring": "0"}, make_schedule(day="wed")),
            "windows": GroupSettings({"ring": "1"}, make_schedule(deferment_days=0)),
        }
    )
    results = [
        decided(make_cluster, "a", DATE, "canary"),
        decided(make_cluster, "b", OTHER, "canary"),
        decided(make_cluster, "w", None, "windows"),
    ]
    found = {date.group: date.date for date in group_dates(settings, NOW, results)}
    assert found == {"canary": OTHER, "windows": None, "default": None}


def test_replacements_are_told_to_the_group_of_their_cluster(make_cluster: Callable[..., Cluster]) -> None:
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    events = {
        "a": [MaintenanceEvent(EventKind.COMPLETED, at), MaintenanceEvent(EventKind.REPLACEMENT_FIXED, at, "fixed")],
        "b": [MaintenanceEvent(EventKind.REPLACEMENT_DEFERRABLE, at, "movable")],
        "gone": [MaintenanceEvent(EventKind.REPLACEMENT_FIXED, at, "whose?")],
    }
    results = [decided(make_cluster, "a", DATE, "default"), decided(make_cluster, "b", DATE, "canary")]
    assert replacements([Sight(HOME, events=events)], results) == {
        "default": [Replacement("123456789012/us-east-1/a", "REDSHIFT-EVENT-3601", at, "fixed")],
        "canary": [Replacement("123456789012/us-east-1/b", "REDSHIFT-EVENT-3602", at, "movable")],
    }
