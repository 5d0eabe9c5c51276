"""Snowflake by the contract of all sources: the real driver against the stand-in."""

from collections.abc import Iterator

import pytest
from source_contract import SourceContract, Subject

from athena_connectors.connections.model import Snowflake
from athena_connectors.connections.secrets import Secrets
from athena_connectors.federation.model import TableName
from athena_connectors.sources.limits import Limits
from athena_connectors.sources.snowflake.source import SnowflakeSource
from localcloud.snowflake.standin import Standin

pytestmark = pytest.mark.xdist_group("snowflake_contract")  # they share a stand-in
PASSWORD = "p'w\"$%{}&;=@/\\ žluť 😀"
CHANGING = ("changes_meanwhile", "dropped_meanwhile", "later_page")


class SnowflakeSubject:
    split_rows = 1_000
    orders = TableName("SHOP", "ORDERS")
    view = TableName("SHOP", "ALL_ORDERS")
    own_schemas = frozenset({"INFORMATION_SCHEMA"})

    def __init__(self, standin: Standin, secrets_manager) -> None:
        self._standin, self._secrets_manager = standin, secrets_manager
        self.source = self._source()

    def _source(self, password: str = PASSWORD, user: str = "athena", **fields) -> SnowflakeSource:
        connection = Snowflake(
            **{
                "host": "127.0.0.1",
                "port": self._standin.port,
                "account": "standin",
                "database": "sales",
                "warehouse": "compute",
                "role": "analyst",
                "secret": "snowflake",
                "tls": False,
            }
            | fields
        )
        secrets = Secrets(self._secrets_manager(username=user, password=password))
        return SnowflakeSource(connection, secrets, Limits(split_rows=self.split_rows))

    def spelled(self, column: str) -> str:
        return column.upper()

    def run(self, sql: str) -> None:
        self._standin.run(sql.format(orders="sales.shop.orders"))

    def log(self) -> list[str]:
        return [query["tag"] for query in self._standin.queries()]

    def broken(self, fault: str) -> SnowflakeSource:
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
        return "SELECT SYSTEM$WAIT(60) AS waited"


class TestContract(SourceContract):
    @pytest.fixture
    def subject(self, request: pytest.FixtureRequest, secrets_manager) -> Iterator[Subject]:
        changes = any(word in request.function.__name__ for word in CHANGING)
        yield SnowflakeSubject(request.getfixturevalue("own_standin" if changes else "standin"), secrets_manager)
