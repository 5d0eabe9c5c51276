"""A large table in ranges of one column, all of one moment.

The ranges come out of percentiles of what the query asks for, or of a sample where it asks for everything, so that they
are about equal however the values are spread and a query for few rows is not cut up. They are disjoint and complete
whatever the percentiles, for the first and the last have no bound and NULL belongs to the first. A snapshot holds the
moment and the cuts: a later page of the plan asks Snowflake nothing and cannot differ.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pyarrow as pa

from athena_connectors.dialects.ranges import ColumnRange
from athena_connectors.dialects.snowflake import AT, Snowflake
from athena_connectors.federation.errors import InvalidInput
from athena_connectors.federation.model import Constraints, Value
from athena_connectors.federation.source import Caller, SplitPlan, Table
from athena_connectors.sources.snowflake.binding import bound
from athena_connectors.sources.snowflake.dictionary import Dictionary, Storage, quoted
from athena_connectors.sources.snowflake.session import Session

MOST_SPLITS = 64
"""Each is an invocation and a statement at the warehouse, which runs 8 at a time unless it is told otherwise."""
SAMPLED_ROWS = 1_000_000
TRIED_COLUMNS = 3
EPOCH_DAY, EPOCH = date(1970, 1, 1), datetime(1970, 1, 1)  # noqa: DTZ001 - ranges are of UTC without a zone
CLUSTERING = re.compile(r'LINEAR\(\s*("(?:[^"]|"")*"|[A-Za-z_][\w$]*)\s*[,)]')
WHOLE = SplitPlan(({},), None)


@dataclass(frozen=True, slots=True)
class Plan:
    """`at`: the moment, as the dialect's AT takes it. `cuts` ascend."""

    at: str
    column: str
    cuts: tuple[Value, ...]

    def splits(self) -> SplitPlan:
        """One more than there are cuts."""
        ends = [None, *self.cuts, None]
        ranges = [ColumnRange(self.column, low, high, nulls=low is None) for low, high in pairwise(ends)]
        written = [self.at, self.column, *(found.properties()["from"] for found in ranges[1:])]
        return SplitPlan(tuple({AT: self.at} | found.properties() for found in ranges), json.dumps(written))

    @classmethod
    def read(cls, snapshot: str, table: Table) -> "Plan":
        """The plan of a snapshot that `splits` wrote. Raises InvalidInput."""
        try:
            at, column, *cuts = json.loads(snapshot)
            kind = table.schema.field(column).type
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidInput("The token of the splits is none that this connector gave.") from error
        parsed = (ColumnRange.parse({"column": column, "from": cut}, kind).low for cut in cuts)
        return cls(at, column, tuple(cut for cut in parsed if cut is not None))


class Splitter:
    """Plans how tables are read; what has at most `split_rows` rows in one part."""

    def __init__(self, session: Session, dictionary: Dictionary, split_rows: int) -> None:
        self._session, self._dictionary, self._split_rows = session, dictionary, split_rows

    def plan(self, table: Table, constraints: Constraints, snapshot: str | None, caller: Caller) -> SplitPlan:
        """The parts of what is asked of a table; those of a snapshot again. Raises ConnectorError."""
        if snapshot is not None:
            return Plan.read(snapshot, table).splits()
        storage = self._dictionary.storage(table.name)
        if not storage.travels or storage.rows is None or storage.rows <= self._split_rows:
            return WHOLE
        ((moment,),) = self._session.rows("SELECT CURRENT_TIMESTAMP()")
        most = self._parts(storage.rows)
        for column in list(self._columns(table, storage))[:TRIED_COLUMNS]:
            rows, percentiles = self._percentiles(table, column, constraints, most, storage.rows, caller)
            if rows <= self._split_rows:
                return WHOLE
            cuts = tuple(sorted(set(spread(percentiles, self._parts(rows) - 1))))
            if cuts:
                at = moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
                return Plan(at, column, cuts).splits()
        return WHOLE

    def _parts(self, rows: int) -> int:
        return min(MOST_SPLITS, -(-rows // self._split_rows))

    def _columns(self, table: Table, storage: Storage) -> Iterator[str]:
        """Columns to split by: first where a range is few micro-partitions, then where all values are different."""
        suited = [field.name for field in table.schema if _measure(field.type, table.source_types[field.name])]
        clustered = CLUSTERING.match(storage.clustering or "")
        first = [_spelled(clustered[1])] if clustered else []
        seen: set[str] = set()
        for column in [*first, *self._dictionary.primary_key(table.name), *suited]:
            if column in suited and column not in seen:
                seen.add(column)
                yield column

    def _percentiles(
        self, table: Table, column: str, constraints: Constraints, parts: int, stored: int, caller: Caller
    ) -> tuple[int, list[Value]]:
        """How many rows are asked for, and the values that cut those into `parts`: none where all are NULL."""
        field = table.schema.field(column)
        measure = _measure(field.type, table.source_types[column])
        if measure is None:
            return stored, []
        measured = measure.sql.format(quoted(column))
        wanted = ", ".join(f"APPROX_PERCENTILE({measured}, {part / parts:.6f})" for part in range(1, parts))
        if constraints.summary or constraints.expressions:
            asked = replace(constraints, order_by=(), limit=None)
            matching = Snowflake().select(table, pa.schema([field]), asked, {})
            sql = f"SELECT COUNT(*), {wanted} FROM ({matching.sql})"  # noqa: S608 - quoted, and values are bound
            ((rows, *found),) = self._session.rows(sql, bound(matching.binds), caller)
        else:
            percent = 100 * SAMPLED_ROWS / stored
            sample = f" SAMPLE SYSTEM ({percent:.6f})" if percent < 100 else ""
            name = Snowflake().table_name(table.name)
            rows = stored
            sql = f"SELECT {wanted} FROM {name}{sample}"  # noqa: S608 - quoted
            ((*found,),) = self._session.rows(sql, caller=caller)
        return rows, [measure.value(number) for number in found if number is not None]


def spread(values: Sequence[Value], most: int) -> list[Value]:
    """At most so many of the values, evenly chosen."""
    if len(values) <= most:
        return list(values)
    return [values[(number + 1) * (len(values) + 1) // (most + 1) - 1] for number in range(most)]


@dataclass(frozen=True, slots=True)
class _Measure:
    """How a column becomes a number whose percentiles are taken, and a percentile a value of the column."""

    sql: str
    value: Callable[[float], Value]


def _measure(kind: pa.DataType, source_type: str) -> _Measure | None:
    if pa.types.is_integer(kind):
        return _Measure("{}", int)
    if pa.types.is_decimal(kind):
        return _Measure("{}", lambda number: Decimal(number).quantize(Decimal(1).scaleb(-kind.scale)))
    if pa.types.is_date32(kind):
        return _Measure(
            "DATEDIFF('day', '1970-01-01'::DATE, {})", lambda number: EPOCH_DAY + timedelta(days=int(number))
        )
    if pa.types.is_date64(kind) and source_type.startswith("TIMESTAMP"):
        return _Measure("DATE_PART('epoch_second', {})", lambda number: EPOCH + timedelta(seconds=int(number)))
    return None


def _spelled(identifier: str) -> str:
    return identifier[1:-1].replace('""', '"') if identifier.startswith('"') else identifier.upper()
