"""The environment that the Terraform module sets, and what is refused of it."""

from zoneinfo import ZoneInfo

import pytest

from common.errors import ConfigurationError
from redshift_maintenance_sync.model import Alignment, Day, ForeignDeferments, Mode, Week
from redshift_maintenance_sync.settings import Schedule, Settings

COMMON = {
    "SCHEDULE_DAY": "sat",
    "SCHEDULE_HOUR": "6",
    "SCHEDULE_MINUTE": "0",
    "SCHEDULE_WINDOW_MINUTES": "30",
    "SCHEDULE_TIME_ZONE": "Australia/Sydney",
    "DEFERMENT_CAP_DAYS": "45",
    "ALIGNMENT": "window",
    "FOREIGN_DEFERMENTS": "respect",
    "OPT_OUT_TAG": "out",
    "STATE_TABLE": "states",
    "DRY_RUN": "true",
}
INTERVAL = {**COMMON, "SCHEDULE_MODE": "interval", "DEFERMENT_DAYS": "45"}
CALENDAR = {**COMMON, "SCHEDULE_MODE": "calendar", "SCHEDULE_WEEK": "second"}


def test_reads_what_the_module_sets() -> None:
    found = Settings.parse(INTERVAL)
    assert found == Settings(
        schedule=Schedule(Day.SAT, 6, 0, 30, ZoneInfo("Australia/Sydney"), Mode.INTERVAL),
        alignment=Alignment.WINDOW,
        deferment_cap_days=45,
        foreign_deferments=ForeignDeferments.RESPECT,
        opt_out_tag="out",
        state_table="states",
        dry_run=True,
        deferment_days=45,
    )
    assert found.defers
    assert Settings.parse(CALENDAR).schedule.week is Week.SECOND
    assert Settings.parse(CALENDAR).defers
    assert not Settings.parse({**INTERVAL, "DEFERMENT_DAYS": "0"}).defers


@pytest.mark.parametrize("variable", [*COMMON, "SCHEDULE_MODE"])
def test_every_variable_is_needed(variable: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{variable} is missing"):
        Settings.parse({name: value for name, value in INTERVAL.items() if name != variable})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SCHEDULE_DAY", "saturday"),
        ("SCHEDULE_HOUR", "24"),
        ("SCHEDULE_MINUTE", "60"),
        ("SCHEDULE_WINDOW_MINUTES", "20"),
        ("SCHEDULE_WINDOW_MINUTES", "1441"),
        ("SCHEDULE_TIME_ZONE", "Mars/Olympus"),
        ("SCHEDULE_MODE", "monthly"),
        ("DEFERMENT_DAYS", "61"),
        ("DEFERMENT_CAP_DAYS", "61"),
        ("ALIGNMENT", "date"),
        ("FOREIGN_DEFERMENTS", "ignore"),
        ("OPT_OUT_TAG", " "),
        ("STATE_TABLE", ""),
        ("DRY_RUN", "no"),
    ],
)
def test_refuses(variable: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{variable} is '{value}'"):
        Settings.parse({**INTERVAL, variable: value})


@pytest.mark.parametrize(
    ("environment", "problem"),
    [
        ({**COMMON, "SCHEDULE_MODE": "calendar"}, "SCHEDULE_MODE calendar needs SCHEDULE_WEEK"),
        ({**CALENDAR, "DEFERMENT_DAYS": "28"}, "SCHEDULE_MODE calendar takes no DEFERMENT_DAYS"),
        ({**COMMON, "SCHEDULE_MODE": "interval"}, "SCHEDULE_MODE interval needs DEFERMENT_DAYS"),
        ({**INTERVAL, "SCHEDULE_WEEK": "last"}, "SCHEDULE_MODE interval takes no SCHEDULE_WEEK"),
        ({**INTERVAL, "DEFERMENT_DAYS": "46"}, "DEFERMENT_DAYS must not exceed DEFERMENT_CAP_DAYS"),
        ({**CALENDAR, "ALIGNMENT": "seed"}, "ALIGNMENT seed needs SCHEDULE_MODE interval"),
        ({**INTERVAL, "ALIGNMENT": "seed", "FOREIGN_DEFERMENTS": "adopt"}, "ALIGNMENT seed cannot adopt"),
    ],
)
def test_refuses_what_contradicts_itself(environment: dict[str, str], problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        Settings.parse(environment)
