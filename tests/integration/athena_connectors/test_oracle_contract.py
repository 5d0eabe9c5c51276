"""Oracle by the contract of all sources: the connector against the stand-in, and against a server where there is one.

ORACLE_DSN=user/password@host:port/service names that; the user creates tables and views of its own, and drops them.
"""

import os
import secrets
import time
from collections.abc import Iterator

import oracledb
import pyarrow as pa
import pytest
from source_contract import ORDERS, SourceContract, Subject

from athena_connectors.connections.model import Oracle
from athena_connectors.connections.secrets import Secrets
from athena_connectors.federation.model import TableName
from athena_connectors.sources.limits import Limits
from athena_connectors.sources.oracle.source import OracleSource
from localcloud.oracle.database import Contents, Table
from localcloud.oracle.driver.standin_connection import connect
from localcloud.oracle.standin import Standin, User

DSN = os.environ.get("ORACLE_DSN", "")
PASSWORD = "p'w\"$%{}&;=@/\\ žluť 😀"
"""Issues #195 and #823: such characters broke the addresses into which credentials were put."""
CHANGING = ("changes_meanwhile", "dropped_meanwhile", "later_page")
COLUMNS = {
    "ID": "NUMBER(10)",
    "CUSTOMER": "VARCHAR2(200)",
    "AMOUNT": "NUMBER(12,2)",
    "DAY": "DATE",
    "PLACED": "TIMESTAMP(3)",
}


def started() -> Standin:
    orders = Table(COLUMNS, pa.Table.from_pylist(ORDERS))
    contents = Contents({("SHOP", "ORDERS"): orders}, {("SHOP", "ALL_ORDERS"): "SELECT * FROM shop.orders"})
    return Standin({"athena": User(PASSWORD), "locked": User(PASSWORD, locked=True)}, contents)


@pytest.fixture(scope="module")
def shared() -> Iterator[Standin]:
    """A stand-in that its tests only read."""
    with started() as running:
        yield running


@pytest.fixture
def own() -> Iterator[Standin]:
    """A stand-in of a test that changes it."""
    with started() as running:
        yield running


class OracleSubject:
    split_rows = 1_000
    orders = TableName("SHOP", "ORDERS")
    view = TableName("SHOP", "ALL_ORDERS")
    own_schemas = frozenset({"SYS", "SYSTEM", "XDB"})

    def __init__(self, standin: Standin, secrets_manager) -> None:
        self._standin, self._secrets_manager = standin, secrets_manager
        self.source = self._source()

    def _source(self, password: str = PASSWORD, user: str = "athena", **fields) -> OracleSource:
        connection = Oracle(
            **{"host": "127.0.0.1", "port": self._standin.port, "service": "sales", "secret": "oracle"} | fields
        )
        secrets = Secrets(self._secrets_manager(username=user, password=password))
        return OracleSource(connection, secrets, Limits(split_rows=self.split_rows), connect)

    def spelled(self, column: str) -> str:
        return column.upper()

    def run(self, sql: str) -> None:
        self._standin.run(sql.format(orders="shop.orders"))

    def log(self) -> list[str]:
        return [f"{query.tags}" for query in self._standin.queries]

    def broken(self, fault: str) -> OracleSource:
        match fault:
            case "password":
                return self._source(password="no")
            case "locked":
                return self._source(user="locked")
            case "host":
                return self._source(port=1)
            case "database":
                return self._source(service="nowhere")
        raise AssertionError(fault)

    def slow_query(self) -> str:
        return "SELECT COUNT(*) AS waited FROM shop.orders a, shop.orders b, shop.orders c, shop.orders d"


class TestContract(SourceContract):
    @pytest.fixture
    def subject(self, request: pytest.FixtureRequest, secrets_manager) -> Iterator[Subject]:
        changes = any(word in request.function.__name__ for word in CHANGING)
        yield OracleSubject(request.getfixturevalue("own" if changes else "shared"), secrets_manager)


class ServerSubject:
    """A table of the DSN's user, filled and analyzed."""

    split_rows = 1_000
    own_schemas = frozenset({"SYS", "SYSTEM", "XDB"})

    def __init__(self, secrets_manager) -> None:
        self._secrets_manager = secrets_manager
        self._user, _, rest = DSN.partition("/")
        self._password, _, address = rest.rpartition("@")
        host_and_port, _, self._service = address.partition("/")
        self._host, _, port = host_and_port.partition(":")
        self._port = int(port or 1521)
        name = f"ORDERS_{secrets.token_hex(4).upper()}"
        self.orders, self.view = (TableName(self._user.upper(), each) for each in (name, f"ALL_{name}"))
        self._owner = oracledb.connect(user=self._user, password=self._password, dsn=address)
        with self._owner.cursor() as cursor:
            columns = ", ".join(f"{column} {kind}" for column, kind in COLUMNS.items())
            cursor.execute(f"CREATE TABLE {name} ({columns})")
            cursor.execute(f"CREATE VIEW {self.view.table} AS SELECT * FROM {name}")  # noqa: S608 - names of ours
            cursor.setinputsizes(None, 200, None, oracledb.DB_TYPE_DATE, oracledb.DB_TYPE_TIMESTAMP)
            cursor.executemany(
                f"INSERT INTO {name} VALUES (:1, :2, :3, :4, :5)",  # noqa: S608 - a name of ours
                [tuple(row.values()) for row in ORDERS],
            )
            self._owner.commit()
            cursor.callproc("DBMS_STATS.GATHER_TABLE_STATS", [self._user.upper(), name])
        time.sleep(4)  # where DBMS_FLASHBACK is not granted, a moment is right to three seconds
        self.source = self._source()

    def drop(self) -> None:
        with self._owner.cursor() as cursor:
            cursor.execute(f"DROP VIEW {self.view.table}")
            if self.orders in self.source.tables(self.orders.schema):
                cursor.execute(f"DROP TABLE {self.orders.table} PURGE")
        self._owner.close()

    def _source(self, **fields) -> OracleSource:
        password = fields.pop("password", self._password)
        where = {"host": self._host, "port": self._port, "service": self._service, "secret": "oracle"}
        kept = Secrets(self._secrets_manager(username=self._user, password=password))
        return OracleSource(Oracle(**where | fields), kept, Limits(split_rows=self.split_rows))

    def spelled(self, column: str) -> str:
        return column.upper()

    def run(self, sql: str) -> None:
        with self._owner.cursor() as cursor:
            cursor.execute(sql.format(orders=self.orders.table))
        self._owner.commit()

    def log(self) -> list[str]:
        names = ("CLIENT_IDENTIFIER", "CLIENT_INFO")
        wanted = ", ".join(f"SYS_CONTEXT('USERENV', '{name}')" for name in names)
        return [str(row) for row in self.source._session.rows(f"SELECT {wanted} FROM DUAL")]  # noqa: S608

    def broken(self, fault: str) -> OracleSource:
        match fault:
            case "password":
                return self._source(password="no")
            case "host":
                return self._source(port=1)
            case "database":
                return self._source(service="nowhere")
        pytest.skip("a user of the server's is not to be locked")

    def slow_query(self) -> str:
        tables = ", ".join(f"{self.orders.schema}.{self.orders.table} t{number}" for number in range(4))
        return f"SELECT COUNT(*) AS waited FROM {tables}"  # noqa: S608 - names of ours


@pytest.mark.skipif(not DSN, reason="ORACLE_DSN names no server")
class TestServer(SourceContract):
    @pytest.fixture
    def subject(self, secrets_manager) -> Iterator[Subject]:
        found = ServerSubject(secrets_manager)
        yield found
        found.drop()
