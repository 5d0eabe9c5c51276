"""A performance figure: what was measured, what it may be at most, and what it was made of."""

from dataclasses import dataclass, field
from typing import Any


class BenchError(Exception):
    """A measurement did not come about, so there is no figure; the message says what was seen instead."""


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` and `limit` are in `unit`; the limit itself is still allowed. `detail` can be written as JSON."""

    name: str
    value: float
    limit: float
    unit: str
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def within(self) -> bool:
        """Whether the figure is what is promised: a value that is no number is not."""
        return self.value <= self.limit

    def as_dict(self) -> dict[str, Any]:
        """What build/bench.json says of it, under its name."""
        return {
            "value": round(self.value, 3),
            "limit": self.limit,
            "unit": self.unit,
            "within": self.within,
            "detail": self.detail,
        }
