"""Time Travel: what a table held before each statement that changed it.

Snowflake keeps versions; DuckDB does not. So a table is copied before it is changed, and `AT(TIMESTAMP => …)` reads
the copy that was valid then. What was never changed costs nothing.
"""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime

import duckdb
from sqlglot import Expr, exp

from localcloud.snowflake.accounts import Refused

Name = tuple[str, str, str]
CHANGES = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.TruncateTable)


@dataclass
class _Versions:
    created: datetime
    past: list[tuple[datetime, str]] = field(default_factory=list)


class History:
    """The versions of all tables."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._tables: dict[Name, _Versions] = {}
        self._numbers = itertools.count(1)
        connection.execute("CREATE SCHEMA _fs_global._history")

    def before(self, statement: Expr, database: str | None, schema: str | None) -> None:
        """Keep what `statement` is about to change; a table that it creates begins now."""
        target = statement.find(exp.Table)
        if target is None:
            return
        name = qualified(target, database, schema)
        now = datetime.now(UTC)
        if isinstance(statement, exp.Create):
            self._tables[name] = _Versions(now)
        elif isinstance(statement, CHANGES) and name in self._tables:
            copy = f"version_{next(self._numbers)}"
            source = ".".join(f'"{part}"' for part in name)
            self._connection.execute(f"CREATE TABLE _fs_global._history.{copy} AS SELECT * FROM {source}")  # noqa: S608
            self._tables[name].past.append((now, copy))

    def rewrite(self, statement: Expr, database: str | None, schema: str | None) -> bool:
        """Make `AT(TIMESTAMP => …)` of the statement read the versions of then; whether it had any. Raises Refused."""
        found = [table for table in statement.find_all(exp.Table) if table.args.get("when") is not None]
        for table in found:
            when = table.args["when"]
            if str(when.this).upper() != "AT" or str(when.args["kind"]).upper() != "TIMESTAMP":
                raise NotImplementedError("The stand-in knows AT(TIMESTAMP => …) alone.")
            moment = self._evaluate(when.expression)
            name = qualified(table, database, schema)
            versions = self._tables.get(name)
            if versions is None or moment < versions.created:
                raise Refused(
                    707,
                    f"Time travel data is not available for table {name[2]}. The requested time is either beyond the "
                    "allowed time travel period or before the object creation time.",
                    "02000",
                )
            table.set("when", None)
            copy = next((copy for changed, copy in versions.past if moment < changed), None)
            if copy is not None:
                for part, value in (("catalog", "_fs_global"), ("db", "_history"), ("this", copy)):
                    table.set(part, exp.to_identifier(value, quoted=True))
        return bool(found)

    def _evaluate(self, expression: Expr) -> datetime:
        if not isinstance(expression, exp.Cast):
            raise Refused(1003, "SQL compilation error: AT takes a timestamp that is cast explicitly.", "42000")
        sql = exp.select(exp.cast(expression, "TIMESTAMPTZ")).sql(dialect="duckdb")
        ((found,),) = self._connection.execute(sql).fetchall()
        moment: datetime = found
        return moment


def qualified(table: exp.Table, database: str | None, schema: str | None) -> Name:
    """The table's database, schema and name as Snowflake resolves them."""
    return (_part(table, "catalog", database), _part(table, "db", schema), _part(table, "this", None))


def _part(table: exp.Table, name: str, default: str | None) -> str:
    part = table.args.get(name)
    if part is None:
        return default or ""
    return spelled(part)


def spelled(identifier: Expr) -> str:
    """An identifier as Snowflake reads it."""
    return str(identifier.name if identifier.args.get("quoted") else identifier.name.upper())
