"""What an operator decides, read from the environment once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo

from common.errors import ConfigurationError
from common.settings import from_environment, one_of, text, time_zone, true_or_false, whole_number
from redshift_maintenance_sync.model import Alignment, Day, ForeignDeferments, Mode, Week


@dataclass(frozen=True, slots=True)
class Schedule:
    """When maintenance may happen: weekly, at this local time, for so many minutes (AWS: 30 minutes to 24 hours).

    `week` picks one week of the month in the mode `calendar`, and is None otherwise.
    """

    day: Annotated[Day, one_of(Day)]
    hour: Annotated[int, whole_number(0, 23)]
    minute: Annotated[int, whole_number(0, 59)]
    window_minutes: Annotated[int, whole_number(30, 1440)]
    time_zone: Annotated[ZoneInfo, time_zone()]
    mode: Annotated[Mode, one_of(Mode)]
    week: Annotated[Week | None, one_of(Week)] = None


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of the whole function.

    `deferment_days` (mode `interval` only): how long after one maintenance the next comes at most; 0 aligns windows
    only. `deferment_cap_days`: Redshift's own limit, 45 in the management guide, 60 in the newest API model.
    `opt_out_tag`: clusters with that tag are left alone. `state_table`: a DynamoDB table. `dry_run` changes nothing.
    """

    schedule: Schedule
    alignment: Annotated[Alignment, one_of(Alignment)]
    deferment_cap_days: Annotated[int, whole_number(45, 60)]
    foreign_deferments: Annotated[ForeignDeferments, one_of(ForeignDeferments)]
    opt_out_tag: Annotated[str, text()]
    state_table: Annotated[str, text()]
    dry_run: Annotated[bool, true_or_false()]
    deferment_days: Annotated[int | None, whole_number(0, 60)] = None

    @property
    def defers(self) -> bool:
        """Whether maintenance is deferred at all, or only windows are aligned."""
        return self.schedule.mode is Mode.CALENDAR or self.deferment_days != 0

    @classmethod
    def parse(cls, environment: Mapping[str, str]) -> "Settings":
        """Raises ConfigurationError, which names every bad variable at once."""
        settings = from_environment(cls, environment)
        problems = list(settings._contradictions())
        if problems:
            raise ConfigurationError(f"The environment is wrong: {'; '.join(problems)}.")
        return settings

    def _contradictions(self) -> list[str]:
        calendar = self.schedule.mode is Mode.CALENDAR
        rules = {
            "SCHEDULE_MODE calendar needs SCHEDULE_WEEK": calendar and self.schedule.week is None,
            "SCHEDULE_MODE calendar takes no DEFERMENT_DAYS": calendar and self.deferment_days is not None,
            "SCHEDULE_MODE interval needs DEFERMENT_DAYS": not calendar and self.deferment_days is None,
            "SCHEDULE_MODE interval takes no SCHEDULE_WEEK": not calendar and self.schedule.week is not None,
            "DEFERMENT_DAYS must not exceed DEFERMENT_CAP_DAYS": (self.deferment_days or 0) > self.deferment_cap_days,
            "ALIGNMENT seed needs SCHEDULE_MODE interval": calendar and self.alignment is Alignment.SEED,
            "ALIGNMENT seed cannot adopt FOREIGN_DEFERMENTS: it does nothing while any deferment stands": (
                self.alignment is Alignment.SEED and self.foreign_deferments is ForeignDeferments.ADOPT
            ),
        }
        return [problem for problem, holds in rules.items() if holds]
