"""Ranges of addresses: disjoint, complete, in Oracle's own writing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from athena_connectors.federation.errors import InternalError
from athena_connectors.sources.oracle.rowid import LAST_BLOCK, LAST_FILE, LAST_ROW, Address, ranges

OBJECT = 73_991
ADDRESSES = st.builds(
    Address, st.just(OBJECT), st.integers(0, LAST_FILE), st.integers(0, LAST_BLOCK), st.integers(0, LAST_ROW)
)


def test_an_address_is_read_as_oracle_documents_it() -> None:
    """The example of "Rowid Values": AAAAaoAATAAABrXAAA is object 1704, file 19, block 6871, row 0."""
    assert Address.parse("AAAAaoAATAAABrXAAA") == Address(1_704, 19, 6_871, 0)


@given(ADDRESSES)
def test_an_address_survives_its_text(address: Address) -> None:
    assert Address.parse(address.text()) == address


@pytest.mark.parametrize("text", ["*BAJAFssBIQICwQL+", "AAAAaoAATAAABrXAA", "AAAAaoAATAAABrX-A!"])
def test_an_address_of_another_kind_is_refused(text: str) -> None:
    with pytest.raises(InternalError, match="no extended ROWID"):
        Address.parse(text)


@given(st.lists(ADDRESSES, min_size=1, max_size=20), st.lists(ADDRESSES, max_size=50))
def test_every_row_is_in_exactly_one_range(starts: list[Address], rows: list[Address]) -> None:
    found = list(ranges(starts))
    for row in [*rows, *starts, Address(OBJECT, 0, 0, 0), Address(OBJECT, LAST_FILE, LAST_BLOCK, LAST_ROW)]:
        assert sum(first <= row <= last for first, last in found) == 1


def test_rows_of_two_objects_are_not_cut() -> None:
    assert list(ranges([Address(1, 1, 1, 0), Address(2, 1, 1, 0)])) == []


def test_no_row_is_no_range() -> None:
    assert list(ranges([])) == []
