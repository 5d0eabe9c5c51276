"""A database of the stand-in: tables, views and synonyms of many users, their past by SCN, and the ALL_ views."""

import itertools
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp

from localcloud.oracle.refusal import Refused, cancelled
from localcloud.oracle.translation import MACROS, Part, Relation, Translated, Translation
from localcloud.oracle.types import OracleType, inferred

ROWS_OF_BLOCK = 100
FIRST_OBJECT, FILE = 70_000, 4
DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
PARTS_OF_ADDRESS = ((6, 1 << 48), (3, 1 << 38), (6, 1 << 16), (3, 1))
"""Characters, and what one of the number is worth: of the data object, the file, the block, the row."""
TEXT, NUMBER = OracleType("VARCHAR2", 128), OracleType("NUMBER", 0, -127)
DICTIONARY = {
    "ALL_USERS": {"USERNAME": TEXT, "ORACLE_MAINTAINED": TEXT},
    "ALL_OBJECTS": {"OWNER": TEXT, "OBJECT_NAME": TEXT, "OBJECT_TYPE": TEXT, "SECONDARY": TEXT},
    "ALL_SYNONYMS": {"OWNER": TEXT, "SYNONYM_NAME": TEXT, "TABLE_OWNER": TEXT, "TABLE_NAME": TEXT, "DB_LINK": TEXT},
    "ALL_TABLES": {
        "OWNER": TEXT,
        "TABLE_NAME": TEXT,
        "NUM_ROWS": NUMBER,
        "BLOCKS": NUMBER,
        "PARTITIONED": TEXT,
        "IOT_TYPE": TEXT,
        "TEMPORARY": TEXT,
        "CLUSTER_NAME": TEXT,
        "EXTERNAL": TEXT,
    },
    "ALL_TAB_PARTITIONS": {
        "TABLE_OWNER": TEXT,
        "TABLE_NAME": TEXT,
        "PARTITION_NAME": TEXT,
        "PARTITION_POSITION": NUMBER,
        "NUM_ROWS": NUMBER,
    },
}
MAINTAINED = ("SYS", "SYSTEM", "XDB")

Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: types by column as CREATE TABLE says them, and its rows in the same order.

    `partitions` are conditions by name. Without `analyzed` nobody has gathered its statistics; `flashback` is granted
    to who reads it; `organisation` is HEAP or INDEX.
    """

    columns: dict[str, str]
    rows: pa.Table
    partitions: dict[str, str] = field(default_factory=dict)
    analyzed: bool = True
    flashback: bool = True
    organisation: str = "HEAP"


@dataclass(frozen=True, slots=True)
class Contents:
    """What a database begins with, by owner and name; views and materialized views are queries of Oracle's SQL."""

    tables: dict[Name, Table] = field(default_factory=dict)
    views: dict[Name, str] = field(default_factory=dict)
    materialized_views: dict[Name, str] = field(default_factory=dict)
    synonyms: dict[Name, Name] = field(default_factory=dict)


@dataclass
class _Kept:
    """A table's copies: each is what it was before `scn`."""

    table: Table
    data_object: int
    past: list[tuple[int, str]] = field(default_factory=list)


class Database:
    """Runs statements; threads may share it, each statement with a cursor of its own."""

    def __init__(self, contents: Contents, dbms_flashback: bool = True) -> None:
        self._contents, self._dbms_flashback = contents, dbms_flashback
        self._duckdb = duckdb.connect()
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self.scn = 1_000
        for macro in MACROS:
            self._duckdb.execute(f"CREATE MACRO {macro}")
        self._duckdb.create_function("CHARTOROWID", number_of, ["VARCHAR"], "HUGEINT")
        self._duckdb.create_function("ROWIDTOCHAR", text_of, ["HUGEINT"], "VARCHAR")
        self._duckdb.execute("SET TimeZone = 'America/New_York'; CREATE SCHEMA data; CREATE SCHEMA dictionary")
        self._kept = {name: self._load(name, table) for name, table in contents.tables.items()}
        self._describe_all()

    def translated(self, sql: str, binds: Sequence[Any] = ()) -> Translated:
        """A query as DuckDB's. Raises Refused, NotImplementedError."""
        if not self._dbms_flashback and "DBMS_FLASHBACK" in sql:
            raise Refused(904, '"DBMS_FLASHBACK"."GET_SYSTEM_CHANGE_NUMBER": invalid identifier')
        return Translation(self._relation, self.scn).translate(sql, binds)

    def describe(self, sql: str) -> list[dict[str, object]]:
        """The columns of a query, as the driver describes them."""
        translated = self.translated(sql)
        found = _refusing(lambda: self.cursor().execute(f"DESCRIBE {translated.sql}", translated.binds).fetchall())
        return [
            (known or inferred(kind)).described(name)
            for (name, known), (_, kind, *_) in zip(translated.columns, found, strict=True)
        ]

    def run(self, cursor: duckdb.DuckDBPyConnection, sql: str, binds: Sequence[Any]) -> pa.Table:
        """The rows of a query. Raises Refused."""
        translated = self.translated(sql, binds)
        table = _refusing(lambda: cursor.sql(translated.sql, params=translated.binds).to_arrow_table())
        return table.rename_columns([name for name, _ in translated.columns])

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """One on which a statement runs, and by which it is interrupted."""
        return self._duckdb.cursor()

    def change(self, sql: str) -> None:
        """A statement of a table's owner, in DuckDB's SQL: what the table was is kept."""
        statement = sqlglot.parse_one(sql, read="duckdb")
        target = next(statement.find_all(exp.Table))
        name = (target.db.upper(), target.name.upper())
        with self._lock:
            kept, copy = self._kept[name], f"{name[0]}.{name[1]}@{next(self._numbers)}"
            self._duckdb.execute(f'CREATE TABLE data."{copy}" AS SELECT * FROM {_stored(name)}')  # noqa: S608
            self.scn += 1
            kept.past.append((self.scn, copy))
            if isinstance(statement, exp.Drop):
                del self._kept[name]
                self._describe_all()
                return
            target.replace(sqlglot.to_table(_stored(name), dialect="duckdb"))
            self._duckdb.execute(statement.sql(dialect="duckdb"))

    def _load(self, name: Name, table: Table) -> _Kept:
        types = {column: OracleType.parse(text) for column, text in table.columns.items()}
        columns = ", ".join(f'"{column}" {type_.duckdb}' for column, type_ in types.items())
        self._duckdb.execute(f"CREATE TABLE {_stored(name)} ({columns})")
        given = ", ".join(
            _given(position, type_) for position, type_ in zip(table.rows.column_names, types.values(), strict=True)
        )
        self._duckdb.register("given", table.rows)
        self._duckdb.execute(f"INSERT INTO {_stored(name)} SELECT {given} FROM given")  # noqa: S608 - a test's names
        self._duckdb.unregister("given")
        return _Kept(table, FIRST_OBJECT + next(self._numbers))

    def _relation(self, part: Part) -> Relation:
        if part.table in DICTIONARY and part.schema in (None, "SYS"):
            return Relation(f"SELECT * FROM dictionary.{part.table}", DICTIONARY[part.table])  # noqa: S608
        if part.table == "DUAL" and part.schema in (None, "SYS"):
            return Relation("SELECT 'X' AS \"DUMMY\"", {"DUMMY": OracleType("VARCHAR2", 1)})
        name = (part.schema or "ATHENA", part.table)
        while name in self._contents.synonyms:
            if part.partition:
                raise Refused(14109, "partition-extended object names may only be used with tables")
            name = self._contents.synonyms[name]
        queries = self._contents.views | self._contents.materialized_views
        if name in queries:
            if part.partition:
                raise Refused(14109, "partition-extended object names may only be used with tables")
            view = self.translated(queries[name])
            types = dict(view.columns)
            return Relation(view.sql, {column: type_ or TEXT for column, type_ in types.items()})
        if name not in self._kept:
            raise Refused(942, f'table or view "{name[0]}"."{name[1]}" does not exist')
        return self._of_table(name, part)

    def _of_table(self, name: Name, part: Part) -> Relation:
        kept = self._kept[name]
        stored = _stored(name)
        if part.scn is not None:
            if not kept.table.flashback:
                raise Refused(1031, "insufficient privileges")
            stored = next((f'data."{copy}"' for changed, copy in kept.past if part.scn < changed), stored)
        columns = ", ".join(f'"{column}"' for column in kept.table.columns)
        base = number_of_parts(kept.data_object, FILE, 0, 0)
        address = f"{base}::HUGEINT + (rowid // {ROWS_OF_BLOCK}) * {1 << 16} + rowid % {ROWS_OF_BLOCK}"
        conditions = []
        if part.partition is not None:
            if part.partition not in kept.table.partitions:
                raise Refused(2149, "Specified partition does not exist")
            conditions.append(kept.table.partitions[part.partition])
        if part.percent is not None:
            conditions.append(f'hash("address" // {1 << 16}) % 1000000 < {int(part.percent * 10_000)}')
        where = f" WHERE {' AND '.join(f'({condition})' for condition in conditions)}" if conditions else ""
        sql = f'SELECT {columns}{{address}} FROM (SELECT *, {address} AS "address" FROM {stored}){where}'  # noqa: S608
        return Relation(sql, {column: OracleType.parse(text) for column, text in kept.table.columns.items()})

    def _describe_all(self) -> None:
        """Fill the ALL_ views anew."""
        contents, objects = self._contents, []
        objects += [(*name, "TABLE") for name in self._kept]
        objects += [(*name, "VIEW") for name in contents.views]
        objects += [(*name, kind) for name in contents.materialized_views for kind in ("TABLE", "MATERIALIZED VIEW")]
        objects += [(*name, "SYNONYM") for name in contents.synonyms]
        owners = {owner for owner, *_ in objects} - {"PUBLIC", *MAINTAINED}
        counts = {name: self._count(name) for name in self._kept}
        self._fill("ALL_USERS", [(name, "Y") for name in MAINTAINED] + [(name, "N") for name in owners | {"ATHENA"}])
        self._fill("ALL_OBJECTS", [(*found, "N") for found in [*objects, ("SYS", "DUAL", "TABLE")]])
        self._fill("ALL_SYNONYMS", [(*name, *target, None) for name, target in contents.synonyms.items()])
        self._fill("ALL_TABLES", [(*name, *self._stored_as(name, counts[name])) for name in self._kept])
        partitions = []
        for name, kept in self._kept.items():
            for position, (partition, condition) in enumerate(kept.table.partitions.items(), 1):
                rows = self._count(name, condition) if kept.table.analyzed else None
                partitions.append((*name, partition, position, rows))
        self._fill("ALL_TAB_PARTITIONS", partitions)

    def _stored_as(self, name: Name, rows: int) -> tuple[Any, ...]:
        table = self._kept[name].table
        statistics = (rows, -(-rows // ROWS_OF_BLOCK)) if table.analyzed else (None, None)
        index = "IOT" if table.organisation == "INDEX" else None
        return (*statistics, "YES" if table.partitions else "NO", index, "N", None, "NO")

    def _count(self, name: Name, condition: str = "TRUE") -> int:
        sql = f"SELECT COUNT(*) FROM {_stored(name)} WHERE {condition}"  # noqa: S608 - a test's names
        ((rows,),) = self._duckdb.execute(sql).fetchall()
        return int(rows)

    def _fill(self, view: str, rows: list[tuple[Any, ...]]) -> None:
        columns = ", ".join(
            f'"{name}" {"VARCHAR" if type_ is TEXT else "BIGINT"}' for name, type_ in DICTIONARY[view].items()
        )
        self._duckdb.execute(f"CREATE OR REPLACE TABLE dictionary.{view} ({columns})")
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self._duckdb.executemany(f"INSERT INTO dictionary.{view} VALUES ({marks})", rows)  # noqa: S608


def _refusing(answer: Callable[[], Any]) -> Any:
    """What DuckDB answers, or Oracle's refusal in the place of DuckDB's."""
    try:
        return answer()
    except duckdb.InterruptException as error:
        raise cancelled() from error
    except duckdb.ConversionException as error:
        raise Refused(1722, "invalid number") from error
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        raise Refused(904, f"invalid identifier [{str(error).partition(chr(10))[0]}]") from error
    except duckdb.Error as error:
        raise Refused(3001, f"unimplemented feature [{str(error).partition(chr(10))[0]}]") from error


def _stored(name: Name) -> str:
    return f'data."{name[0]}.{name[1]}"'


def _given(column: str, type_: OracleType) -> str:
    """A value as Oracle keeps it: '' is NULL, a CHAR is padded."""
    if type_.duckdb == "VARCHAR":
        text = f"NULLIF(CAST(\"{column}\" AS VARCHAR), '')"
        if type_.kind in ("CHAR", "NCHAR"):
            return f"RPAD({text}, {type_.precision}, ' ')"
        return text
    if type_.duckdb == "BLOB":
        return f'CASE WHEN octet_length("{column}") > 0 THEN "{column}" END'
    return f'CAST("{column}" AS {type_.duckdb})'


def number_of_parts(*parts: int) -> int:
    """An address as a number that is ordered as addresses are."""
    return sum(part * worth for part, (_, worth) in zip(parts, PARTS_OF_ADDRESS, strict=True))


def number_of(text: str) -> int:
    """The same of 18 characters."""
    numbers, start = [], 0
    for width, _ in PARTS_OF_ADDRESS:
        number = 0
        for character in text[start : start + width]:
            number = number * 64 + DIGITS.index(character)
        numbers.append(number)
        start += width
    return number_of_parts(*numbers)


def text_of(number: int) -> str:
    """The 18 characters of an address."""
    text = ""
    for width, worth in PARTS_OF_ADDRESS:
        part, number = divmod(number, worth)
        text += "".join(DIGITS[part // 64**place % 64] for place in reversed(range(width)))
    return text
