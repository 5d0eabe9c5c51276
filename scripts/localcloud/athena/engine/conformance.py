"""The promises of a connector that Athena trusts and does not look after: here a query fails over a broken one.

Every function raises ProtocolViolation, whose text names the promise.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa
from sqlglot import exp

from athena_connectors.federation.model import Constraints, SpillLocation, Split
from localcloud.athena.engine.connector import MAX_BLOCK_BYTES, MAX_INLINE_BYTES
from localcloud.athena.query.meaning import as_duckdb_means_it
from localcloud.athena.wire.answers import TableDescription
from localcloud.athena.wire.arrow_types import is_supported
from localcloud.athena.wire.violation import ProtocolViolation


def require_readable(table: TableDescription) -> None:
    """Every column is of a type that Athena takes, and every partition column is a column."""
    for column in table.schema:
        if not is_supported(column.type):
            raise ProtocolViolation(
                f"GetTable: the column {column.name} has the type {column.type}: Athena takes none."
            )
    if unknown := sorted(set(table.partition_columns) - set(table.schema.names)):
        raise ProtocolViolation(f"GetTable: partition columns that are no columns: {', '.join(unknown)}.")


@dataclass(slots=True)
class SplitLedger:
    """Every split of a scan so far, page by page."""

    locations: set[tuple[str, str]] = field(default_factory=set)
    parts: set[frozenset[tuple[str, str]]] = field(default_factory=set)
    keys: set[tuple[bytes, bytes]] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)

    def enter(self, splits: Iterable[Split], token: str | None) -> None:
        """Splits share neither the place to spill to, nor the key, nor the part of the table; pages end."""
        for split in splits:
            location = split.location
            if not location.directory:
                raise ProtocolViolation(f"GetSplits: the location {location.key} of a split is no directory.")
            if (location.bucket, location.key) in self.locations:
                raise ProtocolViolation(f"GetSplits: two splits spill to {location.bucket}/{location.key}.")
            self.locations.add((location.bucket, location.key))
            if (part := frozenset(split.properties.items())) in self.parts:
                raise ProtocolViolation(f"GetSplits: two splits read the same part: {dict(split.properties)}.")
            self.parts.add(part)
            if split.key is not None:
                if (key := (split.key.key, split.key.nonce)) in self.keys:
                    raise ProtocolViolation("GetSplits: two splits have one key and nonce.")
                self.keys.add(key)
        if token is not None:
            if token in self.tokens:
                raise ProtocolViolation(f"GetSplits: the continuation token {token!r} came twice.")
            self.tokens.add(token)


def require_same_columns(found: pa.Schema, asked: pa.Schema) -> None:
    """Rows come with the columns and types that were asked for, in their order."""
    names_and_types = [[(column.name, column.type) for column in schema] for schema in (found, asked)]
    if names_and_types[0] != names_and_types[1]:
        raise ProtocolViolation(f"ReadRecords: columns {_described(found)} came, {_described(asked)} were asked for.")


def require_fitting(batch: pa.RecordBatch, *, inline: bool) -> None:
    """A block is no larger than was asked for, unless a single row is."""
    most = MAX_INLINE_BYTES if inline else MAX_BLOCK_BYTES
    if batch.nbytes > most and batch.num_rows > 1:
        kind = "An inline answer" if inline else "A block"
        raise ProtocolViolation(f"ReadRecords: {kind} has {batch.nbytes:,} bytes; {most:,} were asked for at most.")


def require_own_blocks(split: Split, blocks: Iterable[SpillLocation], key: object) -> None:
    """A split spills below its own location, each object once, with its own key."""
    seen = set()
    for block in blocks:
        own = block.bucket == split.location.bucket and block.key.startswith(split.location.key)
        if not own or block.directory:
            raise ProtocolViolation(f"ReadRecords: the block {block.key} is not below {split.location.key}.")
        if block.key in seen:
            raise ProtocolViolation(f"ReadRecords: the block {block.key} came twice.")
        seen.add(block.key)
    if key != split.key:
        raise ProtocolViolation("ReadRecords: the blocks have another key than their split.")


def require_limited(rows: int, constraints: Constraints) -> None:
    """A split has no more rows than the limit that the connector said it applies."""
    if constraints.limit is not None and rows > constraints.limit:
        raise ProtocolViolation(f"ReadRecords: {rows:,} rows came; the limit {constraints.limit:,} was pushed down.")


def require_applied(connection: duckdb.DuckDBPyConnection, scan: str, alias: str, pushed: Iterable[exp.Expr]) -> None:
    """Every row of the table `scan` satisfies every predicate that was pushed down."""
    for conjunct in pushed:
        condition = as_duckdb_means_it(exp.Where(this=conjunct.copy())).this.sql("duckdb")
        query = f"SELECT count(*) FROM {scan} AS {alias} WHERE ({condition}) IS NOT TRUE"  # noqa: S608 - local
        ((rows,),) = connection.execute(query).fetchall()
        if rows:
            said = conjunct.sql("athena")
            raise ProtocolViolation(f"ReadRecords: {rows:,} rows came that {said} excludes, which was pushed down.")


def _described(schema: pa.Schema) -> str:
    return "[" + ", ".join(f"{column.name} {column.type}" for column in schema) + "]"
