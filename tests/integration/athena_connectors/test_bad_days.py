"""Whole queries on AWS's and Snowflake's bad days: all their rows or a clear error, and never a part of the rows.

The connector as its environment composes it, with boto3 and Snowflake's driver, asked by the local Athena. It runs in
this process, where its time can be short; that its zip does the same under Lambda is for the demo to show.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import count
from typing import Any

import pytest
from athena_account import InProcessAccount

from athena_connectors.compose import compose
from athena_connectors.federation.model import Identity
from athena_connectors.federation.parse import parse as parse_request
from athena_connectors.federation.serve import serve
from athena_connectors.settings import read
from localcloud.athena.engine.run import Run
from localcloud.athena.query.failure import QueryFailed
from localcloud.athena.query.statement import Context, parse
from localcloud.client import LocalCloud
from localcloud.snowflake.standin import Account, Standin, User

pytestmark = pytest.mark.xdist_group("athena_bad_days")  # they share a cloud and a stand-in
ROWS, WIDTH = 20_000, 1_024
SEED = f"""
CREATE DATABASE lake;
CREATE SCHEMA lake.shop;
CREATE TABLE lake.shop.orders AS
    SELECT (10 * range)::NUMBER(12, 0) AS id, REPEAT(MD5(range::VARCHAR), {WIDTH // 32}) AS note
    FROM range(0, {ROWS});
"""  # noqa: S608 - numbers of ours
QUERY = "SELECT count(*), sum(id), count(DISTINCT note), sum(length(note)) FROM sales.shop.orders"
ALL = (ROWS, 10 * ROWS * (ROWS - 1) // 2, ROWS, ROWS * WIDTH)
"""20 MB: two blocks where one split reads them, and chunks of the result whose integers differ."""
SECRET, BUCKET, OWNER = "bad-days", "bad-days", "123456789012"
ARN = "arn:aws:iam::123456789012:role/analyst"
FEW = 275
"""A seed by which early requests fail and fewer than are tried in a row, whoever's they are."""
names = count()

Query = Callable[[], tuple[Any, ...]]


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    """A local cloud of these tests alone: nobody else's requests may meet their faults."""
    with LocalCloud.start() as running:
        running.client("s3").create_bucket(Bucket=BUCKET)
        yield running


@pytest.fixture(scope="module")
def snowflake() -> Iterator[Standin]:
    with Standin.start(Account({"athena": User(password="p")}, SEED)) as running:
        yield running


@pytest.fixture
def secret(cloud: LocalCloud) -> str:
    """A secret of a test's own; returns its name."""
    name = f"{SECRET}-{next(names)}"
    cloud.client("secretsmanager").create_secret(
        Name=name, SecretString=json.dumps({"username": "athena", "password": "p"})
    )
    return name


@pytest.fixture(autouse=True)
def mended(cloud: LocalCloud, snowflake: Standin) -> Iterator[None]:
    """Whatever a test breaks, the next one begins without."""
    yield
    cloud.clear_faults()
    snowflake.fail_chunks(False)
    snowflake.queue(0)
    snowflake.change_user("athena", User(password="p"))


class AccountInCloud(InProcessAccount):
    """Objects are the cloud's."""

    def __init__(self, cloud: LocalCloud) -> None:
        super().__init__()
        self.s3 = cloud.client("s3")

    def get_object(self, bucket: str, key: str) -> bytes:
        content: bytes = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return content


@pytest.fixture
def query_of(
    cloud: LocalCloud, snowflake: Standin, secret: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Query]:
    """Deploys the connector by this environment; what it returns runs QUERY, and gives its one row.

    `before` is called with the type of each request. The function has `seconds` left.
    """
    for name, value in cloud.environment().items():
        monkeypatch.setenv(name, value)

    def made(
        before: Callable[[str], None] = lambda _: None, seconds: float = 60, port: int = 0, **settings: str
    ) -> Query:
        address = {"host": "127.0.0.1", "port": port or snowflake.port, "account": "standin", "tls": False}
        connection = address | {"kind": "snowflake", "database": "lake", "warehouse": "compute", "secret": secret}
        catalogs = cloud.client("secretsmanager").create_secret(
            Name=f"{secret}-catalogs", SecretString=json.dumps({"sales": connection})
        )
        environment = {
            "SOURCE": "snowflake",
            "CATALOGS_SECRET": catalogs["ARN"],
            "SPILL_BUCKET": BUCKET,
            "SPILL_BUCKET_OWNER": OWNER,
            "WATCH_QUERY": "false",
        }
        connector = compose(read(environment | settings)).connector

        def handler(event: dict[str, Any]) -> dict[str, Any]:
            before(event["@type"])
            return serve(parse_request(event), connector, {}, lambda: seconds)

        account = AccountInCloud(cloud)
        account.handlers["connector"] = handler
        account.catalogs["sales"] = "connector"

        def query() -> tuple[Any, ...]:
            found = Run(account, f"query-{next(names)}", Identity(OWNER, ARN), now).run(parse(QUERY, Context())).table
            (row,) = zip(*(column.to_pylist() for column in found.columns), strict=True)
            return row

        return query

    return made


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "s3:PutObject", "kind": "delay", "seconds": 0.5},
        {"action": "s3:PutObject", "kind": "throttle", "probability": 0.3},
        {"action": "s3:PutObject", "kind": "drop", "after": True, "probability": 0.3},
        {"action": "secretsmanager:GetSecretValue", "kind": "throttle", "probability": 0.3},
    ],
    ids=["slow", "throttling", "dropping", "secrets"],
)
def test_what_passes_is_outlasted(cloud: LocalCloud, query_of: Callable[..., Query], fault: dict[str, Any]) -> None:
    query = query_of(SPLIT_ROWS="5000")  # four, which are read at once
    cloud.set_faults([fault], seed=FEW)
    assert query() == ALL
    assert cloud.faults()["rules"][0]["applied"]


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (
            {"action": "s3:PutObject", "kind": "error", "code": "AccessDenied"},
            r"exception\[AccessDenied\] .* with message\[ACCESS_DENIED_EXCEPTION: Putting s3://bad-days/athena-spill/",
        ),
        (
            {"action": "s3:PutObject", "kind": "throttle"},
            r"exception\[com\.amazonaws\..*FederationThrottleException\] .*\[THROTTLING_EXCEPTION: Putting",
        ),
        (
            {"action": "s3:HeadBucket", "kind": "drop"},
            r"context\[retrieving meta-data\] .*\[OPERATION_TIMEOUT_EXCEPTION: Looking for the bucket bad-days",
        ),
        (
            {"action": "secretsmanager:*", "kind": "throttle"},
            r"FederationThrottleException\] .* with message\[THROTTLING_EXCEPTION: Reading the secret ",
        ),
    ],
    ids=["refused", "throttled", "dropped", "secrets"],
)
def test_what_stays_is_told(
    cloud: LocalCloud, snowflake: Standin, query_of: Callable[..., Query], fault: dict[str, Any], message: str
) -> None:
    query = query_of()
    cloud.set_faults([fault])
    with pytest.raises(QueryFailed, match=message):
        query()
    assert "RUNNING" not in {asked["status"] for asked in snowflake.queries()}


def test_keys_that_kms_does_not_give_are_told(cloud: LocalCloud, query_of: Callable[..., Query]) -> None:
    key = cloud.client("kms").create_key()["KeyMetadata"]["Arn"]
    query = query_of(SPILL_KMS_KEY_ID=key)
    cloud.set_faults([{"action": "kms:GenerateDataKey", "kind": "throttle"}])
    with pytest.raises(QueryFailed, match=r"FederationThrottleException\] .*meta-data.*THROTTLING_EXCEPTION"):
        query()


def test_a_secret_rotated_between_planning_and_reading_is_read_anew(
    cloud: LocalCloud, snowflake: Standin, query_of: Callable[..., Query], secret: str
) -> None:
    def rotate(kind: str) -> None:
        if kind == "ReadRecordsRequest":
            rotated(cloud, snowflake, secret)

    assert query_of(before=rotate)() == ALL


def test_a_secret_rotated_in_mid_read_costs_no_row(
    cloud: LocalCloud, snowflake: Standin, query_of: Callable[..., Query], secret: str
) -> None:
    """Sessions end, too, as when a user is changed: what is left of a result may be out of reach then."""
    query = query_of()
    cloud.set_faults([{"action": "s3:PutObject", "kind": "delay", "seconds": 1}])
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(query)
        await_first_put(cloud)
        rotated(cloud, snowflake, secret)
        assert all_or_told(running.result) in (ALL, "OPERATION_TIMEOUT_EXCEPTION")
    cloud.clear_faults()
    assert query() == ALL


def test_a_snowflake_that_is_gone_while_a_query_waits_there_fails_it(query_of: Callable[..., Query]) -> None:
    with Standin.start(Account({"athena": User(password="p")}, SEED)) as leaving:

        def leave(kind: str) -> None:
            if kind == "ReadRecordsRequest":
                leaving.queue(30)
                threading.Timer(1, leaving.stop).start()

        query = query_of(before=leave, port=leaving.port)
        with pytest.raises(QueryFailed, match="OPERATION_TIMEOUT_EXCEPTION"):
            query()


def test_a_result_that_is_out_of_reach_fails_the_query(snowflake: Standin, query_of: Callable[..., Query]) -> None:
    snowflake.fail_chunks(True)
    with pytest.raises(QueryFailed, match=r"OPERATION_TIMEOUT_EXCEPTION: A part of the result cannot be fetched"):
        query_of()()


def test_the_functions_time_ends_before_the_rows(snowflake: Standin, query_of: Callable[..., Query]) -> None:
    def wait(kind: str) -> None:
        if kind == "ReadRecordsRequest":
            snowflake.queue(30)

    with pytest.raises(QueryFailed, match=r"OPERATION_TIMEOUT_EXCEPTION: The function's time is over after 0 rows"):
        query_of(before=wait, seconds=11)()
    assert snowflake.queries()[-1]["status"] != "RUNNING"


def rotated(cloud: LocalCloud, snowflake: Standin, secret: str) -> None:
    """Give the user another password, the secret the same, and end the sessions that the old one opened."""
    snowflake.change_user("athena", User(password="new"))
    value = json.dumps({"username": "athena", "password": "new"})
    cloud.client("secretsmanager").put_secret_value(SecretId=secret, SecretString=value)
    snowflake.end_sessions()


def all_or_told(result: Query) -> tuple[Any, ...] | str:
    """The row, or the code of the error that the query ended with."""
    try:
        return result()
    except QueryFailed as failed:
        code = re.search(r"with message\[([A-Z_]+): ", str(failed))
        assert code, failed
        return code[1]


def await_first_put(cloud: LocalCloud) -> None:
    """Until S3 is asked to take the first block, which it does slowly."""
    deadline = time.monotonic() + 30
    while not cloud.faults()["rules"][0]["matched"]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
