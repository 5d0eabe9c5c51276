"""Splits that are ranges of one column, as properties of a split and as a condition."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa

from athena_connectors.dialects.fragment import MARK, Fragment
from athena_connectors.dialects.statement import Bind
from athena_connectors.federation.errors import InvalidInput
from athena_connectors.federation.model import Value

COLUMN, LOW, HIGH, NULLS = "column", "from", "to", "nulls"


@dataclass(frozen=True, slots=True)
class ColumnRange:
    """Rows whose `column` is at least `low` and below `high` (None: unbounded), and with `nulls` those that have none.

    As properties: `column`, `from`, `to`, `nulls` (`true` or absent). A table's ranges are disjoint and complete when
    each begins where the one before ends, the first and the last are unbounded, and exactly one has the nulls. NaN is
    in the range without an upper bound.
    """

    column: str
    low: Value | None = None
    high: Value | None = None
    nulls: bool = False

    def properties(self) -> dict[str, str]:
        """What `parse` reads."""
        written = {COLUMN: self.column}
        if self.low is not None:
            written[LOW] = _written(self.low)
        if self.high is not None:
            written[HIGH] = _written(self.high)
        return written | ({NULLS: "true"} if self.nulls else {})

    @classmethod
    def parse(cls, properties: Mapping[str, str], type_: pa.DataType) -> "ColumnRange":
        """The range that a split is, its bounds of the column's declared type. Raises InvalidInput."""
        low, high = (_read(properties[end], type_) if end in properties else None for end in (LOW, HIGH))
        return cls(properties[COLUMN], low, high, properties.get(NULLS) == "true")


def whole_number(properties: Mapping[str, str], name: str, less: int = 0) -> Fragment:
    """A property of a split that is a number, less by `less`, bound. Raises InvalidInput."""
    text = properties.get(name, "")
    if not (text.isascii() and text.isdigit()):
        raise InvalidInput(f"A split's {name!r} is no whole number: plan the query again")
    return Fragment(MARK, (Bind(int(text) - less, pa.int64()),))


def _written(value: Value) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _read(text: str, type_: pa.DataType) -> Value:
    try:
        if pa.types.is_integer(type_):
            return int(text)
        if pa.types.is_decimal(type_):
            return Decimal(text)
        if pa.types.is_date32(type_):
            return date.fromisoformat(text)
        if pa.types.is_date64(type_) or pa.types.is_timestamp(type_):
            return datetime.fromisoformat(text)
    except (ValueError, ArithmeticError) as error:
        raise InvalidInput(f"A split begins or ends at what is no {type_}: plan the query again") from error
    raise InvalidInput(f"A split is a range of a column of {type_}: only numbers, dates and timestamps are split so")
