"""Addresses of rows (extended ROWIDs), and ranges of them that cover a table.

Source: Oracle Database SQL Language Reference, "Rowid Values": 6 characters of the data object, 3 of the file, 6 of the
block and 3 of the row, each a number to the base of 64.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from athena_connectors.federation.errors import InternalError

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
WIDTHS = (6, 3, 6, 3)
LAST_FILE, LAST_BLOCK, LAST_ROW = 1_023, 4_194_303, 32_767
"""Of 10 bits, 22 bits, and as DBMS_PARALLEL_EXECUTE ends its ranges. Of a bigfile tablespace, whose blocks have all 32
bits, the two together are the last as well."""


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """Ordered as Oracle orders them."""

    data_object: int
    file: int
    block: int
    row: int

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Of 18 characters. Raises InternalError for one of an index-organised or foreign table."""
        if len(text) != sum(WIDTHS) or not set(text) <= set(DIGITS):
            raise InternalError("Oracle gave an address of a row that is no extended ROWID.")
        numbers, start = [], 0
        for width in WIDTHS:
            number = 0
            for character in text[start : start + width]:
                number = number * 64 + DIGITS.index(character)
            numbers.append(number)
            start += width
        return cls(*numbers)

    def text(self) -> str:
        """What CHARTOROWID takes."""
        written = ""
        for number, width in zip((self.data_object, self.file, self.block, self.row), WIDTHS, strict=True):
            written += "".join(DIGITS[number // 64**place % 64] for place in reversed(range(width)))
        return written


def ranges(starts: Sequence[Address]) -> Iterator[tuple[Address, Address]]:
    """First and last addresses, both included, of ranges that begin at the blocks of `starts` and cover their object.

    The first range begins with the object, the last ends with it; none for blocks of several objects.
    """
    if len({start.data_object for start in starts}) != 1:
        return
    data_object = starts[0].data_object
    blocks = sorted({(start.file, start.block) for start in starts})
    firsts = [Address(data_object, 0, 0, 0), *(Address(data_object, file, block, 0) for file, block in blocks[1:])]
    for first, following in pairwise(firsts):
        yield first, _before(following)
    yield firsts[-1], Address(data_object, LAST_FILE, LAST_BLOCK, LAST_ROW)


def _before(first_of_block: Address) -> Address:
    """The last address of the block before."""
    if first_of_block.block:
        return Address(first_of_block.data_object, first_of_block.file, first_of_block.block - 1, LAST_ROW)
    return Address(first_of_block.data_object, first_of_block.file - 1, LAST_BLOCK, LAST_ROW)
