"""Tables of the lake: what Glue's catalog says of Parquet and CSV, and what is in them."""

import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from athena_account import InProcessAccount
from stub_connector import StubConnector

from localcloud.athena.engine.lake import hive_type
from localcloud.athena.engine.run import Run
from localcloud.athena.query.failure import QueryFailed

PARQUET = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
PLAIN = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
QUOTED = "org.apache.hadoop.hive.serde2.OpenCSVSerde"


def columns(text: str) -> list[dict[str, str]]:
    return [{"Name": part.split(" ")[0], "Type": part.split(" ")[1]} for part in text.split(", ") if part]


def put_table(
    account: InProcessAccount, serde: str, described: str, partitions: str = "", **parameters: str
) -> dict[str, Any]:
    storage = {
        "Columns": columns(described),
        "Location": "s3://lake/orders",
        "SerdeInfo": {"SerializationLibrary": serde, "Parameters": parameters},
    }
    account.tables["sales", "orders"] = {"StorageDescriptor": storage, "PartitionKeys": columns(partitions)}
    return storage


def parquet(**held: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(held), sink)
    return sink.getvalue()


def test_parquet_is_read_by_the_columns_names(account: InProcessAccount, query: Any) -> None:
    put_table(account, PARQUET, "amount decimal(10,2), id bigint, at timestamp, later string")
    account.objects["lake", "orders/0.parquet"] = parquet(
        ID=pa.array([1, 2], pa.int32()),
        amount=pa.array([Decimal("1.50"), None], pa.decimal128(8, 2)),
        at=pa.array([datetime(2020, 1, 1, 1, 2, 3, 4567), None]),  # noqa: DTZ001
    )
    account.objects["lake", "orders/_SUCCESS"] = b"x"
    account.objects["lake", "orders-of-another/0.parquet"] = b"x"
    at = datetime(2020, 1, 1, 1, 2, 3, 4000)  # noqa: DTZ001
    assert query("SELECT * FROM sales.orders ORDER BY id") == [
        (Decimal("1.50"), 1, at, None),
        (None, 2, None, None),
    ]


def test_partitions_are_columns(account: InProcessAccount, query: Any) -> None:
    storage = put_table(account, PARQUET, "id bigint", "day date")
    account.partitions["sales", "orders"] = [
        {"Values": [day], "StorageDescriptor": storage | {"Location": f"s3://lake/orders/day={day}/"}}
        for day in ("2020-01-01", "2020-01-02")
    ]
    account.objects["lake", "orders/day=2020-01-01/a"] = parquet(id=[1, 2])
    account.objects["lake", "orders/day=2020-01-02/a"] = parquet(id=[3])
    counted = [(date(2020, 1, 1), 2), (date(2020, 1, 2), 1)]
    assert query("SELECT day, count(*) FROM sales.orders GROUP BY day ORDER BY day") == counted
    assert query("SELECT count(*) FROM sales.orders") == [(3,)]


def test_plain_csv_is_read_by_position(account: InProcessAccount, query: Any) -> None:
    put_table(account, PLAIN, "id int, name string, day date", **{"field.delim": ",", "skip.header.line.count": "1"})
    account.objects["lake", "orders/a.csv"] = b'no,name,day\n1,"Ada",2020-01-01\n2,,\n3,\\N,2020-01-03\n'
    assert query("SELECT * FROM sales.orders ORDER BY id") == [
        (1, '"Ada"', date(2020, 1, 1)),
        (2, "", None),
        (3, None, date(2020, 1, 3)),
    ]


def test_quoted_csv_has_its_quotes_taken_off(account: InProcessAccount, query: Any) -> None:
    put_table(account, QUOTED, "id string, name string", separatorChar=";")
    account.objects["lake", "orders/a.csv"] = b'"1";"Ada; Countess"\n'
    assert query("SELECT id, name FROM sales.orders") == [("1", "Ada; Countess")]


def test_the_lake_is_joined_with_a_connector(account: InProcessAccount, query: Any, run: Run) -> None:
    put_table(account, PARQUET, "customer bigint, amount decimal(10,2)")
    account.objects["lake", "orders/0"] = parquet(customer=[1, 1, 2], amount=[Decimal("1.00")] * 3)
    account.handlers["snow"] = StubConnector([pa.table({"ID": [1, 2], "NAME": ["Ada", "Grace"]})])
    sql = (
        'SELECT c.name, sum(o.amount) FROM awsdatacatalog.sales.orders o JOIN "lambda:snow".s.customers c '
        "ON c.id = o.customer GROUP BY 1 ORDER BY 1"
    )
    assert query(sql) == [("Ada", Decimal("2.00")), ("Grace", Decimal("1.00"))]
    assert [scan.rows for scan in run.report.scans] == [3, 2]


@pytest.mark.parametrize(
    ("described", "content", "message"),
    [
        (
            "id bigint",
            parquet(id=["x"]),
            "HIVE_BAD_DATA: Field id's type string in parquet file",
        ),
        ("id bigint", b"no parquet", "HIVE_BAD_DATA: s3://lake/orders/0 is no Parquet"),
    ],
)
def test_data_that_is_not_what_the_catalog_says(
    account: InProcessAccount, query: Any, described: str, content: bytes, message: str
) -> None:
    put_table(account, PARQUET, described)
    account.objects["lake", "orders/0"] = content
    with pytest.raises(QueryFailed, match=message):
        query("SELECT id FROM sales.orders")


def test_a_value_that_is_no_number_is_named(account: InProcessAccount, query: Any) -> None:
    put_table(account, PLAIN, "id int", **{"field.delim": ","})
    account.objects["lake", "orders/a.csv"] = b"one\n"
    with pytest.raises(
        QueryFailed, match=r"HIVE_BAD_DATA: Error parsing field value for id in s3://lake/orders/a\.csv"
    ):
        query("SELECT id FROM sales.orders")


def test_a_table_that_is_not_there(query: Any) -> None:
    with pytest.raises(QueryFailed, match=r"TABLE_NOT_FOUND: Table 'awsdatacatalog\.sales\.nope' does not exist"):
        query("SELECT * FROM nope", schema="sales")


@pytest.mark.parametrize("serde", ["org.openx.data.jsonserde.JsonSerDe", ""])
def test_another_format_is_refused(account: InProcessAccount, query: Any, serde: str) -> None:
    put_table(account, serde, "id int")
    account.objects["lake", "orders/a"] = b"{}"
    with pytest.raises(NotImplementedError, match="tables of the lake in the format"):
        query("SELECT id FROM sales.orders")


@pytest.mark.parametrize(
    ("text", "of"),
    [
        ("decimal(12,3)", pa.decimal128(12, 3)),
        ("decimal", pa.decimal128(10, 0)),
        ("varchar(20)", pa.utf8()),
        ("array<int>", pa.list_(pa.int32())),
        ("map<string,double>", pa.map_(pa.utf8(), pa.float64())),
        ("struct<a:int,b:array<string>>", pa.struct([("a", pa.int32()), ("b", pa.list_(pa.utf8()))])),
    ],
)
def test_hive_types_are_read(text: str, of: pa.DataType) -> None:
    assert hive_type(text) == of


def test_a_type_that_is_not_known_is_refused() -> None:
    with pytest.raises(NotImplementedError, match="columns of the type uniontype<int> in the lake"):
        hive_type("uniontype<int>")
