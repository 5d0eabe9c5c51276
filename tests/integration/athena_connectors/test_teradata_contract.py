"""Teradata by the contract of all sources: against the stand-in, or the real system that TERADATA_DSN names.

    TERADATA_DSN=teradata://user:password@host:1025/database

The user makes tables in that database; the real driver has to be installed (`pip install teradatasql`).
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, ClassVar
from urllib.parse import SplitResult, unquote, urlsplit

import pytest
import teradatasql
from source_contract import ORDERS, SourceContract, Subject

from athena_connectors.connections.model import Teradata
from athena_connectors.connections.secrets import Secrets
from athena_connectors.federation.model import TableName
from athena_connectors.sources.limits import Limits
from athena_connectors.sources.teradata.source import TeradataSource
from localcloud.teradata.server import Standin

PASSWORD = "p'w\"$%{}&;=@/\\ žluť 😀"
DSN = os.environ.get("TERADATA_DSN")
NO_PAST = "Teradata keeps no past of a table"


class StandinSubject:
    split_rows = 1_000
    orders = TableName("Shop", "Orders")
    view = TableName("Shop", "All_Orders")
    own_schemas = frozenset({"DBC", "SYSLIB"})

    def __init__(self, standin: Standin, secrets_manager) -> None:
        self._standin, self._secrets_manager = standin, secrets_manager
        self.source = self._source()

    def _source(self, password: str = PASSWORD, user: str = "athena", **fields) -> TeradataSource:
        connection = Teradata(**{"host": "127.0.0.1", "port": self._standin.port, "secret": "teradata"} | fields)
        secrets = Secrets(self._secrets_manager(username=user, password=password))
        return TeradataSource(connection, secrets, Limits(split_rows=self.split_rows))

    def spelled(self, column: str) -> str:
        return column.capitalize()

    def run(self, sql: str) -> None:
        self._standin.system.run(sql.format(orders="Shop.Orders"))

    def log(self) -> list[str]:
        return [entry.band for entry in self._standin.system.log]

    def broken(self, fault: str) -> TeradataSource:
        match fault:
            case "password":
                return self._source(password="no")
            case "locked":
                return self._source(user="locked")
            case "host":
                return self._source(port=1)
            case "database":
                return self._source(database="nowhere")
        raise AssertionError(fault)

    def slow_query(self) -> str:
        orders = f"{self.orders.schema}.{self.orders.table}"
        return (
            f"SELECT COUNT(*) AS waited FROM {orders} a CROSS JOIN {orders} b CROSS JOIN {orders} c "  # noqa: S608
            "WHERE (a.Id + b.Id * c.Id) MOD 7 = 5"
        )


class SystemSubject(StandinSubject):
    own_schemas = frozenset({"DBC", "SYSLIB"})

    def __init__(self, dsn: SplitResult, secrets_manager) -> None:
        self._dsn, self._secrets_manager = dsn, secrets_manager
        database = dsn.path.strip("/")
        self.orders = TableName(database, f"Orders_{os.getpid()}")
        self.view = TableName(database, f"All_Orders_{os.getpid()}")
        self.source = self._source()

    def _source(self, password: str = "", user: str = "", **fields) -> TeradataSource:
        connection = Teradata(**{"host": self._dsn.hostname, "port": self._dsn.port or 1025, "secret": "s"} | fields)
        known = unquote(self._dsn.username or ""), unquote(self._dsn.password or "")
        secrets = Secrets(self._secrets_manager(username=user or known[0], password=password or known[1]))
        return TeradataSource(connection, secrets, Limits(split_rows=self.split_rows))

    def run(self, sql: str, rows: Any = None) -> None:
        host, port = self._dsn.hostname, self._dsn.port or 1025
        user, password = unquote(self._dsn.username or ""), unquote(self._dsn.password or "")
        with (
            teradatasql.connect(host=host, dbs_port=port, user=user, password=password, tmode="ANSI") as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(sql.format(orders=self._name(self.orders), view=self._name(self.view)), rows)

    @staticmethod
    def _name(name: TableName) -> str:
        return f'"{name.schema}"."{name.table}"'

    def log(self) -> list[str]:
        return [str(band) for (band,) in self.source._session.rows("SELECT GetQueryBand() AS band")]

    def fill(self) -> None:
        self.run(
            "CREATE MULTISET TABLE {orders} (Id DECIMAL(38, 0) NOT NULL, Customer VARCHAR(100) CHARACTER SET UNICODE, "
            "Amount DECIMAL(12, 2), Day DATE, Placed TIMESTAMP(3)) UNIQUE PRIMARY INDEX (Id)"
        )
        for start in range(0, len(ORDERS), 500):
            rows = [list(row.values()) for row in ORDERS[start : start + 500]]
            self.run("INSERT INTO {orders} VALUES (?, ?, ?, ?, ?)", rows)
        self.run("CREATE VIEW {view} AS SELECT * FROM {orders}")


class TestContract(SourceContract):
    cannot: ClassVar[dict[str, str]] = {
        "test_parts_read_one_moment_whatever_changes_meanwhile": NO_PAST,
    }

    @pytest.fixture
    def subject(self, request: pytest.FixtureRequest, secrets_manager) -> Iterator[Subject]:
        if DSN:
            system = SystemSubject(urlsplit(DSN), secrets_manager)
            system.fill()
            yield system
            for statement in ("DROP VIEW {view}", "DROP TABLE {orders}"):
                with suppress(teradatasql.Error):  # the test did it
                    system.run(statement)
            return
        changes = any(word in request.function.__name__ for word in ("dropped_meanwhile", "later_page"))
        yield StandinSubject(request.getfixturevalue("own_teradata" if changes else "teradata"), secrets_manager)
