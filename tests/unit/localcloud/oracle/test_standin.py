"""Oracle's stand-in is no kinder than Oracle and its driver: what it does not know it refuses."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import oracledb
import pyarrow as pa
import pytest

from localcloud.oracle.database import Contents, Table, number_of, text_of
from localcloud.oracle.driver.standin_connection import Connection, connect
from localcloud.oracle.standin import Standin, User
from localcloud.oracle.types import OracleType

MOMENT = datetime(2024, 5, 6, 7, 8, 9, 123000)  # noqa: DTZ001 - a wall clock
ROWS = pa.table(
    {
        "id": [1, 2],
        "code": ["a", None],
        "at": pa.array([MOMENT, None], pa.timestamp("us")),
        "fine": pa.array([1_001, None], pa.timestamp("ns")),
        "note": ["", "x"],
    }
)
COLUMNS = {"ID": "NUMBER(10)", "CODE": "CHAR(3)", "AT": "TIMESTAMP(6)", "FINE": "TIMESTAMP(9)", "NOTE": "VARCHAR2(9)"}


@pytest.fixture(scope="module")
def standin() -> Iterator[Standin]:
    tables = {("SHOP", "T"): Table(COLUMNS, ROWS, partitions={"P": '"ID" = 1'})}
    contents = Contents(tables, {("SHOP", "V"): "SELECT * FROM shop.t"}, {}, {("SHOP", "S"): ("SHOP", "T")})
    with Standin({"athena": User("p")}, contents) as running:
        yield running


@pytest.fixture
def arguments(standin: Standin) -> dict[str, Any]:
    return {
        "user": "athena",
        "password": "p",
        "host": "127.0.0.1",
        "port": standin.port,
        "protocol": "tcp",
        "service_name": "sales",
    }


@pytest.fixture
def connection(arguments: dict[str, Any]) -> Connection:
    return connect(**arguments)


@pytest.fixture
def rows(connection: Connection) -> Callable[..., list[tuple[Any, ...]]]:
    def ask(sql: str, *binds: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, binds)
            return cursor.fetchall()

    return ask


@pytest.mark.parametrize(
    ("sql", "binds", "found"),
    [
        ("SELECT id FROM shop.t WHERE note IS NULL", (), [(1,)]),
        ("SELECT id FROM shop.t WHERE note = ''", (), []),
        ("SELECT id FROM shop.t WHERE note = :1", ("",), []),
        ("SELECT note || 'y' FROM shop.t ORDER BY id", (), [("y",), ("xy",)]),
        ("SELECT code FROM shop.t WHERE id = 1", (), [("a  ",)]),
        ("SELECT id FROM shop.t WHERE code = 'a'", (), [(1,)]),
        ("SELECT id FROM shop.t WHERE code = :1", ("a",), []),
        ("SELECT id FROM shop.t WHERE code = CAST(:1 AS CHAR(2000))", ("a",), [(1,)]),
        ("SELECT id FROM shop.t WHERE ':1' = ':1' AND id = :1", (2,), [(2,)]),
        ("SELECT id FROM shop.t PARTITION (p)", (), [(1,)]),
        ("SELECT ':1 as of scn :1' FROM dual", (), [(":1 as of scn :1",)]),
    ],
)
def test_statements_mean_what_oracle_means(
    rows: Callable[..., list[tuple[Any, ...]]], sql: str, binds: tuple[Any, ...], found: list[tuple[Any, ...]]
) -> None:
    assert rows(sql, *binds) == found


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ('SELECT "id" FROM shop.t', 904),
        ('SELECT id FROM "shop"."t"', 942),
        ("SELECT list_value(id) FROM shop.t", 904),
        ("SELECT id FROM shop.s PARTITION (p)", 14109),
        ("SELECT id FROM shop.v PARTITION (p)", 14109),
        ("SELECT id FROM shop.t PARTITION (q)", 2149),
        ("SELECT TO_CHAR(at, 'DAY') FROM shop.t", 3001),
        ("DELETE FROM shop.t", 900),
        ("SELECT FROM WHERE", 900),
        ("SELECT id FROM nowhere.t", 942),
    ],
)
def test_what_oracle_or_the_stand_in_does_not_know_is_refused(
    rows: Callable[..., list[tuple[Any, ...]]], sql: str, code: int
) -> None:
    with pytest.raises(oracledb.Error) as refused:
        rows(sql)
    assert refused.value.args[0].code == code


def test_a_datetime_is_bound_as_the_driver_binds_it(connection: Connection, rows: Any) -> None:
    """As DATE, which has no fractions, unless it is told otherwise."""
    sql = "SELECT id FROM shop.t WHERE at = :1"
    with connection.cursor() as cursor:
        variable = cursor.var(oracledb.DB_TYPE_TIMESTAMP)
    variable.setvalue(0, MOMENT)
    assert (rows(sql, MOMENT), rows(sql, variable)) == ([], [(1,)])


def test_the_driver_cuts_nanoseconds_without_a_word(connection: Connection) -> None:
    wanted = pa.schema([("FINE", pa.timestamp("us"))])
    (frame,) = connection.fetch_df_batches("SELECT fine FROM shop.t WHERE id = 1", [], 10, requested_schema=wanted)
    assert pa.table(frame).column(0).cast(pa.int64()).to_pylist() == [1]


def test_a_value_that_the_requested_type_cannot_hold_is_the_drivers_error(connection: Connection) -> None:
    wanted = pa.schema([("N", pa.decimal128(5, 1))])
    with pytest.raises(oracledb.Error, match="DPY-4042"):
        list(connection.fetch_df_batches("SELECT 1.25 AS n FROM dual", [], 10, requested_schema=wanted))


def test_frames_are_of_the_size_that_is_asked_for(connection: Connection) -> None:
    wanted = pa.schema([("ID", pa.int64())])
    frames = connection.fetch_df_batches("SELECT id FROM shop.t", [], 1, requested_schema=wanted)
    assert [frame.num_rows() for frame in frames] == [1, 1]


@pytest.mark.parametrize("more", [{"protocol": "tcps"}, {"wallet_location": "/opt/wallet"}, {"events": True}])
def test_what_it_cannot_connect_by_is_refused(arguments: dict[str, Any], more: dict[str, Any]) -> None:
    with pytest.raises(NotImplementedError, match="Oracle's stand-in"):
        connect(**arguments | more)


def test_an_attribute_that_is_too_long_is_refused(connection: Connection, rows: Any) -> None:
    connection.client_identifier = "x" * 65
    with pytest.raises(oracledb.Error, match="ORA-24960"):
        rows("SELECT 1 FROM dual")


@pytest.mark.parametrize("text", ["INTERVAL DAY TO SECOND", "SDO_GEOMETRY", "NUMBER(1,2,3)"])
def test_a_type_that_it_has_not_is_refused(text: str) -> None:
    with pytest.raises(NotImplementedError, match="has no type"):
        OracleType.parse(text)


def test_addresses_are_ordered_as_their_numbers_are() -> None:
    """The example of "Rowid Values" in Oracle's reference: object 1704, file 19, block 6871, row 0."""
    number = number_of("AAAAaoAATAAABrXAAA")
    assert number == 1_704 << 48 | 19 << 38 | 6_871 << 16
    assert text_of(number) == "AAAAaoAATAAABrXAAA"
