"""Snowflake's stand-in, by the driver alone: it is to be no kinder than Snowflake."""

import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
import snowflake.connector
from snowflake.connector.errors import DatabaseError, ProgrammingError

from localcloud.snowflake.standin import Account, Standin, StandinError, User

pytestmark = pytest.mark.xdist_group("snowflake_standin")  # they share a stand-in

SEED = """
-- statements end a line with ;
CREATE DATABASE sales;
CREATE SCHEMA sales.shop;
CREATE TABLE sales.shop.orders (id INTEGER, amount NUMBER(12, 2), "small" VARCHAR) CLUSTER BY (id);
INSERT INTO sales.shop.orders VALUES (1, 1.25, 'a;b'), (2, 2.5, NULL);
"""


@pytest.fixture(scope="module")
def standin() -> Iterator[Standin]:
    with Standin.start(Account({"athena": User(password="p")}, SEED)) as running:
        yield running


Ask = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def ask(standin: Standin) -> Iterator[Ask]:
    connection = connect(standin)

    def ask(sql: str, *binds: Any) -> list[tuple[Any, ...]]:
        return connection.cursor().execute(sql, binds or None).fetchall()

    yield ask
    connection.close()


def connect(standin: Standin, **fields: Any) -> snowflake.connector.SnowflakeConnection:
    defaults = {"user": "athena", "password": "p", "database": "sales", "schema": "shop", "warehouse": "compute"}
    return snowflake.connector.connect(
        account="standin",
        host="127.0.0.1",
        port=standin.port,
        protocol="http",
        paramstyle="qmark",
        login_timeout=10,
        enable_server_session_keep_alive_auto_detection=False,
        **defaults | fields,
    )


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ('SELECT * FROM "orders"', 2003),
        ('SELECT * FROM "shop".orders', 2003),
        ('SELECT "id" FROM orders', 904),
        ("SELECT small FROM orders", 904),
        ("SELECT * FROM nothing", 2003),
        ("SELEC 1", 1003),
        ("SELECT * FROM orders AT(TIMESTAMP => '2020-01-01'::TIMESTAMP_TZ)", 707),
        ("SELECT * FROM orders AT(TIMESTAMP => '2020-01-01')", 1003),
    ],
)
def test_what_snowflake_refuses_is_refused_with_its_code(ask: Ask, sql: str, code: int) -> None:
    with pytest.raises(ProgrammingError) as refused:
        ask(sql)
    assert refused.value.errno == code


def test_a_query_needs_a_warehouse(standin: Standin) -> None:
    connection = connect(standin, warehouse="nowhere")
    with pytest.raises(ProgrammingError, match="No active warehouse"):
        connection.cursor().execute("SELECT * FROM orders")
    connection.close()


def test_signing_in_makes_no_database(standin: Standin) -> None:
    connect(standin, database="made", schema="up").close()
    with pytest.raises(DatabaseError, match="does not exist"):
        connect(standin, database="made", validate_default_parameters=True)


def test_numbers_come_in_the_least_integers_as_from_snowflake(standin: Standin) -> None:
    connection = connect(standin)
    table = connection.cursor().execute("SELECT amount, id FROM orders").fetch_arrow_all()
    assert table.schema.types == [pa.float64(), pa.int8()]  # what the driver makes of an integer with a scale
    connection.close()


@pytest.mark.parametrize("value", [2**63, 10**38 - 1, -(10**38) + 1])
def test_integers_have_38_digits(ask: Ask, value: int) -> None:
    assert ask(f"SELECT {value}::NUMBER(38, 0)") == [(value,)]


def test_binds_reach_the_statement_exactly(standin: Standin, ask: Ask) -> None:
    assert ask("SELECT id FROM orders WHERE amount = ? AND id < ?", Decimal("1.25"), 2) == [(1,)]
    last = standin.queries()[-1]
    assert last["binds"] == ["1.25", "2"]
    assert "1.25" not in last["sql"]


def test_the_past_is_what_a_table_held_before_each_change(standin: Standin, ask: Ask) -> None:
    standin.run("CREATE TABLE sales.shop.changing (id INTEGER)")
    moments = []
    for _ in range(3):
        time.sleep(0.002)
        ((moment,),) = ask("SELECT CURRENT_TIMESTAMP()")
        moments.append(moment.isoformat())
        time.sleep(0.002)
        standin.run("INSERT INTO sales.shop.changing VALUES (1)")
    past = "SELECT COUNT(*) FROM changing AT(TIMESTAMP => '{}'::TIMESTAMP_TZ)"
    counts = [ask(past.format(moment)) for moment in moments]
    assert counts == [[(0,)], [(1,)], [(2,)]]
    assert ask("SELECT COUNT(*) FROM changing") == [(3,)]


def test_the_dictionary_has_types_as_declared(ask: Ask) -> None:
    found = ask(
        "SELECT column_name, data_type, numeric_precision, numeric_scale FROM sales.information_schema.columns "
        "WHERE table_name = ? ORDER BY ordinal_position",
        "ORDERS",
    )
    assert found == [("ID", "NUMBER", 38, 0), ("AMOUNT", "NUMBER", 12, 2), ("small", "TEXT", None, None)]
    assert ask("SELECT clustering_key FROM sales.information_schema.tables WHERE table_name = ?", "ORDERS") == [
        ("LINEAR(ID)",)
    ]


def test_a_seed_that_fails_says_at_which_statement() -> None:
    with pytest.raises(StandinError, match="The seed fails at 'CREATE TABLE nowhere"):
        Standin.start(Account({}, "CREATE TABLE nowhere.at.all (id INTEGER);\n"))
