"""The statements of web ACLs, which nest: https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statements.html"""

from collections.abc import Iterator
from typing import Any

from _values import blocks


def statements(found: Any, kind: str, negated: bool = False) -> Iterator[tuple[dict[str, Any], bool]]:
    """Every block called `kind` in `found`, however deep, and whether an odd number of `not_statement` is around it."""
    if isinstance(found, list):
        for item in found:
            yield from statements(item, kind, negated)
    elif isinstance(found, dict):
        yield from ((block, negated) for block in blocks(found, kind))
        for name, inner in found.items():
            yield from statements(inner, kind, negated ^ (name == "not_statement"))


def acts(block: dict[str, Any], name: str) -> bool:
    """Whether `block` holds the action `name`: an empty block is one; an empty list is how a plan writes none."""
    found = block.get(name)
    while isinstance(found, list) and found:
        found = found[0]
    return isinstance(found, dict)
