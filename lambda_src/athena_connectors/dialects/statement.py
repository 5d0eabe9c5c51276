"""A statement and what is bound to it."""

from dataclasses import dataclass

import pyarrow as pa

from athena_connectors.federation.model import Value


@dataclass(frozen=True, slots=True)
class Bind:
    """A value for a placeholder, with the type that Athena declared; None is NULL."""

    value: Value | None
    type: pa.DataType


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL in which every value is a placeholder of the driver's style, and the values in their order."""

    sql: str
    binds: tuple[Bind, ...]
