"""A large table in buckets of a hash.

The hash is Teradata's own, of the columns by which it spreads the rows, so that buckets are as even as its disks are;
they are disjoint and complete whatever the rows, NULL included. Teradata reads the table anew for every bucket, and
what changes between two of them may be in both or in neither: it keeps no past. A table that must be of one moment
is read in one part, by SPLIT_ROWS above its rows.
"""

import json
from dataclasses import dataclass, replace

import pyarrow as pa

from athena_connectors.dialects.teradata import BUCKET, BUCKETS, HASHED, Teradata
from athena_connectors.federation.errors import InvalidInput
from athena_connectors.federation.model import Constraints
from athena_connectors.federation.source import Caller, SplitPlan, Table
from athena_connectors.sources.teradata.cursor import bound
from athena_connectors.sources.teradata.dictionary import Dictionary
from athena_connectors.sources.teradata.session import Session

MOST_SPLITS = 16
"""Each is an invocation, a session, and a scan of the whole table at Teradata."""
HASHED_COLUMNS = 16
"""Of a table without a primary index, whose rows are spread at random."""
UNHASHABLE = ("BLOB", "CLOB", "JSON", "XML", "PERIOD", "INTERVAL")
WHOLE = SplitPlan(({},), None)


@dataclass(frozen=True, slots=True)
class Plan:
    """So many buckets of the hash of the columns."""

    columns: tuple[str, ...]
    buckets: int

    def splits(self) -> SplitPlan:
        """One for each bucket."""
        shared = {HASHED: json.dumps(self.columns), BUCKETS: str(self.buckets)}
        properties = tuple(shared | {BUCKET: str(bucket)} for bucket in range(self.buckets))
        return SplitPlan(properties, json.dumps([self.columns, self.buckets]))

    @classmethod
    def read(cls, snapshot: str, table: Table) -> "Plan":
        """The plan of a snapshot that `splits` wrote. Raises InvalidInput."""
        try:
            columns, buckets = json.loads(snapshot)
            plan = cls(tuple(columns), int(buckets))
        except (ValueError, TypeError) as error:
            raise InvalidInput("The token of the splits is none that this connector gave.") from error
        if not plan.columns or not set(plan.columns) <= set(table.schema.names) or not 1 < buckets <= MOST_SPLITS:
            raise InvalidInput("The token of the splits is none that this connector gave.")
        return plan


class Splitter:
    """Plans how tables are read; those of at most `split_rows` rows in one part."""

    def __init__(self, session: Session, dictionary: Dictionary, split_rows: int) -> None:
        self._session, self._dictionary, self._split_rows = session, dictionary, split_rows

    def plan(self, table: Table, constraints: Constraints, snapshot: str | None, caller: Caller) -> SplitPlan:
        """The parts of what is asked of a table; those of a snapshot again. Raises ConnectorError."""
        if snapshot is not None:
            return Plan.read(snapshot, table).splits()
        if self._dictionary.kind(table.name) == "V":
            return WHOLE
        everything, asked = Constraints(), replace(constraints, order_by=(), limit=None)
        rows = self._rows(table, everything, caller)
        if rows > self._split_rows and asked != everything:
            rows = self._rows(table, asked, caller)  # one scan, where few rows would take one for every part
        columns = self._columns(table)
        if rows <= self._split_rows or not columns:
            return WHOLE
        return Plan(columns, min(MOST_SPLITS, -(-rows // self._split_rows))).splits()

    def _rows(self, table: Table, constraints: Constraints, caller: Caller) -> int:
        """Beside whoever writes to the table; without conditions counted out of the cylinder indexes, not the rows."""
        statement = Teradata().select(table, pa.schema([]), constraints, {})
        binds = [bound(bind) for bind in statement.binds]
        ((rows,),) = self._session.rows(f"LOCKING ROW FOR ACCESS {statement.sql}", binds, caller)
        return int(rows)

    def _columns(self, table: Table) -> tuple[str, ...]:
        indexed = self._dictionary.primary_index(table.name)
        if indexed:
            return tuple(indexed)
        suited = [name for name, kind in table.source_types.items() if not kind.startswith(UNHASHABLE)]
        return tuple(suited[:HASHED_COLUMNS])
