"""When S3, the source, Athena or the clock stops a read, an error names it: a part of the rows is no answer."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count, repeat
from threading import Event
from time import sleep
from typing import Any

import pyarrow as pa
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from athena_connectors.federation.errors import (
    AccessDenied,
    ConnectorError,
    EntityNotFound,
    InvalidInput,
    OperationTimeout,
    QueryEnded,
    Throttled,
)
from athena_connectors.federation.model import Inexact, ReadRecords, SpillLocation
from athena_connectors.federation.read import read as reading
from athena_connectors.federation.read.guards import Tally
from athena_connectors.federation.read.put import putting
from athena_connectors.federation.read.read import Ports, ReadSettings, Remote, read_records
from athena_connectors.federation.read.watch import Unwatchable

Customers = Callable[[int, int], pa.RecordBatch]
MakeRequest = Callable[..., ReadRecords]
Script = Callable[[Event], Iterator[pa.RecordBatch]]


def for_ever() -> float:
    return 900.0


@pytest.fixture
def many(customers: Customers) -> Script:
    """Batches without an end, until cancelled: then they end as if there were no more."""

    def script(cancelled: Event) -> Iterator[pa.RecordBatch]:
        batch = customers(0, 400)
        while not cancelled.is_set():
            yield batch

    return script


@dataclass
class Fails:
    """Answers some requests as S3 does, then fails."""

    after: int
    success: Callable[[], AWSResponse]
    failure: Any

    def __post_init__(self) -> None:
        self.requests = count()

    def __call__(self, request: Any) -> Any:
        request.body.read()
        return self.success() if next(self.requests) < self.after else self.failure


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [(403, "AccessDenied", AccessDenied), (503, "SlowDown", Throttled), (404, "NoSuchBucket", EntityNotFound)],
)
@pytest.mark.parametrize("after", [0, 5])
def test_s3_refuses_in_mid_spill(
    make_request: MakeRequest,
    querying: Callable[..., Any],
    answering: Callable[..., Any],
    s3_success: Callable[[], AWSResponse],
    s3_error: Callable[..., AWSResponse],
    many: Script,
    status: int,
    code: str,
    error: type[ConnectorError],
    after: int,
) -> None:
    cursor = querying(many)
    put = putting(answering("s3", Fails(after, s3_success, s3_error(status, code))), "123456789012")
    with pytest.raises(error, match=f"Putting s3://acme-spill/athena/query/split.[0-9]+ was refused with {code}"):
        read_records(make_request(), cursor, ReadSettings(), Ports(put, for_ever), Tally())
    assert cursor.cancelled.is_set()
    assert cursor.closed.is_set()


@pytest.mark.parametrize(
    "failure", [ConnectTimeoutError(endpoint_url="https://s3"), ReadTimeoutError(endpoint_url="https://s3")]
)
def test_s3_does_not_answer_in_mid_spill(
    make_request: MakeRequest,
    querying: Callable[..., Any],
    answering: Callable[..., Any],
    s3_success: Callable[[], AWSResponse],
    many: Script,
    failure: Exception,
) -> None:
    put = putting(answering("s3", Fails(3, s3_success, failure)), "123456789012")
    with pytest.raises(OperationTimeout, match="Putting s3://acme-spill"):
        read_records(make_request(), querying(many), ReadSettings(), Ports(put, for_ever), Tally())


def test_s3_takes_longer_than_the_function_has(
    make_request: MakeRequest, querying: Callable[..., Any], many: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = Event()

    def put(location: SpillLocation, content: pa.Buffer) -> None:
        release.wait(30)

    monkeypatch.setattr(reading, "CANCEL_SECONDS", 0.05)
    ports = Ports(put, lambda: 10.1)
    with pytest.raises(OperationTimeout, match="time is over"):
        read_records(make_request(), querying(many), ReadSettings(reserve_seconds=10), ports, Tally())
    release.set()


def test_the_last_block_fails(
    make_request: MakeRequest,
    querying: Callable[..., Any],
    answering: Callable[..., Any],
    s3_success: Callable[[], AWSResponse],
    s3_error: Callable[..., AWSResponse],
    customers: Customers,
) -> None:
    put = putting(answering("s3", Fails(1, s3_success, s3_error(403, "AccessDenied"))), "123456789012")
    cursor = querying(lambda _: iter([customers(0, 400), customers(400, 500)]))
    with pytest.raises(AccessDenied):
        read_records(make_request(), cursor, ReadSettings(), Ports(put, for_ever), Tally())


def test_s3_refuses_while_the_source_is_silent(
    make_request: MakeRequest, querying: Callable[..., Any], customers: Customers
) -> None:
    def script(cancelled: Event) -> Iterator[pa.RecordBatch]:
        yield customers(0, 2000)
        cancelled.wait(30)

    def put(location: SpillLocation, content: pa.Buffer) -> None:
        raise AccessDenied("no")

    cursor = querying(script)
    with pytest.raises(AccessDenied):
        read_records(make_request(), cursor, ReadSettings(), Ports(put, for_ever), Tally())
    assert cursor.cancelled.is_set()


def test_the_first_error_is_the_one_that_is_named(
    make_request: MakeRequest, querying: Callable[..., Any], many: Script
) -> None:
    def put(location: SpillLocation, content: pa.Buffer) -> None:
        raise AccessDenied(location.key)

    with pytest.raises(AccessDenied, match=r"split\.0"):
        read_records(make_request(), querying(many), ReadSettings(threads=1), Ports(put, for_ever), Tally())


@pytest.mark.parametrize("batches", [0, 1, 20])
def test_the_source_drops_the_connection(
    make_request: MakeRequest, querying: Callable[..., Any], customers: Customers, bucket: Any, batches: int
) -> None:
    def script(_: Event) -> Iterator[pa.RecordBatch]:
        for number in range(batches):
            yield customers(number, number + 100)
        raise OperationTimeout("The source has dropped the connection.")

    cursor = querying(script)
    request = make_request(max_inline_bytes=100_000)
    with pytest.raises(OperationTimeout, match="dropped"):
        read_records(request, cursor, ReadSettings(), Ports(bucket.put, for_ever), Tally())
    assert cursor.closed.is_set()


def test_a_value_that_cannot_be_declared_stops_everything(
    make_request: MakeRequest, querying: Callable[..., Any], customers: Customers, bucket: Any
) -> None:
    request = make_request(schema=pa.schema([("id", pa.int8()), ("name", pa.string())]))
    cursor = querying(lambda _: iter([customers(0, 100), customers(100, 200)]))
    with pytest.raises(InvalidInput, match="Column id, row 129 of the split"):
        read_records(request, cursor, ReadSettings(inexact=Inexact.ROUND), Ports(bucket.put, for_ever), Tally())
    assert cursor.cancelled.is_set()


def test_the_functions_time_runs_out_while_rows_come(
    make_request: MakeRequest, querying: Callable[..., Any], many: Script, bucket: Any
) -> None:
    tally = Tally()
    cursor = querying(many)
    with pytest.raises(OperationTimeout, match=r"time is over after [0-9,]+ rows of the split"):
        read_records(make_request(), cursor, ReadSettings(reserve_seconds=10), Ports(bucket.put, lambda: 10.2), tally)
    assert cursor.cancelled.is_set()
    assert cursor.closed.is_set()


def test_the_functions_time_runs_out_while_the_source_is_silent(
    make_request: MakeRequest, querying: Callable[..., Any], bucket: Any
) -> None:
    def script(cancelled: Event) -> Iterator[pa.RecordBatch]:
        cancelled.wait(30)
        return
        yield

    with pytest.raises(OperationTimeout, match="after 0 rows of the split"):
        ports = Ports(bucket.put, lambda: 10.1)
        read_records(make_request(), querying(script), ReadSettings(reserve_seconds=10), ports, Tally())


def test_a_source_that_does_not_even_cancel_is_left_behind(
    make_request: MakeRequest, querying: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, bucket: Any
) -> None:
    release = Event()

    def script(_: Event) -> Iterator[pa.RecordBatch]:
        release.wait(30)
        return
        yield

    monkeypatch.setattr(reading, "CANCEL_SECONDS", 0.05)
    with pytest.raises(OperationTimeout, match="time is over"):
        ports = Ports(bucket.put, lambda: 10.1)
        read_records(make_request(), querying(script), ReadSettings(reserve_seconds=10), ports, Tally())
    release.set()


def test_how_a_query_is_let_go_changes_no_outcome(
    make_request: MakeRequest, querying: Callable[..., Any], customers: Customers, bucket: Any
) -> None:
    class Stubborn(type(querying(lambda _: iter([])))):  # type: ignore[misc]
        def close(self) -> None:
            raise OSError("already gone")

    ports = Ports(bucket.put, for_ever)
    answer = read_records(make_request(), Stubborn(lambda _: iter([customers(0, 500)])), ReadSettings(), ports, Tally())
    assert isinstance(answer, Remote)

    def fails(_: Event) -> Iterator[pa.RecordBatch]:
        yield customers(0, 10)
        raise OperationTimeout("dropped")

    with pytest.raises(OperationTimeout, match="dropped"):
        read_records(make_request(), Stubborn(fails), ReadSettings(), ports, Tally())


@pytest.mark.parametrize("state", ["CANCELLED", "FAILED", "SUCCEEDED"])
def test_the_query_ends_in_athena(
    make_request: MakeRequest, querying: Callable[..., Any], many: Script, bucket: Any, state: str
) -> None:
    cursor = querying(many)
    states = iter(["QUEUED", "RUNNING", None, state])
    ports = Ports(bucket.put, for_ever, lambda _: next(states), lambda: repeat(0.01))
    with pytest.raises(QueryEnded, match=f"Query query has {state} in Athena"):
        read_records(make_request(), cursor, ReadSettings(), ports, Tally())
    assert cursor.cancelled.is_set()
    assert cursor.closed.is_set()


def test_an_athena_that_does_not_tell_does_not_stop_a_read(
    make_request: MakeRequest, querying: Callable[..., Any], customers: Customers, bucket: Any
) -> None:
    tally = Tally()

    def script(_: Event) -> Iterator[pa.RecordBatch]:
        for number in range(20):
            yield customers(number * 100, number * 100 + 100)
            while tally.unwatched is None:
                sleep(0.001)

    def state_of(query_id: str) -> str | None:
        raise Unwatchable("AccessDeniedException: no")

    ports = Ports(bucket.put, for_ever, state_of, lambda: repeat(0.0))
    request = make_request()
    answer = read_records(request, querying(script), ReadSettings(), ports, tally)
    assert isinstance(answer, Remote)
    assert bucket.rows(answer.blocks, request).num_rows == tally.rows == 2000
    assert tally.unwatched == "AccessDeniedException: no"
