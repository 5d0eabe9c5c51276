"""Pieces of SQL that carry their binds with them, so that both keep one order however they are put together."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from athena_connectors.dialects.statement import Bind, Statement

MARK = "\0"
"""Stands for a placeholder until the statement is complete. No identifier holds it: `Dialect.quote` refuses it."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of SQL with a MARK for each of its binds."""

    text: str
    binds: tuple[Bind, ...] = ()

    def statement(self, placeholder: Callable[[int], str]) -> Statement:
        """The statement, with `placeholder(n)` for its n-th bind, counted from 1."""
        first, *rest = self.text.split(MARK)
        numbered = (placeholder(number) + text for number, text in enumerate(rest, start=1))
        return Statement(first + "".join(numbered), self.binds)


TRUE, FALSE, NULL = Fragment("1 = 1"), Fragment("1 = 0"), Fragment("NULL")
UNKNOWN = Fragment("CAST(NULL AS INTEGER) = 1")  # Teradata compares with no bare NULL


def sql(template: str, *parts: Fragment) -> Fragment:
    """`template` with part n for each `{n}`, the binds in the order in which they occur; a part may occur often."""
    literals, order = _parse(template)
    texts = [literals[0]]
    binds: tuple[Bind, ...] = ()
    for part, literal in zip(order, literals[1:], strict=True):
        texts += parts[part].text, literal
        binds += parts[part].binds
    return Fragment("".join(texts), binds)


def joined(separator: str, parts: Iterable[Fragment]) -> Fragment:
    """The parts in their order."""
    listed = list(parts)
    return Fragment(separator.join(part.text for part in listed), tuple(bind for part in listed for bind in part.binds))


@cache
def _parse(template: str) -> tuple[list[str], list[int]]:
    pieces = re.split(r"\{(\d)\}", template)
    return pieces[::2], [int(number) for number in pieces[1::2]]
