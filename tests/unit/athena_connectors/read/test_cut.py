"""Blocks hold all rows in their order, and are no larger than they may be."""

from collections.abc import Sequence

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from athena_connectors.federation.arrow import legacy_batch
from athena_connectors.federation.errors import InvalidInput
from athena_connectors.federation.read.cut import Block, cut, measure

SCHEMA = pa.schema([("id", pa.int64()), ("name", pa.string()), ("paid", pa.bool_()), ("tags", pa.list_(pa.string()))])

rows = st.tuples(
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | st.text(max_size=60),
    st.none() | st.booleans(),
    st.none() | st.lists(st.none() | st.text(max_size=5), max_size=3),
)


def batch_of(drawn: Sequence[tuple[object, ...]]) -> pa.RecordBatch:
    columns = list(zip(*drawn, strict=True)) or [()] * len(SCHEMA)
    arrays = [pa.array(values, kind) for values, kind in zip(columns, SCHEMA.types, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def numbers(first: int, end: int) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array(range(first, end), pa.int64())], ["n"])


def all_rows(blocks: Sequence[Block]) -> pa.Table:
    return pa.Table.from_batches([block.batch() for block in blocks])


@given(st.lists(st.lists(rows, max_size=60), max_size=5), st.integers(1_500, 5_000))
def test_no_block_is_larger_than_allowed_and_no_row_is_lost_or_moved(
    drawn: list[list[tuple[object, ...]]], most: int
) -> None:
    batches = [batch_of(one) for one in drawn]
    blocks = list(cut(batches, most))
    for block in blocks:
        metadata = 600
        assert block.batch().nbytes <= block.size <= most
        assert legacy_batch(block.batch()).size <= most + metadata
    assert sum(block.batch().num_rows for block in blocks) == sum(map(len, drawn))
    if blocks:
        assert all_rows(blocks).equals(pa.Table.from_batches(batches))


def test_a_large_batch_is_cut_to_as_few_pieces_as_can_be_of_about_one_size() -> None:
    blocks = list(cut([numbers(0, 1_000_000)], 1_000_000))
    sizes = [block.size for block in blocks]
    assert len(sizes) == 9
    assert max(sizes) - min(sizes) < 100
    assert all_rows(blocks)["n"].to_pylist() == list(range(1_000_000))


def test_pieces_are_small_enough_where_rows_are_of_different_sizes() -> None:
    batch = pa.RecordBatch.from_pydict({"text": ["a" * 900] * 100 + ["b"] * 900})
    blocks = list(cut([batch], 10_000))
    assert max(block.size for block in blocks) <= 10_000
    assert all_rows(blocks)["text"].to_pylist() == batch["text"].to_pylist()


def test_large_batches_are_not_merged() -> None:
    blocks = list(cut([numbers(0, 10), numbers(10, 500), numbers(500, 510), numbers(510, 520)], 10_000))
    assert [block.batch().num_rows for block in blocks] == [10, 490, 20]


def test_small_batches_share_a_block() -> None:
    (block,) = cut([numbers(first, first + 10) for first in range(0, 1000, 10)], 1_000_000)
    assert block.batch().column(0).to_pylist() == list(range(1000))


def test_blocks_come_while_the_batches_do() -> None:
    asked: list[int] = []

    def batches() -> object:
        for number in range(100):
            asked.append(number)
            yield numbers(0, 1000)

    next(cut(batches(), 20_000))  # type: ignore[call-overload]
    assert len(asked) <= 4


def test_a_batch_that_fits_is_not_copied() -> None:
    batch = numbers(0, 1000)
    (block,) = cut([batch], 20_000)
    assert block.batch().column(0).buffers()[1].address == batch.column(0).buffers()[1].address


def test_batches_without_rows_make_no_block() -> None:
    assert list(cut([], 1000)) == []
    assert list(cut([numbers(0, 0), numbers(0, 0)], 1000)) == []


def test_rows_of_no_column_are_counted() -> None:
    (block,) = cut([numbers(0, 100_000).select([]), numbers(0, 5).select([])], 100)
    assert block.batch().num_rows == 100_005


def test_a_row_larger_than_a_block_is_a_block_of_its_own() -> None:
    batch = pa.RecordBatch.from_pydict({"text": ["a", "b" * 5000, "c", "d"]})
    blocks = list(cut([batch, batch], 1000))
    assert [block.batch().num_rows for block in blocks] == [1, 1, 2, 1, 1, 2]
    assert all_rows(blocks)["text"].to_pylist() == batch["text"].to_pylist() * 2


def test_a_row_that_athena_would_not_take_is_refused_by_its_number() -> None:
    batches = [
        pa.RecordBatch.from_pydict({"text": ["a", "b"]}),
        pa.RecordBatch.from_pydict({"text": ["c" * 32_000_000]}),
    ]
    with pytest.raises(InvalidInput, match=r"Row 3 of the split takes 32,000,\d+ bytes"):
        list(cut(batches, 16_000_000))


def test_the_size_counts_what_is_null_for_every_column() -> None:
    assert measure(numbers(0, 80)) == 80 * 8 + 10
