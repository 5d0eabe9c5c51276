"""Whole queries: the local Athena with its conformance checks, the connector, and Oracle's stand-in."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from athena_account import InProcessAccount

from athena_connectors.connections.model import Oracle
from athena_connectors.connections.secrets import Secrets
from athena_connectors.federation.cache import Cache
from athena_connectors.federation.model import Identity, ReadRecords, SpillLocation
from athena_connectors.federation.parse import parse as parse_request
from athena_connectors.federation.patterns import Patterns
from athena_connectors.federation.read.guards import Tally
from athena_connectors.federation.read.keys import local_keys
from athena_connectors.federation.read.read import Ports, ReadSettings, read_records
from athena_connectors.federation.serve import Connector, SecondsLeft, Spill, serve
from athena_connectors.federation.source import Cursor
from athena_connectors.sources.limits import Limits
from athena_connectors.sources.oracle.source import OracleSource
from localcloud.athena.engine.run import Run
from localcloud.athena.query.failure import QueryFailed
from localcloud.athena.query.statement import Context, parse
from localcloud.oracle.database import Contents, Table
from localcloud.oracle.driver.standin_connection import connect
from localcloud.oracle.standin import Standin, User

IDENTITY = Identity("123456789012", "arn:aws:iam::123456789012:role/analyst")
COLUMNS = {
    "ID": "NUMBER(10)",
    "Code": "CHAR(6)",
    "AMOUNT": "NUMBER(12,2)",
    "RATE": "NUMBER",
    "PLACED": "TIMESTAMP(9)",
    "NOTE": "VARCHAR2(20)",
}
ROWS = [
    {
        "id": number,
        "code": f"c{number % 7}",
        "amount": Decimal(number) / 4,
        "rate": Decimal(number) / 8,
        "placed": datetime(2024, 1, 1 + number % 28, 12),  # noqa: DTZ001 - a wall clock
        "note": "" if number % 3 == 0 else f"note {number % 5}",
    }
    for number in range(1_000)
]


@pytest.fixture(scope="module")
def standin() -> Iterator[Standin]:
    contents = Contents({("SHOP", "ORDERS"): Table(COLUMNS, pa.Table.from_pylist(ROWS))})
    with Standin({"athena": User("p")}, contents) as running:
        yield running


@pytest.fixture
def run(standin: Standin, secrets_manager) -> Run:
    account = InProcessAccount()
    connection = Oracle("127.0.0.1", "s", "sales", port=standin.port)
    kept = Secrets(secrets_manager(username="athena", password="p"))
    source = OracleSource(connection, kept, Limits(split_rows=300), connect)
    one_at_a_time = threading.Lock()  # as an environment of Lambda's takes requests

    def put(location: SpillLocation, content: pa.Buffer) -> None:
        account.objects[location.bucket, location.key] = content.to_pybytes()

    def read(request: ReadRecords, cursor: Cursor, tally: Tally, seconds_left: SecondsLeft) -> Any:
        return read_records(request, cursor, ReadSettings(), Ports(put, seconds_left), tally)

    spill = Spill("spills", "athena-spill", local_keys, lambda: None)
    connector = Connector("oracle", lambda _: source, Cache(60), Patterns(), None, spill, read, advise_rows=10**9)

    def handle(event: dict[str, Any]) -> dict[str, Any]:
        with one_at_a_time:
            return serve(parse_request(event), connector, {}, lambda: 900)

    account.handlers["connector"] = handle
    account.catalogs["warehouse"] = "connector"
    return Run(account, "q-1", IDENTITY, datetime(2024, 6, 1, tzinfo=UTC))


def answer(run: Run, sql: str) -> list[tuple[Any, ...]]:
    table = run.run(parse(sql.replace(" orders", " warehouse.shop.orders"), Context())).table
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT count(*) FROM orders", [(1_000,)]),
        ("SELECT sum(amount), min(rate), max(rate) FROM orders", [(Decimal("124875.00"), 0, Decimal("124.875"))]),
        ("SELECT id FROM orders WHERE code = 'c3' ORDER BY id DESC LIMIT 2", [(997,), (990,)]),
        ("SELECT count(*) FROM orders WHERE note IS NULL", [(334,)]),
        ("SELECT count(*) FROM orders WHERE note = ''", [(0,)]),
        ("SELECT count(*) FROM orders WHERE note <> 'note 1'", [(533,)]),
        ("SELECT id FROM orders WHERE placed = TIMESTAMP '2024-01-05 12:00:00' AND id < 40", [(4,), (32,)]),
        ("SELECT id FROM orders WHERE rate = DECIMAL '0.375'", [(3,)]),
        ("SELECT count(*) FROM orders WHERE id % 2 = 1 AND note LIKE 'note%'", [(333,)]),
        ("SELECT length(code) FROM orders WHERE id = 1", [(2,)]),
        (
            "SELECT * FROM TABLE(warehouse.system.query(query => 'SELECT COUNT(*) AS n FROM shop.orders'))",
            [(Decimal(1_000),)],
        ),
    ],
)
def test_athena_gets_what_oracle_holds(run: Run, sql: str, expected: list[tuple[Any, ...]]) -> None:
    assert answer(run, sql) == expected


def test_a_table_that_nobody_has_is_named(run: Run) -> None:
    with pytest.raises(QueryFailed, match=r"There is no table 'shop\.nothing' in 'warehouse'"):
        answer(run, "SELECT 1 FROM warehouse.shop.nothing")
