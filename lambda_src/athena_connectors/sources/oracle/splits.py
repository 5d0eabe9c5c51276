"""A large table in parts: its partitions, ranges of rows' addresses, or buckets over them.

Parts are of one moment, an SCN, where the connection's user may read the past of the table: of its own ones, and of
those on which it was granted FLASHBACK. Then a row is in exactly one part whatever changes meanwhile, and a table that
is altered meanwhile is an error. Without it each part is of the moment when it is read: a row that stays where it is
meanwhile is in exactly one, others may be missed or read twice.

A snapshot holds the whole plan: a later page of it asks Oracle nothing and cannot differ.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import pyarrow as pa

from athena_connectors.dialects.oracle import (
    BUCKET,
    BUCKETS,
    FIRST_ROWID,
    NEXT_ROWID,
    PARTITION,
    SAMPLE,
    SCN,
)
from athena_connectors.dialects.oracle import Oracle as OracleDialect
from athena_connectors.federation.errors import AccessDenied, EntityNotFound, InvalidInput
from athena_connectors.federation.model import Constraints
from athena_connectors.federation.source import Caller, SplitPlan, Table
from athena_connectors.sources.oracle.dictionary import Dictionary, Storage
from athena_connectors.sources.oracle.session import Session

MOST_SPLITS = 64
"""Each is an invocation and a session at the database."""
SAMPLED_BLOCKS = 2_000
WHOLE = SplitPlan(({},), None)

Parts = list[dict[str, str]]


class Splitter:
    """Plans how tables are read; what has at most `split_rows` rows in one part."""

    def __init__(self, session: Session, dictionary: Dictionary, split_rows: int) -> None:
        self._session, self._dictionary, self._split_rows = session, dictionary, split_rows

    def plan(self, table: Table, constraints: Constraints, snapshot: str | None, caller: Caller) -> SplitPlan:
        """The parts of what is asked of a table; those of a snapshot again. Raises ConnectorError."""
        if snapshot is not None:
            return SplitPlan(_read(snapshot), snapshot)
        self._session.tag(caller)
        storage = self._dictionary.storage(table.name)
        if storage is None or storage.rows is None or storage.rows <= self._split_rows:
            return WHOLE
        asked = self._asked(table, constraints, storage)
        if asked <= self._split_rows:
            return WHOLE
        scn = self._moment(storage)
        parts = self._partitions(storage) if storage.partitioned else []
        if not parts and storage.addressed:
            parts = self._addresses(storage, asked) if scn else self._buckets(asked)
        if len(parts) < 2:
            return WHOLE
        moment = {SCN: scn} if scn else {}
        properties = tuple(moment | part for part in parts)
        return SplitPlan(properties, json.dumps(properties))

    def _asked(self, table: Table, constraints: Constraints, storage: Storage) -> int:
        """About how many rows: those of a sample, where there are conditions and the table can be sampled."""
        if not (constraints.summary or constraints.expressions) or not storage.addressed:
            return storage.rows or 0
        percent = _sample(storage)
        asked = replace(constraints, order_by=(), limit=None)
        matching = OracleDialect().select(table, pa.schema([]), asked, {SAMPLE: str(percent)} if percent else {})
        ((rows,),) = self._session.rows(matching.sql, *self._session.bound(matching.binds))
        return round(int(rows) * 100 / (percent or 100))

    def _moment(self, storage: Storage) -> str | None:
        """The SCN of now, None where the user may not read the table as of one."""
        try:
            ((scn,),) = self._session.rows("SELECT DBMS_FLASHBACK.GET_SYSTEM_CHANGE_NUMBER FROM DUAL")
        except (AccessDenied, EntityNotFound, InvalidInput):
            # The package is not granted; this function is everybody's, and right to three seconds.
            ((scn,),) = self._session.rows("SELECT TIMESTAMP_TO_SCN(SYSTIMESTAMP) FROM DUAL")
        name = OracleDialect().table_name(storage.name)
        try:
            self._session.describe(f"SELECT 1 FROM {name} AS OF SCN {int(scn)}")  # noqa: S608 - quoted
        except (AccessDenied, EntityNotFound, InvalidInput):
            return None
        return str(int(scn))

    def _partitions(self, storage: Storage) -> Parts:
        """A part for each partition, more for those that are large; none where that would be too many."""
        parts: Parts = []
        for partition in self._dictionary.partitions(storage.name):
            name = {PARTITION: partition.name}
            several = self._buckets(partition.rows or 0) if storage.addressed else []
            parts += [name | bucket for bucket in several] or [name]
        return parts if len(parts) <= MOST_SPLITS else []

    def _parts(self, rows: int) -> int:
        return min(MOST_SPLITS, -(-rows // self._split_rows))

    def _buckets(self, rows: int) -> Parts:
        count = self._parts(rows)
        return [{BUCKET: str(number), BUCKETS: str(count)} for number in range(count)] if count > 1 else []

    def _addresses(self, storage: Storage, asked: int) -> Parts:
        """Ranges of about as many rows, cut at addresses of a sample; each is read without the others' blocks.

        They are complete and disjoint whatever the sample, for the first has no beginning and the last no end.
        """
        count = self._parts(asked)
        percent = _sample(storage)
        sample = f" SAMPLE BLOCK ({percent:.6f})" if percent else ""
        name = OracleDialect().table_name(storage.name)
        rows = self._session.rows(
            f"SELECT ROWIDTOCHAR(MIN(A)) FROM (SELECT ROWID AS A, NTILE({count}) OVER (ORDER BY ROWID) AS N "  # noqa: S608 - quoted
            f"FROM {name}{sample}) GROUP BY N ORDER BY N"
        )
        cuts = [address for (address,) in rows[1:]]
        return [
            ({FIRST_ROWID: first} if first else {}) | ({NEXT_ROWID: following} if following else {})
            for first, following in pairwise([None, *cuts, None])
        ]


def _sample(storage: Storage) -> float | None:
    """The percentage of a table's blocks that is enough to know it by; None for all of a small one."""
    percent = 100 * SAMPLED_BLOCKS / max(storage.blocks or 0, 1)
    return percent if percent < 100 else None


def _read(snapshot: str) -> tuple[Mapping[str, str], ...]:
    """The parts of a snapshot. Raises InvalidInput."""
    try:
        found = json.loads(snapshot)
    except ValueError:
        found = None
    if not isinstance(found, list) or not found or not all(_is_part(part) for part in found):
        raise InvalidInput("The token of the splits is none that this connector gave.")
    return tuple(found)


def _is_part(part: object) -> bool:
    return isinstance(part, dict) and all(isinstance(text, str) for pair in part.items() for text in pair)
