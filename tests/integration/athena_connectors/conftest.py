"""Snowflake's stand-in, and sources that read it."""

import json
import os
import sys
from collections.abc import Callable, Iterator

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from source_contract import ORDERS

from localcloud.snowflake.standin import Account, Standin, User
from localcloud.teradata import server as teradata_server
from localcloud.teradata.system import User as TeradataUser

PASSWORD = "p'w\"$%{}&;=@/\\ žluť 😀"
TERADATA_USERS = {"athena": TeradataUser(PASSWORD), "locked": TeradataUser(PASSWORD, locked=True)}
USERS = {"athena": User(password=PASSWORD), "locked": User(password=PASSWORD, locked=True)}

if os.environ.get("TERADATA_DSN"):  # then it is Teradata's own driver that is asked
    sys.path[:] = [place for place in sys.path if not place.endswith("localcloud/teradata/driver")]


class SecretsManager:
    """GetSecretValue and nothing else; `reads` counts."""

    def __init__(self, **values: object) -> None:
        self.values = values
        self.reads = 0

    def get_secret_value(self, SecretId: str) -> dict[str, str]:  # noqa: N803 - boto3's own
        self.reads += 1
        return {"SecretString": json.dumps(self.values)}


@pytest.fixture(scope="session")
def seed(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("seed") / "orders.parquet"
    pq.write_table(pa.Table.from_pylist(ORDERS), file)
    return f"""
CREATE DATABASE sales;
CREATE SCHEMA sales.shop;
CREATE TABLE sales.shop.orders
    (id NUMBER(38, 0) PRIMARY KEY, customer VARCHAR, amount NUMBER(12, 2), day DATE, placed TIMESTAMP_NTZ)
    CLUSTER BY (day);
INSERT INTO sales.shop.orders SELECT * FROM read_parquet('{file}');
CREATE VIEW sales.shop.all_orders AS SELECT * FROM sales.shop.orders;
"""  # noqa: S608 - rows of ours


@pytest.fixture(scope="session")
def standin(seed: str) -> Iterator[Standin]:
    """A stand-in that its tests only read."""
    with Standin.start(Account(USERS, seed)) as running:
        yield running


@pytest.fixture
def own_standin(seed: str) -> Iterator[Standin]:
    """A stand-in of a test that changes it."""
    with Standin.start(Account(USERS, seed)) as running:
        yield running


@pytest.fixture
def secrets_manager() -> Callable[..., SecretsManager]:
    return SecretsManager


TERADATA_SEED = """
CREATE DATABASE Shop AS PERMANENT = 1e9;
CREATE MULTISET TABLE Shop.Orders
    (Id DECIMAL(38, 0) NOT NULL, Customer VARCHAR(100) CHARACTER SET UNICODE, Amount DECIMAL(12, 2), Day DATE,
    Placed TIMESTAMP(3)) UNIQUE PRIMARY INDEX (Id);
INSERT INTO Shop.Orders SELECT * FROM read_parquet('{file}');
CREATE VIEW Shop.All_Orders AS SELECT * FROM Shop.Orders;
"""


@pytest.fixture(scope="session")
def teradata_seed(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("seed") / "orders.parquet"
    pq.write_table(pa.Table.from_pylist(ORDERS), file)
    return TERADATA_SEED.format(file=file)


@pytest.fixture(scope="session")
def teradata(teradata_seed: str) -> Iterator[teradata_server.Standin]:
    """A stand-in that its tests only read."""
    with teradata_server.Standin.start(TERADATA_USERS, teradata_seed) as running:
        yield running


@pytest.fixture
def own_teradata(teradata_seed: str) -> Iterator[teradata_server.Standin]:
    """A stand-in of a test that changes it."""
    with teradata_server.Standin.start(TERADATA_USERS, teradata_seed) as running:
        yield running
