"""What a database has, out of its ALL_ views: all that the connection's user may read, whoever owns it."""

from dataclasses import dataclass

from athena_connectors.dialects.oracle import Oracle as OracleDialect
from athena_connectors.federation.errors import EntityNotFound
from athena_connectors.federation.model import TableName
from athena_connectors.sources.oracle.session import Session
from athena_connectors.sources.oracle.types import Column

READABLE = "('TABLE', 'VIEW', 'MATERIALIZED VIEW')"
LONGEST_CHAIN = 8
"""Synonyms of synonyms that are followed."""


@dataclass(frozen=True, slots=True)
class Partition:
    """A part of a table; `rows` as its statistics have it, None where they were never gathered."""

    name: str
    rows: int | None


@dataclass(frozen=True, slots=True)
class Storage:
    """How a table is stored. `rows` and `blocks` are of its statistics, None where they were never gathered.

    `addressed`: its rows have addresses that stay, so that it can be read by ranges of them.
    """

    name: TableName
    rows: int | None
    blocks: int | None
    partitioned: bool
    addressed: bool


class Dictionary:
    """Asks the ALL_ views. Every method raises ConnectorError."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def schemas(self) -> list[str]:
        """The users but those that came with the database, sorted; a table of theirs is found when it is named."""
        rows = self._session.rows("SELECT USERNAME FROM ALL_USERS WHERE ORACLE_MAINTAINED = 'N'")
        return sorted(name for (name,) in rows)

    def tables(self, schema: str) -> list[TableName]:
        """Whatever can be selected from, by synonyms too, sorted; not what was dropped or serves an index."""
        rows = self._session.rows(
            "SELECT OBJECT_NAME FROM ALL_OBJECTS WHERE OWNER = :1 "  # noqa: S608 - constants
            f"AND OBJECT_TYPE IN {READABLE} AND SECONDARY = 'N' AND OBJECT_NAME NOT LIKE 'BIN$%' "
            "UNION SELECT S.SYNONYM_NAME FROM ALL_SYNONYMS S WHERE S.OWNER = :2 AND (S.DB_LINK IS NOT NULL "
            "OR EXISTS (SELECT 1 FROM ALL_OBJECTS O WHERE O.OWNER = S.TABLE_OWNER AND O.OBJECT_NAME = S.TABLE_NAME "
            "AND O.OBJECT_TYPE IN ('TABLE', 'VIEW', 'MATERIALIZED VIEW', 'SYNONYM')))",
            schema,
            schema,
        )
        return [TableName(schema, name) for name in sorted(name for (name,) in rows)]

    def candidates(self, name: TableName) -> list[TableName]:
        """Those of that name in any case."""
        rows = self._session.rows(
            "SELECT DISTINCT OWNER, OBJECT_NAME FROM ALL_OBJECTS WHERE UPPER(OWNER) = UPPER(:1) "
            "AND UPPER(OBJECT_NAME) = UPPER(:2) AND OBJECT_TYPE IN ('TABLE', 'VIEW', 'MATERIALIZED VIEW', 'SYNONYM')",
            name.schema,
            name.table,
        )
        return sorted((TableName(*row) for row in rows), key=lambda found: (found.schema, found.table))

    def columns(self, name: TableName) -> list[Column]:
        """The columns in their order, as a query of the table is described: through synonyms, without hidden ones."""
        table = OracleDialect().table_name(name)
        try:
            described = self._session.describe(f"SELECT * FROM {table}")  # noqa: S608 - quoted
        except EntityNotFound as error:
            raise EntityNotFound(
                f"There is no table {name.schema}.{name.table}, or the connection's user may not read it: {error}"
            ) from error
        return [Column.of(found) for found in described]

    def storage(self, name: TableName) -> Storage | None:
        """How the table is stored, or what a synonym stands for; None for a view, or behind a database link."""
        table = self.resolved(name)
        if table is None:
            return None
        found = self._session.rows(
            "SELECT NUM_ROWS, BLOCKS, PARTITIONED, IOT_TYPE, TEMPORARY, CLUSTER_NAME, EXTERNAL FROM ALL_TABLES "
            "WHERE OWNER = :1 AND TABLE_NAME = :2",
            table.schema,
            table.table,
        )
        if not found:
            return None
        ((rows, blocks, partitioned, index, temporary, cluster, external),) = found
        heap = index is None and cluster is None
        stored = temporary == "N" and external in (None, "NO")
        return Storage(table, rows, blocks, partitioned == "YES" and stored, heap and stored)

    def resolved(self, name: TableName) -> TableName | None:
        """What synonyms stand for in the end; None for what is in another database."""
        for _ in range(LONGEST_CHAIN):
            found = self._session.rows(
                "SELECT TABLE_OWNER, TABLE_NAME, DB_LINK FROM ALL_SYNONYMS WHERE OWNER = :1 AND SYNONYM_NAME = :2",
                name.schema,
                name.table,
            )
            if not found:
                return name
            owner, table, link = found[0]
            if link is not None or owner is None:
                return None
            name = TableName(owner, table)
        return None

    def partitions(self, name: TableName) -> list[Partition]:
        """The partitions in their order."""
        rows = self._session.rows(
            "SELECT PARTITION_NAME, NUM_ROWS FROM ALL_TAB_PARTITIONS WHERE TABLE_OWNER = :1 AND TABLE_NAME = :2 "
            "ORDER BY PARTITION_POSITION",
            name.schema,
            name.table,
        )
        return [Partition(*row) for row in rows]
