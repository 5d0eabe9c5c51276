"""Oracle by the contract of all sources: the connector against the stand-in."""

from collections.abc import Iterator

import pyarrow as pa
import pytest
from source_contract import ORDERS, SourceContract, Subject

from athena_connectors.connections.model import Oracle
from athena_connectors.connections.secrets import Secrets
from athena_connectors.federation.model import TableName
from athena_connectors.sources.oracle.source import Limits, OracleSource
from localcloud.oracle.database import Contents, Table
from localcloud.oracle.driver.standin_connection import connect
from localcloud.oracle.standin import Standin, User

PASSWORD = "p'w\"$%{}&;=@/\\ žluť 😀"
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
