"""What there is before the root: customers and visits in Snowflake, orders in the lake, and a secret between them."""

import io
import json
import secrets
import tempfile
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from localcloud.client import LocalCloud
from localcloud.snowflake.standin import Account, Standin, User
from query import RESULTS

SECRET = "groundcrew/sales"  # noqa: S105 - its name
USER = "ATHENA"
LAKE = "groundcrew-lake"
COUNTRIES = ("AT", "BE", "CH", "DE", "FR", "IT", "NL", "PL")
CUSTOMERS, ORDERS, VISITS = 20_000, 50_000, 1_000_000
SEED = 2

DECLARED = """
CREATE DATABASE sales;
CREATE SCHEMA sales.public;
CREATE TABLE sales.public.customers
    (id NUMBER(10, 0), name VARCHAR, country VARCHAR(2), since DATE, credit NUMBER(12, 2));
INSERT INTO sales.public.customers SELECT * FROM read_parquet('{directory}/customers.parquet');
CREATE TABLE sales.public.visits
    (id NUMBER(12, 0) PRIMARY KEY, customer NUMBER(10, 0), visited TIMESTAMP_NTZ, spent NUMBER(12, 2), page VARCHAR);
INSERT INTO sales.public.visits SELECT * FROM read_parquet('{directory}/visits.parquet');
"""


def tables() -> dict[str, pa.Table]:
    """The rows of `customers`, `orders` and `visits`, the same on every machine."""
    random = np.random.default_rng(SEED)
    day, moment = date(2020, 1, 1), np.datetime64("2025-12-01", "ms")
    countries, since = random.integers(len(COUNTRIES), size=CUSTOMERS), random.integers(2100, size=CUSTOMERS)
    customers = {
        "id": pa.array(range(1, CUSTOMERS + 1), pa.int64()),
        "name": [f"Customer {number}" for number in range(1, CUSTOMERS + 1)],
        "country": [COUNTRIES[index] for index in countries],
        "since": [day + timedelta(days=int(days)) for days in since],
        "credit": _money(random.integers(10**8, size=CUSTOMERS)),
    }
    orders = {
        "id": pa.array(range(1, ORDERS + 1), pa.int64()),
        "customer": pa.array(random.integers(1, CUSTOMERS + 1, size=ORDERS)),
        "amount": _money(random.integers(10**6, size=ORDERS)),
    }
    later = random.integers(20 * 86_400_000, size=VISITS).astype("timedelta64[ms]")
    visits = {
        "id": pa.array(range(1, VISITS + 1), pa.int64()),
        "customer": pa.array(random.integers(1, CUSTOMERS + 1, size=VISITS)),
        "visited": pa.array(moment + later),
        "spent": _money(random.integers(10**5, size=VISITS)),
        "page": pa.array([f"/articles/{number}" for number in random.integers(100_000, size=VISITS)]),
    }
    return {"customers": pa.table(customers), "orders": pa.table(orders), "visits": pa.table(visits)}


def open_snowflake(cloud: LocalCloud, rows: dict[str, pa.Table]) -> tuple[Standin, str]:
    """Snowflake's stand-in with its rows, which ends with the cloud, and the ARN of the secret that opens it."""
    password = secrets.token_urlsafe(24)
    with tempfile.TemporaryDirectory(prefix="groundcrew-") as directory:
        for name in ("customers", "visits"):
            pq.write_table(rows[name], Path(directory) / f"{name}.parquet")
        snowflake = Standin.start(
            Account({USER: User(password=password)}, DECLARED.format(directory=directory)), until=cloud.pid
        )
    value = json.dumps({"username": USER, "password": password})
    created = cloud.client("secretsmanager").create_secret(Name=SECRET, SecretString=value)
    return snowflake, created["ARN"]


def fill_lake(cloud: LocalCloud, orders: pa.Table) -> None:
    """Orders as Parquet in S3, as Glue's catalog describes them, and a bucket for what queries find."""
    content = io.BytesIO()
    pq.write_table(orders, content)
    s3, glue = cloud.client("s3"), cloud.client("glue")
    for bucket in (LAKE, RESULTS):
        s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=LAKE, Key="orders/2025.parquet", Body=content.getvalue())
    glue.create_database(DatabaseInput={"Name": "lake"})
    storage = {
        "Columns": [
            {"Name": "id", "Type": "bigint"},
            {"Name": "customer", "Type": "bigint"},
            {"Name": "amount", "Type": "decimal(12,2)"},
        ],
        "Location": f"s3://{LAKE}/orders/",
        "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
    }
    table: dict[str, Any] = {"Name": "orders", "TableType": "EXTERNAL_TABLE", "StorageDescriptor": storage}
    glue.create_table(DatabaseName="lake", TableInput=table)


def _money(cents: "np.ndarray[Any, np.dtype[np.int64]]") -> pa.Array:
    return pa.array([Decimal(int(each)).scaleb(-2) for each in cents], pa.decimal128(12, 2))
