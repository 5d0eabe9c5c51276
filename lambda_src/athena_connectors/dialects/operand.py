"""What SQL is made of: columns and whatever else is compared or computed with."""

import re
from dataclasses import dataclass
from math import isnan

import pyarrow as pa

from athena_connectors.dialects.fragment import Fragment
from athena_connectors.federation.model import Value


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `type` as declared to Athena, `source_type` the source's own, empty for a query passed through."""

    name: str
    type: pa.DataType
    source_type: str

    @property
    def kind(self) -> str:
        """The source's type without its parameters: `TIMESTAMP WITH TIME ZONE` of `TIMESTAMP(6) WITH TIME ZONE`."""
        return " ".join(re.sub(r"\([^)]*\)", "", self.source_type.upper()).split())


@dataclass(frozen=True, slots=True)
class Operand:
    """Something that is compared or computed with, and what is known of it: that it is a column, or a constant.

    `padded` text has no blanks at its end for Athena, however many it has at the source.
    """

    sql: Fragment
    type: pa.DataType
    column: Column | None = None
    constant: Value | None = None
    padded: bool = False


def is_numeric(type_: pa.DataType) -> bool:
    """Whether values of the type are computed with."""
    return bool(pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_))


def is_float(operand: Operand) -> bool:
    """Whether it is a binary number, for Athena."""
    return bool(pa.types.is_floating(operand.type))


def is_nan(value: Value | None) -> bool:
    """Whether it is a constant that is no number."""
    return isinstance(value, float) and isnan(value)
