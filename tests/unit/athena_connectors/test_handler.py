"""The entry point: answers, log lines, figures, and errors as Lambda reports them."""

import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import repeat
from pathlib import Path
from typing import Any, NoReturn

import duckdb
import pytest
from duckdb_source import DuckDbSource

from athena_connectors import handler as entry
from athena_connectors.catalogs import Catalogs
from athena_connectors.compose import Deployed
from athena_connectors.connections.model import Snowflake
from athena_connectors.federation.cache import Cache
from athena_connectors.federation.errors import ConnectorError, InternalError, InvalidInput, NotSupported, Throttled
from athena_connectors.federation.model import ReadRecords
from athena_connectors.federation.patterns import Patterns
from athena_connectors.federation.read.guards import Tally
from athena_connectors.federation.read.read import Ports, ReadSettings, read_records
from athena_connectors.federation.serve import Connector, SecondsLeft, Spill
from athena_connectors.federation.source import Cursor
from common.errors import ConfigurationError

ROOT = Path(__file__).parents[3]
Vector = Callable[[str], Any]
ARN = "arn:aws:iam::123456789012:role/r"


@dataclass(frozen=True)
class Context:
    """What Powertools reads of the Lambda context."""

    function_name: str = "demo-athena-connectors-warehouse"
    memory_limit_in_mb: int = 1024
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:demo-athena-connectors-warehouse"
    aws_request_id: str = "8a3c1b52-7d1e-4a0e-9d53-0c9a3f1f6a11"

    def get_remaining_time_in_millis(self) -> int:
        return 900_000


def read(request: ReadRecords, cursor: Cursor, tally: Tally, seconds_left: SecondsLeft) -> Any:
    return read_records(request, cursor, ReadSettings(), Ports(refuse, seconds_left), tally)


def refuse(*_: Any) -> NoReturn:
    pytest.fail("Nothing is to be spilled.")


class Environment:
    """One environment of the function, over DuckDB."""

    def __init__(self, patch: pytest.MonkeyPatch, source: DuckDbSource) -> None:
        self._patch, self._stream = patch, io.StringIO()
        patch.setattr(entry.logger.registered_handler, "stream", self._stream)
        patch.setenv("POWERTOOLS_SERVICE_NAME", "demo-athena-connectors-warehouse")
        catalogs = Catalogs(dict, Snowflake("host", "D", "secret"), lambda _: source)
        spill = Spill("bkt", "athena-spill", lambda: repeat(None), lambda: None)
        connector = Connector("duckdb", catalogs.source, Cache(60), Patterns(), None, spill, read, advise_rows=10)
        self.deploy(Deployed(connector, catalogs))

    def deploy(self, deployed: Deployed) -> None:
        self.deployed = deployed
        self._patch.setattr(entry, "deployed", cache(lambda: deployed))

    def fail(self, error: Exception) -> None:
        def source_of(catalog: str) -> DuckDbSource:
            raise error

        self.deploy(replace(self.deployed, connector=replace(self.deployed.connector, source_of=source_of)))

    def ask(self, event: object) -> Any:
        return entry.handler(event, Context())  # type: ignore[arg-type]

    def log_line(self) -> dict[str, Any]:
        (line,) = self._stream.getvalue().splitlines()
        return json.loads(line)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA sch; CREATE TABLE sch.tab AS SELECT i AS id FROM range(20) t(i)")
        yield connection


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, database: duckdb.DuckDBPyConnection) -> Iterator[Environment]:
    entry.metrics.clear_metrics()
    yield Environment(monkeypatch, DuckDbSource(database))
    entry.metrics.clear_metrics()


@pytest.fixture
def read_request(vector: Vector) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(json.dumps(vector("java/v6_ReadRecordsRequest_allconstraints.json")))
    event["constraints"] |= {"summary": {}, "expression": [], "orderByClause": [], "limit": -1}
    event["schema"] = vector("java/v6_GetSplitsRequest_qpt.json")["partitions"]["schema"]
    return event


def figures(capsys: pytest.CaptureFixture[str]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The figures by service, and those by code."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (by_service,) = [line for line in lines if "Requests" in line]
    return {name: value[0] for name, value in by_service.items() if isinstance(value, list)}, [
        line for line in lines if "code" in line
    ]


def test_a_request_is_answered_logged_once_and_counted(
    environment: Environment, vector: Vector, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = environment.ask(vector("java/v6_ListTablesRequest.json"))
    assert answer["tables"] == [{"schemaName": "sch", "tableName": "tab"}]
    line = environment.log_line()
    assert line["message"] == "request"
    assert {name: line[name] for name in ("request", "query_id", "catalog", "caller", "serde", "tables", "level")} == {
        "request": "ListTables",
        "query_id": "q-1",
        "catalog": "cat",
        "caller": ARN,
        "serde": 6,
        "tables": 1,
        "level": "INFO",
    }
    assert figures(capsys) == ({"Requests": 1, "Connections": 1, "Failures": 0, "Throttles": 0}, [])


def test_what_was_read_is_logged_counted_and_advised_upon(
    environment: Environment, read_request: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    read_request["schema"] = environment.ask(tab_request(read_request))["schema"]
    environment._stream.truncate(0)
    environment._stream.seek(0)
    capsys.readouterr()
    answer = environment.ask(read_request)
    assert answer["@type"] == "ReadRecordsResponse"
    line = environment.log_line()
    assert (line["rows"], line["statement"], line["level"]) == (20, 'SELECT "id" FROM "sch"."tab"', "WARNING")
    assert "unload the table to S3" in line["advice"]
    found, _ = figures(capsys)
    assert (found["Rows"], found["Requests"]) == (20, 1)
    assert found["Bytes"] >= 160
    assert found["FirstRowSeconds"] >= 0
    assert "QueuedSeconds" not in found


def tab_request(like: dict[str, Any]) -> dict[str, Any]:
    kept = ("identity", "queryId", "catalogName", "tableName")
    return {"@type": "GetTableRequest", "queryPassthroughArguments": {}} | {name: like[name] for name in kept}


def test_the_time_that_a_query_was_queued_at_the_source_is_counted(
    environment: Environment,
    read_request: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("duckdb_source.DuckDbCursor.queued_seconds", 1.5)
    read_request["schema"] = environment.ask(tab_request(read_request))["schema"]
    capsys.readouterr()
    environment.ask(read_request)
    assert figures(capsys)[0]["QueuedSeconds"] == 1.5


@pytest.mark.parametrize("error", [InvalidInput("wrong"), NotSupported("never"), Throttled("less")])
def test_an_error_leaves_with_its_code_first_and_is_counted_by_it(
    environment: Environment, vector: Vector, capsys: pytest.CaptureFixture[str], error: ConnectorError
) -> None:
    environment.fail(error)
    with pytest.raises(type(error)) as raised:
        environment.ask(vector("java/v6_ListSchemasRequest.json"))
    assert str(raised.value).startswith(f"{error.code}: ")
    line = environment.log_line()
    assert (line["level"], line["code"], line["reason"]) == ("ERROR", error.code, str(error))
    found, by_code = figures(capsys)
    assert (found["Failures"], found["Throttles"]) == (1, int(isinstance(error, Throttled)))
    assert [(each["code"], each["Failures"]) for each in by_code] == [(error.code, [1])]


def test_a_throttle_is_reported_by_the_name_that_athena_knows() -> None:
    assert Throttled.__name__ == "com.amazonaws.athena.connector.lambda.exceptions.FederationThrottleException"


def test_what_nobody_foresaw_tells_its_place_and_no_data(environment: Environment, vector: Vector) -> None:
    environment.fail(KeyError("4111 1111 1111 1111"))
    with pytest.raises(InternalError, match="INTERNAL_SERVICE_EXCEPTION: The connector failed with KeyError") as raised:
        environment.ask(vector("java/v6_ListSchemasRequest.json"))
    line = environment.log_line()
    assert line["error"] == "KeyError"
    assert any("serve.py:" in place for place in line["stack"])
    assert "4111" not in json.dumps(line) + str(raised.value)
    assert raised.value.__suppress_context__


def test_wrong_settings_are_for_who_deploys_it(environment: Environment, vector: Vector) -> None:
    environment.fail(ConfigurationError("The environment is wrong: SOURCE is missing."))
    with pytest.raises(InvalidInput, match=r"INVALID_INPUT_EXCEPTION: The connector's settings .* SOURCE is missing"):
        environment.ask(vector("java/v6_ListSchemasRequest.json"))


def test_an_event_that_is_no_request_is_logged_too(environment: Environment) -> None:
    with pytest.raises(InvalidInput):
        environment.ask({"@type": 1})
    assert environment.log_line()["code"] == "INVALID_INPUT_EXCEPTION"


def test_a_query_that_is_passed_through_is_not_logged_for_it_holds_literals(
    environment: Environment, read_request: dict[str, Any]
) -> None:
    query = {"schemaFunctionName": "SYSTEM.QUERY", "QUERY": "SELECT id FROM sch.tab WHERE id = 17"}
    table = tab_request(read_request) | {"queryPassthroughArguments": query}
    read_request["schema"] = environment.ask(table)["schema"]
    read_request["constraints"]["queryPassthroughArguments"] = query
    environment.ask(read_request)
    assert "WHERE" not in environment._stream.getvalue()


def test_metadata_is_answered_without_what_only_rows_need() -> None:
    """A cold start imports no cipher and no compute kernel, and no driver but that of the source that is asked."""
    program = (
        "import json, sys\n"
        "from athena_connectors.handler import handler\n"
        "class Context:\n"
        "    function_name, memory_limit_in_mb, aws_request_id = 'f', 1, 'r'\n"
        "    invoked_function_arn = 'arn:aws:lambda:us-east-1:123456789012:function:f'\n"
        "unwanted = ('pyarrow.compute', 'cryptography', 'snowflake', 'oracledb', 'teradatasql', 'duckdb', 'sqlglot',\n"
        "            'athena_connectors.federation.read.put', 'athena_connectors.federation.read.seal')\n"
        "for file in sys.argv[1:]:\n"
        "    handler(json.load(open(file)), Context())\n"
        "    print('loaded', [name for name in unwanted if name in sys.modules])\n"
    )
    vectors = ROOT / "tests/unit/athena_connectors/vectors/java"
    found = subprocess.run(
        [
            sys.executable,
            "-c",
            program,
            vectors / "v6_PingRequest.json",
            vectors / "v6_GetTableLayoutRequest_allconstraints.json",
            vectors / "v6_GetDataSourceCapabilitiesRequest.json",
        ],
        env={
            "PYTHONPATH": str(ROOT / "lambda_src"),
            "AWS_DEFAULT_REGION": "us-east-1",
            "SOURCE": "snowflake",
            "DEFAULT_CONNECTION": "snowflake://jdbc:snowflake://acct.snowflakecomputing.com/?db=D&${secret}",
            "SPILL_BUCKET": "spills",
            "SPILL_BUCKET_OWNER": "123456789012",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = [line for line in found.stdout.splitlines() if line.startswith("loaded")]
    assert loaded == ["loaded []", "loaded []", "loaded ['snowflake']"]
