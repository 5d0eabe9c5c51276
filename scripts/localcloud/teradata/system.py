"""A Teradata system on DuckDB: users, tables with the types that they were declared with, the dictionary, a log."""

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
from sqlglot import exp

from localcloud.teradata.refusal import Refused, cancelled, no_such_table
from localcloud.teradata.translation import MACROS, Translated, translate
from localcloud.teradata.types import TeradataType

NAME = r'(?:"[^"]+"|[\w$#]+)'
CREATE_TABLE = re.compile(
    rf"CREATE\s+(?:MULTISET\s+|SET\s+)?TABLE\s+({NAME})\.({NAME})\s*\((.*?)\)\s*"
    rf"(?:(UNIQUE\s+)?PRIMARY\s+INDEX\s*\(([^()]*)\)|(NO\s+PRIMARY\s+INDEX))?",
    re.S | re.I,
)
CREATE_VIEW = re.compile(rf"CREATE\s+VIEW\s+({NAME})\.({NAME})\s+AS\s+(.*)", re.S | re.I)
CREATE_DATABASE = re.compile(rf"CREATE\s+DATABASE\s+({NAME}).*", re.S | re.I)
DROP = re.compile(rf"DROP\s+(TABLE|VIEW)\s+({NAME})\.({NAME})", re.I)
SESSION = re.compile(r"SET SESSION COLLATION ASCII|SET QUERY_BAND = '([^']*)' FOR SESSION")
DICTIONARY = """
CREATE SCHEMA DBC;
CREATE TABLE DBC.TablesV (DataBaseName VARCHAR, TableName VARCHAR, TableKind VARCHAR);
CREATE TABLE DBC.ColumnsV (DataBaseName VARCHAR, TableName VARCHAR, ColumnName VARCHAR, ColumnId SMALLINT,
    ColumnType VARCHAR, DecimalTotalDigits SMALLINT, DecimalFractionalDigits SMALLINT);
CREATE TABLE DBC.IndicesV (DataBaseName VARCHAR, TableName VARCHAR, ColumnName VARCHAR, ColumnPosition SMALLINT,
    IndexType VARCHAR, UniqueFlag VARCHAR);
INSERT INTO DBC.TablesV VALUES ('DBC', 'TablesV', 'V'), ('SYSLIB', 'own', 'T');
"""


@dataclass(frozen=True, slots=True)
class User:
    """A user's password; a locked one is refused as if it were wrong, as Teradata does; `denied` may not be read."""

    password: str = field(repr=False)
    locked: bool = False
    denied: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or a view: `kind` T, O or V."""

    kind: str
    columns: Mapping[str, TeradataType]


@dataclass(slots=True)
class Entry:
    """A request in the log, with the band of its session and what became of it."""

    request: str
    band: str
    failure: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """Rows that are yet to be fetched, and their columns by name."""

    columns: tuple[tuple[str, TeradataType], ...]
    rows: Sequence[Sequence[Any]]


class Session:
    """A session; its requests run one after another."""

    def __init__(self, system: "System", user: User, number: int) -> None:
        self.number = number
        self._system, self._user = system, user
        self._connection = system.connection.cursor()
        self._band = ""
        self._cancelled = threading.Event()
        self._running = False

    def cancel(self) -> None:
        """End the request that runs; nothing if none does."""
        if self._running:
            self._cancelled.set()
            self._connection.interrupt()

    def execute(self, request: str, binds: Sequence[Any]) -> Result:
        """Run a request. Raises Refused, NotImplementedError."""
        entry = Entry(request, self._band)
        self._system.log.append(entry)
        try:
            if found := SESSION.fullmatch(request):
                self._band = found[1] or self._band
                return Result((), ())
            return self._query(self._translate(request), binds)
        except Refused as refused:
            entry.failure = refused.number
            raise

    def describe(self, request: str) -> list[dict[str, Any]]:
        """The columns of a query that does not run. Raises Refused, NotImplementedError."""
        translated = self._translate(request)
        return [type_.described(name) for name, type_ in self._typed(translated, None)]

    def _translate(self, request: str) -> Translated:
        def columns_of(table: exp.Table) -> Mapping[str, TeradataType]:
            if f"{table.db}.{table.name}".lower() in self._user.denied:
                words = f"The user does not have SELECT access to {table.db}.{table.name}."
                raise Refused(3523, "42000", words)
            return self._system.relation(table).columns

        return translate(request, columns_of)

    def _query(self, translated: Translated, binds: Sequence[Any]) -> Result:
        self._cancelled.clear()
        self._running = True
        try:
            found = self._connection.execute(translated.sql, list(binds) or None)
            types = self._typed(translated, [str(column[1]) for column in found.description])
            return Result(types, found.fetchall())
        except duckdb.Error as error:
            if self._cancelled.is_set():
                raise cancelled() from None
            raise _refused(error) from error
        finally:
            self._running = False

    def _typed(self, translated: Translated, inferred: list[str] | None) -> tuple[tuple[str, TeradataType], ...]:
        if inferred is None:
            try:
                described = self._connection.execute(f"DESCRIBE {translated.sql}").fetchall()
            except duckdb.Error as error:
                raise _refused(error) from error
            inferred = [column[1] for column in described]
        return tuple(
            (name, known or TeradataType.inferred(other))
            for (name, known), other in zip(translated.columns, inferred, strict=True)
        )


class System:
    """The databases, and who may sign in; `log` has the requests that arrived, in their order."""

    def __init__(self, users: Mapping[str, User]) -> None:
        self.users = dict(users)
        self.log: list[Entry] = []
        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'America/New_York'")  # no convenient one
        self.connection.execute(DICTIONARY)
        for macro in MACROS:
            self.connection.execute(f"CREATE MACRO {macro}")
        self._relations: dict[str, Relation] = {}
        self._sessions: dict[int, Session] = {}
        for name in ("TablesV", "ColumnsV", "IndicesV"):
            found = self.connection.execute(f"DESCRIBE DBC.{name}").fetchall()
            columns = {column: TeradataType.inferred(kind) for column, kind, *_ in found}
            self._relations[f"dbc.{name.lower()}"] = Relation("V", columns)

    def sign_in(self, user: str, password: str, database: str) -> Session:
        """A new session. Raises Refused."""
        known = self.users.get(user)
        if known is None or known.locked or known.password != password:
            raise Refused(8017, "28000", "The UserId, Password or Account is invalid.")
        if database and database.lower() not in {name.partition(".")[0] for name in self._relations}:
            raise Refused(3802, "42000", f"Database '{database}' does not exist.")
        session = Session(self, known, 1_000 + len(self._sessions))
        self._sessions[session.number] = session
        return session

    def cancel(self, number: int) -> None:
        """End what runs in a session."""
        self._sessions[number].cancel()

    def relation(self, table: exp.Table) -> Relation:
        """A table or view. Raises Refused."""
        found = self._relations.get(f"{table.db}.{table.name}".lower())
        if found is None:
            raise no_such_table(table)
        return found

    def run(self, statement: str) -> None:
        """Run a statement as the owner of everything, in DuckDB's SQL where it is not one that defines something."""
        statement = statement.strip().removesuffix(";")
        if found := CREATE_DATABASE.fullmatch(statement):
            self.connection.execute(f"CREATE SCHEMA {found[1]}")
        elif found := CREATE_TABLE.fullmatch(statement):
            self._create_table(_bare(found[1]), _bare(found[2]), found)
        elif found := CREATE_VIEW.fullmatch(statement):
            self._create_view(_bare(found[1]), _bare(found[2]), found[3])
        elif found := DROP.fullmatch(statement):
            self._drop(statement, _bare(found[2]), _bare(found[3]))
        else:
            self.connection.execute(statement)

    def _create_table(self, database: str, name: str, found: re.Match[str]) -> None:
        declared = [_column(part) for part in re.split(r",(?![^()]*\))", found[3])]
        columns = {column: TeradataType.parse(type_) for column, type_ in declared}
        listed = ", ".join(f'"{column}" {type_.duckdb}' for column, type_ in columns.items())
        self.connection.execute(f'CREATE TABLE "{database}"."{name}" ({listed})')
        self._define(database, name, Relation("O" if found[6] else "T", columns))
        # Without a word about it, a table's primary index is of its first column.
        indexed = [] if found[6] else [_bare(part.strip()) for part in (found[5] or declared[0][0]).split(",")]
        unique = "Y" if found[4] else "N"
        for position, column in enumerate(indexed, start=1):
            row = [database, name, column, position, "P", unique]
            self.connection.execute("INSERT INTO DBC.IndicesV VALUES (?, ?, ?, ?, ?, ?)", row)

    def _create_view(self, database: str, name: str, query: str) -> None:
        translated = translate(query, lambda table: self.relation(table).columns)
        self.connection.execute(f'CREATE VIEW "{database}"."{name}" AS {translated.sql}')
        described = self.connection.execute(f'DESCRIBE "{database}"."{name}"').fetchall()
        columns = {
            column: known or TeradataType.inferred(found[1])
            for (column, known), found in zip(translated.columns, described, strict=True)
        }
        self._define(database, name, Relation("V", columns))

    def _define(self, database: str, name: str, relation: Relation) -> None:
        self._relations[f"{database}.{name}".lower()] = relation
        self.connection.execute("INSERT INTO DBC.TablesV VALUES (?, ?, ?)", [database, name, relation.kind])
        for number, (column, type_) in enumerate(relation.columns.items(), start=1025):
            described = (None, None, None) if relation.kind == "V" else type_.dictionary()
            row = [database, name, column, number, *described]
            self.connection.execute("INSERT INTO DBC.ColumnsV VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def _drop(self, statement: str, database: str, name: str) -> None:
        self.connection.execute(statement)
        del self._relations[f"{database}.{name}".lower()]
        for view in ("TablesV", "ColumnsV", "IndicesV"):
            sql = f"DELETE FROM DBC.{view} WHERE lower(DataBaseName) = lower(?) AND lower(TableName) = lower(?)"  # noqa: S608
            self.connection.execute(sql, [database, name])


def _column(text: str) -> tuple[str, str]:
    found = re.fullmatch(rf"\s*({NAME})\s+(.*?)\s*", text, re.S)
    if found is None:
        raise NotImplementedError(f"Teradata's stand-in reads no column {text!r}.")
    return _bare(found[1]), found[2]


def _bare(name: str) -> str:
    return name[1:-1] if name.startswith('"') else name


def _refused(error: duckdb.Error) -> Exception:
    """What Teradata would say to what DuckDB does not do."""
    words = str(error)
    if isinstance(error, duckdb.BinderException) and (
        found := re.search(r'column "?([^"\s]+)"? not found|"([^"]+)" not found', words)
    ):
        return Refused(5628, "42S22", f"Column {found[1] or found[2]} not found.")
    if isinstance(error, duckdb.OutOfRangeException):
        return Refused(2616, "22003", "Numeric overflow occurred during computation.")
    if isinstance(error, duckdb.ConversionException):
        return Refused(2620, "22018", "The format or data contains a bad character.")
    return NotImplementedError(f"Teradata's stand-in cannot do this: {words}")
