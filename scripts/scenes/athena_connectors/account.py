"""What there is before the root: databases with their rows, a lake, and a secret for each database."""

import io
import json
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from localcloud.client import LocalCloud
from localcloud.snowflake.standin import Account, Standin, User
from query import RESULTS
from scenes.athena_connectors import databases

USER = "ATHENA"
LAKE = "groundcrew-lake"
SNOWFLAKE = """
CREATE DATABASE sales;
CREATE SCHEMA sales.public;
CREATE TABLE sales.public.customers
    (id NUMBER(10, 0), name VARCHAR, country VARCHAR(2), since DATE, credit NUMBER(12, 2));
INSERT INTO sales.public.customers SELECT * FROM read_parquet('{directory}/customers.parquet');
CREATE TABLE sales.public.visits
    (id NUMBER(12, 0) PRIMARY KEY, customer NUMBER(10, 0), visited TIMESTAMP_NTZ, spent NUMBER(12, 2), page VARCHAR);
INSERT INTO sales.public.visits SELECT * FROM read_parquet('{directory}/visits.parquet');
"""


@dataclass(frozen=True, slots=True)
class Opened:
    """The address of Snowflake's stand-in, the ports of Oracle's and Teradata's, the ARNs of the secrets by source."""

    snowflake: str
    ports: dict[str, int]
    secrets: dict[str, str]


def secret_name(source: str) -> str:
    """The name of a source's secret."""
    return f"groundcrew/{source}"


def open_databases(cloud: LocalCloud, rows: dict[str, pa.Table]) -> Opened:
    """The databases with their rows, which end with the cloud, and the secrets that open them."""
    passwords = {source: secrets.token_urlsafe(24) for source in ("sales", "erp", "logistics")}
    with tempfile.TemporaryDirectory(prefix="groundcrew-") as directory:
        for name, table in rows.items():
            pq.write_table(table, Path(directory) / f"{name}.parquet")
        account = Account({USER: User(password=passwords["sales"])}, SNOWFLAKE.format(directory=directory))
        snowflake = Standin.start(account, until=cloud.pid)
        ports = databases.start(Path(directory), USER, passwords, until=cloud.pid)
    arns = {}
    for source, password in passwords.items():
        value = json.dumps({"username": USER, "password": password})
        created = cloud.client("secretsmanager").create_secret(Name=secret_name(source), SecretString=value)
        arns[source] = created["ARN"]
    return Opened(snowflake.endpoint, ports, arns)


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
