"""Teradata by the contract of all sources: against the stand-in, or the real server of TERADATA_DSN."""

from collections.abc import Iterator
from typing import ClassVar

import pytest
from source_contract import SourceContract, Subject

from athena_connectors.connections.model import Teradata
from athena_connectors.connections.secrets import Secrets
from athena_connectors.federation.model import TableName
from athena_connectors.sources.teradata.source import Limits, TeradataSource
from localcloud.teradata.server import Standin

PASSWORD = "p'w\"$%{}&;=@/\\ žluť 😀"


class TeradataSubject:
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
        return (
            "SELECT COUNT(*) AS waited FROM Shop.Orders a CROSS JOIN Shop.Orders b CROSS JOIN Shop.Orders c "
            "WHERE (a.Id + b.Id * c.Id) MOD 7 = 5"
        )


class TestContract(SourceContract):
    cannot: ClassVar[dict[str, str]] = {
        "test_parts_read_one_moment_whatever_changes_meanwhile": "Teradata keeps no past of a table",
    }

    @pytest.fixture
    def subject(self, request: pytest.FixtureRequest, secrets_manager) -> Iterator[Subject]:
        changes = any(word in request.function.__name__ for word in ("dropped_meanwhile", "later_page"))
        yield TeradataSubject(request.getfixturevalue("own_teradata" if changes else "teradata"), secrets_manager)
