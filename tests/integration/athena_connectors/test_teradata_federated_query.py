"""Whole queries: the local Athena with its conformance checks, the connector, and Teradata's stand-in."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from athena_account import InProcessAccount

from athena_connectors.connections.model import Teradata
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
from athena_connectors.sources.teradata.source import TeradataSource
from localcloud.athena.engine.run import Run
from localcloud.athena.query.failure import QueryFailed
from localcloud.athena.query.statement import Context, parse
from localcloud.teradata.server import Standin
from localcloud.teradata.system import User

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
SEED = """
CREATE DATABASE Shop;
CREATE MULTISET TABLE Shop.Orders (Id INTEGER NOT NULL, Code CHAR(6), Amount DECIMAL(12,2), Rate NUMBER,
    Placed TIMESTAMP(6), Note VARCHAR(20)) PRIMARY INDEX (Id);
INSERT INTO Shop.Orders SELECT range, 'c' || range % 7, range / 4, range / 8,
    make_timestamp(2024, 1, 1 + range % 28, 12, 0, 0), CASE WHEN range % 3 = 0 THEN '' ELSE 'Note ' || range % 5 END
    FROM range(1000);
"""


@pytest.fixture(scope="module")
def standin() -> Iterator[Standin]:
    with Standin.start({"athena": User("p")}, SEED) as running:
        yield running


@pytest.fixture
def run(standin: Standin, secrets_manager) -> Run:
    account = InProcessAccount()
    kept = Secrets(secrets_manager(username="athena", password="p"))
    source = TeradataSource(Teradata("127.0.0.1", "s", standin.port), kept, Limits(split_rows=300))
    one_at_a_time = threading.Lock()  # as an environment of Lambda's takes requests

    def put(location: SpillLocation, content: pa.Buffer) -> None:
        account.objects[location.bucket, location.key] = content.to_pybytes()

    def read(request: ReadRecords, cursor: Cursor, tally: Tally, seconds_left: SecondsLeft) -> Any:
        return read_records(request, cursor, ReadSettings(), Ports(put, seconds_left), tally)

    spill = Spill("spills", "athena-spill", local_keys, lambda: None)
    connector = Connector("teradata", lambda _: source, Cache(60), Patterns(), None, spill, read, advise_rows=10**9)

    def handle(event: dict[str, Any]) -> dict[str, Any]:
        with one_at_a_time:
            return serve(parse_request(event), connector, {}, lambda: 900)

    account.handlers["connector"] = handle
    account.catalogs["warehouse"] = "connector"
    return Run(account, "q-1", Identity("123456789012", "arn:aws:iam::123456789012:role/analyst"), NOW)


def answer(run: Run, sql: str) -> list[tuple[Any, ...]]:
    table = run.run(parse(sql.replace(" orders", " warehouse.shop.orders"), Context())).table
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT count(*) FROM orders", [(1_000,)]),
        ("SELECT sum(amount), min(rate), max(rate) FROM orders", [(Decimal("124875.00"), 0, Decimal("124.875"))]),
        ("SELECT id FROM orders WHERE code = 'c3' ORDER BY id DESC LIMIT 2", [(997,), (990,)]),
        ("SELECT count(*) FROM orders WHERE code = 'C3'", [(0,)]),
        ("SELECT count(*) FROM orders WHERE note = ''", [(334,)]),
        ("SELECT count(*) FROM orders WHERE note <> 'Note 1'", [(867,)]),
        ("SELECT count(*) FROM orders WHERE note LIKE 'note%'", [(0,)]),
        ("SELECT id FROM orders WHERE placed = TIMESTAMP '2024-01-05 12:00:00' AND id < 40", [(4,), (32,)]),
        ("SELECT id FROM orders WHERE rate = DECIMAL '0.375'", [(3,)]),
        ("SELECT count(*) FROM orders WHERE id % 2 = 1 AND note LIKE 'Note%'", [(333,)]),
        ("SELECT id FROM orders WHERE id / 3 = 2", [(6,), (7,), (8,)]),
        ("SELECT length(code) FROM orders WHERE id = 1", [(2,)]),
        (
            "SELECT * FROM TABLE(warehouse.system.query(query => 'SELECT TOP 1 Id FROM Shop.Orders ORDER BY Id DESC'))",
            [(999,)],
        ),
    ],
)
def test_athena_gets_what_teradata_holds(run: Run, sql: str, expected: list[tuple[Any, ...]]) -> None:
    assert sorted(answer(run, sql)) == sorted(expected)


def test_a_table_that_nobody_has_is_named(run: Run) -> None:
    with pytest.raises(QueryFailed, match=r"There is no table 'shop\.nothing' in 'warehouse'"):
        answer(run, "SELECT 1 FROM warehouse.shop.nothing")
