"""How well announced dates were kept. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from scenes.redshift_maintenance_sync.year import Line

AS_ANNOUNCED = timedelta(minutes=30)
"""Maintenance that begins within this time of its announced date came when it was announced."""
COUNTS = ("maintenances", "as_announced", "on_another_day", "unannounced", "mandatory")


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of maintenance, and how far it was from its announced date, mandatory ones apart: at most, and typically.

    `unannounced`: nothing had been announced for it. The typical error is the median of those that were announced.
    """

    maintenances: int
    as_announced: int
    on_another_day: int
    unannounced: int
    mandatory: int
    largest_error: timedelta
    typical_error: timedelta

    def as_facts(self, unit: str) -> dict[str, float]:
        """The same by name, errors in `hours` or `days`."""
        counts: dict[str, float] = {name: getattr(self, name) for name in COUNTS}
        for name in ("largest_error", "typical_error"):
            counts[f"{name}_{unit}"] = round(getattr(self, name) / timedelta(**{unit: 1}), 1)
        return counts


def count(lines: Iterable[Line], since: datetime) -> Figures:
    """The figures over all of `lines`, of maintenance that began after `since`."""
    done = [maintained for line in lines for maintained in line.maintained if maintained.at > since]
    optional = [maintained for maintained in done if not maintained.mandatory]
    errors = [abs(maintained.at - maintained.announced) for maintained in optional if maintained.announced]
    return Figures(
        maintenances=len(done),
        as_announced=sum(error <= AS_ANNOUNCED for error in errors),
        on_another_day=sum(error > AS_ANNOUNCED for error in errors),
        unannounced=len(optional) - len(errors),
        mandatory=len(done) - len(optional),
        largest_error=max(errors, default=timedelta(0)),
        typical_error=timedelta(seconds=median([error.total_seconds() for error in errors] or [0])),
    )
