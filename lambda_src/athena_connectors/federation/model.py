"""The nouns of the protocol, as awslabs/aws-athena-query-federation names them; parsed once, trusted inside."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum

import pyarrow as pa

Value = bool | int | float | Decimal | str | bytes | date | datetime
"""What a constraint compares with. DATEDAY is a `date`; DATEMILLI a naive `datetime`, TIMESTAMPMILLITZ an aware one,
both in UTC and of milliseconds."""


@dataclass(frozen=True, slots=True)
class TableName:
    """A table, view, materialized view or synonym, spelled as the source spells it (in requests: maybe lower-cased)."""

    schema: str
    table: str


class Bound(StrEnum):
    """Where a marker lies relative to its value."""

    BELOW = "BELOW"
    EXACTLY = "EXACTLY"
    ABOVE = "ABOVE"


@dataclass(frozen=True, slots=True)
class Marker:
    """One end of a range; `value` None is unbounded (low: ABOVE, high: BELOW)."""

    value: Value | None
    bound: Bound


@dataclass(frozen=True, slots=True)
class Range:
    """Values from `low` (EXACTLY: >=, ABOVE: >) to `high` (EXACTLY: <=, BELOW: <)."""

    low: Marker
    high: Marker


@dataclass(frozen=True, slots=True)
class SortedRangeSet:
    """Values in any of the ranges, which are disjoint and ascending; NULL where allowed."""

    type: pa.DataType
    ranges: tuple[Range, ...]
    null_allowed: bool


@dataclass(frozen=True, slots=True)
class EquatableValueSet:
    """The values (`white_list`), or everything but them; NULL where allowed."""

    type: pa.DataType
    values: tuple[Value, ...]
    white_list: bool
    null_allowed: bool


@dataclass(frozen=True, slots=True)
class AllOrNoneValueSet:
    """Every value that is not NULL, or none; NULL where allowed."""

    type: pa.DataType
    all: bool
    null_allowed: bool


ValueSet = SortedRangeSet | EquatableValueSet | AllOrNoneValueSet


class Function(StrEnum):
    """The functions that may be pushed down (StandardFunctions.java), by their names on the wire."""

    AND = "$and"
    OR = "$or"
    NOT = "$not"
    IS_NULL = "$is_null"
    NEGATE = "$negate"
    NULLIF = "$nullif"
    EQUAL = "$equal"
    NOT_EQUAL = "$not_equal"
    LESS_THAN = "$less_than"
    LESS_THAN_OR_EQUAL = "$less_than_or_equal"
    GREATER_THAN = "$greater_than"
    GREATER_THAN_OR_EQUAL = "$greater_than_or_equal"
    IS_DISTINCT_FROM = "$is_distinct_from"
    ADD = "$add"
    SUBTRACT = "$subtract"
    MULTIPLY = "$multiply"
    DIVIDE = "$divide"
    MODULUS = "$modulus"
    LIKE_PATTERN = "$like_pattern"
    IN = "$in"
    ARRAY = "$array"


@dataclass(frozen=True, slots=True)
class Variable:
    """A column."""

    column: str
    type: pa.DataType


@dataclass(frozen=True, slots=True)
class Constant:
    """One value, or the many of an `$array`; None is NULL."""

    values: tuple[Value | None, ...]
    type: pa.DataType


@dataclass(frozen=True, slots=True)
class Call:
    """A function applied to its arguments."""

    function: Function
    type: pa.DataType
    arguments: tuple["Expression", ...]


Expression = Call | Variable | Constant


class Direction(StrEnum):
    """How a top-N sorts."""

    ASC_NULLS_FIRST = "ASC_NULLS_FIRST"
    ASC_NULLS_LAST = "ASC_NULLS_LAST"
    DESC_NULLS_FIRST = "DESC_NULLS_FIRST"
    DESC_NULLS_LAST = "DESC_NULLS_LAST"


@dataclass(frozen=True, slots=True)
class OrderBy:
    """One key of a top-N."""

    column: str
    direction: Direction


@dataclass(frozen=True, slots=True)
class Constraints:
    """What Athena pushes down: all of it holds at once. `limit` None: no limit; `passthrough` empty: no passthrough."""

    summary: Mapping[str, ValueSet] = field(default_factory=dict)
    expressions: tuple[Call, ...] = ()
    order_by: tuple[OrderBy, ...] = ()
    limit: int | None = None
    passthrough: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who runs the query, as far as Athena tells; empty where it does not."""

    account: str = ""
    arn: str = ""
    groups: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SpillLocation:
    """Where blocks go: a prefix of a split (`directory`), or one written object."""

    bucket: str
    key: str
    directory: bool


@dataclass(frozen=True, slots=True)
class EncryptionKey:
    """AES-GCM: a key of 16 or 32 bytes and a nonce of 12, both for all blocks of a split, as the wire demands."""

    key: bytes = field(repr=False)
    nonce: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Split:
    """A part of a table that one invocation reads; `key` None writes in the clear."""

    location: SpillLocation
    key: EncryptionKey | None
    properties: Mapping[str, str]


class Inexact(StrEnum):
    """What becomes of a value that Athena's types cannot hold: an error, the nearest that they can hold, or its text.

    `text` is a source's to follow: it declares as VARCHAR a column that may have such values.
    """

    ERROR = "error"
    ROUND = "round"
    TEXT = "text"


class Serde(Enum):
    """The version of the wire format a request came in, mirrored in the answer. 2 frames Arrow in the legacy way."""

    V2 = 2
    V3 = 3
    V4 = 4
    V5 = 5
    V6 = 6


@dataclass(frozen=True, slots=True)
class Envelope:
    """What all requests carry."""

    query_id: str
    catalog: str
    identity: Identity
    serde: Serde


@dataclass(frozen=True, slots=True)
class Ping:
    """Who are you, and what do you speak?"""

    envelope: Envelope


@dataclass(frozen=True, slots=True)
class ListSchemas:
    """Which schemas are there?"""

    envelope: Envelope


@dataclass(frozen=True, slots=True)
class ListTables:
    """Which tables has a schema? `token` None begins; `page_size` None is unlimited."""

    envelope: Envelope
    schema: str
    token: str | None
    page_size: int | None


@dataclass(frozen=True, slots=True)
class GetTable:
    """What columns has a table, or a query that is passed through?"""

    envelope: Envelope
    name: TableName
    passthrough: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class GetTableLayout:
    """Which partitions has what is asked for?"""

    envelope: Envelope
    name: TableName
    constraints: Constraints
    schema: pa.Schema
    partition_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GetSplits:
    """In which parts can it be read? `token` None begins."""

    envelope: Envelope
    name: TableName
    partitions: pa.RecordBatch
    partition_columns: tuple[str, ...]
    constraints: Constraints
    token: str | None


@dataclass(frozen=True, slots=True)
class GetDataSourceCapabilities:
    """What may be pushed down?"""

    envelope: Envelope


@dataclass(frozen=True, slots=True)
class ReadRecords:
    """Read one split. `schema` is the projection, maybe of no column; sizes are in bytes of Arrow buffers."""

    envelope: Envelope
    name: TableName
    schema: pa.Schema
    split: Split
    constraints: Constraints
    max_block_bytes: int
    max_inline_bytes: int


Request = (
    Ping | ListSchemas | ListTables | GetTable | GetTableLayout | GetSplits | GetDataSourceCapabilities | ReadRecords
)
