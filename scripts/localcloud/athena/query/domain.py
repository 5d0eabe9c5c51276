"""The values of one column that a predicate lets through: sets of ranges, and whether NULL is among them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from athena_connectors.federation.model import Bound, Marker, Range, SortedRangeSet, Value


@dataclass(frozen=True, slots=True)
class Cut:
    """A place between values: just below `value`, or just above it; without a value, beyond all of them."""

    value: Value | None
    above: bool

    @property
    def order(self) -> tuple[Any, ...]:
        """By which cuts of one column's values are compared."""
        return (2 if self.above else 0,) if self.value is None else (1, self.value, self.above)


LOWEST, HIGHEST = Cut(None, False), Cut(None, True)
Span = tuple[Cut, Cut]


@dataclass(frozen=True, slots=True)
class Domain:
    """Values within any of `spans`, which are disjoint, apart and ascending; NULL where `null`."""

    spans: tuple[Span, ...]
    null: bool = False

    @classmethod
    def of(cls, spans: Iterable[Span], *, null: bool = False) -> "Domain":
        """A domain of spans in any order; empty ones are left out, and those that touch are one."""
        merged: list[Span] = []
        for low, high in sorted(spans, key=lambda span: span[0].order):
            if low.order >= high.order:
                continue
            if merged and low.order <= merged[-1][1].order:
                merged[-1] = (merged[-1][0], max(merged[-1][1], high, key=lambda cut: cut.order))
            else:
                merged.append((low, high))
        return cls(tuple(merged), null)

    @classmethod
    def values(cls, values: Iterable[Value]) -> "Domain":
        """Exactly these values."""
        return cls.of((Cut(value, False), Cut(value, True)) for value in values)

    def __or__(self, other: "Domain") -> "Domain":
        return Domain.of((*self.spans, *other.spans), null=self.null or other.null)

    def __and__(self, other: "Domain") -> "Domain":
        spans = (
            (max(low, lower, key=lambda cut: cut.order), min(high, higher, key=lambda cut: cut.order))
            for low, high in self.spans
            for lower, higher in other.spans
        )
        return Domain.of(spans, null=self.null and other.null)

    def others(self) -> "Domain":
        """Every value that is not in it, and not NULL: what makes the predicate false, not unknown."""
        cuts = [LOWEST, *(cut for span in self.spans for cut in span), HIGHEST]
        return Domain.of(zip(cuts[::2], cuts[1::2], strict=True))

    @property
    def is_empty(self) -> bool:
        """Whether nothing is let through."""
        return not self.spans and not self.null

    def value_set(self, of: pa.DataType) -> SortedRangeSet:
        """As the protocol says it, for a column of that type."""
        return SortedRangeSet(of, tuple(Range(_low(low), _high(high)) for low, high in self.spans), self.null)


NOTHING = Domain(())
NOT_NULL = Domain(((LOWEST, HIGHEST),))
ONLY_NULL = Domain((), null=True)


def _low(cut: Cut) -> Marker:
    if cut.value is None:
        return Marker(None, Bound.ABOVE)
    return Marker(cut.value, Bound.ABOVE if cut.above else Bound.EXACTLY)


def _high(cut: Cut) -> Marker:
    if cut.value is None:
        return Marker(None, Bound.BELOW)
    return Marker(cut.value, Bound.EXACTLY if cut.above else Bound.BELOW)
