"""The environment that the Terraform module sets, and what is refused of it."""

from zoneinfo import ZoneInfo

import pytest

from common.errors import ConfigurationError
from redshift_maintenance_sync.model import Day
from redshift_maintenance_sync.settings import Schedule, Settings

ENVIRONMENT = {
    "SCHEDULE_DAY": "sat",
    "SCHEDULE_HOUR": "6",
    "SCHEDULE_MINUTE": "0",
    "SCHEDULE_WINDOW_MINUTES": "30",
    "SCHEDULE_TIME_ZONE": "Australia/Sydney",
    "DEFERMENT_DAYS": "45",
    "DRY_RUN": "true",
}


def test_reads_what_the_module_sets() -> None:
    schedule = Schedule(Day.SAT, 6, 0, 30, ZoneInfo("Australia/Sydney"))
    assert Settings.parse(ENVIRONMENT) == Settings(schedule, deferment_days=45, dry_run=True)


@pytest.mark.parametrize("variable", ENVIRONMENT)
def test_every_variable_is_needed(variable: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{variable} is missing"):
        Settings.parse({name: value for name, value in ENVIRONMENT.items() if name != variable})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SCHEDULE_DAY", "saturday"),
        ("SCHEDULE_HOUR", "24"),
        ("SCHEDULE_MINUTE", "60"),
        ("SCHEDULE_WINDOW_MINUTES", "20"),
        ("SCHEDULE_WINDOW_MINUTES", "1441"),
        ("SCHEDULE_TIME_ZONE", "Mars/Olympus"),
        ("DEFERMENT_DAYS", "46"),
        ("DRY_RUN", "no"),
    ],
)
def test_refuses(variable: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{variable} is '{value}'"):
        Settings.parse({**ENVIRONMENT, variable: value})
