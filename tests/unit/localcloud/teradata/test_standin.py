"""Teradata's stand-in is no kinder than Teradata and its driver."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import teradatasql

from localcloud.teradata.server import Standin
from localcloud.teradata.system import User

SEED = """
CREATE DATABASE shop;
CREATE TABLE shop.words (id INTEGER, word VARCHAR(10), code CHAR(3), raw VARBYTE(4)) PRIMARY INDEX (id);
INSERT INTO shop.words VALUES (1, 'a', 'x', unhex('0100')), (2, 'B ', NULL, unhex('01')), (NULL, NULL, NULL, NULL);
"""


@pytest.fixture(scope="module")
def standin() -> Iterator[Standin]:
    with Standin.start({"u": User("p"), "locked": User("p", locked=True)}, SEED) as running:
        yield running


def connect(standin: Standin, **more: Any) -> Any:
    return teradatasql.connect(
        **{"host": "127.0.0.1", "dbs_port": standin.port, "user": "u", "password": "p", "teradata_values": False} | more
    )


def ask(standin: Standin, request: str, *binds: Any) -> list[list[Any]]:
    connection = connect(standin)
    try:
        with connection.cursor() as cursor:
            return cursor.execute(request, list(binds) or None).fetchall()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("wrong", "number"),
    [
        ({"password": "q"}, 8017),
        ({"user": "nobody"}, 8017),
        ({"user": "locked"}, 8017),
        ({"database": "nowhere"}, 3802),
        ({"https_port": 1, "dbs_port": 1}, 183),
        ({"sslmode": "SOME"}, 188),
        ({"charset": "UTF8"}, 169),
        ({"dbs_port": 1}, 444),
        ({"host": "no-such-host.invalid"}, 493),
    ],
)
def test_nobody_signs_in_by_what_the_driver_or_teradata_refuses(
    standin: Standin, wrong: dict[str, Any], number: int
) -> None:
    with pytest.raises(teradatasql.OperationalError, match=rf"\[Error {number}\] \[SQLState \w{{5}}\] \w"):
        connect(standin, **wrong)


@pytest.mark.parametrize(
    ("request_", "number"),
    [
        ("SELEC 1", 3706),
        ("SELECT 1 AS a LIMIT 1", 3706),
        ("SELECT word::CHAR(1) AS a FROM shop.words", 3706),
        ("SELECT id FROM shop.words WHERE word ILIKE 'a'", 3706),
        ("SELECT * FROM (SELECT id FROM shop.words ORDER BY id) q", 3706),
        ("SELECT * FROM (SELECT id + 1 FROM shop.words) q", 3706),
        ("DELETE FROM shop.words", 3706),
        ("SELECT 1 AS a FROM shop.nothing", 3807),
        ("SELECT nothing FROM shop.words", 5628),
        ("SELECT CAST(word AS DATE) AS d FROM shop.words", 2620),
    ],
)
def test_a_request_that_teradata_does_not_take_is_refused(standin: Standin, request_: str, number: int) -> None:
    with pytest.raises(teradatasql.OperationalError, match=rf"\[Error {number}\]"):
        ask(standin, request_)


@pytest.mark.parametrize(
    "request_", ["{fn teradata_nativesql}SELECT 1 AS a", "SELECT TO_CHAR(id, '9') FROM shop.words"]
)
def test_what_the_stand_in_does_not_know_it_does_not_guess(standin: Standin, request_: str) -> None:
    with pytest.raises(NotImplementedError, match="Teradata's stand-in"):
        ask(standin, request_)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("word = 'A'", [1]),
        ("word = 'A' (CASESPECIFIC)", []),
        ("word = 'b'", [2]),
        ("word = 'B' (CASESPECIFIC)", [2]),
        ("word LIKE 'A%'", [1]),
        ("code = 'X'", [1]),
        ("id MOD 2 = 1", [1]),
    ],
)
def test_a_comparison_is_teradatas_and_not_duckdbs(standin: Standin, condition: str, expected: list[int]) -> None:
    request = f"SELECT id FROM shop.words WHERE {condition} ORDER BY id"  # noqa: S608 - a test's
    assert [row[0] for row in ask(standin, request)] == expected


def test_bytes_are_compared_without_the_zeros_at_their_end(standin: Standin) -> None:
    assert ask(standin, "SELECT id FROM shop.words WHERE raw = ? ORDER BY id", b"\1") == [[1], [2]]


def test_a_char_is_sent_with_its_blanks_thrice(standin: Standin) -> None:
    assert ask(standin, "SELECT code FROM shop.words WHERE id = 1") == [["x" + 8 * " "]]


def test_decimals_and_dates_are_sent_as_text(standin: Standin) -> None:
    request = (
        "SELECT CAST(1.5 AS DECIMAL(5,2)) AS d, DATE '2024-02-29' AS e, CAST(? AS DECIMAL(5,2)) AS f FROM shop.words"
    )
    assert ask(standin, request, Decimal("0.25"))[0] == ["1.50", "2024-02-29", "0.25"]


@pytest.mark.parametrize("value", [2**63, object()])
def test_a_value_that_the_driver_does_not_bind_is_refused(standin: Standin, value: object) -> None:
    with pytest.raises(TypeError):
        ask(standin, "SELECT id FROM shop.words WHERE id = ?", value)


def test_a_hash_is_of_every_row_null_included(standin: Standin) -> None:
    found = ask(standin, "SELECT HASHBUCKET(HASHROW(id)) MOD 4 AS bucket FROM shop.words")
    assert all(bucket in range(4) for (bucket,) in found)
