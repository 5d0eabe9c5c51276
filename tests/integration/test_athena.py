"""Athena of the local cloud by boto3: queries over a function that really runs, and over objects in S3."""

import csv
import io
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from stub_connector import StubConnector

import query
from localcloud.client import LocalCloud

Deploy = Callable[..., str]
Refusal = Callable[..., tuple[str, str]]
CUSTOMERS = pa.table({"ID": pa.array([1, 2], pa.int64()), "NAME": ["Ada", None]})
REQUESTS = ("Ping", "GetDataSourceCapabilities", "GetTable", "GetTableLayout", "GetSplits")
CONNECTOR = """
import json, time
ANSWERS = json.loads({answers!r})
def handler(event, context):
    kind = event["@type"]
    if kind == "ReadRecordsRequest":
        {reading}
    return ANSWERS[kind]
"""
PARQUET = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"


def connector(reading: str = "pass") -> str:
    """The source of a function that has no wheels: it gives the answers that a connector gave here."""
    stub = StubConnector([CUSTOMERS])
    common = {"catalogName": "c", "queryId": "q", "tableName": {"schemaName": "sales", "tableName": "customers"}}
    answers = {
        f"{kind}Request": stub(common | {"@type": f"{kind}Request", "continuationToken": None}) for kind in REQUESTS
    }
    answers["ListSchemasRequest"] = {"@type": "ListSchemasResponse", "catalogName": "c", "schemas": ["sales", "hr"]}
    tables = {"tables": [common["tableName"]], "catalogName": "c", "nextToken": None}
    answers["ListTablesRequest"] = {"@type": "ListTablesResponse", **tables}
    (split,) = answers["GetSplitsRequest"]["splits"]
    schema = answers["GetTableRequest"]["schema"]
    read = {"@type": "ReadRecordsRequest", "catalogName": "c", "schema": schema, "split": split}
    answers["ReadRecordsRequest"] = stub(read)
    return CONNECTOR.format(answers=json.dumps(answers), reading=reading)


def customers(function: str) -> str:
    return f'SELECT * FROM "lambda:{function}".sales.customers'  # noqa: S608


@pytest.fixture
def athena(cloud: LocalCloud) -> Any:
    return cloud.client("athena")


@pytest.fixture
def bucket(cloud: LocalCloud, name: str) -> str:
    cloud.client("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture
def start(athena: Any, bucket: str) -> Callable[..., str]:
    """Starts a query whose result goes to the bucket; returns its id."""

    def started(sql: str, **arguments: Any) -> str:
        location = {"OutputLocation": f"s3://{bucket}/results"}
        answer = athena.start_query_execution(QueryString=sql, ResultConfiguration=location, **arguments)
        return str(answer["QueryExecutionId"])

    return started


@pytest.fixture
def finish(athena: Any) -> Callable[[str], dict[str, Any]]:
    """Waits until a query has ended; returns it."""

    def finished(query_id: str) -> dict[str, Any]:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            execution: dict[str, Any] = athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
            if execution["Status"]["State"] in ("SUCCEEDED", "FAILED", "CANCELLED"):
                return execution
            time.sleep(0.02)
        raise TimeoutError(query_id)

    return finished


@pytest.fixture
def catalog(cloud: LocalCloud, athena: Any, deploy: Deploy, name: str) -> str:
    """A catalog whose connector has the table sales.customers."""
    arn = deploy(cloud, name, connector())
    athena.create_data_catalog(Name=name, Type="LAMBDA", Parameters={"function": arn})
    return name


def test_a_function_is_joined_with_objects(
    cloud: LocalCloud, athena: Any, start: Any, finish: Any, bucket: str, catalog: str
) -> None:
    sink = io.BytesIO()
    pq.write_table(pa.table({"customer": [1, 1, 3], "amount": [1.5, 2.0, 4.0]}), sink)
    cloud.client("s3").put_object(Bucket=bucket, Key="orders/0.parquet", Body=sink.getvalue())
    glue = cloud.client("glue")
    glue.create_database(DatabaseInput={"Name": catalog})
    columns = [{"Name": "customer", "Type": "bigint"}, {"Name": "amount", "Type": "double"}]
    storage = {"Columns": columns, "Location": f"s3://{bucket}/orders/"}
    storage |= {"SerdeInfo": {"SerializationLibrary": PARQUET}}
    glue.create_table(DatabaseName=catalog, TableInput={"Name": "orders", "StorageDescriptor": storage})
    sql = f"""
        SELECT c.name, sum(o.amount) AS total FROM orders o
        JOIN "{catalog}".sales.customers c ON c.id = o.customer GROUP BY c.name
    """  # noqa: S608
    query_id = start(sql, QueryExecutionContext={"Database": catalog})
    execution = finish(query_id)
    assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
    assert execution["Statistics"]["DataScannedInBytes"] > 0
    results = athena.get_query_results(QueryExecutionId=query_id)["ResultSet"]
    rows = [[cell.get("VarCharValue") for cell in row["Data"]] for row in results["Rows"]]
    assert rows == [["name", "total"], ["Ada", "3.5"]]
    types = [column["Type"] for column in results["ResultSetMetadata"]["ColumnInfo"]]
    assert types == ["varchar", "double"]
    written = cloud.client("s3").get_object(Bucket=bucket, Key=f"results/{query_id}.csv")["Body"].read().decode()
    assert list(csv.reader(io.StringIO(written))) == rows
    scans = {scan["table"]: scan["rows"] for scan in cloud.athena_query(query_id)["scans"]}
    assert scans == {f"awsdatacatalog.{catalog}.orders": 3, f"{catalog}.sales.customers": 2}


def test_results_come_in_pages(athena: Any, start: Any, finish: Any) -> None:
    query_id = start("SELECT * FROM (VALUES 1, 2, 3) AS t(x) ORDER BY x")
    finish(query_id)
    pages = athena.get_paginator("get_query_results").paginate(QueryExecutionId=query_id, MaxResults=2)
    cells = [[row["Data"][0]["VarCharValue"] for row in page["ResultSet"]["Rows"]] for page in pages]
    assert cells == [["x", "1"], ["2", "3"]]


def test_an_error_of_the_function_is_the_reason(
    cloud: LocalCloud, deploy: Deploy, name: str, start: Any, finish: Any, athena: Any, refusal: Refusal
) -> None:
    deploy(cloud, name, connector('raise ValueError("no route to the source")'))
    query_id = start(customers(name))
    status = finish(query_id)["Status"]
    assert status["State"] == "FAILED"
    assert "Encountered an exception[ValueError] from your LambdaFunction" in status["StateChangeReason"]
    assert "with message[no route to the source]" in status["AthenaError"]["ErrorMessage"]
    code, message = refusal(athena.get_query_results, QueryExecutionId=query_id)
    assert (code, message) == (
        "InvalidRequestException",
        "Query did not finish successfully. Final query state: FAILED",
    )


def test_a_query_is_stopped(
    cloud: LocalCloud, deploy: Deploy, name: str, start: Any, finish: Any, athena: Any, refusal: Refusal
) -> None:
    deploy(cloud, name, connector("time.sleep(2)"))
    query_id = start(customers(name))
    _, message = refusal(athena.get_query_results, QueryExecutionId=query_id)
    assert message.startswith("Query has not yet finished. Current state: ")
    athena.stop_query_execution(QueryExecutionId=query_id)
    assert finish(query_id)["Status"]["State"] == "CANCELLED"


def test_an_answer_over_six_megabytes_is_an_error_of_lambda(
    cloud: LocalCloud, deploy: Deploy, name: str, start: Any, finish: Any
) -> None:
    deploy(cloud, name, connector('return "x" * 7_000_000'))
    status = finish(start(customers(name)))["Status"]
    assert "exception[Function.ResponseSizeTooLarge]" in status["StateChangeReason"]


def test_the_verb_shows_rows_and_what_was_asked_of_the_source(
    cloud: LocalCloud,
    deploy: Deploy,
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    log = 'print(json.dumps({"query_id": event["queryId"], "statement": "SELECT ID FROM CUSTOMERS"}))'
    deploy(cloud, name, connector(log))
    cloud.client("logs").create_log_group(logGroupName=f"/aws/lambda/{name}")
    state = tmp_path / "localcloud.json"
    state.write_text(json.dumps({"endpoint": cloud.endpoint}))
    monkeypatch.setattr("query.STATE", state)
    assert query.main([customers(name), "--rows", "1"]) == 0
    shown = capsys.readouterr().out
    assert "Ada" in shown
    assert "2 rows; 1 more are in s3://groundcrew-query-results/" in shown
    assert "at the source: SELECT ID FROM CUSTOMERS" in shown
    assert query.main([customers(name).replace("*", "nope")]) == 1
    assert "query: COLUMN_NOT_FOUND: Column 'nope' could not be resolved" in capsys.readouterr().err


def test_the_verb_needs_a_cloud_and_a_query(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("query.STATE", tmp_path / "none")
    assert query.main(["SELECT 1"]) == 1
    assert "no local cloud is up" in capsys.readouterr().err
    monkeypatch.setenv("SQL", " ")
    assert query.main([]) == 2


@pytest.mark.parametrize(
    ("sql", "code", "message"),
    [
        ("SELECT FROM", "InvalidRequestException", "SYNTAX_ERROR: line 1:11: Expected table name"),
        ("DROP TABLE x", "NotImplemented", "DROP statements: only queries run here"),
    ],
)
def test_a_statement_is_refused_at_once(start: Any, refusal: Refusal, sql: str, code: str, message: str) -> None:
    found, text = refusal(start, sql=sql)
    assert (found, message in text) == (code, True)


def test_a_query_needs_a_place_for_its_result(athena: Any, refusal: Refusal) -> None:
    code, message = refusal(athena.start_query_execution, QueryString="SELECT 1")
    assert message.startswith("No output location provided.")
    nowhere = {"OutputLocation": "s3://no-such-bucket-anywhere/"}
    code, message = refusal(athena.start_query_execution, QueryString="SELECT 1", ResultConfiguration=nowhere)
    assert (code, message) == (
        "InvalidRequestException",
        "Unable to verify/create output bucket no-such-bucket-anywhere",
    )


def test_a_work_group_says_where_results_go(
    athena: Any, bucket: str, name: str, start: Any, finish: Any, refusal: Refusal
) -> None:
    settings = {"ResultConfiguration": {"OutputLocation": f"s3://{bucket}/theirs/"}}
    athena.create_work_group(Name=name, Configuration=settings)
    execution = finish(start("SELECT 1", WorkGroup=name))
    assert execution["ResultConfiguration"]["OutputLocation"].startswith(f"s3://{bucket}/theirs/")
    assert athena.list_query_executions(WorkGroup=name)["QueryExecutionIds"] == [execution["QueryExecutionId"]]
    code, message = refusal(athena.get_work_group, WorkGroup=f"{name}-none")
    assert (code, message) == ("InvalidRequestException", f"WorkGroup {name}-none is not found.")


def test_one_token_starts_one_query(athena: Any, bucket: str, name: str) -> None:
    request = {
        "QueryString": "SELECT 1",
        "ResultConfiguration": {"OutputLocation": f"s3://{bucket}/"},
        "ClientRequestToken": name * 3,
    }
    ids = {athena.start_query_execution(**request)["QueryExecutionId"] for _ in range(2)}
    assert len(ids) == 1


def test_catalogs_are_kept(athena: Any, catalog: str, refusal: Refusal) -> None:
    found = athena.get_data_catalog(Name=catalog.upper())["DataCatalog"]
    assert (found["Name"], found["Type"]) == (catalog, "LAMBDA")
    listed = [each["CatalogName"] for each in athena.list_data_catalogs()["DataCatalogsSummary"]]
    assert {"AwsDataCatalog", catalog} <= set(listed)
    code, message = refusal(athena.create_data_catalog, Name=catalog, Type="LAMBDA", Parameters={"function": "arn:x"})
    assert (code, message) == ("InvalidRequestException", f"Data catalog {catalog} already exists")
    two = {"metadata-function": "a", "record-function": "b"}
    athena.update_data_catalog(Name=catalog, Type="LAMBDA", Parameters=two)
    assert athena.get_data_catalog(Name=catalog)["DataCatalog"]["Parameters"] == two
    athena.delete_data_catalog(Name=catalog)
    code, message = refusal(athena.get_data_catalog, Name=catalog)
    assert (code, message) == ("InvalidRequestException", f"Data catalog {catalog} was not found.")


@pytest.mark.parametrize(
    ("kind", "parameters", "code"),
    [("HIVE", {"metadata-function": "f"}, "NotImplemented"), ("LAMBDA", {"functions": "f"}, "InvalidRequestException")],
)
def test_another_catalog_is_refused(
    athena: Any, name: str, refusal: Refusal, kind: str, parameters: dict[str, str], code: str
) -> None:
    found, _ = refusal(athena.create_data_catalog, Name=name, Type=kind, Parameters=parameters)
    assert found == code


def test_a_connectors_schemas_and_tables_are_listed(athena: Any, catalog: str) -> None:
    schemas = athena.list_databases(CatalogName=catalog)["DatabaseList"]
    assert [schema["Name"] for schema in schemas] == ["hr", "sales"]
    (table,) = athena.list_table_metadata(CatalogName=catalog, DatabaseName="sales")["TableMetadataList"]
    assert [(column["Name"], column["Type"]) for column in table["Columns"]] == [("id", "bigint"), ("name", "varchar")]
    assert athena.get_database(CatalogName=catalog, DatabaseName="SALES")["Database"]["Name"] == "sales"
    assert athena.get_table_metadata(CatalogName=catalog, DatabaseName="sales", TableName="customers")["TableMetadata"]
