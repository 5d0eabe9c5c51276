"""All rows of a split reach Athena, inline or in blocks, or none do."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Event
from time import sleep
from typing import Any

import pyarrow as pa
import pytest

from athena_connectors.federation.arrow import write_batch, write_schema
from athena_connectors.federation.errors import InvalidInput
from athena_connectors.federation.model import ReadRecords, SpillLocation
from athena_connectors.federation.read.guards import Limits, Tally
from athena_connectors.federation.read.read import INLINE_BYTES, Inline, Ports, ReadSettings, Remote, read_records

Customers = Callable[[int, int], pa.RecordBatch]
MakeRequest = Callable[..., ReadRecords]
SETTINGS = ReadSettings()


def for_ever() -> float:
    return 900.0


def refuse(location: SpillLocation, content: pa.Buffer) -> None:
    raise AssertionError(f"{location.key} was put")


@pytest.fixture
def read(querying: Callable[..., Any]) -> Callable[..., Inline | Remote]:
    """Reads batches that come one after another."""

    def reading(
        request: ReadRecords,
        batches: list[pa.RecordBatch],
        put: Any = refuse,
        settings: ReadSettings = SETTINGS,
        tally: Tally | None = None,
    ) -> Inline | Remote:
        cursor = querying(lambda _: iter(batches))
        answer = read_records(request, cursor, settings, Ports(put, for_ever), tally or Tally())
        assert cursor.closed.is_set()
        assert not cursor.cancelled.is_set()
        return answer

    return reading


def test_few_rows_are_answered_inline(
    read: Callable[..., Inline | Remote], make_request: MakeRequest, customers: Customers
) -> None:
    request = make_request(max_inline_bytes=5_000)
    answer = read(request, [customers(0, 50), customers(50, 100)])
    assert isinstance(answer, Inline)
    assert answer.batch.equals(customers(0, 100))


@pytest.mark.parametrize("batches", [0, 2])
def test_no_row_is_an_inline_answer_of_the_schema(
    read: Callable[..., Inline | Remote], make_request: MakeRequest, customers: Customers, batches: int
) -> None:
    answer = read(make_request(), [customers(0, 0)] * batches)
    assert isinstance(answer, Inline)
    assert (answer.batch.num_rows, answer.batch.schema) == (0, make_request().schema)


def test_rows_of_no_column_are_counted_inline(
    read: Callable[..., Inline | Remote], make_request: MakeRequest, customers: Customers
) -> None:
    request = make_request(schema=pa.schema([]), max_inline_bytes=1_000)
    answer = read(request, [customers(0, 2000).select([]), customers(0, 5).select([])])
    assert isinstance(answer, Inline)
    assert answer.batch.num_rows == 2005


@pytest.mark.parametrize("encrypted", [True, False])
@pytest.mark.parametrize("threads", [2, 4])
def test_many_rows_are_put_in_blocks_that_are_listed_in_order(
    read: Callable[..., Inline | Remote],
    make_request: MakeRequest,
    customers: Customers,
    bucket: Any,
    encrypted: bool,
    threads: int,
) -> None:
    request = make_request(max_inline_bytes=5_000)
    if not encrypted:
        request = replace(request, split=replace(request.split, key=None))
    tally = Tally()
    batches = [customers(first, first + 700) for first in range(0, 7000, 700)]
    answer = read(request, batches, bucket.put, ReadSettings(threads=threads), tally)
    assert isinstance(answer, Remote)
    assert [block.key for block in answer.blocks] == [
        f"athena/query/split.{number}" for number in range(len(bucket.objects))
    ]
    assert bucket.rows(answer.blocks, request).equals(pa.Table.from_batches(batches))
    assert max(map(len, bucket.objects.values())) <= 10_400
    assert (tally.rows, tally.blocks) == (7000, len(answer.blocks))
    assert tally.bytes > 7000 * 8
    assert tally.first_row_seconds is not None


def test_one_block_that_is_not_small_is_put(
    read: Callable[..., Inline | Remote], make_request: MakeRequest, customers: Customers, bucket: Any
) -> None:
    answer = read(make_request(max_inline_bytes=1_000), [customers(0, 100)], bucket.put)
    assert isinstance(answer, Remote)
    assert len(answer.blocks) == len(bucket.objects) == 1


def test_what_is_inline_is_below_what_lambda_returns(
    read: Callable[..., Inline | Remote], make_request: MakeRequest, bucket: Any
) -> None:
    request = make_request(
        schema=pa.schema([("n", pa.int64())]), max_block_bytes=16_000_000, max_inline_bytes=16_000_000
    )
    largest = (INLINE_BYTES - 10_000) * 8 // 65
    batch = pa.RecordBatch.from_pydict({"n": pa.array(range(largest), pa.int64())})
    answer = read(request, [batch], bucket.put)
    assert isinstance(answer, Inline)
    travels = len(write_batch(answer.batch, legacy=False)) + len(write_schema(request.schema, legacy=False))
    assert 5_700_000 < travels < 6_000_000
    more = pa.RecordBatch.from_pydict({"n": pa.array(range(largest + 20_000), pa.int64())})
    assert isinstance(read(request, [more], bucket.put), Remote)


def test_columns_are_of_the_declared_types(
    read: Callable[..., Inline | Remote], make_request: MakeRequest, bucket: Any
) -> None:
    declared = pa.schema([("id", pa.decimal128(38, 0)), ("name", pa.string())])
    request = make_request(schema=declared)
    sent = pa.RecordBatch.from_pydict({"ID": pa.array([1], pa.int8()), "NAME": pa.array(["a"], pa.large_string())})
    answer = read(request, [sent], bucket.put)
    assert isinstance(answer, Remote)
    assert bucket.rows(answer.blocks, request).column("id").to_pylist() == [1]


@pytest.mark.parametrize(("limits", "says"), [(Limits(rows=99), "99 rows"), (Limits(bytes=500), "500 bytes")])
def test_more_than_a_split_may_have_is_an_error_and_no_answer(
    make_request: MakeRequest, customers: Customers, querying: Callable[..., Any], limits: Limits, says: str
) -> None:
    tally = Tally()
    cursor = querying(lambda _: iter([customers(0, 50), customers(50, 100)]))
    with pytest.raises(InvalidInput, match=says):
        read_records(make_request(), cursor, ReadSettings(limits=limits), Ports(refuse, for_ever), tally)
    assert cursor.cancelled.is_set()
    assert cursor.closed.is_set()
    assert tally.rows > 0


def test_as_many_rows_as_a_split_may_have_are_an_answer(
    read: Callable[..., Inline | Remote], make_request: MakeRequest, customers: Customers
) -> None:
    settings = ReadSettings(limits=Limits(rows=100, bytes=100_000))
    assert isinstance(read(make_request(max_inline_bytes=5_000), [customers(0, 100)], settings=settings), Inline)


def test_no_more_blocks_are_held_than_there_are_threads_to_put_them_and_one_to_come(
    make_request: MakeRequest, customers: Customers, querying: Callable[..., Any], bucket: Any
) -> None:
    held: list[int] = []
    batch = customers(0, 300)  # a bit less than a block, so there are more batches than blocks

    def script(_: Event) -> Iterator[pa.RecordBatch]:
        for number in range(60):
            held.append(number - len(bucket.objects))
            yield batch

    def put(location: SpillLocation, content: pa.Buffer) -> None:
        sleep(0.002)
        bucket.put(location, content)

    cursor = querying(script)
    answer = read_records(make_request(), cursor, ReadSettings(threads=2), Ports(put, for_ever), Tally())
    assert isinstance(answer, Remote)
    surplus = 60 - len(answer.blocks)
    assert max(held) <= 2 + 2 + surplus
    assert surplus < 20
