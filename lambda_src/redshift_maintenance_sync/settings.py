"""What an operator decides, read from the environment once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo

from common.settings import from_environment, one_of, time_zone, true_or_false, whole_number
from redshift_maintenance_sync.model import Day


@dataclass(frozen=True, slots=True)
class Schedule:
    """When maintenance may happen: weekly, at this local time, for so many minutes (AWS: 30 minutes to 24 hours)."""

    day: Annotated[Day, one_of(Day)]
    hour: Annotated[int, whole_number(0, 23)]
    minute: Annotated[int, whole_number(0, 59)]
    window_minutes: Annotated[int, whole_number(30, 1440)]
    time_zone: Annotated[ZoneInfo, time_zone()]


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of the whole function. `deferment_days` 0 aligns windows only; `dry_run` changes nothing."""

    schedule: Schedule
    deferment_days: Annotated[int, whole_number(0, 45)]
    dry_run: Annotated[bool, true_or_false()]

    @classmethod
    def parse(cls, environment: Mapping[str, str]) -> "Settings":
        """Raises ConfigurationError, which names every bad variable at once."""
        return from_environment(cls, environment)
