"""When a rule's schedule fires: `rate(6 hours)` and `cron(0 6 ? * MON-FRI *)`, in UTC.

Source: "Schedule types" of scheduled rules in the EventBridge User Guide:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from aws_croniter import AwsCroniter

_RATE = re.compile(r"rate\((?:(1) (minute|hour|day)|([2-9]|[1-9]\d+) (minutes|hours|days))\)")
_CRON = re.compile(r"cron\(\s*(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s*\)")
YEARS_AHEAD = 40
"""A fifth Monday in February can be 40 years away (no leap day in 2100); what is rarer does not exist."""


class ScheduleExpression(Protocol):
    """What `parse` returns."""

    def next_after(self, moment: datetime) -> datetime | None:
        """The first time later than `moment` (aware, UTC) at which a schedule that fired then fires; None for never."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Every `period`, the first time one period after the rule was put."""

    period: timedelta

    def next_after(self, moment: datetime) -> datetime:
        """One period later."""
        return moment + self.period


@dataclass(frozen=True, slots=True)
class Cron:
    """At the minutes that six fields name."""

    fields: AwsCroniter

    def next_after(self, moment: datetime) -> datetime | None:
        """The next such minute, None when there is none in the next 40 years."""
        # The library gives up after ten attempts, that is when the next date is more than a few years away.
        starts = [moment, *(datetime(moment.year + n, 1, 1, tzinfo=UTC) for n in range(1, YEARS_AHEAD + 1))]
        for start in starts:
            found: datetime | None = self.fields.get_next(start, inclusive=start is not moment)[0]
            if found is not None:
                return found
        return None


def parse(text: str) -> ScheduleExpression:
    """Read a ScheduleExpression.

    Raises ValueError for what AWS cannot read, and NotImplementedError for what it can and we cannot compute.
    """
    if match := _RATE.fullmatch(text):
        unit = f"{(match[2] or match[4]).rstrip('s')}s"
        return Rate(timedelta(**{unit: int(match[1] or match[3])}))
    if match := _CRON.fullmatch(text):
        _, _, day_of_month, _, day_of_week, year = match.groups()
        if day_of_month.upper() == "LW" or re.fullmatch(r"L(-\d+)?", day_of_week.upper()) or "/" in year:
            raise NotImplementedError(f"{text}: LW, L alone as day of the week and steps of years are not computed")
        return Cron(AwsCroniter(" ".join(match.groups())))
    raise ValueError(f"{text} is neither a rate nor a cron expression.")
